/* SPDX-License-Identifier: GPL-2.0 */
/* Where received packets enter the stack. */
#ifndef _OVPN_RX_QUEUE_H_
#define _OVPN_RX_QUEUE_H_

#include <linux/netdevice.h>
#include <linux/skbuff.h>

struct ovpn_rx_queues;

struct ovpn_rx_queues *ovpn_rx_queues_new(struct net_device *dev,
					  unsigned int count);
void ovpn_rx_queues_free(struct ovpn_rx_queues *rx);
bool ovpn_rx_queues_put(struct ovpn_rx_queues *rx, u32 peer_id,
			struct sk_buff_head *packets, unsigned int count);

#endif /* _OVPN_RX_QUEUE_H_ */
