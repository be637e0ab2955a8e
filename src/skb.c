// SPDX-License-Identifier: GPL-2.0
/* Memory for packets, always in one piece, and what is in them. */
#include <linux/ip.h>
#include <linux/ipv6.h>

#include "skb.h"

/* the largest part of the pages that the allocator of fragments takes */
#define PAGE_PART_MAX		(16 * 1024)

/**
 * ovpn_skb_new - an empty skb
 * @headroom: bytes before the data
 * @len: room for so many bytes, and OVPN_TAG_LEN more, see
 *	 ovpn_aead_encrypt()
 *
 * An IP packet behind OVPN_DATA_OVERHEAD is aligned as IP likes it. Process
 * context, may sleep.
 *
 * Return: the skb, or NULL
 */
struct sk_buff *ovpn_skb_new(unsigned int headroom, unsigned int len)
{
	struct sk_buff *skb;

	headroom = ALIGN(headroom, sizeof(u32));
	skb = alloc_skb(headroom + len + OVPN_TAG_LEN, GFP_KERNEL);
	if (likely(skb))
		skb_reserve(skb, headroom);
	return skb;
}

/**
 * ovpn_skb_new_page - an empty skb whose data can be joined to others'
 * @headroom: as for ovpn_skb_new()
 * @len: as for ovpn_skb_new()
 *
 * The memory is a part of a page, if that is to be had: GRO and
 * skb_try_coalesce() put many of them together without a copy. Process context,
 * may sleep.
 *
 * Return: the skb, or NULL
 */
struct sk_buff *ovpn_skb_new_page(unsigned int headroom, unsigned int len)
{
	unsigned int size;
	struct sk_buff *skb;
	void *data;

	headroom = ALIGN(headroom, sizeof(u32));
	size = SKB_DATA_ALIGN(headroom + len + OVPN_TAG_LEN) +
	       SKB_DATA_ALIGN(sizeof(struct skb_shared_info));
	if (unlikely(size > PAGE_PART_MAX))
		return ovpn_skb_new(headroom, len);

	local_bh_disable();
	data = napi_alloc_frag(size);
	skb = data ? napi_build_skb(data, size) : NULL;
	local_bh_enable();
	if (unlikely(!skb)) {
		if (data)
			skb_free_frag(data);
		return ovpn_skb_new(headroom, len);
	}
	skb_reserve(skb, headroom);
	return skb;
}

/**
 * ovpn_skb_is_ip - look at the header of a packet
 * @skb: from its network header on
 *
 * Makes the header linear.
 *
 * Return: whether it is what skb->protocol says: IPv4 or IPv6
 */
bool ovpn_skb_is_ip(struct sk_buff *skb)
{
	switch (skb->protocol) {
	case htons(ETH_P_IP):
		return pskb_network_may_pull(skb, sizeof(struct iphdr)) &&
		       ip_hdr(skb)->version == 4;
	case htons(ETH_P_IPV6):
		return pskb_network_may_pull(skb, sizeof(struct ipv6hdr)) &&
		       ipv6_hdr(skb)->version == 6;
	default:
		return false;
	}
}
