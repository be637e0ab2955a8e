/* SPDX-License-Identifier: GPL-2.0 */
/* Memory that a device lends to packets that are not authenticated yet. */
#ifndef _OVPN_BUDGET_H_
#define _OVPN_BUDGET_H_

#include <linux/atomic.h>
#include <linux/sizes.h>
#include <linux/types.h>

/* of a device: datagrams that wait to be decrypted, and packets of all kinds that
 * wait for their key
 */
#define OVPN_BUDGET_BYTES	SZ_16M

/**
 * struct ovpn_budget - how much of it is in use
 * @used: bytes
 */
struct ovpn_budget {
	atomic_t used;
};

/**
 * ovpn_budget_take - memory for one more packet
 * @budget: of the device
 * @has: bytes that the list has which the packet is to enter
 * @bytes: of the packet
 *
 * A list gets a third of what is free at most, so a quarter of all when it is the
 * only one: the more there are, the less has each, and there is always room for
 * another one. CPUs that ask at the same moment may get a packet each too many.
 * Any context.
 *
 * Return: false if there is none
 */
static inline bool ovpn_budget_take(struct ovpn_budget *budget,
				    unsigned int has, unsigned int bytes)
{
	int left = OVPN_BUDGET_BYTES - atomic_read(&budget->used);

	if (left < 0 || has + bytes > left / 3)
		return false;
	atomic_add(bytes, &budget->used);
	return true;
}

/**
 * ovpn_budget_give - the memory is free again
 * @budget: of the device
 * @bytes: from ovpn_budget_take()
 */
static inline void ovpn_budget_give(struct ovpn_budget *budget,
				    unsigned int bytes)
{
	atomic_sub(bytes, &budget->used);
}

#endif /* _OVPN_BUDGET_H_ */
