// SPDX-License-Identifier: GPL-2.0-or-later
/* Interfaces and their addresses, by rtnetlink. */

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/links.h"
#include "kernel/netlink.h"

/* a table that changes while it is read is read again */
#define TRIES 5

static void parse_info(struct device *device, struct nlattr *info)
{
	struct nlattr *tb[IFLA_INFO_MAX + 1], *data[OVPN_MPTCP_IFLA_MAX + 1];

	if (nla_parse_nested(tb, IFLA_INFO_MAX, info, NULL) < 0 ||
	    !tb[IFLA_INFO_KIND])
		return;
	nla_strlcpy(device->kind, tb[IFLA_INFO_KIND], sizeof(device->kind));
	/* the data of other kinds mean other things */
	if (!device_is_tunnel(device) || !tb[IFLA_INFO_DATA] ||
	    nla_parse_nested(data, OVPN_MPTCP_IFLA_MAX, tb[IFLA_INFO_DATA],
			     NULL) < 0 ||
	    !data[OVPN_MPTCP_IFLA_MODE])
		return;
	device->has_mode = true;
	device->mode = netlink_uint(data[OVPN_MPTCP_IFLA_MODE]);
}

/* A sysctl of the interface: the kernel tells all of a family in an array. */
static uint32_t sysctl(struct nlattr *families, int family, int array,
		       size_t number)
{
	struct nlattr *of_family, *values;

	of_family = nla_find(nla_data(families), nla_len(families), family);
	if (!of_family)
		return 0;
	values = nla_find(nla_data(of_family), nla_len(of_family), array);
	if (!values || nla_len(values) < (int)((number + 1) * sizeof(uint32_t)))
		return 0;
	return ((const uint32_t *)nla_data(values))[number];
}

static void on_link(const struct nlmsghdr *message, void *arg)
{
	const struct ifinfomsg *info = nlmsg_data(message);
	struct nlattr *tb[IFLA_MAX + 1];
	struct links *links = arg;
	struct device *device;

	if (message->nlmsg_type != RTM_NEWLINK ||
	    nlmsg_parse((struct nlmsghdr *)message, sizeof(*info), tb, IFLA_MAX,
			NULL) < 0 || !tb[IFLA_IFNAME])
		return;
	device = LIST_ADD(&links->all);
	device->index = info->ifi_index;
	device->up = info->ifi_flags & IFF_UP;
	device->carrier = info->ifi_flags & IFF_RUNNING;
	nla_strlcpy(device->name, tb[IFLA_IFNAME], sizeof(device->name));
	if (tb[IFLA_MTU])
		device->mtu = nla_get_u32(tb[IFLA_MTU]);
	device->attached = tb[IFLA_IFALIAS] &&
			   !nla_strcmp(tb[IFLA_IFALIAS], DEVICE_ALIAS_ATTACH);
	device->loopback = info->ifi_flags & IFF_LOOPBACK;
	if (tb[IFLA_MASTER])
		device->master = (int)nla_get_u32(tb[IFLA_MASTER]);
	if (tb[IFLA_LINKINFO])
		parse_info(device, tb[IFLA_LINKINFO]);
	if (!tb[IFLA_AF_SPEC])
		return;
	device->rp_filter = sysctl(tb[IFLA_AF_SPEC], AF_INET, IFLA_INET_CONF,
				   IPV4_DEVCONF_RP_FILTER - 1);
	device->use_tempaddr = (int32_t)sysctl(tb[IFLA_AF_SPEC], AF_INET6,
					       IFLA_INET6_CONF,
					       DEVCONF_USE_TEMPADDR);
}

static bool parse_address(const struct nlmsghdr *message, struct local *local)
{
	const struct ifaddrmsg *info = nlmsg_data(message);
	struct nlattr *tb[IFA_MAX + 1], *attr;
	int size;

	if (message->nlmsg_type != RTM_NEWADDR ||
	    nlmsg_parse((struct nlmsghdr *)message, sizeof(*info), tb, IFA_MAX,
			NULL) < 0)
		return false;
	/* on a point-to-point interface, IFA_ADDRESS is the other end */
	attr = tb[IFA_LOCAL] ? tb[IFA_LOCAL] : tb[IFA_ADDRESS];
	size = info->ifa_family == AF_INET6 ? 16 : 4;
	if (!attr || nla_len(attr) != size)
		return false;
	local->index = (int)info->ifa_index;
	local->length = info->ifa_prefixlen;
	local->scope = info->ifa_scope;
	local->tentative = info->ifa_flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED) &&
			   !(info->ifa_flags & IFA_F_OPTIMISTIC);
	local->deprecated = info->ifa_flags & IFA_F_DEPRECATED;
	local->second = info->ifa_flags & IFA_F_SECONDARY;
	address_set(&local->address, info->ifa_family, nla_data(attr), 0);
	return true;
}

