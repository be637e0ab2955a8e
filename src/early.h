/* SPDX-License-Identifier: GPL-2.0 */
/* Data packets that came before their key. */
#ifndef _OVPN_EARLY_H_
#define _OVPN_EARLY_H_

#include <linux/skbuff.h>
#include <linux/workqueue.h>

struct ovpn_drops;

/**
 * struct ovpn_early - packets, still encrypted, whose key is not known yet
 * @packets: from the opcode on, in the order they came; the lock of the list
 *	     protects it and @bytes
 * @bytes: in @packets
 * @expire: drops what waited too long
 * @drops: counters for what is dropped here
 */
struct ovpn_early {
	struct sk_buff_head packets;
	unsigned int bytes;
	struct delayed_work expire;
	struct ovpn_drops *drops;
};

void ovpn_early_init(struct ovpn_early *early, struct ovpn_drops *drops);
bool ovpn_early_put(struct ovpn_early *early, const u8 *packet,
		    unsigned int len);
struct sk_buff *ovpn_early_take(struct ovpn_early *early, u8 key_id);
int ovpn_early_key_id(struct ovpn_early *early);
void ovpn_early_stop(struct ovpn_early *early);

/* whether any packet waits; without the lock: a hint */
static inline bool ovpn_early_waits(const struct ovpn_early *early)
{
	return !skb_queue_empty_lockless(&early->packets);
}

#endif /* _OVPN_EARLY_H_ */
