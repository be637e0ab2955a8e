// SPDX-License-Identifier: GPL-2.0
/*
 * Packets are copied once, straight into the record that will carry them, and
 * get their checksum on the way. What TCP sends is cut there, too, with the
 * kernel's helpers for drivers whose hardware cannot: no buffer is made for a
 * segment. All else that is larger than the MTU is cut by the stack.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/checksum.h>
#include <net/ip6_checksum.h>

#include "compat.h"
#include "segment.h"
#include "skb.h"

/**
 * ovpn_segmenter_init - nothing to take apart
 * @seg: of a new peer
 */
void ovpn_segmenter_init(struct ovpn_segmenter *seg)
{
	seg->skb = NULL;
	__skb_queue_head_init(&seg->list);
}

/* TCP right behind IP. Other types ask for more: a tunnel inside, ECN's mark on
 * the first segment only, lengths that were never verified.
 */
static bool tso_fits(const struct sk_buff *skb)
{
	const unsigned int simple = SKB_GSO_TCPV4 | SKB_GSO_TCPV6 |
				    SKB_GSO_TCP_FIXEDID;
	const struct skb_shared_info *shared = skb_shinfo(skb);
	const struct sk_buff *part;

	if (shared->gso_type & ~simple || skb->ip_summed != CHECKSUM_PARTIAL ||
	    skb->encapsulation || skb_network_offset(skb) ||
	    !skb_transport_header_was_set(skb) ||
	    skb_transport_offset(skb) + sizeof(struct tcphdr) >
	    skb_headlen(skb) ||
	    skb_transport_offset(skb) + tcp_hdrlen(skb) > skb_headlen(skb))
		return false;
	skb_walk_frags(skb, part)
		if (skb_has_frag_list(part))
			return false;
	if (shared->gso_type & SKB_GSO_TCPV4)
		return skb_transport_offset(skb) == ip_hdrlen(skb);
	return skb_transport_offset(skb) == sizeof(struct ipv6hdr) &&
	       ipv6_hdr(skb)->nexthdr == IPPROTO_TCP;
}

/* Goes on @size bytes later, of those at hand. Where GRO has put a packet
 * together, there may be a list of further ones behind its own pages.
 */
static void advance(struct ovpn_segmenter *seg, unsigned int size)
{
	struct tso_t *tso = &seg->tso;
	struct sk_buff *next;

	tso_build_data(seg->part, tso, size);
	while (unlikely(!tso->size)) {
		if (tso->next_frag_idx < skb_shinfo(seg->part)->nr_frags) {
			tso_build_data(seg->part, tso, 0);
			continue;
		}
		next = seg->part == seg->skb ? skb_shinfo(seg->skb)->frag_list :
					       seg->part->next;
		if (!next)
			return;
		seg->part = next;
		tso->next_frag_idx = 0;
		tso->data = next->data;
		tso->size = skb_headlen(next);
	}
}

/* the headers of the next segment, of @size bytes */
static void put_headers(struct ovpn_segmenter *seg, u8 *to, unsigned int size)
{
	tso_build_hdr(seg->skb, to, &seg->tso, size, size == seg->left);
	/* Some senders give one id to all packets that must not be fragmented
	 * (RFC 6864, section 4.1).
	 */
	if (skb_shinfo(seg->skb)->gso_type & SKB_GSO_TCP_FIXEDID)
		seg->tso.ip_id--;
}

/* leaves out what was to be dropped of a packet */
static void skip_segments(struct ovpn_segmenter *seg, unsigned int count)
{
	/* the longest headers that tso_fits() lets through */
	u8 headers[60 + 60];

	while (count-- && seg->left > skb_shinfo(seg->skb)->gso_size) {
		unsigned int size = skb_shinfo(seg->skb)->gso_size;

		/* the sequence number of the next one */
		put_headers(seg, headers, size);
		seg->left -= size;
		while (size) {
			unsigned int part = min_t(unsigned int, seg->tso.size,
						  size);

			advance(seg, part);
			size -= part;
		}
	}
}

/**
 * ovpn_segmenter_load - begin to take a packet apart
 * @seg: with nothing in it
 * @skb: the packet, from its IP header on; consumed, whatever happens
 *
 * Return: 0, or an errno if it cannot be cut
 */
int ovpn_segmenter_load(struct ovpn_segmenter *seg, struct sk_buff *skb)
{
	unsigned int skip = ovpn_skb_cb(skb)->skip;
	struct sk_buff *segs, *next;

	if (!skb_is_gso(skb)) {
		seg->skb = skb;
		seg->head = 0;
		seg->left = skb->len;
		return 0;
	}
	if (likely(tso_fits(skb))) {
		seg->skb = skb;
		seg->part = skb;
		seg->head = tso_start(skb, &seg->tso);
		advance(seg, 0);
		seg->left = skb->len - seg->head;
		skip_segments(seg, skip);
		return 0;
	}
	segs = skb_gso_segment(skb, NETIF_F_SG);
	if (IS_ERR_OR_NULL(segs)) {
		kfree_skb(skb);
		return segs ? PTR_ERR(segs) : -EINVAL;
	}
	consume_skb(skb);
	skb_list_walk_safe(segs, skb, next) {
		skb_mark_not_on_list(skb);
		if (skip && next) {
			skip--;
			kfree_skb(skb);
			continue;
		}
		__skb_queue_tail(&seg->list, skb);
	}
	return 0;
}

