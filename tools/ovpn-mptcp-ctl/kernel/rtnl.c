// SPDX-License-Identifier: GPL-2.0-or-later
/* The device of a tunnel, its addresses and routes: changes by rtnetlink. */

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "kernel/rtnl.h"
#include "uapi/linux/ovpn_dco_mptcp.h"

static size_t ip_size(const struct address *address)
{
	return address->family == AF_INET6 ? 16 : 4;
}

int rtnl_device_add(struct netlink *nl, const char *name, const uint8_t *mode)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct nl_msg *msg = netlink_request(RTM_NEWLINK,
					     NLM_F_CREATE | NLM_F_EXCL);
	struct nlattr *nest, *data;

	netlink_add_header(msg, &info, sizeof(info));
	netlink_add(msg, IFLA_IFNAME, name, strlen(name) + 1);
	nest = netlink_nest(msg, IFLA_LINKINFO);
	netlink_add(msg, IFLA_INFO_KIND, OVPN_MPTCP_NAME,
		    strlen(OVPN_MPTCP_NAME));
	if (mode) {
		data = netlink_nest(msg, IFLA_INFO_DATA);
		netlink_add(msg, OVPN_MPTCP_IFLA_MODE, mode, sizeof(*mode));
		nla_nest_end(msg, data);
	}
	nla_nest_end(msg, nest);
	return netlink_talk(nl, msg, NULL, NULL);
}

int rtnl_device_alias(struct netlink *nl, int ifindex, const char *alias)
{
	struct ifinfomsg info = {
		.ifi_family = AF_UNSPEC, .ifi_index = ifindex,
	};
	struct nl_msg *msg = netlink_request(RTM_NEWLINK, 0);

	netlink_add_header(msg, &info, sizeof(info));
	netlink_add(msg, IFLA_IFALIAS, alias, strlen(alias));
	return netlink_talk(nl, msg, NULL, NULL);
}

int rtnl_device_del(struct netlink *nl, int ifindex)
{
	struct ifinfomsg info = {
		.ifi_family = AF_UNSPEC, .ifi_index = ifindex,
	};
	struct nl_msg *msg = netlink_request(RTM_DELLINK, 0);

	netlink_add_header(msg, &info, sizeof(info));
	return netlink_talk(nl, msg, NULL, NULL);
}

int rtnl_device_up(struct netlink *nl, int ifindex, uint32_t mtu)
{
	struct ifinfomsg info = {
		.ifi_family = AF_UNSPEC, .ifi_index = ifindex,
		.ifi_flags = IFF_UP, .ifi_change = IFF_UP,
	};
	struct nl_msg *msg = netlink_request(RTM_NEWLINK, 0);

	netlink_add_header(msg, &info, sizeof(info));
	netlink_add_u32(msg, IFLA_MTU, mtu);
	return netlink_talk(nl, msg, NULL, NULL);
}

static int change_address(struct netlink *nl, int ifindex,
			  const struct prefix *prefix, int type,
			  int flags)
{
	const struct address *address = &prefix->address;
	struct ifaddrmsg info = {
		.ifa_family = address->family, .ifa_prefixlen = prefix->length,
		.ifa_index = ifindex,
		/* the link has no other host that could have it */
		.ifa_flags = IFA_F_NODAD,
	};
	struct nl_msg *msg = netlink_request(type, flags);

	netlink_add_header(msg, &info, sizeof(info));
	netlink_add(msg, IFA_LOCAL, address->ip, ip_size(address));
	netlink_add(msg, IFA_ADDRESS, address->ip, ip_size(address));
	return netlink_talk(nl, msg, NULL, NULL);
}

int rtnl_address_add(struct netlink *nl, int ifindex,
		     const struct prefix *prefix)
{
	return change_address(nl, ifindex, prefix, RTM_NEWADDR,
			      NLM_F_CREATE | NLM_F_EXCL);
}

int rtnl_address_del(struct netlink *nl, int ifindex,
		     const struct prefix *prefix)
{
	return change_address(nl, ifindex, prefix, RTM_DELADDR, 0);
}

