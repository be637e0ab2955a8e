// SPDX-License-Identifier: GPL-2.0
/* The native schema: outer addresses of peers that datagrams carry. */

#include <linux/netdevice.h>
#include <net/genetlink.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>

#include "dev.h"
#include "endpoint.h"
#include "netlink.h"
#include "netlink_native.h"
#include "notify.h"
#include "peer.h"
#include "sock.h"

static bool is_mapped(const struct nlattr *attr)
{
	struct in6_addr addr = nla_get_in6_addr(attr);

	return ipv6_addr_v4mapped(&addr);
}

/**
 * ovpn_native_check_outer - whether the outer addresses of a request agree
 * @tb: nest of OVPN_MPTCP_A_PEER_x
 * @extack: for the text of an error
 *
 * In the order that family ovpn has.
 *
 * Return: 0 or -EINVAL
 */
int ovpn_native_check_outer(struct nlattr **tb, struct netlink_ext_ack *extack)
{
	const struct nlattr *remote4 = tb[OVPN_MPTCP_A_PEER_REMOTE_IPV4];
	const struct nlattr *remote6 = tb[OVPN_MPTCP_A_PEER_REMOTE_IPV6];
	const struct nlattr *local6 = tb[OVPN_MPTCP_A_PEER_LOCAL_IPV6];
	const struct nlattr *scope = tb[OVPN_MPTCP_A_PEER_REMOTE_IPV6_SCOPE_ID];

	if (remote4 && remote6) {
		NL_SET_ERR_MSG_ATTR(extack, remote6,
				    "a peer has one remote address: give IPv4 or IPv6, not both");
		return -EINVAL;
	}
	if (tb[OVPN_MPTCP_A_PEER_REMOTE_PORT] && !remote4 && !remote6) {
		NL_SET_ERR_MSG_ATTR(extack, tb[OVPN_MPTCP_A_PEER_REMOTE_PORT],
				    "a remote port needs a remote address");
		return -EINVAL;
	}
	if (!tb[OVPN_MPTCP_A_PEER_REMOTE_PORT] && (remote4 || remote6)) {
		NL_SET_ERR_MSG(extack, "a remote address needs a remote port");
		return -EINVAL;
	}
	if (tb[OVPN_MPTCP_A_PEER_LOCAL_IPV4] && !remote4) {
		NL_SET_ERR_MSG_ATTR(extack, tb[OVPN_MPTCP_A_PEER_LOCAL_IPV4],
				    "a local IPv4 address needs a remote IPv4 address");
		return -EINVAL;
	}
	if (local6 && !remote6) {
		NL_SET_ERR_MSG_ATTR(extack, local6,
				    "a local IPv6 address needs a remote IPv6 address");
		return -EINVAL;
	}
	if (local6 && is_mapped(local6) != is_mapped(remote6)) {
		NL_SET_ERR_MSG_ATTR(extack, local6,
				    "local and remote address must be of one family; an IPv4-mapped one counts as IPv4");
		return -EINVAL;
	}
	if (scope && (!remote6 || is_mapped(remote6))) {
		NL_SET_ERR_MSG_ATTR(extack, scope,
				    "a scope id needs a remote address that is really IPv6");
		return -EINVAL;
	}
	return 0;
}

/**
 * ovpn_native_parse_outer - the outer addresses of a request
 * @tb: nest of OVPN_MPTCP_A_PEER_x that ovpn_native_check_outer() has passed
 * @outer: of no family afterwards when no remote address is in the request
 */
void ovpn_native_parse_outer(struct nlattr **tb, struct ovpn_endpoint *outer)
{
	const struct nlattr *remote4 = tb[OVPN_MPTCP_A_PEER_REMOTE_IPV4];
	const struct nlattr *remote6 = tb[OVPN_MPTCP_A_PEER_REMOTE_IPV6];
	const struct nlattr *local4 = tb[OVPN_MPTCP_A_PEER_LOCAL_IPV4];
	const struct nlattr *local6 = tb[OVPN_MPTCP_A_PEER_LOCAL_IPV6];
	const struct nlattr *scope = tb[OVPN_MPTCP_A_PEER_REMOTE_IPV6_SCOPE_ID];
	struct in6_addr remote, local = {};
	__be16 port;

	memset(outer, 0, sizeof(*outer));
	if (!remote4 && !remote6)
		return;
	port = nla_get_be16(tb[OVPN_MPTCP_A_PEER_REMOTE_PORT]);
	if (remote4) {
		ovpn_endpoint_set4(outer, nla_get_in_addr(remote4), port,
				   local4 ? nla_get_in_addr(local4) : 0);
		return;
	}
	remote = nla_get_in6_addr(remote6);
	if (local6)
		local = nla_get_in6_addr(local6);
	ovpn_endpoint_set6(outer, &remote, port,
			   scope ? nla_get_u32(scope) : 0, &local);
}

/* In the order that family ovpn has. */
static int put_remote(struct sk_buff *skb, const struct ovpn_endpoint *outer)
{
	if (outer->family == AF_INET ?
	    nla_put_in_addr(skb, OVPN_MPTCP_A_PEER_REMOTE_IPV4,
			    outer->remote4) :
	    nla_put_in6_addr(skb, OVPN_MPTCP_A_PEER_REMOTE_IPV6,
			     &outer->remote6) ||
	    nla_put_u32(skb, OVPN_MPTCP_A_PEER_REMOTE_IPV6_SCOPE_ID,
			outer->scope))
		return -EMSGSIZE;
	return nla_put_net16(skb, OVPN_MPTCP_A_PEER_REMOTE_PORT, outer->port);
}

/**
 * ovpn_native_put_outer - add the outer addresses of a peer
 * @skb: message
 * @outer: nothing is added when it is of no family
 *
 * Return: 0 or -EMSGSIZE
 */
int ovpn_native_put_outer(struct sk_buff *skb, const struct ovpn_endpoint *outer)
{
	int err;

	if (outer->family == AF_UNSPEC)
		return 0;
	err = put_remote(skb, outer);
	if (err)
		return err;
	if (outer->family == AF_INET)
		return nla_put_in_addr(skb, OVPN_MPTCP_A_PEER_LOCAL_IPV4,
				       outer->local4);
	return nla_put_in6_addr(skb, OVPN_MPTCP_A_PEER_LOCAL_IPV6,
				&outer->local6);
}

/**
 * ovpn_native_notify_peer_float - multicast OVPN_MPTCP_CMD_PEER_FLOAT_NTF
 * @door: where to
 * @peer: the peer
 * @outer: where it is now
 *
 * Not told where who listens may not know: a device may be in a container, and its
 * socket outside. Process context; may sleep.
 */
void ovpn_native_notify_peer_float(const struct ovpn_door *door,
				   const struct ovpn_peer *peer,
				   const struct ovpn_endpoint *outer)
{
	struct ovpn_notify ntf;

	if (!ovpn_notify_begin(&ntf, door, peer,
			       OVPN_MPTCP_CMD_PEER_FLOAT_NTF,
			       OVPN_MPTCP_A_PEER,
			       2 * nla_total_size(sizeof(u32)) +
			       nla_total_size(sizeof(struct in6_addr)) +
			       nla_total_size(sizeof(u16))))
		return;
	ovpn_notify_end(&ntf,
			ovpn_sock_shown_in(peer, ntf.net) &&
			!nla_put_u32(ntf.msg, OVPN_MPTCP_A_PEER_ID,
				     peer->id) &&
			!put_remote(ntf.msg, outer));
}
