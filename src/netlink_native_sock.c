// SPDX-License-Identifier: GPL-2.0
/* The native schema: another socket for a peer. */

#include <linux/netdevice.h>
#include <net/genetlink.h>

#include "netlink.h"
#include "netlink_native.h"
#include "ovpnstruct.h"
#include "peer.h"

/* The peer of a request. OpenVPN would not learn that its socket carries
 * nothing any more, so the peers of its devices keep theirs.
 */
static struct ovpn_peer *find_peer(struct ovpn_struct *ovpn,
				   struct nlattr **tb,
				   const struct sk_buff *skb,
				   struct genl_info *info)
{
	if (ovpn->door != &ovpn_door_native) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[OVPN_MPTCP_A_IFINDEX],
				    "the sockets of this tunnel belong to OpenVPN; only peers of devices of kind ovpn-dco-mptcp get another one");
		return ERR_PTR(-EOPNOTSUPP);
	}
	return ovpn_native_find_own_peer(ovpn, tb[OVPN_MPTCP_A_PEER_ID], skb,
					 info->extack);
}

/**
 * ovpn_native_do_set_sock - OVPN_MPTCP_CMD_SET_SOCK
 * @skb: request
 * @info: request
 *
 * Return: 0 or an errno; that of a refused socket is kept
 */
int ovpn_native_do_set_sock(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[OVPN_NATIVE_NEST_MAX + 1];
	struct ovpn_struct *ovpn;
	struct ovpn_peer *peer;
	int err;

	ovpn = ovpn_native_begin(skb, info, ovpn_native_set_sock, OVPN_MPTCP_A_PEER,
				 tb, BIT(OVPN_MPTCP_A_PEER_ID) |
				 BIT(OVPN_MPTCP_A_PEER_SOCKET));
	if (IS_ERR(ovpn))
		return PTR_ERR(ovpn);
	peer = find_peer(ovpn, tb, skb, info);
	err = PTR_ERR_OR_ZERO(peer);
	if (err)
		goto out;
	err = ovpn_peer_set_sock(peer, nla_get_u32(tb[OVPN_MPTCP_A_PEER_SOCKET]),
				 info->extack);
	if (err == -ENOENT)
		NL_SET_ERR_MSG(info->extack,
			       "the peer went away by itself at this very moment");
	ovpn_peer_put(peer);
out:
	ovpn_netlink_put_dev(ovpn);
	return err;
}
