/* SPDX-License-Identifier: GPL-2.0 */
/* Where a device comes from: the process that made it, and what that calls it. */
#ifndef _OVPN_ORIGIN_H_
#define _OVPN_ORIGIN_H_

#include <linux/if.h>
#include <linux/list.h>
#include <linux/types.h>

struct net;
struct ovpn_door;
struct ovpn_dev;
struct pid;
struct sk_buff;

/**
 * struct ovpn_origin - where a device comes from
 * @all: in the list of all devices, which is under a lock of its own
 * @maker: the process that the device goes with, with a reference; NULL when it
 *	   goes with none. Under the lock of the list.
 * @portid: of the netlink socket by which the maker gave its last order, in the
 *	    network namespace that the device was made in; 0 for none. Under the
 *	    lock of the list.
 * @net_cookie: of the network namespace that it was made in
 * @ifindex: index that it was made with
 * @name: name that it was made with
 */
struct ovpn_origin {
	struct list_head all;
	struct pid *maker;
	u32 portid;
	u64 net_cookie;
	int ifindex;
	char name[IFNAMSIZ];
};

int ovpn_origin_init(void);
void ovpn_origin_exit(void);
void ovpn_origin_record(struct ovpn_dev *ovpn);
void ovpn_origin_forget(struct ovpn_dev *ovpn);
void ovpn_origin_share(struct ovpn_dev *ovpn);
struct ovpn_dev *ovpn_origin_get(const struct sk_buff *request,
				 int ifindex, const struct ovpn_door *door);
int ovpn_origin_index(const struct ovpn_dev *ovpn, const struct net *net);

#endif /* _OVPN_ORIGIN_H_ */
