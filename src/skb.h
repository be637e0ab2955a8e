/* SPDX-License-Identifier: GPL-2.0 */
/* What the module keeps in an skb, and how it allocates one. */
#ifndef _OVPN_SKB_H_
#define _OVPN_SKB_H_

#include <linux/skbuff.h>

#include "proto.h"

/**
 * struct ovpn_skb_cb - our part of skb->cb
 * @queued: when a packet entered the plaintext queue, in CoDel's time, or began to
 *	    wait for its key, in jiffies
 * @skip: of what TCP made in one piece, so many segments are not sent
 * @ping: a keepalive, which is not counted as inner traffic
 * @scope: a received datagram: interface of a link-local sender
 * @data: a transmit record: a data packet, not a control record of userspace
 */
struct ovpn_skb_cb {
	u32 queued;
	u32 scope;
	u16 skip;
	bool ping;
	bool data;
};

static inline struct ovpn_skb_cb *ovpn_skb_cb(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct ovpn_skb_cb) > sizeof(skb->cb));
	return (struct ovpn_skb_cb *)skb->cb;
}

struct sk_buff *ovpn_skb_new(unsigned int headroom, unsigned int len);
struct sk_buff *ovpn_skb_new_page(unsigned int headroom, unsigned int len);
bool ovpn_skb_is_ip(struct sk_buff *skb);

#endif /* _OVPN_SKB_H_ */
