/* SPDX-License-Identifier: GPL-2.0 */
/* Whether a peer may send from an address. */
#ifndef _OVPN_SOURCE_H_
#define _OVPN_SOURCE_H_

#include <linux/skbuff.h>

struct ovpn_peer;

bool ovpn_source_ok(struct ovpn_peer *peer, struct sk_buff *skb);

#endif /* _OVPN_SOURCE_H_ */
