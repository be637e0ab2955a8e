// SPDX-License-Identifier: GPL-2.0
/* The door of OpenVPN 2.6: outer addresses of peers that datagrams carry. */

#include <linux/in.h>
#include <linux/in6.h>
#include <net/netlink.h>

#include "endpoint.h"
#include "netlink_v2.h"
#include "uapi/linux/ovpn_dco_v2.h"

static bool parse4(const struct nlattr *remote, const struct nlattr *local,
		   struct ovpn_endpoint *outer)
{
	struct sockaddr_in addr;

	if (nla_len(remote) != sizeof(addr))
		return false;
	nla_memcpy(&addr, remote, sizeof(addr));
	if (addr.sin_family != AF_INET || !addr.sin_port ||
	    (local && nla_len(local) != sizeof(struct in_addr)))
		return false;
	ovpn_endpoint_set4(outer, addr.sin_addr.s_addr, addr.sin_port,
			   local ? nla_get_in_addr(local) : 0);
	return true;
}

static bool parse6(const struct nlattr *remote, const struct nlattr *local,
		   struct ovpn_endpoint *outer)
{
	struct in6_addr own = {};
	struct sockaddr_in6 addr;

	if (nla_len(remote) != sizeof(addr))
		return false;
	nla_memcpy(&addr, remote, sizeof(addr));
	if (addr.sin6_family != AF_INET6 || !addr.sin6_port ||
	    (local && nla_len(local) != sizeof(own)))
		return false;
	if (local)
		own = nla_get_in6_addr(local);
	ovpn_endpoint_set6(outer, &addr.sin6_addr, addr.sin6_port,
			   addr.sin6_scope_id, &own);
	return true;
}

/**
 * ovpn_v2_parse_outer - the outer addresses of a new peer
 * @tb: nest of OVPN_V2_A_NEW_PEER_x
 * @outer: of no family afterwards when there is no remote address
 *
 * Addresses that make no sense are as good as none: a stream does not look at
 * them, and UDP is refused without.
 */
void ovpn_v2_parse_outer(struct nlattr **tb, struct ovpn_endpoint *outer)
{
	const struct nlattr *remote = tb[OVPN_V2_A_NEW_PEER_REMOTE];
	const struct nlattr *local = tb[OVPN_V2_A_NEW_PEER_LOCAL_IP];

	if (!remote || (!parse4(remote, local, outer) &&
			!parse6(remote, local, outer)))
		outer->family = AF_UNSPEC;
}

/**
 * ovpn_v2_put_outer - add the outer addresses of a peer to a reply
 * @skb: message
 * @outer: nothing is added when it is of no family
 *
 * Return: 0 or -EMSGSIZE
 */
int ovpn_v2_put_outer(struct sk_buff *skb, const struct ovpn_endpoint *outer)
{
	const struct sockaddr_in remote4 = {
		.sin_family = AF_INET,
		.sin_port = outer->port,
		.sin_addr.s_addr = outer->remote4,
	};
	const struct sockaddr_in6 remote6 = {
		.sin6_family = AF_INET6,
		.sin6_port = outer->port,
		.sin6_addr = outer->remote6,
		.sin6_scope_id = outer->scope,
	};

	if (outer->family == AF_UNSPEC)
		return 0;
	if (outer->family == AF_INET ?
	    nla_put(skb, OVPN_V2_A_REPLY_REMOTE, sizeof(remote4), &remote4) ||
	    nla_put_in_addr(skb, OVPN_V2_A_REPLY_LOCAL_IP, outer->local4) :
	    nla_put(skb, OVPN_V2_A_REPLY_REMOTE, sizeof(remote6), &remote6) ||
	    nla_put_in6_addr(skb, OVPN_V2_A_REPLY_LOCAL_IP, &outer->local6))
		return -EMSGSIZE;
	return 0;
}
