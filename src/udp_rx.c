// SPDX-License-Identifier: GPL-2.0
/* Receiving datagrams: found for a peer in softirq, decrypted by its worker. */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/sizes.h>
#include <linux/udp.h>
#include <net/ipv6.h>
#include <net/sock.h>

#include "budget.h"
#include "io.h"
#include "main.h"
#include "peer_lookup.h"
#include "skb.h"
#include "udp.h"

/* memory that is given back at once */
#define RX_GIVE_BYTES		SZ_64K
/* rounds before others get their turn on the CPU */
#define RX_BUDGET		16

/* where a datagram came from, and to which of our addresses */
static void read_addresses(const struct sk_buff *skb, struct ovpn_endpoint *from)
{
	__be16 port = udp_hdr(skb)->source;

	if (ip_hdr(skb)->version == 4)
		ovpn_endpoint_set4(from, ip_hdr(skb)->saddr, port,
				   ip_hdr(skb)->daddr);
	else
		ovpn_endpoint_set6(from, &ipv6_hdr(skb)->saddr, port,
				   ovpn_skb_cb(skb)->scope,
				   &ipv6_hdr(skb)->daddr);
}

/* the interface that the address of a link-local sender is good on */
static u32 scope_of(const struct sk_buff *skb)
{
	if (ip_hdr(skb)->version == 4)
		return 0;
	return ipv6_iface_scope_id(&ipv6_hdr(skb)->saddr, inet6_iif(skb));
}

/* An authentic packet shows where the peer is now. One that was overtaken shows
 * where it was: packets of the old way may still arrive by then.
 */
static void follow(struct ovpn_peer *peer, const struct sk_buff *skb)
{
	struct ovpn_endpoint from;
	const struct ovpn_bind *bind;
	bool known;

	read_addresses(skb, &from);
	rcu_read_lock();
	bind = rcu_dereference(peer->bind);
	known = ovpn_endpoint_same_remote(&bind->outer, &from) &&
		ovpn_endpoint_same_local(&bind->outer, &from);
	rcu_read_unlock();
	if (unlikely(!known))
		ovpn_peer_float(peer, &from);
}

static void receive(struct ovpn_rx_batch *batch, struct sk_buff *skb)
{
	struct ovpn_peer *peer = batch->peer;

	if (unlikely(skb_linearize(skb))) {
		ovpn_drops_add(&peer->drops, OVPN_MPTCP_DROP_RX_NOMEM, 1);
		return;
	}
	if (!ovpn_rx_packet(batch, skb->data, skb->len) && batch->newest)
		follow(peer, skb);
}

/* what has come since the last look */
static bool take(struct ovpn_udp_rx *rx, struct sk_buff_head *list)
{
	__skb_queue_head_init(list);
	spin_lock_bh(&rx->packets.lock);
	skb_queue_splice_init(&rx->packets, list);
	spin_unlock_bh(&rx->packets.lock);
	return !skb_queue_empty(list);
}

/* datagrams that took so much memory are done with */
static void give(struct ovpn_udp *udp, unsigned int bytes)
{
	struct ovpn_udp_rx *rx = &udp->rx;

	spin_lock_bh(&rx->packets.lock);
	rx->bytes -= bytes;
	spin_unlock_bh(&rx->packets.lock);
	ovpn_budget_give(&udp->peer->ovpn->budget, bytes);
}

/* Consumes @list. */
static void receive_all(struct ovpn_udp *udp, struct sk_buff_head *list)
{
	struct ovpn_rx_batch batch;
	unsigned int bytes = 0;
	struct sk_buff *skb;

	ovpn_rx_begin(&batch, udp->peer, false);
	while ((skb = __skb_dequeue(list))) {
		/* before what may change it */
		bytes += skb->truesize;
		receive(&batch, skb);
		consume_skb(skb);
		if (bytes < RX_GIVE_BYTES)
			continue;
		give(udp, bytes);
		bytes = 0;
	}
	ovpn_rx_end(&batch);
	give(udp, bytes);
}

static void rx_run(struct ovpn_udp *udp)
{
	struct sk_buff_head list;
	int budget = RX_BUDGET;

	/* a key may have come, and no packet behind it */
	ovpn_rx_early(udp->peer);
	while (take(&udp->rx, &list)) {
		receive_all(udp, &list);
		if (!--budget) {
			ovpn_udp_rx_kick(udp);
			return;
		}
	}
}

static void udp_rx_work(struct work_struct *work)
{
	unsigned int flags = ovpn_work_begin();

	rx_run(container_of(work, struct ovpn_udp, rx.work));
	ovpn_work_end(flags);
}

/**
 * ovpn_udp_rx_init - prepare receiving
 * @udp: of a new peer
 */
void ovpn_udp_rx_init(struct ovpn_udp *udp)
{
	INIT_WORK(&udp->rx.work, udp_rx_work);
	skb_queue_head_init(&udp->rx.packets);
}

/**
 * ovpn_udp_rx_open - let datagrams in
 * @udp: of a peer that cannot be found yet
 */
void ovpn_udp_rx_open(struct ovpn_udp *udp)
{
	udp->rx.open = true;
}

/**
 * ovpn_udp_rx_kick - look at what waits, packets without a key included
 * @udp: of a peer; nothing happens when it is detached
 */
void ovpn_udp_rx_kick(struct ovpn_udp *udp)
{
	struct ovpn_udp_rx *rx = &udp->rx;

	/* under the lock: closing comes before cancelling */
	spin_lock_bh(&rx->packets.lock);
	if (rx->open)
		queue_work(ovpn_wq, &rx->work);
	spin_unlock_bh(&rx->packets.lock);
}

