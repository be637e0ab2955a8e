// SPDX-License-Identifier: GPL-2.0
/*
 * A multi-peer device copies multicast and broadcast packets of this machine
 * to all its peers. There may be thousands of them, so the sender leaves that
 * to a worker, which may be interrupted after each copy. The copies share
 * their content, and wait in the queues of the peers like all else.
 */
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "dev.h"
#include "io.h"
#include "main.h"
#include "multicast.h"
#include "peer.h"
#include "peer_lookup.h"
#include "sock.h"

/* packets that may wait for the worker; a sender that is faster loses some */
#define MULTICAST_WAITING	128

static void copy_to(struct ovpn_peer *peer, struct sk_buff *skb)
{
	struct sk_buff *copy;
	bool own;

	/* a dead one keeps its id, and has no queue */
	if (READ_ONCE(peer->state) != OVPN_PEER_LIVE)
		return;
	/* the copy does not know who has sent it */
	rcu_read_lock();
	own = ovpn_sock_sent(peer, skb);
	rcu_read_unlock();
	if (unlikely(own)) {
		ovpn_drops_add(&peer->drops, OVPN_MPTCP_DROP_TX_LOOP, 1);
		return;
	}
	copy = skb_clone(skb, GFP_KERNEL);
	if (unlikely(!copy)) {
		ovpn_drops_add(&peer->drops, OVPN_MPTCP_DROP_TX_NOMEM, 1);
		return;
	}
	ovpn_net_queue(peer, copy);
}

static void copy_to_all(struct ovpn_dev *ovpn, struct sk_buff *skb)
{
	unsigned int missed = atomic_xchg(&ovpn->multicast.missed, 0);
	struct ovpn_peer *peer;
	unsigned long id = 0;

	/* once for all copies */
	skb_get_hash(skb);
	while ((peer = ovpn_peer_get_next(ovpn, &id))) {
		/* the device knows: the sender was told */
		if (unlikely(missed))
			ovpn_drops_add_peer(&peer->drops,
					    OVPN_MPTCP_DROP_TX_MULTICAST,
					    missed);
		copy_to(peer, skb);
		ovpn_peer_put(peer);
		id++;
		cond_resched();
	}
	consume_skb(skb);
}

static void multicast_work(struct work_struct *work)
{
	struct ovpn_dev *ovpn = container_of(work, struct ovpn_dev,
						multicast.work);
	unsigned int flags = ovpn_work_begin();
	struct sk_buff *skb;

	while ((skb = skb_dequeue(&ovpn->multicast.waiting)))
		copy_to_all(ovpn, skb);
	ovpn_work_end(flags);
}

/**
 * ovpn_multicast_init - nothing waits
 * @ovpn: a new device
 */
void ovpn_multicast_init(struct ovpn_dev *ovpn)
{
	skb_queue_head_init(&ovpn->multicast.waiting);
	atomic_set(&ovpn->multicast.missed, 0);
	INIT_WORK(&ovpn->multicast.work, multicast_work);
}

/**
 * ovpn_multicast_stop - copy no more
 * @ovpn: a device on which no transmit runs any more
 *
 * Process context; waits for the worker, which takes no lock of the core.
 */
void ovpn_multicast_stop(struct ovpn_dev *ovpn)
{
	skb_queue_purge(&ovpn->multicast.waiting);
	cancel_work_sync(&ovpn->multicast.work);
}

static bool is_for_all(const struct sk_buff *skb)
{
	const struct dst_entry *dst = skb_dst(skb);
	__be32 to;

	if (skb->protocol == htons(ETH_P_IPV6))
		return ipv6_addr_is_multicast(&ipv6_hdr(skb)->daddr);
	to = ip_hdr(skb)->daddr;
	/* which address is the broadcast one of a subnet, the route knows */
	return ipv4_is_multicast(to) || ipv4_is_lbcast(to) ||
	       (dst && dst->ops->family == AF_INET &&
		skb_rtable(skb)->rt_type == RTN_BROADCAST);
}

/**
 * ovpn_multicast_put - copy a packet to all peers if it is for all of them
 * @ovpn: the device
 * @skb: IP packet for no peer alone, whose fixed header is linear; consumed,
 *	 whatever happens
 *
 * A device in MP mode does so as long as it has the flag MULTICAST. Any
 * context, in an RCU read section.
 *
 * Return: false if the packet was dropped
 */
bool ovpn_multicast_put(struct ovpn_dev *ovpn, struct sk_buff *skb)
{
	struct ovpn_multicast *multicast = &ovpn->multicast;

	if (ovpn->mode != OVPN_MPTCP_MODE_MP ||
	    !(READ_ONCE(ovpn->dev->flags) & IFF_MULTICAST) || !is_for_all(skb))
		goto drop;
	/* the worker has more to do, and tells the peers of this one */
	if (skb_queue_len_lockless(&multicast->waiting) >= MULTICAST_WAITING) {
		atomic_inc(&multicast->missed);
		goto drop;
	}
	/* it would pin the device */
	skb_dst_drop(skb);
	skb_queue_tail(&multicast->waiting, skb);
	queue_work(ovpn_wq, &multicast->work);
	return true;

drop:
	kfree_skb(skb);
	return false;
}
