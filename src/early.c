// SPDX-License-Identifier: GPL-2.0
/*
 * A daemon sends with a new key as soon as the other daemon has acknowledged
 * the handshake, which may be before that one has installed its key: reading a
 * control record, deriving a key and a call to the kernel take longer than the
 * next data packet. OpenVPN loses those packets at every renegotiation. Here
 * they wait for the key, for a moment.
 */
#include <linux/sizes.h>

#include "budget.h"
#include "drop.h"
#include "early.h"
#include "main.h"
#include "skb.h"

/* At 100 Mbit/s a daemon may take 80 ms. No key has authenticated these packets:
 * the bound is what a stranger can make a peer hold. One key id gets half of it
 * at most, and of what others leave no more than it leaves itself: whoever fills
 * the lists of keys that never come leaves room for the one that does.
 */
#define EARLY_BYTES		SZ_2M
#define EARLY_PACKETS		2048
/* a daemon that needs longer does not install this key at all */
#define EARLY_LIFE		HZ

/* Caller holds the lock. */
static struct sk_buff *dequeue(struct ovpn_early *early, unsigned int key_id)
{
	struct ovpn_early_list *list = &early->lists[key_id];
	struct sk_buff *skb = __skb_dequeue(&list->packets);

	if (!skb)
		return NULL;
	early->count--;
	early->bytes -= skb->len;
	list->bytes -= skb->len;
	early->memory -= skb->truesize;
	ovpn_budget_give(early->budget, skb->truesize);
	if (skb_queue_empty(&list->packets))
		WRITE_ONCE(early->waiting, early->waiting & ~BIT(key_id));
	return skb;
}

/* Takes out what waits for longer than @life, and says when the oldest of the
 * others came. Caller holds the lock.
 */
static bool take_old(struct ovpn_early *early, struct sk_buff_head *old,
		     u32 life, u32 *oldest)
{
	u32 now = jiffies;
	bool left = false;
	unsigned int id;

	for (id = 0; id <= OVPN_KEY_ID_MAX; id++) {
		struct sk_buff *skb;

		while ((skb = skb_peek(&early->lists[id].packets)) &&
		       now - ovpn_skb_cb(skb)->queued >= life)
			__skb_queue_tail(old, dequeue(early, id));
		if (!skb)
			continue;
		if (!left || (s32)(ovpn_skb_cb(skb)->queued - *oldest) < 0)
			*oldest = ovpn_skb_cb(skb)->queued;
		left = true;
	}
	return left;
}

/* Drops what waits for longer than @life; the timer goes on for the others. */
static void purge(struct ovpn_early *early, u32 life)
{
	struct sk_buff_head old;
	struct sk_buff *skb;
	u32 oldest, age;

	__skb_queue_head_init(&old);
	spin_lock_bh(&early->lock);
	if (take_old(early, &old, life, &oldest)) {
		age = (u32)jiffies - oldest;
		queue_delayed_work(ovpn_wq, &early->expire,
				   age < life ? life - age : 0);
	}
	spin_unlock_bh(&early->lock);

	while ((skb = __skb_dequeue(&old))) {
		ovpn_drops_add(early->drops, OVPN_MPTCP_DROP_RX_NO_KEY, 1);
		kfree_skb(skb);
	}
}

static void early_expire_work(struct work_struct *work)
{
	purge(container_of(to_delayed_work(work), struct ovpn_early, expire),
	      EARLY_LIFE);
}

/**
 * ovpn_early_init - nothing waits
 * @early: part of a new peer
 * @drops: counters of that peer
 * @budget: of its device
 */
void ovpn_early_init(struct ovpn_early *early, struct ovpn_drops *drops,
		     struct ovpn_budget *budget)
{
	unsigned int id;

	spin_lock_init(&early->lock);
	for (id = 0; id <= OVPN_KEY_ID_MAX; id++) {
		__skb_queue_head_init(&early->lists[id].packets);
		early->lists[id].bytes = 0;
	}
	early->waiting = 0;
	early->count = 0;
	early->bytes = 0;
	early->memory = 0;
	INIT_DELAYED_WORK(&early->expire, early_expire_work);
	early->drops = drops;
	early->budget = budget;
}

/* Whether one more packet for a key finds room. Caller holds the lock. */
static bool has_room(const struct ovpn_early *early, unsigned int key_id,
		     unsigned int len)
{
	const struct ovpn_early_list *list = &early->lists[key_id];

	return skb_queue_len(&list->packets) < EARLY_PACKETS - early->count &&
	       list->bytes + len <= EARLY_BYTES - early->bytes;
}

/**
 * ovpn_early_put - keep a packet until its key comes
 * @early: where
 * @packet: from the opcode on; copied
 * @len: its length
 *
 * By the worker of the transport, which ovpn_early_stop() comes after. Process
 * context.
 *
 * Return: false if there is no room; then it is not kept
 */
bool ovpn_early_put(struct ovpn_early *early, const u8 *packet,
		    unsigned int len)
{
	u8 key_id = ovpn_proto_key_id(packet[0]);
	struct ovpn_early_list *list;
	struct sk_buff *skb;
	bool room;

	spin_lock_bh(&early->lock);
	room = has_room(early, key_id, len);
	spin_unlock_bh(&early->lock);
	if (!room)
		return false;
	skb = alloc_skb(len, GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN);
	if (!skb)
		return false;
	skb_put_data(skb, packet, len);

	list = &early->lists[key_id];
	/* only we add, so there is still room */
	spin_lock_bh(&early->lock);
	room = ovpn_budget_take(early->budget, early->memory, skb->truesize);
	if (!room)
		goto unlock;
	ovpn_skb_cb(skb)->queued = jiffies;
	__skb_queue_tail(&list->packets, skb);
	WRITE_ONCE(early->waiting, early->waiting | BIT(key_id));
	early->count++;
	early->bytes += len;
	list->bytes += len;
	early->memory += skb->truesize;
	/* does nothing while it waits for an older packet */
	queue_delayed_work(ovpn_wq, &early->expire, EARLY_LIFE);
unlock:
	spin_unlock_bh(&early->lock);
	if (!room)
		kfree_skb(skb);
	return room;
}

/**
 * ovpn_early_take - the oldest packet that waits for a key
 * @early: where
 * @key_id: the key that is known now
 *
 * Return: a packet that belongs to the caller, or NULL
 */
struct sk_buff *ovpn_early_take(struct ovpn_early *early, u8 key_id)
{
	struct sk_buff *skb;

	spin_lock_bh(&early->lock);
	skb = dequeue(early, key_id);
	spin_unlock_bh(&early->lock);
	return skb;
}

/**
 * ovpn_early_stop - the peer is not live any more: drop what waits
 * @early: part of a peer whose transport is detached, so that nothing is put
 *
 * Process context, waits for the timer.
 */
void ovpn_early_stop(struct ovpn_early *early)
{
	might_sleep();
	cancel_delayed_work_sync(&early->expire);
	purge(early, 0);
}