/**
 * ovpn_udp_rx_close - let no more datagrams in, drop what waits
 * @udp: of a peer
 *
 * Process context; waits for the worker.
 */
void ovpn_udp_rx_close(struct ovpn_udp *udp)
{
	struct ovpn_peer *peer = udp->peer;
	struct ovpn_udp_rx *rx = &udp->rx;
	struct sk_buff_head rest;

	spin_lock_bh(&rx->packets.lock);
	rx->open = false;
	spin_unlock_bh(&rx->packets.lock);
	cancel_work_sync(&rx->work);
	if (!take(rx, &rest))
		return;
	ovpn_drops_add(&peer->drops, OVPN_MPTCP_DROP_RX_DETACHED,
		       skb_queue_len(&rest));
	__skb_queue_purge(&rest);
	/* the worker has given back what it had in hand */
	give(udp, rx->bytes);
}

/* A sender that was given no id: the other end of a P2P device, if it comes from
 * there.
 */
static struct ovpn_peer *find_unnamed(const struct ovpn_dev *ovpn,
				      const struct sk_buff *skb)
{
	struct ovpn_peer *peer = rcu_dereference(ovpn->p2p);
	const struct ovpn_bind *bind = peer ? rcu_dereference(peer->bind) : NULL;
	struct ovpn_endpoint from;

	if (!bind)
		return NULL;
	read_addresses(skb, &from);
	return ovpn_endpoint_same_remote(&bind->outer, &from) ? peer : NULL;
}

/* Who sent a data packet, as far as it can be told without its key. Softirq,
 * in an RCU read section.
 */
static struct ovpn_udp *find(const struct ovpn_udp_sock *us,
			     const struct sk_buff *skb, const u8 *packet)
{
	struct ovpn_dev *ovpn = us->ovpn;
	struct ovpn_peer *peer;
	struct ovpn_udp *udp;

	peer = xa_load(&ovpn->peers, ovpn_proto_peer_id(packet));
	if (!peer && ovpn_proto_peer_id(packet) == OVPN_PEER_ID_UNDEF)
		peer = find_unnamed(ovpn, skb);
	udp = peer ? ovpn_udp_of(peer) : NULL;
	return udp && rcu_access_pointer(udp->sock) == us ? udp : NULL;
}

static void drop(struct ovpn_peer *peer, struct sk_buff *skb,
		 enum ovpn_mptcp_drop reason)
{
	ovpn_drops_add(&peer->drops, reason, 1);
	kfree_skb(skb);
}

/* consumes @skb */
static void enqueue(struct ovpn_udp *udp, struct sk_buff *skb)
{
	struct ovpn_udp_rx *rx = &udp->rx;
	enum ovpn_mptcp_drop reason;

	reason = OVPN_MPTCP_DROP_RX_RUNT;
	if (unlikely(skb->len < OVPN_DATA_OVERHEAD))
		goto drop;
	/* it may wait for longer than what these point to is there */
	skb_dst_drop(skb);
	nf_reset_ct(skb);
	skb_orphan(skb);
	skb->dev = NULL;

	spin_lock(&rx->packets.lock);
	reason = OVPN_MPTCP_DROP_RX_DETACHED;
	if (unlikely(!rx->open))
		goto unlock;
	reason = OVPN_MPTCP_DROP_RX_QUEUE_FULL;
	if (unlikely(!ovpn_budget_take(&udp->peer->ovpn->budget, rx->bytes,
				       skb->truesize)))
		goto unlock;
	rx->bytes += skb->truesize;
	/* one wake-up for all that come before the worker looks */
	if (skb_queue_empty(&rx->packets))
		queue_work(ovpn_wq, &rx->work);
	__skb_queue_tail(&rx->packets, skb);
	spin_unlock(&rx->packets.lock);
	return;

unlock:
	spin_unlock(&rx->packets.lock);
drop:
	drop(udp->peer, skb, reason);
}

/**
 * ovpn_udp_encap_rcv - udp_sock.encap_rcv: a datagram came
 * @sk: the socket
 * @skb: the datagram, from the UDP header on
 *
 * Softirq, in an RCU read section, BH disabled.
 *
 * Return: 0 when it is consumed, 1 when it is for the owner of the socket: all
 * that is not a data packet of the version that is offloaded
 */
int ovpn_udp_encap_rcv(struct sock *sk, struct sk_buff *skb)
{
	const struct ovpn_udp_sock *us = rcu_dereference_sk_user_data(sk);
	const unsigned int head = sizeof(struct udphdr);
	struct ovpn_udp *udp;
	u8 *packet;

	if (unlikely(!us || !pskb_may_pull(skb, head + 1)))
		return 1;
	packet = skb->data + head;
	if (ovpn_proto_opcode(packet[0]) != OVPN_OP_DATA_V2)
		return 1;

	/* the first word says whose it is */
	if (unlikely(!pskb_may_pull(skb, head + 4)))
		goto unknown;
	/* from here on it is not for the owner: what IP left in the control
	 * block may go
	 */
	ovpn_skb_cb(skb)->scope = scope_of(skb);
	udp = find(us, skb, skb->data + head);
	if (unlikely(!udp))
		goto unknown;
	__skb_pull(skb, head);
	enqueue(udp, skb);
	return 0;

unknown:
	atomic64_inc(&us->ovpn->rx_dropped);
	kfree_skb(skb);
	return 0;
}
