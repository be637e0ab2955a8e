/* SPDX-License-Identifier: GPL-2.0 */
/* Data packets that came before their key. */
#ifndef _OVPN_EARLY_H_
#define _OVPN_EARLY_H_

#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "proto.h"

struct ovpn_budget;
struct ovpn_drops;

/**
 * struct ovpn_early_list - packets that wait for one key id
 * @packets: from the opcode on, in the order they came; the lock of the list is
 *	     not used
 * @bytes: in @packets
 */
struct ovpn_early_list {
	struct sk_buff_head packets;
	unsigned int bytes;
};

/**
 * struct ovpn_early - packets, still encrypted, whose key is not known yet
 * @lock: protects @lists to @memory; taken with BH disabled
 * @lists: by key id
 * @waiting: a bit for each key id that packets wait for
 * @count: packets in all lists
 * @bytes: in them
 * @memory: that they take, from @budget
 * @expire: drops what waited too long
 * @drops: counters for what is dropped here
 * @budget: of the device
 */
struct ovpn_early {
	spinlock_t lock;
	struct ovpn_early_list lists[OVPN_KEY_ID_MAX + 1];
	unsigned long waiting;
	unsigned int count;
	unsigned int bytes;
	unsigned int memory;
	struct delayed_work expire;
	struct ovpn_drops *drops;
	struct ovpn_budget *budget;
};

void ovpn_early_init(struct ovpn_early *early, struct ovpn_drops *drops,
		     struct ovpn_budget *budget);
bool ovpn_early_put(struct ovpn_early *early, const u8 *packet,
		    unsigned int len);
struct sk_buff *ovpn_early_take(struct ovpn_early *early, u8 key_id);
void ovpn_early_stop(struct ovpn_early *early);

/* a bit for each key id that packets wait for; without the lock: a hint */
static inline unsigned long ovpn_early_waits(const struct ovpn_early *early)
{
	return READ_ONCE(early->waiting);
}

#endif /* _OVPN_EARLY_H_ */
