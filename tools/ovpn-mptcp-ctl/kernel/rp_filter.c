// SPDX-License-Identifier: GPL-2.0-or-later
/* The reverse path filter of IPv4, by rtnetlink. */

#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "kernel/rp_filter.h"

static void on_netconf(const struct nlmsghdr *message, void *arg)
{
	struct nlattr *tb[NETCONFA_MAX + 1];
	uint32_t *value = arg;

	if (message->nlmsg_type == RTM_NEWNETCONF &&
	    nlmsg_parse((struct nlmsghdr *)message, sizeof(struct netconfmsg),
			tb, NETCONFA_MAX, NULL) >= 0 && tb[NETCONFA_RP_FILTER])
		*value = nla_get_u32(tb[NETCONFA_RP_FILTER]);
}

int rp_filter_all(struct netlink *nl, uint32_t *value)
{
	struct netconfmsg header = { .ncm_family = AF_INET };
	struct nl_msg *msg = netlink_request(RTM_GETNETCONF, 0);

	netlink_add_header(msg, &header, sizeof(header));
	netlink_add_u32(msg, NETCONFA_IFINDEX,
			(uint32_t)NETCONFA_IFINDEX_ALL);
	return netlink_talk(nl, msg, on_netconf, value);
}

int rp_filter_set(struct netlink *nl, int index, uint32_t value)
{
	struct ifinfomsg info = {
		.ifi_family = AF_UNSPEC, .ifi_index = index,
	};
	struct nl_msg *msg = netlink_request(RTM_NEWLINK, 0);
	struct nlattr *families, *family, *values;

	netlink_add_header(msg, &info, sizeof(info));
	families = netlink_nest(msg, IFLA_AF_SPEC);
	family = netlink_nest(msg, AF_INET);
	values = netlink_nest(msg, IFLA_INET_CONF);
	netlink_add_u32(msg, IPV4_DEVCONF_RP_FILTER, value);
	nla_nest_end(msg, values);
	nla_nest_end(msg, family);
	nla_nest_end(msg, families);
	return netlink_talk(nl, msg, NULL, NULL);
}