static int change_route(struct netlink *nl, int ifindex,
			const struct prefix *prefix, int type, int flags)
{
	const struct address *address = &prefix->address;
	struct rtmsg info = {
		.rtm_family = address->family, .rtm_dst_len = prefix->length,
		.rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_STATIC,
		.rtm_scope = address->family == AF_INET6 ? RT_SCOPE_UNIVERSE :
							   RT_SCOPE_LINK,
		.rtm_type = RTN_UNICAST,
	};
	struct nl_msg *msg = netlink_request(type, flags);

	netlink_add_header(msg, &info, sizeof(info));
	netlink_add(msg, RTA_DST, address->ip, ip_size(address));
	netlink_add_u32(msg, RTA_OIF, ifindex);
	if (prefix->metric)
		netlink_add_u32(msg, RTA_PRIORITY, prefix->metric);
	return netlink_talk(nl, msg, NULL, NULL);
}

int rtnl_route_add(struct netlink *nl, int ifindex,
		   const struct prefix *prefix)
{
	return change_route(nl, ifindex, prefix, RTM_NEWROUTE,
			    NLM_F_CREATE | NLM_F_EXCL);
}

int rtnl_route_del(struct netlink *nl, int ifindex,
		   const struct prefix *prefix)
{
	return change_route(nl, ifindex, prefix, RTM_DELROUTE, 0);
}

uint32_t rtnl_route_metric(const struct prefix *prefix)
{
	/* the kernel takes 0 for a wish of its own in IPv6: IP6_RT_PRIO_USER */
	if (!prefix->metric && prefix->address.family == AF_INET6)
		return 1024;
	return prefix->metric;
}

/* @flags: RTM_F_FIB_MATCH asks for the entry of the table */
static int find_route(struct netlink *nl, const struct rtnl_flow *flow,
		      unsigned int flags, netlink_handler handler, void *arg)
{
	const struct address *to = flow->to, *from = flow->from;
	struct rtmsg info = {
		.rtm_family = to->family, .rtm_dst_len = ip_size(to) * 8,
		.rtm_flags = flags,
	};
	struct nl_msg *msg = netlink_request(RTM_GETROUTE, 0);

	if (from)
		info.rtm_src_len = ip_size(from) * 8;
	netlink_add_header(msg, &info, sizeof(info));
	netlink_add(msg, RTA_DST, to->ip, ip_size(to));
	if (from)
		netlink_add(msg, RTA_SRC, from->ip, ip_size(from));
	if (flow->mark)
		netlink_add_u32(msg, RTA_MARK, flow->mark);
	return netlink_talk(nl, msg, handler, arg);
}

static bool parse_route(const struct nlmsghdr *message, struct nlattr **tb)
{
	return message->nlmsg_type == RTM_NEWROUTE &&
	       nlmsg_parse((struct nlmsghdr *)message, sizeof(struct rtmsg), tb,
			   RTA_MAX, NULL) >= 0;
}

static void on_entry(const struct nlmsghdr *message, void *arg)
{
	const struct rtmsg *info = nlmsg_data(message);
	struct nlattr *tb[RTA_MAX + 1];
	struct rtnl_route *route = arg;

	if (!parse_route(message, tb))
		return;
	route->table = tb[RTA_TABLE] ? nla_get_u32(tb[RTA_TABLE]) :
				       info->rtm_table;
	route->length = info->rtm_dst_len;
	route->metric = tb[RTA_PRIORITY] ? nla_get_u32(tb[RTA_PRIORITY]) : 0;
}

int rtnl_route_entry(struct netlink *nl, const struct rtnl_flow *flow,
		     struct rtnl_route *route)
{
	memset(route, 0, sizeof(*route));
	return find_route(nl, flow, RTM_F_FIB_MATCH, on_entry, route);
}

static void on_route(const struct nlmsghdr *message, void *arg)
{
	struct nlattr *tb[RTA_MAX + 1];
	int *ifindex = arg;

	if (parse_route(message, tb) && tb[RTA_OIF])
		*ifindex = (int)nla_get_u32(tb[RTA_OIF]);
}

int rtnl_route_find(struct netlink *nl, const struct rtnl_flow *flow,
		    int *ifindex)
{
	*ifindex = 0;
	return find_route(nl, flow, 0, on_route, ifindex);
}
