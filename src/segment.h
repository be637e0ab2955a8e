/* SPDX-License-Identifier: GPL-2.0 */
/* From packets of the stack to packets that fit into a record each. */
#ifndef _OVPN_SEGMENT_H_
#define _OVPN_SEGMENT_H_

#include <linux/skbuff.h>
#include <net/tso.h>

/**
 * struct ovpn_segmenter - a packet of the stack that is being taken apart
 * @skb: the packet, or NULL; belongs to this
 * @list: packets that the stack made of one that only the stack can take apart
 * @part: of @skb: itself, or that of its list, in which the next segment begins;
 *	  TCP only
 * @tso: where the next segment of @skb begins
 * @head: bytes of the headers of each segment; 0: @skb is one packet
 * @left: bytes of @skb that are not copied yet, without headers
 *
 * Only the transmit worker of the peer touches it while that may run.
 */
struct ovpn_segmenter {
	struct sk_buff *skb;
	struct sk_buff *part;
	struct sk_buff_head list;
	struct tso_t tso;
	unsigned int head;
	unsigned int left;
};

void ovpn_segmenter_init(struct ovpn_segmenter *seg);
int ovpn_segmenter_load(struct ovpn_segmenter *seg, struct sk_buff *skb);
unsigned int ovpn_segmenter_next(struct ovpn_segmenter *seg);
int ovpn_segmenter_copy(struct ovpn_segmenter *seg, u8 *to);
unsigned int ovpn_segmenter_drop(struct ovpn_segmenter *seg);
unsigned int ovpn_segmenter_purge(struct ovpn_segmenter *seg);

#endif /* _OVPN_SEGMENT_H_ */
