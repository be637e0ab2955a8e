/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel says that it accepts: CTRL_CMD_GETPOLICY. */
#ifndef POLICY_H
#define POLICY_H

#include <stdint.h>

struct nlattr;

#define POLICY_MAX	64
#define POLICY_ATTRS	40

/**
 * struct attr_policy - what is accepted for an attribute
 * @type: enum netlink_attribute_type; 0 for one that the kernel does not tell
 * @min: of an integer
 * @max: of an integer
 * @min_len: of anything else
 * @max_len: of anything else
 * @nest: the policy of what is inside, -1 for none
 */
struct attr_policy {
	int type;
	uint64_t min, max;
	uint32_t min_len, max_len;
	int nest;
};

struct policy {
	struct attr_policy attrs[POLICY_ATTRS];
};

/* One message of the answer has one attribute of one policy, by their numbers. */
void policy_learn(struct policy *policies, struct nlattr *answer);
/* How long an integer is; 0 for anything else. */
unsigned int policy_integer(const struct attr_policy *attr);

#endif
