/* SPDX-License-Identifier: GPL-2.0 */
/* Buffers that one worker leaves for the next, so that idle peers hold none. */
#ifndef _OVPN_POOL_H_
#define _OVPN_POOL_H_

#include <linux/mm_types.h>
#include <linux/skbuff.h>

/* a record of any length fits behind the rest of another one */
#define OVPN_POOL_BUF		(128 * 1024)

#define OVPN_POOL_PAGES		8

/**
 * struct ovpn_pages - memory for payload, which those who read it give back
 * @frags: the next piece is used when one is full; by then its readers may be done
 *	   with what it held, and it is used again
 * @at: index of the one in use
 */
struct ovpn_pages {
	struct page_frag frags[OVPN_POOL_PAGES];
	unsigned int at;
};

u8 *ovpn_pool_get_buf(void);
void ovpn_pool_put_buf(u8 *buf);
void ovpn_pool_get_records(struct sk_buff_head *records);
void ovpn_pool_put_records(struct sk_buff_head *records);
struct ovpn_pages *ovpn_pool_get_pages(void);
void ovpn_pool_put_pages(struct ovpn_pages *pages);
struct page_frag *ovpn_pages_refill(struct ovpn_pages *pages, unsigned int len);
int ovpn_pool_init(void);
void ovpn_pool_exit(void);

#endif /* _OVPN_POOL_H_ */
