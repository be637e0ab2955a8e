// SPDX-License-Identifier: GPL-2.0
/*
 * A daemon sends with a new key as soon as the other daemon has acknowledged
 * the handshake, which may be before that one has installed its key: reading a
 * control record, deriving a key and a call to the kernel take longer than the
 * next data packet. OpenVPN loses those packets at every renegotiation. Here
 * they wait for the key, for a moment.
 */
#include <linux/sizes.h>

#include "drop.h"
#include "early.h"
#include "main.h"
#include "proto.h"

/* At 100 Mbit/s a daemon may take 80 ms. Nobody has vouched for these packets:
 * the bound is what a stranger can make a peer hold.
 */
#define EARLY_BYTES		SZ_1M
#define EARLY_PACKETS		1024
/* a daemon that needs longer does not install this key at all */
#define EARLY_LIFE		HZ

static void purge(struct ovpn_early *early)
{
	struct sk_buff_head old;
	struct sk_buff *skb;

	__skb_queue_head_init(&old);
	spin_lock_bh(&early->packets.lock);
	skb_queue_splice_init(&early->packets, &old);
	early->bytes = 0;
	spin_unlock_bh(&early->packets.lock);

	while ((skb = __skb_dequeue(&old))) {
		ovpn_drops_add(early->drops, OVPN_MPTCP_DROP_RX_NO_KEY, 1);
		kfree_skb(skb);
	}
}

static void expire_work(struct work_struct *work)
{
	purge(container_of(to_delayed_work(work), struct ovpn_early, expire));
}

/**
 * ovpn_early_init - nothing waits
 * @early: part of a new peer
 * @drops: counters of that peer
 */
void ovpn_early_init(struct ovpn_early *early, struct ovpn_drops *drops)
{
	skb_queue_head_init(&early->packets);
	INIT_DELAYED_WORK(&early->expire, expire_work);
	early->bytes = 0;
	early->drops = drops;
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
	struct sk_buff *skb;
	bool first;

	if (skb_queue_len_lockless(&early->packets) >= EARLY_PACKETS ||
	    READ_ONCE(early->bytes) + len > EARLY_BYTES)
		return false;
	skb = alloc_skb(len, GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN);
	if (!skb)
		return false;
	skb_put_data(skb, packet, len);

	spin_lock_bh(&early->packets.lock);
	first = skb_queue_empty(&early->packets);
	__skb_queue_tail(&early->packets, skb);
	WRITE_ONCE(early->bytes, early->bytes + len);
	spin_unlock_bh(&early->packets.lock);
	if (first)
		mod_delayed_work(ovpn_wq, &early->expire, EARLY_LIFE);
	return true;
}

/**
 * ovpn_early_key_id - which key the oldest packet waits for
 * @early: where
 *
 * Return: key id, or -ENOENT when nothing waits
 */
int ovpn_early_key_id(struct ovpn_early *early)
{
	struct sk_buff *skb;
	int id = -ENOENT;

	spin_lock_bh(&early->packets.lock);
	skb = skb_peek(&early->packets);
	if (skb)
		id = ovpn_proto_key_id(skb->data[0]);
	spin_unlock_bh(&early->packets.lock);
	return id;
}

/**
 * ovpn_early_take - the oldest packet, if it waits for this key
 * @early: where
 * @key_id: the key that is known now
 *
 * Return: a packet that belongs to the caller, or NULL
 */
struct sk_buff *ovpn_early_take(struct ovpn_early *early, u8 key_id)
{
	struct sk_buff *skb;

	spin_lock_bh(&early->packets.lock);
	skb = skb_peek(&early->packets);
	if (skb && ovpn_proto_key_id(skb->data[0]) == key_id) {
		__skb_unlink(skb, &early->packets);
		WRITE_ONCE(early->bytes, early->bytes - skb->len);
	} else {
		skb = NULL;
	}
	spin_unlock_bh(&early->packets.lock);
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
	purge(early);
}
