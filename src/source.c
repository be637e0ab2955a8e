// SPDX-License-Identifier: GPL-2.0
/*
 * A peer of a multi-peer device may send from its VPN addresses, and from what
 * this machine would send back to it. Routes that name the device are asked
 * first; then the policy, for the way that an answer would take: source and
 * destination exchanged, arriving where the packet is about to leave. A mark
 * is not asked for: netfilter gives one later, when the packet is out of the
 * tunnel.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/ip6_route.h>
#include <net/ip_fib.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/nexthop.h>
#include <net/route.h>

#include "compat.h"
#include "peer.h"
#include "peer_lookup.h"
#include "source.h"

/* in an RCU read section */
static bool is_peer(const struct ovpn_peer *peer, const struct in6_addr *addr)
{
	return ovpn_peer_find_by_addr(peer->ovpn, addr) == peer;
}

/* whether a next hop is the peer */
static bool hop_is_peer(const struct ovpn_peer *peer,
			const struct fib_nh_common *hop)
{
	struct in6_addr addr;

	if (hop->nhc_dev != peer->ovpn->dev)
		return false;
	if (hop->nhc_gw_family == AF_INET)
		ipv6_addr_set_v4mapped(hop->nhc_gw.ipv4, &addr);
	else if (hop->nhc_gw_family == AF_INET6)
		addr = hop->nhc_gw.ipv6;
	else
		return false;
	return is_peer(peer, &addr);
}

/* Whether a flow is routed to the peer, if by one of several next hops. In an
 * RCU read section, which keeps the route.
 */
static bool leads4(const struct ovpn_peer *peer, struct flowi4 *fl4)
{
	struct fib_result res;
	unsigned int i;

	if (fib_lookup(dev_net(peer->ovpn->dev), fl4, &res, 0) ||
	    res.type != RTN_UNICAST)
		return false;
	for (i = 0; i < fib_info_num_path(res.fi); i++) {
		if (hop_is_peer(peer, fib_info_nhc(res.fi, i)))
			return true;
	}
	return false;
}

/* what the policy says of an answer to the packet */
static bool answer4(const struct ovpn_peer *peer, struct sk_buff *skb)
{
	struct net_device *dev = peer->ovpn->dev;
	const struct iphdr *iph = ip_hdr(skb);
	struct net *net = dev_net(dev);
	struct flowi4 fl4 = {
		.flowi4_iif = dev->ifindex,
		.flowi4_l3mdev = l3mdev_master_ifindex_rcu(dev),
		.flowi4_uid = sock_net_uid(net, NULL),
		.saddr = iph->saddr,
		.daddr = iph->daddr,
	};
	struct flow_keys keys;
	struct fib_result res;

	if (!fib4_has_custom_rules(net))
		return false;
	ovpn_compat_fl4_set_dscp(&fl4, iph);
	fib4_rules_early_flow_dissect(net, skb, &fl4, &keys);
	if (fib_lookup(net, &fl4, &res, 0))
		return false;

	fl4.flowi4_oif = 0;
	fl4.flowi4_iif = res.type == RTN_UNICAST ? FIB_RES_OIF(res) :
						   LOOPBACK_IFINDEX;
	fl4.saddr = res.type == RTN_UNICAST || res.type == RTN_LOCAL ?
		    iph->daddr : 0;
	fl4.daddr = iph->saddr;
	swap(fl4.fl4_sport, fl4.fl4_dport);
	return leads4(peer, &fl4);
}

static bool routed4(const struct ovpn_peer *peer, struct sk_buff *skb)
{
	struct flowi4 fl4 = {
		.flowi4_oif = peer->ovpn->dev->ifindex,
		.flowi4_iif = LOOPBACK_IFINDEX,
		.daddr = ip_hdr(skb)->saddr,
	};

	return leads4(peer, &fl4) || answer4(peer, skb);
}

