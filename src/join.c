// SPDX-License-Identifier: GPL-2.0
/*
 * A segment that follows another one is decrypted right behind it, so that its
 * headers are where the end of the payload before was: that is saved, and put back
 * when the headers were looked at. So the payload of many segments is one piece of
 * memory and needs no skb of its own, and GRO finds one large packet instead of many.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/mm.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>

#include "join.h"

/**
 * ovpn_join_init - nothing to follow
 * @join: of a new batch
 * @dev: the tunnel device; with GRO switched off nothing is joined
 */
void ovpn_join_init(struct ovpn_join *join, const struct net_device *dev)
{
	join->skb = NULL;
	join->pages = NULL;
	join->longest = 0;
	if (!netif_elide_gro(dev))
		join->longest = min(READ_ONCE(dev->gro_max_size),
				    GRO_LEGACY_MAX_SIZE - 1);
}

/**
 * ovpn_join_begin - others may follow a packet
 * @join: nothing follows the packet before any more
 * @skb: the last of its batch, linear; the batch keeps it
 */
void ovpn_join_begin(struct ovpn_join *join, struct sk_buff *skb)
{
	ovpn_join_close(join);
	if (!join->longest || skb_is_nonlinear(skb) ||
	    !ovpn_follow_begin(&join->follow, skb->data, skb->len))
		return;
	join->skb = skb;
	join->segments = 1;
}

/* A place for @payload bytes behind the last part of the packet, or a new part: with
 * a lead, because what is before it may have been delivered.
 */
static bool find_room(struct ovpn_join *join, unsigned int payload)
{
	int parts = skb_shinfo(join->skb)->nr_frags;
	struct page_frag *frag;

	if (!join->pages)
		join->pages = ovpn_pool_get_pages();
	if (unlikely(!join->pages))
		return false;
	frag = &join->pages->frags[join->pages->at];
	join->new_part = !frag->page || frag->offset + payload > frag->size ||
			 !skb_can_coalesce(join->skb, parts, frag->page,
					   frag->offset);
	if (join->new_part) {
		if (parts == MAX_SKB_FRAGS)
			return false;
		frag = ovpn_pages_refill(join->pages, OVPN_JOIN_LEAD + payload);
		if (!frag || frag->offset + OVPN_JOIN_LEAD + payload > frag->size)
			return false;
	}
	join->frag = frag;
	join->at = frag->offset + (join->new_part ? OVPN_JOIN_LEAD : 0);
	return true;
}

/**
 * ovpn_join_place - where to decrypt a packet that may follow
 * @join: the packet that may grow
 * @len: bytes of plaintext
 *
 * Either ovpn_join_add() or ovpn_join_cancel() must come next. Process context,
 * may sleep.
 *
 * Return: @len bytes, the OVPN_AAD_LEN before them may be spoiled, too; NULL if no
 * packet of this length can follow
 */
u8 *ovpn_join_place(struct ovpn_join *join, unsigned int len)
{
	unsigned int payload;
	u8 *to;

	if (!join->skb || !join->follow.ip_len || len <= join->follow.head_len)
		return NULL;
	payload = len - join->follow.head_len;
	if (payload > join->follow.size ||
	    join->skb->len + payload > join->longest ||
	    !find_room(join, payload))
		return NULL;

	to = page_address(join->frag->page) + join->at - join->follow.head_len;
	memcpy(join->saved, to - OVPN_AAD_LEN,
	       OVPN_AAD_LEN + join->follow.head_len);
	return to;
}

/**
 * ovpn_join_cancel - what ovpn_join_place() gave is not used any more
 * @join: the packet that may grow
 */
void ovpn_join_cancel(struct ovpn_join *join)
{
	u8 *payload = page_address(join->frag->page) + join->at;
	unsigned int spoiled = OVPN_AAD_LEN + join->follow.head_len;

	memcpy(payload - spoiled, join->saved, spoiled);
}

/**
 * ovpn_join_add - the packet was decrypted; add it, if it follows
 * @join: the packet that may grow
 * @len: as for ovpn_join_place()
 *
 * Return: whether it was added. If not, it is still where it is, and
 * ovpn_join_cancel() must come next.
 */
bool ovpn_join_add(struct ovpn_join *join, unsigned int len)
{
	unsigned int payload = len - join->follow.head_len;
	struct page_frag *frag = join->frag;
	struct sk_buff *skb = join->skb;
	int parts = skb_shinfo(skb)->nr_frags;

	if (!ovpn_follow_next(&join->follow, page_address(frag->page) + join->at -
			      join->follow.head_len, len))
		return false;
	/* the end of the payload before, where the headers were */
	ovpn_join_cancel(join);
	if (join->new_part) {
		get_page(frag->page);
		skb_fill_page_desc(skb, parts, frag->page, join->at, payload);
		skb->truesize += OVPN_JOIN_LEAD;
	} else {
		skb_frag_size_add(&skb_shinfo(skb)->frags[parts - 1], payload);
	}
	frag->offset = join->at + payload;
	skb->len += payload;
	skb->data_len += payload;
	skb->truesize += payload;
	join->segments++;
	return true;
}

/**
 * ovpn_join_close - nothing follows any more
 * @join: the packet that has grown, if there is one
 *
 * Its headers become those of what they now stand before, as GRO makes them.
 */
void ovpn_join_close(struct ovpn_join *join)
{
	struct skb_shared_info *shared;
	struct sk_buff *skb = join->skb;
	unsigned int bytes;
	struct tcphdr *tcp;

	join->skb = NULL;
	if (!skb || join->segments == 1)
		return;
	shared = skb_shinfo(skb);
	skb_set_transport_header(skb, skb->protocol == htons(ETH_P_IP) ?
				 sizeof(struct iphdr) : sizeof(struct ipv6hdr));
	bytes = skb->len - skb_transport_offset(skb);
	tcp = tcp_hdr(skb);
	if (join->follow.push)
		tcp->psh = 1;
	if (skb->protocol == htons(ETH_P_IP)) {
		struct iphdr *ip = ip_hdr(skb);

		ip->tot_len = htons(skb->len);
		ip_send_check(ip);
		tcp->check = ~tcp_v4_check(bytes, ip->saddr, ip->daddr, 0);
		shared->gso_type = SKB_GSO_TCPV4;
	} else {
		struct ipv6hdr *ip = ipv6_hdr(skb);

		ip->payload_len = htons(bytes);
		tcp->check = ~tcp_v6_check(bytes, &ip->saddr, &ip->daddr, 0);
		shared->gso_type = SKB_GSO_TCPV6;
	}
	shared->gso_size = join->follow.size;
	shared->gso_segs = join->segments;
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct tcphdr, check);
}

/**
 * ovpn_join_end - the batch ends
 * @join: its list keeps the packets
 */
void ovpn_join_end(struct ovpn_join *join)
{
	ovpn_join_close(join);
	if (join->pages)
		ovpn_pool_put_pages(join->pages);
	join->pages = NULL;
}
