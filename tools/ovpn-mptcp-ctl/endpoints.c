// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses that MPTCP is told to use, by the family mptcp_pm. */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/mptcp.h>
#include <netinet/tcp.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <string.h>

#include "endpoints.h"
#include "memory.h"
#include "netlink.h"

struct load {
	struct endpoints *endpoints;
	const struct links *links;
};

static void on_endpoint(const struct nlmsghdr *message, void *arg)
{
	struct nlattr *top[MPTCP_PM_ATTR_MAX + 1];
	struct nlattr *tb[MPTCP_PM_ADDR_ATTR_MAX + 1], *ip;
	const struct device *device = NULL;
	struct endpoint *endpoint;
	struct load *load = arg;
	uint16_t port = 0;
	int family;

	if (genlmsg_parse((struct nlmsghdr *)message, 0, top, MPTCP_PM_ATTR_MAX,
			  NULL) < 0 || !top[MPTCP_PM_ATTR_ADDR] ||
	    nla_parse_nested(tb, MPTCP_PM_ADDR_ATTR_MAX, top[MPTCP_PM_ATTR_ADDR],
			     NULL) < 0)
		return;
	ip = tb[MPTCP_PM_ADDR_ATTR_ADDR6];
	family = ip ? AF_INET6 : AF_INET;
	if (!ip)
		ip = tb[MPTCP_PM_ADDR_ATTR_ADDR4];
	if (!ip || nla_len(ip) != (family == AF_INET6 ? 16 : 4))
		return;
	/* in the host's byte order, other than in all other interfaces */
	if (tb[MPTCP_PM_ADDR_ATTR_PORT])
		port = netlink_uint(tb[MPTCP_PM_ADDR_ATTR_PORT]);

	endpoint = LIST_ADD(load->endpoints);
	address_set(&endpoint->address, family, nla_data(ip), port);
	if (tb[MPTCP_PM_ADDR_ATTR_ID])
		endpoint->id = netlink_uint(tb[MPTCP_PM_ADDR_ATTR_ID]);
	if (tb[MPTCP_PM_ADDR_ATTR_FLAGS])
		endpoint->flags = netlink_uint(tb[MPTCP_PM_ADDR_ATTR_FLAGS]);
	if (tb[MPTCP_PM_ADDR_ATTR_IF_IDX])
		device = links_by_index(load->links,
					(int)netlink_uint(tb[MPTCP_PM_ADDR_ATTR_IF_IDX]));
	if (!device)
		device = links_by_address(load->links, &endpoint->address);
	if (device)
		memcpy(endpoint->device, device->name, sizeof(endpoint->device));
}

enum status endpoints_load(struct endpoints *endpoints,
			   const struct links *links)
{
	struct load load = { endpoints, links };
	struct netlink_family family;
	enum status status;
	struct netlink nl;
	int err;

	memset(endpoints, 0, sizeof(*endpoints));
	status = netlink_open(&nl, NETLINK_GENERIC);
	if (status)
		return status;
	err = netlink_family_find(&nl, MPTCP_PM_NAME, NULL, &family);
	if (!err)
		err = netlink_talk(&nl, netlink_genl_request(family.id, MPTCP_PM_VER,
						   MPTCP_PM_CMD_GET_ADDR,
						   NLM_F_DUMP),
			      on_endpoint, &load);
	if (err && err != ENOENT)
		status = netlink_refused(&nl, "list of MPTCP endpoints");
	netlink_close(&nl);
	return status;
}

static bool carries(const struct path *path, const struct endpoint *endpoint)
{
	return path->state == TCP_ESTABLISHED &&
	       address_same_ip(&path->local, &endpoint->address) &&
	       (!endpoint->address.port ||
		endpoint->address.port == path->local.port);
}

static bool has_family(const struct peer *peer, int family)
{
	size_t i;

	for (i = 0; i < peer->paths.count; i++) {
		if (peer->paths.items[i].local.family == family)
			return true;
	}
	/* nothing is known */
	return !peer->paths.count;
}

static bool is_missing(const struct endpoint *endpoint, const char *tunnel,
		       const struct peer *peer)
{
	size_t i;

	if (!(endpoint->flags & MPTCP_PM_ADDR_FLAG_SUBFLOW))
		return false;
	/* a tunnel cannot be a path of itself, nor IPv6 one of IPv4 */
	if (!strcmp(endpoint->device, tunnel) ||
	    !has_family(peer, endpoint->address.family))
		return false;
	for (i = 0; i < peer->paths.count; i++) {
		if (carries(&peer->paths.items[i], endpoint))
			return false;
	}
	return true;
}

void endpoints_missing(const struct endpoints *all, const char *tunnel,
		       struct peer *peer)
{
	size_t i;

	if (!peer->has_token || peer->elsewhere ||
	    strcmp(peer->transport, "mptcp"))
		return;
	for (i = 0; i < all->count; i++) {
		if (is_missing(&all->items[i], tunnel, peer))
			*LIST_ADD(&peer->missing) = all->items[i];
	}
}
