/* SPDX-License-Identifier: GPL-2.0 */
/* TCP segments that become one packet while they are decrypted. */
#ifndef _OVPN_JOIN_H_
#define _OVPN_JOIN_H_

#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "follow.h"
#include "pool.h"
#include "proto.h"

/* what decryption spoils before the payload of a segment: its headers */
#define OVPN_JOIN_LEAD		(OVPN_AAD_LEN + OVPN_FOLLOW_HEAD_MAX)

/**
 * struct ovpn_join - the packet at the end of a batch, which may grow
 * @skb: the packet, which the list of the batch owns; NULL if there is none
 * @follow: what the next segment must be like
 * @segments: in @skb
 * @longest: @skb gets no longer
 * @pages: memory for payload; NULL before it is needed
 * @frag: the piece of it where the segment at hand is
 * @at: where the payload of the segment at hand begins in @frag
 * @new_part: it does not go on where @skb ends
 * @saved: what was there before
 */
struct ovpn_join {
	struct sk_buff *skb;
	struct ovpn_follow follow;
	unsigned int segments;
	unsigned int longest;
	struct ovpn_pages *pages;
	struct page_frag *frag;
	unsigned int at;
	bool new_part;
	u8 saved[OVPN_JOIN_LEAD];
};

void ovpn_join_init(struct ovpn_join *join, const struct net_device *dev);
void ovpn_join_begin(struct ovpn_join *join, struct sk_buff *skb);
u8 *ovpn_join_place(struct ovpn_join *join, unsigned int len);
bool ovpn_join_add(struct ovpn_join *join, unsigned int len);
void ovpn_join_cancel(struct ovpn_join *join);
void ovpn_join_close(struct ovpn_join *join);
void ovpn_join_end(struct ovpn_join *join);

#endif /* _OVPN_JOIN_H_ */
