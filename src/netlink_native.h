/* SPDX-License-Identifier: GPL-2.0 */
/* What the files that serve the native schema share: that of the families
 * ovpn-dco-mptcp and ovpn.
 */
#ifndef _OVPN_NETLINK_NATIVE_H_
#define _OVPN_NETLINK_NATIVE_H_

#include <linux/types.h>
#include <net/genetlink.h>

#include "uapi/linux/ovpn_dco_mptcp.h"

struct ovpn_door;
struct ovpn_endpoint;
struct ovpn_peer;
struct ovpn_dev;

/* highest attribute of a request, in the set that has the most */
#define OVPN_NATIVE_NEST_MAX	OVPN_MPTCP_A_PEER_TX_ID

/* the private operations are the last of them */
#define OVPN_NATIVE_OPS		9
#define OVPN_NATIVE_OPS_PUBLIC	8
extern const struct genl_ops ovpn_native_ops[OVPN_NATIVE_OPS];

#define OVPN_NATIVE_GROUPS	1
extern const struct genl_multicast_group ovpn_native_groups[OVPN_NATIVE_GROUPS];

/* one policy a command: what it does not know it refuses */
extern const struct nla_policy ovpn_native_peer_new[OVPN_MPTCP_A_MAX + 1];
extern const struct nla_policy ovpn_native_peer_set[OVPN_MPTCP_A_MAX + 1];
extern const struct nla_policy ovpn_native_peer_get[OVPN_MPTCP_A_MAX + 1];
extern const struct nla_policy ovpn_native_peer_del[OVPN_MPTCP_A_MAX + 1];
extern const struct nla_policy ovpn_native_set_sock[OVPN_MPTCP_A_MAX + 1];
extern const struct nla_policy ovpn_native_key_new[OVPN_MPTCP_A_MAX + 1];
extern const struct nla_policy ovpn_native_key_get[OVPN_MPTCP_A_MAX + 1];
extern const struct nla_policy ovpn_native_key_swap[OVPN_MPTCP_A_MAX + 1];
extern const struct nla_policy ovpn_native_key_del[OVPN_MPTCP_A_MAX + 1];
extern const struct nla_policy ovpn_native_keydir[OVPN_MPTCP_A_KEYDIR_MAX + 1];

/* netlink_native_peer.c APIs */
int ovpn_native_do_peer_new(struct sk_buff *skb, struct genl_info *info);
int ovpn_native_do_peer_set(struct sk_buff *skb, struct genl_info *info);
int ovpn_native_do_peer_get(struct sk_buff *skb, struct genl_info *info);
int ovpn_native_dump_peers(struct sk_buff *skb, struct netlink_callback *cb);
int ovpn_native_do_peer_del(struct sk_buff *skb, struct genl_info *info);
int ovpn_native_do_set_sock(struct sk_buff *skb, struct genl_info *info);
void ovpn_native_notify_peer_del(const struct ovpn_door *door,
				 const struct ovpn_peer *peer,
				 enum ovpn_mptcp_del_reason reason);

/* netlink_native_outer.c APIs */
int ovpn_native_check_outer(struct nlattr **tb, struct netlink_ext_ack *extack);
void ovpn_native_parse_outer(struct nlattr **tb, struct ovpn_endpoint *outer);
int ovpn_native_put_outer(struct sk_buff *skb, const struct ovpn_endpoint *outer);
void ovpn_native_notify_peer_float(const struct ovpn_door *door,
				   const struct ovpn_peer *peer,
				   const struct ovpn_endpoint *outer);

/* netlink_native_key.c APIs */
int ovpn_native_do_key_new(struct sk_buff *skb, struct genl_info *info);
int ovpn_native_do_key_get(struct sk_buff *skb, struct genl_info *info);
int ovpn_native_do_key_swap(struct sk_buff *skb, struct genl_info *info);
int ovpn_native_do_key_del(struct sk_buff *skb, struct genl_info *info);
void ovpn_native_notify_key_swap(const struct ovpn_door *door,
				 const struct ovpn_peer *peer, u8 key_id);

#endif /* _OVPN_NETLINK_NATIVE_H_ */