static unsigned int payload(const struct ovpn_segmenter *seg)
{
	if (!seg->head)
		return seg->left;
	return min_t(unsigned int, seg->left, skb_shinfo(seg->skb)->gso_size);
}

/**
 * ovpn_segmenter_next - look at the next packet
 * @seg: the segmenter
 *
 * Return: its length in bytes; 0 when the next one must be loaded first
 */
unsigned int ovpn_segmenter_next(struct ovpn_segmenter *seg)
{
	if (!seg->skb) {
		seg->skb = __skb_dequeue(&seg->list);
		if (!seg->skb)
			return 0;
		seg->head = 0;
		seg->left = seg->skb->len;
	}
	return seg->head + payload(seg);
}

/* the checksums of IP and TCP; @sum is that of the payload */
static void fill_checksums(const struct ovpn_segmenter *seg, u8 *to,
			   unsigned int size, __wsum sum)
{
	unsigned int length = seg->tso.tlen + size;
	struct tcphdr *tcp = (void *)(to + seg->head - seg->tso.tlen);
	struct ipv6hdr *ip6 = (void *)to;
	struct iphdr *ip = (void *)to;

	tcp->check = 0;
	sum = csum_partial(tcp, seg->tso.tlen, sum);
	if (seg->tso.ipv6) {
		tcp->check = csum_ipv6_magic(&ip6->saddr, &ip6->daddr, length,
					     IPPROTO_TCP, sum);
		return;
	}
	tcp->check = csum_tcpudp_magic(ip->saddr, ip->daddr, length,
				       IPPROTO_TCP, sum);
	ip->check = 0;
	ip->check = ip_fast_csum(ip, ip->ihl);
}

static void copy_segment(struct ovpn_segmenter *seg, u8 *to)
{
	unsigned int size = payload(seg), done = 0;
	__wsum sum = 0;

	put_headers(seg, to, size);
	while (done < size) {
		unsigned int part = min_t(unsigned int, seg->tso.size,
					  size - done);
		__wsum more;

		more = csum_partial_copy_nocheck(seg->tso.data,
						 to + seg->head + done, part);
		sum = csum_block_add(sum, more, done);
		advance(seg, part);
		done += part;
	}
	fill_checksums(seg, to, size, sum);
	seg->left -= size;
}

/* 0, or -EINVAL if what is to be summed is not in the packet */
static int copy_whole(const struct sk_buff *skb, u8 *to)
{
	int start = skb_checksum_start_offset(skb);
	__sum16 *check = (__sum16 *)(to + start + skb->csum_offset);

	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return skb_copy_bits(skb, 0, to, skb->len) ? -EINVAL : 0;
	if (unlikely(start < 0 || start > skb_headlen(skb) ||
		     start + skb->csum_offset + sizeof(*check) > skb->len))
		return -EINVAL;
	skb_copy_and_csum_dev(skb, to);
	/* none at all, UDP would say */
	if (unlikely(!*check))
		*check = CSUM_MANGLED_0;
	return 0;
}

/**
 * ovpn_segmenter_copy - take the next packet out
 * @seg: the segmenter; ovpn_segmenter_next() has said that there is one
 * @to: where to; room for that length
 *
 * All checksums are in it. Process context.
 *
 * Return: 0, or -EINVAL if the packet is malformed; then it is gone, too
 */
int ovpn_segmenter_copy(struct ovpn_segmenter *seg, u8 *to)
{
	struct sk_buff *skb = seg->skb;
	int err = 0;

	if (seg->head) {
		copy_segment(seg, to);
		if (seg->left)
			return 0;
	} else {
		err = copy_whole(skb, to);
	}
	seg->skb = NULL;
	consume_skb(skb);
	return err;
}

/**
 * ovpn_segmenter_drop - drop what is left of the packet at hand
 * @seg: the segmenter, may be empty
 *
 * Packets that the stack has cut already stay.
 *
 * Return: number of packets that it would have become
 */
unsigned int ovpn_segmenter_drop(struct ovpn_segmenter *seg)
{
	unsigned int packets;

	if (!seg->skb)
		return 0;
	packets = seg->head ?
		  DIV_ROUND_UP(seg->left, skb_shinfo(seg->skb)->gso_size) : 1;
	kfree_skb(seg->skb);
	seg->skb = NULL;
	return packets;
}

/**
 * ovpn_segmenter_purge - drop everything
 * @seg: the segmenter; no worker uses it
 *
 * Return: number of packets
 */
unsigned int ovpn_segmenter_purge(struct ovpn_segmenter *seg)
{
	unsigned int packets = ovpn_segmenter_drop(seg) +
			       skb_queue_len(&seg->list);

	__skb_queue_purge(&seg->list);
	return packets;
}
