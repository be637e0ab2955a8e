// SPDX-License-Identifier: GPL-2.0
/* Finding a peer: by id, by VPN address, by the next hop of a packet. */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/rhashtable.h>
#include <net/addrconf.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "compat.h"
#include "dev.h"
#include "peer.h"
#include "peer_lookup.h"

static unsigned int peers_max = 16384;
module_param(peers_max, uint, 0644);
MODULE_PARM_DESC(peers_max, "At most so many peers on one multi-peer device (default 16384)");

static const struct rhashtable_params addr_params = {
	.head_offset = offsetof(struct ovpn_vpn_addr, node),
	.key_offset = offsetof(struct ovpn_vpn_addr, addr),
	.key_len = sizeof(struct in6_addr),
	.automatic_shrinking = true,
};

/**
 * ovpn_peers_init - empty tables for a new device
 * @ovpn: the device
 *
 * Return: 0 or -ENOMEM
 */
int ovpn_peers_init(struct ovpn_dev *ovpn)
{
	xa_init_flags(&ovpn->peers, XA_FLAGS_ACCOUNT);
	return rhashtable_init(&ovpn->addrs, &addr_params);
}

/**
 * ovpn_peers_destroy - free the tables
 * @ovpn: a device without peers
 */
void ovpn_peers_destroy(struct ovpn_dev *ovpn)
{
	WARN_ON_ONCE(!xa_empty(&ovpn->peers));
	xa_destroy(&ovpn->peers);
	rhashtable_destroy(&ovpn->addrs);
}

static int addr_insert(struct ovpn_dev *ovpn, struct ovpn_vpn_addr *entry,
		       struct netlink_ext_ack *extack)
{
	int err;

	if (ovpn->mode != OVPN_MPTCP_MODE_MP || entry->hashed ||
	    ipv6_addr_any(&entry->addr))
		return 0;
	err = rhashtable_lookup_insert_fast(&ovpn->addrs, &entry->node,
					    addr_params);
	if (err == -EEXIST) {
		NL_SET_ERR_MSG(extack, "another peer has this VPN address; delete it first");
		return -EADDRINUSE;
	}
	if (!err)
		entry->hashed = true;
	return err;
}

static void addr_remove(struct ovpn_dev *ovpn, struct ovpn_vpn_addr *entry)
{
	if (!entry->hashed)
		return;
	rhashtable_remove_fast(&ovpn->addrs, &entry->node, addr_params);
	entry->hashed = false;
}

/**
 * ovpn_peers_add_addrs - packets find their way to the peer
 * @ovpn: the device
 * @peer: the peer; one whose addresses are in the table already keeps them
 * @extack: says what is in the way
 *
 * Caller holds ovpn_dev.lock.
 *
 * Return: 0, -EADDRINUSE or -ENOMEM; then neither address is in the table
 */
int ovpn_peers_add_addrs(struct ovpn_dev *ovpn, struct ovpn_peer *peer,
			 struct netlink_ext_ack *extack)
{
	int err;

	lockdep_assert_held(&ovpn->lock);

	err = addr_insert(ovpn, &peer->vpn4, extack);
	if (!err)
		err = addr_insert(ovpn, &peer->vpn6, extack);
	if (err)
		ovpn_peers_remove_addrs(ovpn, peer);
	return err;
}

/**
 * ovpn_peers_add - enter a peer by its id and its VPN addresses
 * @ovpn: the device
 * @peer: the peer; the tables take over a reference of the caller
 * @extack: says what is in the way
 *
 * Caller holds ovpn_dev.lock.
 *
 * Return: 0, -EEXIST (id in use), -EADDRINUSE, -ENOSPC (too many peers), -ENOMEM
 */
int ovpn_peers_add(struct ovpn_dev *ovpn, struct ovpn_peer *peer,
		   struct netlink_ext_ack *extack)
{
	int err;

	lockdep_assert_held(&ovpn->lock);

	if (ovpn->peer_count >= READ_ONCE(peers_max)) {
		NL_SET_ERR_MSG(extack, "the device has as many peers as it may have: make another device, or raise the module parameter peers_max");
		return -ENOSPC;
	}
	err = xa_insert(&ovpn->peers, peer->id, peer, GFP_KERNEL);
	if (err == -EBUSY) {
		NL_SET_ERR_MSG(extack, "a peer with this id exists; delete it first");
		return -EEXIST;
	}
	if (err)
		return err;
	ovpn->peer_count++;
	err = ovpn_peers_add_addrs(ovpn, peer, extack);
	if (err)
		ovpn_peers_remove_id(ovpn, peer);
	return err;
}

/**
 * ovpn_peers_rehash - change a VPN address of a peer
 * @ovpn: the device
 * @entry: the address
 * @addr: its new value, all zero for none
 * @extack: says who has it
 *
 * Caller holds ovpn_dev.lock; the peer is live. A look-up that runs at the
 * same moment may miss the peer, as if it came a moment earlier.
 *
 * Return: 0, -EADDRINUSE or -ENOMEM; then the old address stays
 */
int ovpn_peers_rehash(struct ovpn_dev *ovpn, struct ovpn_vpn_addr *entry,
		      const struct in6_addr *addr,
		      struct netlink_ext_ack *extack)
{
	struct in6_addr old = entry->addr;
	int err;

	lockdep_assert_held(&ovpn->lock);

