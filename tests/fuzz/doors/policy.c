// SPDX-License-Identifier: GPL-2.0
#include <linux/netlink.h>
#include <netlink/attr.h>

#include "policy.h"

static void learn_attr(struct attr_policy *attr, struct nlattr *said)
{
	struct nlattr *tb[NL_POLICY_TYPE_ATTR_MAX + 1];

	if (nla_parse_nested(tb, NL_POLICY_TYPE_ATTR_MAX, said, NULL) ||
	    !tb[NL_POLICY_TYPE_ATTR_TYPE])
		return;
	attr->type = nla_get_u32(tb[NL_POLICY_TYPE_ATTR_TYPE]);
	attr->nest = -1;
	attr->max = ~0ULL;
	attr->max_len = 64;
	if (tb[NL_POLICY_TYPE_ATTR_MIN_VALUE_U])
		attr->min = nla_get_u64(tb[NL_POLICY_TYPE_ATTR_MIN_VALUE_U]);
	if (tb[NL_POLICY_TYPE_ATTR_MAX_VALUE_U])
		attr->max = nla_get_u64(tb[NL_POLICY_TYPE_ATTR_MAX_VALUE_U]);
	if (tb[NL_POLICY_TYPE_ATTR_MIN_LENGTH])
		attr->min_len = nla_get_u32(tb[NL_POLICY_TYPE_ATTR_MIN_LENGTH]);
	if (tb[NL_POLICY_TYPE_ATTR_MAX_LENGTH])
		attr->max_len = nla_get_u32(tb[NL_POLICY_TYPE_ATTR_MAX_LENGTH]);
	if (tb[NL_POLICY_TYPE_ATTR_POLICY_IDX] &&
	    nla_get_u32(tb[NL_POLICY_TYPE_ATTR_POLICY_IDX]) < POLICY_MAX)
		attr->nest = nla_get_u32(tb[NL_POLICY_TYPE_ATTR_POLICY_IDX]);
}

void policy_learn(struct policy *policies, struct nlattr *answer)
{
	struct nlattr *policy, *attr;
	int rem, rem_attr;

	nla_for_each_nested(policy, answer, rem) {
		if (nla_type(policy) >= POLICY_MAX)
			continue;
		nla_for_each_nested(attr, policy, rem_attr) {
			if (nla_type(attr) < POLICY_ATTRS)
				learn_attr(&policies[nla_type(policy)].attrs[nla_type(attr)], attr);
		}
	}
}

unsigned int policy_integer(const struct attr_policy *attr)
{
	switch (attr->type) {
	case NL_ATTR_TYPE_U8:
	case NL_ATTR_TYPE_S8:
		return 1;
	case NL_ATTR_TYPE_U16:
	case NL_ATTR_TYPE_S16:
		return 2;
	case NL_ATTR_TYPE_U32:
	case NL_ATTR_TYPE_S32:
		return 4;
	case NL_ATTR_TYPE_U64:
	case NL_ATTR_TYPE_S64:
		return 8;
	default:
		return 0;
	}
}
