/* SPDX-License-Identifier: GPL-2.0 */
/* The net_device of a tunnel interface: link kinds, life, properties. */
#ifndef _OVPN_DEV_H_
#define _OVPN_DEV_H_

#include <linux/types.h>
#include <net/rtnetlink.h>

struct ovpn_struct;

extern struct rtnl_link_ops ovpn_dev_link_native;
extern struct rtnl_link_ops ovpn_dev_link_v2;
extern struct rtnl_link_ops ovpn_dev_link_ovpn;

void ovpn_dev_carrier(struct ovpn_struct *ovpn, bool on);

#endif /* _OVPN_DEV_H_ */
