/* SPDX-License-Identifier: GPL-2.0 */
/* Buffers that one worker leaves for the next, so that idle peers hold none. */
#ifndef _OVPN_POOL_H_
#define _OVPN_POOL_H_

#include <linux/skbuff.h>

/* a record of any length fits behind the rest of another one */
#define OVPN_POOL_BUF		(128 * 1024)

u8 *ovpn_pool_get_buf(void);
void ovpn_pool_put_buf(u8 *buf);
void ovpn_pool_get_records(struct sk_buff_head *records);
void ovpn_pool_put_records(struct sk_buff_head *records);
int ovpn_pool_init(void);
void ovpn_pool_exit(void);

#endif /* _OVPN_POOL_H_ */