static void on_address(const struct nlmsghdr *message, void *arg)
{
	struct links *links = arg;
	struct local local = { 0 };

	if (parse_address(message, &local))
		*LIST_ADD(&links->locals) = local;
}

static int load(struct netlink *nl, struct links *links)
{
	struct ifaddrmsg addresses = { .ifa_family = AF_UNSPEC };
	struct ifinfomsg interfaces = { .ifi_family = AF_UNSPEC };
	struct nl_msg *msg;
	bool interrupted;
	int err;

	msg = netlink_request(RTM_GETLINK, NLM_F_DUMP);
	netlink_add_header(msg, &interfaces, sizeof(interfaces));
	err = netlink_talk(nl, msg, on_link, links);
	interrupted = nl->interrupted;
	if (err)
		return err;
	msg = netlink_request(RTM_GETADDR, NLM_F_DUMP);
	netlink_add_header(msg, &addresses, sizeof(addresses));
	err = netlink_talk(nl, msg, on_address, links);
	nl->interrupted |= interrupted;
	return err;
}

enum status links_load(struct links *links)
{
	enum status status;
	struct netlink nl;
	int i = 0;

	memset(links, 0, sizeof(*links));
	status = netlink_open(&nl, NETLINK_ROUTE);
	if (status)
		return status;
	do {
		links_free(links);
		if (load(&nl, links)) {
			status = netlink_refused(&nl, "list of interfaces");
			links_free(links);
			break;
		}
	} while (nl.interrupted && ++i < TRIES);
	netlink_close(&nl);
	return status;
}

void links_free(struct links *links)
{
	devices_free(&links->all);
	free(links->locals.items);
	memset(links, 0, sizeof(*links));
}

const struct device *links_by_name(const struct links *links, const char *name)
{
	size_t i;

	for (i = 0; i < links->all.count; i++) {
		if (!strcmp(links->all.items[i].name, name))
			return &links->all.items[i];
	}
	return NULL;
}

const struct device *links_by_index(const struct links *links, int index)
{
	size_t i;

	for (i = 0; i < links->all.count; i++) {
		if (links->all.items[i].index == index)
			return &links->all.items[i];
	}
	return NULL;
}

const struct device *links_tunnel(const struct links *links, const char *command,
				  const char *name)
{
	const struct device *device = links_by_name(links, name);

	if (!device) {
		say("%s: expected a tunnel device, and no interface of this network namespace has the name '%s'",
		    command, name);
		return NULL;
	}
	if (!device_is_tunnel(device)) {
		say("%s: expected a tunnel device, and %s is one of kind %s",
		    command, name, device->kind[0] ? device->kind : "none");
		return NULL;
	}
	return device;
}

const struct device *links_by_address(const struct links *links,
				      const struct address *address)
{
	size_t i;

	for (i = 0; i < links->locals.count; i++) {
		if (address_same_ip(&links->locals.items[i].address, address))
			return links_by_index(links, links->locals.items[i].index);
	}
	return NULL;
}

static bool know_link(const struct links *links, struct nlmsghdr *news)
{
	const struct ifinfomsg *info = nlmsg_data(news);
	const struct device *device = links_by_index(links, info->ifi_index);
	struct nlattr *tb[IFLA_MAX + 1];

	return device && nlmsg_parse(news, sizeof(*info), tb, IFLA_MAX,
				     NULL) >= 0 && tb[IFLA_IFNAME] &&
	       !nla_strcmp(tb[IFLA_IFNAME], device->name) &&
	       device->up == !!(info->ifi_flags & IFF_UP) &&
	       device->carrier == !!(info->ifi_flags & IFF_RUNNING);
}

static bool know_address(const struct links *links, struct nlmsghdr *news)
{
	struct local local = { 0 };
	size_t i;

	if (!parse_address(news, &local))
		return false;
	for (i = 0; i < links->locals.count; i++) {
		const struct local *known = &links->locals.items[i];

		if (known->index == local.index &&
		    address_same_ip(&known->address, &local.address))
			return known->tentative == local.tentative &&
			       known->deprecated == local.deprecated;
	}
	return false;
}

bool links_know(const struct links *links, struct nlmsghdr *news)
{
	switch (news->nlmsg_type) {
	case RTM_NEWLINK:
		return know_link(links, news);
	case RTM_NEWADDR:
		return know_address(links, news);
	}
	return false;
}