/* whether a route that was looked up leads to the peer; it is given back */
static bool leads6(const struct ovpn_peer *peer, struct dst_entry *dst)
{
	const struct rt6_info *rt = ovpn_compat_rt6(dst);
	bool ours;

	ours = !dst->error && rt->rt6i_idev &&
	       rt->rt6i_idev->dev == peer->ovpn->dev &&
	       rt->rt6i_flags & RTF_GATEWAY &&
	       is_peer(peer, &rt->rt6i_gateway);
	dst_release(dst);
	return ours;
}

/* the interface by which a flow leaves; 0 if it does not */
static int leaves6(struct net *net, struct flowi6 *fl6,
		   const struct sk_buff *skb)
{
	struct dst_entry *dst;
	const struct rt6_info *rt;
	int ifindex = 0;

	dst = ip6_route_lookup(net, fl6, skb, RT6_LOOKUP_F_HAS_SADDR);
	rt = ovpn_compat_rt6(dst);
	if (rt->rt6i_flags & RTF_LOCAL)
		ifindex = LOOPBACK_IFINDEX;
	else if (!dst->error && rt->rt6i_idev)
		ifindex = rt->rt6i_idev->dev->ifindex;
	dst_release(dst);
	return ifindex;
}

static bool answer6(const struct ovpn_peer *peer, struct sk_buff *skb)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);
	struct net_device *dev = peer->ovpn->dev;
	struct net *net = dev_net(dev);
	struct flowi6 fl6 = {
		.flowi6_iif = dev->ifindex,
		.flowi6_l3mdev = l3mdev_master_ifindex_rcu(dev),
		.flowi6_uid = sock_net_uid(net, NULL),
		.flowi6_proto = ip6h->nexthdr,
		.flowlabel = ip6_flowinfo(ip6h),
		.saddr = ip6h->saddr,
		.daddr = ip6h->daddr,
	};
	struct flow_keys keys;

	if (!fib6_has_custom_rules(net) || ipv6_addr_is_multicast(&fl6.daddr))
		return false;
	fib6_rules_early_flow_dissect(net, skb, &fl6, &keys);
	fl6.flowi6_iif = leaves6(net, &fl6, skb);
	if (!fl6.flowi6_iif)
		return false;

	fl6.saddr = ip6h->daddr;
	fl6.daddr = ip6h->saddr;
	swap(fl6.fl6_sport, fl6.fl6_dport);
	return leads6(peer, ip6_route_lookup(net, &fl6, skb,
					     RT6_LOOKUP_F_HAS_SADDR));
}

static bool routed6(const struct ovpn_peer *peer, struct sk_buff *skb)
{
	struct flowi6 fl6 = {
		.flowi6_oif = peer->ovpn->dev->ifindex,
		.daddr = ipv6_hdr(skb)->saddr,
	};
	struct dst_entry *dst;

	if (!ipv6_mod_enabled())
		return false;
	dst = ip6_dst_lookup_flow(dev_net(peer->ovpn->dev), NULL, &fl6, NULL);
	return (!IS_ERR(dst) && leads6(peer, dst)) || answer6(peer, skb);
}

/**
 * ovpn_source_ok - whether a peer may send a packet
 * @peer: who sent it
 * @skb: IP packet whose fixed header is linear
 *
 * In MP mode the source must be a VPN address of the peer, or an address that
 * is routed to the peer: the check costs route look-ups only for the latter.
 * Any context that may take an RCU read section.
 *
 * Return: true if so; always true in P2P mode
 */
bool ovpn_source_ok(struct ovpn_peer *peer, struct sk_buff *skb)
{
	bool v4 = skb->protocol == htons(ETH_P_IP);
	const struct ovpn_peer *owner;
	struct in6_addr addr;
	bool ok;

	if (peer->ovpn->mode == OVPN_MPTCP_MODE_P2P)
		return true;

	if (v4)
		ipv6_addr_set_v4mapped(ip_hdr(skb)->saddr, &addr);
	else
		addr = ipv6_hdr(skb)->saddr;

	rcu_read_lock();
	owner = ovpn_peer_find_by_addr(peer->ovpn, &addr);
	if (owner)
		ok = owner == peer;
	else
		ok = v4 ? routed4(peer, skb) : routed6(peer, skb);
	rcu_read_unlock();
	return ok;
}
