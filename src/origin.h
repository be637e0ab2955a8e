/* SPDX-License-Identifier: GPL-2.0 */
/* Where a device comes from: the process that made it. */
#ifndef _OVPN_ORIGIN_H_
#define _OVPN_ORIGIN_H_

#include <linux/list.h>

struct ovpn_struct;
struct pid;

/**
 * struct ovpn_origin - where a device comes from
 * @all: in the list of all devices, which is under a lock of its own
 * @maker: the process that the device goes with, with a reference; NULL when it
 *	   goes with none. Under the lock of the list.
 */
struct ovpn_origin {
	struct list_head all;
	struct pid *maker;
};

int ovpn_origin_init(void);
void ovpn_origin_exit(void);
void ovpn_origin_record(struct ovpn_struct *ovpn);
void ovpn_origin_forget(struct ovpn_struct *ovpn);
void ovpn_origin_share(struct ovpn_struct *ovpn);

#endif /* _OVPN_ORIGIN_H_ */