	if (ipv6_addr_equal(&old, addr))
		return 0;
	addr_remove(ovpn, entry);
	entry->addr = *addr;
	err = addr_insert(ovpn, entry, extack);
	if (err) {
		entry->addr = old;
		/* it stood there a moment ago, under the same lock */
		WARN_ON_ONCE(addr_insert(ovpn, entry, NULL) == -EADDRINUSE);
	}
	return err;
}

/**
 * ovpn_peers_remove_addrs - no packet finds its way to the peer any more
 * @ovpn: the device
 * @peer: the peer
 *
 * Caller holds ovpn_dev.lock.
 */
void ovpn_peers_remove_addrs(struct ovpn_dev *ovpn, struct ovpn_peer *peer)
{
	lockdep_assert_held(&ovpn->lock);
	addr_remove(ovpn, &peer->vpn4);
	addr_remove(ovpn, &peer->vpn6);
}

/**
 * ovpn_peers_remove_id - userspace does not find the peer any more
 * @ovpn: the device
 * @peer: the peer; the caller takes over the reference of the tables
 *
 * Caller holds ovpn_dev.lock.
 */
void ovpn_peers_remove_id(struct ovpn_dev *ovpn, struct ovpn_peer *peer)
{
	lockdep_assert_held(&ovpn->lock);
	if (xa_cmpxchg(&ovpn->peers, peer->id, peer, NULL, GFP_KERNEL) == peer &&
	    ovpn->mode == OVPN_MPTCP_MODE_MP)
		ovpn->peer_count--;
}

static bool answers(const struct ovpn_peer *peer)
{
	enum ovpn_peer_state state = READ_ONCE(peer->state);

	return state == OVPN_PEER_LIVE || state == OVPN_PEER_DEAD;
}

/**
 * ovpn_peer_get_by_id - the peer that userspace names
 * @ovpn: the device
 * @id: peer id
 *
 * Return: a live or dead peer with a reference, or NULL
 */
struct ovpn_peer *ovpn_peer_get_by_id(struct ovpn_dev *ovpn, u32 id)
{
	struct ovpn_peer *peer;

	rcu_read_lock();
	peer = xa_load(&ovpn->peers, id);
	if (peer && (!answers(peer) || !kref_get_unless_zero(&peer->ref)))
		peer = NULL;
	rcu_read_unlock();
	return peer;
}

/**
 * ovpn_peer_get_next - walk over the peers
 * @ovpn: the device
 * @id: in: lowest id wanted; out: id of the peer
 *
 * Return: a live or dead peer with a reference, or NULL at the end
 */
struct ovpn_peer *ovpn_peer_get_next(struct ovpn_dev *ovpn,
				     unsigned long *id)
{
	struct ovpn_peer *peer;

	rcu_read_lock();
	for (peer = xa_find(&ovpn->peers, id, ULONG_MAX, XA_PRESENT); peer;
	     peer = xa_find_after(&ovpn->peers, id, ULONG_MAX, XA_PRESENT)) {
		if (answers(peer) && kref_get_unless_zero(&peer->ref))
			break;
	}
	rcu_read_unlock();
	return peer;
}

/**
 * ovpn_peer_find_by_addr - the peer that has a VPN address
 * @ovpn: a device in MP mode
 * @addr: the address; IPv4 as ::ffff:a.b.c.d
 *
 * Caller is in an RCU read section and may use the peer inside it.
 *
 * Return: a live peer without a reference, or NULL
 */
struct ovpn_peer *ovpn_peer_find_by_addr(struct ovpn_dev *ovpn,
					 const struct in6_addr *addr)
{
	struct ovpn_vpn_addr *entry;

	entry = rhashtable_lookup(&ovpn->addrs, addr, addr_params);
	return entry ? entry->peer : NULL;
}

/* the gateway of a route as an address of the table; false for a route
 * without one
 */
static bool gateway4(const struct rtable *rt, struct in6_addr *addr)
{
	if (rt->rt_gw_family == AF_INET)
		ipv6_addr_set_v4mapped(rt->rt_gw4, addr);
	else if (rt->rt_gw_family == AF_INET6)
		*addr = rt->rt_gw6;
	else
		return false;
	return true;
}

static bool gateway6(const struct rt6_info *rt, struct in6_addr *addr)
{
	if (!(rt->rt6i_flags & RTF_GATEWAY))
		return false;
	*addr = rt->rt6i_gateway;
	return true;
}

/**
 * ovpn_peer_find_for_skb - the peer that a packet must be sent to
 * @ovpn: the device
 * @skb: IP packet whose fixed header is linear, with the route attached
 *
 * In MP mode the next hop decides: the gateway of the route, else the
 * destination. Caller is in an RCU read section and may use the peer inside it.
 *
 * Return: a live peer without a reference, or NULL
 */
struct ovpn_peer *ovpn_peer_find_for_skb(struct ovpn_dev *ovpn,
					 struct sk_buff *skb)
{
	const struct dst_entry *dst = skb_dst(skb);
	struct in6_addr addr;

	if (ovpn->mode == OVPN_MPTCP_MODE_P2P)
		return rcu_dereference(ovpn->p2p);

	if (skb->protocol == htons(ETH_P_IP)) {
		if (!dst || dst->ops->family != AF_INET ||
		    !gateway4(skb_rtable(skb), &addr))
			ipv6_addr_set_v4mapped(ip_hdr(skb)->daddr, &addr);
	} else {
		if (!dst || dst->ops->family != AF_INET6 ||
		    !gateway6(ovpn_compat_rt6(dst), &addr))
			addr = ipv6_hdr(skb)->daddr;
	}
	return ovpn_peer_find_by_addr(ovpn, &addr);
}
