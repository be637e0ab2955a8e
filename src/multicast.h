/* SPDX-License-Identifier: GPL-2.0 */
/* Packets for all peers of a multi-peer device: multicast and broadcast. */
#ifndef _OVPN_MULTICAST_H_
#define _OVPN_MULTICAST_H_

#include <linux/atomic.h>
#include <linux/skbuff.h>
#include <linux/workqueue.h>

struct ovpn_dev;

/**
 * struct ovpn_multicast - what waits to be copied to the peers of a device
 * @waiting: packets, a bounded number
 * @missed: how many found no room in @waiting since it was last looked at
 * @work: copies; it has no reference to the device, which stops it first
 */
struct ovpn_multicast {
	struct sk_buff_head waiting;
	atomic_t missed;
	struct work_struct work;
};

void ovpn_multicast_init(struct ovpn_dev *ovpn);
void ovpn_multicast_stop(struct ovpn_dev *ovpn);
bool ovpn_multicast_put(struct ovpn_dev *ovpn, struct sk_buff *skb);

#endif /* _OVPN_MULTICAST_H_ */
