/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the door of OpenVPN 2.6 share. */
#ifndef _OVPN_NETLINK_V2_H_
#define _OVPN_NETLINK_V2_H_

struct nlattr;
struct ovpn_endpoint;
struct sk_buff;

/* netlink_v2_outer.c APIs */
void ovpn_v2_parse_outer(struct nlattr **tb, struct ovpn_endpoint *outer);
int ovpn_v2_put_outer(struct sk_buff *skb, const struct ovpn_endpoint *outer);

#endif /* _OVPN_NETLINK_V2_H_ */
