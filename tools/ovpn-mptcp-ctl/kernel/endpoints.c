// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses that MPTCP is told to use, by the family mptcp_pm. */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/mptcp.h>
#include <netinet/tcp.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/endpoints.h"
#include "kernel/netlink.h"

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
	endpoint->mapped = endpoint->address.family != family;
	if (tb[MPTCP_PM_ADDR_ATTR_ID])
		endpoint->id = netlink_uint(tb[MPTCP_PM_ADDR_ATTR_ID]);
	if (tb[MPTCP_PM_ADDR_ATTR_FLAGS])
		endpoint->flags = netlink_uint(tb[MPTCP_PM_ADDR_ATTR_FLAGS]);
	if (tb[MPTCP_PM_ADDR_ATTR_IF_IDX])
		endpoint->ifindex = (int)netlink_uint(tb[MPTCP_PM_ADDR_ATTR_IF_IDX]);
	if (endpoint->ifindex)
		device = links_by_index(load->links, endpoint->ifindex);
	if (!device)
		device = links_by_address(load->links, &endpoint->address);
	if (device)
		memcpy(endpoint->device, device->name, sizeof(endpoint->device));
}

static enum status open_family(struct netlink *nl, struct netlink_family *family,
			       int *error)
{
	enum status status = netlink_open(nl, NETLINK_GENERIC);

	if (!status)
		*error = netlink_family_find(nl, MPTCP_PM_NAME, NULL, family);
	return status;
}

/* Returns 0 or an errno; ENOENT: there is no MPTCP. */
static int ask(int command, int flags, netlink_handler handler, void *arg)
{
	struct netlink_family family;
	struct netlink nl;
	int err;

	if (open_family(&nl, &family, &err))
		return EPROTONOSUPPORT;
	if (!err)
		err = netlink_talk(&nl, netlink_genl_request(family.id, MPTCP_PM_VER,
							     command, flags),
				   handler, arg);
	netlink_close(&nl);
	return err;
}

int endpoints_read(struct endpoints *endpoints, const struct links *links)
{
	struct load load = { endpoints, links };

	memset(endpoints, 0, sizeof(*endpoints));
	return ask(MPTCP_PM_CMD_GET_ADDR, NLM_F_DUMP, on_endpoint, &load);
}

enum status endpoints_load(struct endpoints *endpoints,
			   const struct links *links)
{
	int err = endpoints_read(endpoints, links);

	if (err && err != ENOENT)
		return system_error(err, "list of MPTCP endpoints: the kernel refuses");
	return STATUS_OK;
}

static void on_limits(const struct nlmsghdr *message, void *arg)
{
	struct nlattr *tb[MPTCP_PM_ATTR_MAX + 1];
	struct limits *limits = arg;

	if (genlmsg_parse((struct nlmsghdr *)message, 0, tb, MPTCP_PM_ATTR_MAX,
			  NULL) < 0 || !tb[MPTCP_PM_ATTR_SUBFLOWS] ||
	    !tb[MPTCP_PM_ATTR_RCV_ADD_ADDRS])
		return;
	limits->known = true;
	limits->subflows = netlink_uint(tb[MPTCP_PM_ATTR_SUBFLOWS]);
	limits->accepted = netlink_uint(tb[MPTCP_PM_ATTR_RCV_ADD_ADDRS]);
}

int endpoints_limits(struct limits *limits)
{
	memset(limits, 0, sizeof(*limits));
	return ask(MPTCP_PM_CMD_GET_LIMITS, 0, on_limits, limits);
}

int endpoints_set_limits(const struct limits *limits)
{
	struct netlink_family family;
	struct nl_msg *msg;
	struct netlink nl;
	int err;

	if (open_family(&nl, &family, &err))
		return EPROTONOSUPPORT;
	if (!err) {
		msg = netlink_genl_request(family.id, MPTCP_PM_VER,
					   MPTCP_PM_CMD_SET_LIMITS, 0);
		netlink_add_u32(msg, MPTCP_PM_ATTR_SUBFLOWS, limits->subflows);
		netlink_add_u32(msg, MPTCP_PM_ATTR_RCV_ADD_ADDRS,
				limits->accepted);
		err = netlink_talk(&nl, msg, NULL, NULL);
	}
	netlink_close(&nl);
	return err;
}

enum status endpoints_limit(uint32_t *subflows)
{
	struct limits limits;
	int err = endpoints_limits(&limits);

	*subflows = limits.known ? limits.subflows : UINT32_MAX;
	if (err && err != ENOENT)
		return system_error(err, "MPTCP limits: the kernel refuses");
	return STATUS_OK;
}

static struct nl_msg *del_request(const struct netlink_family *family,
				  const struct endpoint *endpoint)
{
	struct nl_msg *msg = netlink_genl_request(family->id, MPTCP_PM_VER,
						  MPTCP_PM_CMD_DEL_ADDR, 0);
	struct nlattr *nest = netlink_nest(msg, MPTCP_PM_ATTR_ADDR);

	netlink_add(msg, MPTCP_PM_ADDR_ATTR_ID, &endpoint->id,
		    sizeof(endpoint->id));
	nla_nest_end(msg, nest);
	return msg;
}

static void add_ip(struct nl_msg *msg, const struct endpoint *endpoint)
{
	unsigned char mapped[16] = { [10] = 0xff, [11] = 0xff };
	const unsigned char *ip = endpoint->address.ip;
	uint16_t family = endpoint->address.family;

	if (endpoint->mapped) {
		memcpy(mapped + 12, ip, 4);
		ip = mapped;
		family = AF_INET6;
	}
	netlink_add(msg, MPTCP_PM_ADDR_ATTR_FAMILY, &family, sizeof(family));
	if (family == AF_INET6)
		netlink_add(msg, MPTCP_PM_ADDR_ATTR_ADDR6, ip, 16);
	else
		netlink_add(msg, MPTCP_PM_ADDR_ATTR_ADDR4, ip, 4);
}

/* Everything that the kernel told about the endpoint goes back as it was. */
static struct nl_msg *add_request(const struct netlink_family *family,
				  const struct endpoint *endpoint)
{
	struct nl_msg *msg = netlink_genl_request(family->id, MPTCP_PM_VER,
						  MPTCP_PM_CMD_ADD_ADDR, 0);
	struct nlattr *nest = netlink_nest(msg, MPTCP_PM_ATTR_ADDR);

	add_ip(msg, endpoint);
	netlink_add(msg, MPTCP_PM_ADDR_ATTR_ID, &endpoint->id,
		    sizeof(endpoint->id));
	netlink_add_u32(msg, MPTCP_PM_ADDR_ATTR_FLAGS, endpoint->flags);
	if (endpoint->ifindex)
		netlink_add_u32(msg, MPTCP_PM_ADDR_ATTR_IF_IDX,
				endpoint->ifindex);
	if (endpoint->address.port)
		netlink_add(msg, MPTCP_PM_ADDR_ATTR_PORT,
			    &endpoint->address.port,
			    sizeof(endpoint->address.port));
	nla_nest_end(msg, nest);
	return msg;
}

/* By its address, for the number may be another one's by now. The kernel takes
 * the flags fullmesh and backup from here, so fullmesh goes back as it was.
 */
static struct nl_msg *flags_request(const struct netlink_family *family,
				    const struct endpoint *endpoint)
{
	struct nl_msg *msg = netlink_genl_request(family->id, MPTCP_PM_VER,
						  MPTCP_PM_CMD_SET_FLAGS, 0);
	struct nlattr *nest = netlink_nest(msg, MPTCP_PM_ATTR_ADDR);

	add_ip(msg, endpoint);
	netlink_add_u32(msg, MPTCP_PM_ADDR_ATTR_FLAGS, endpoint->flags);
	nla_nest_end(msg, nest);
	return msg;
}

static enum renewal renewal_of(struct netlink *nl,
			       const struct netlink_family *family,
			       const struct endpoint *endpoint,
			       const int errors[2])
{
	if (!errors[0])
		return errors[1] ? RENEWAL_LOST : RENEWAL_DONE;
	/* not there any more when it was to be removed: what was added just now
	 * was not asked for
	 */
	if (!errors[1]) {
		netlink_talk(nl, del_request(family, endpoint), NULL, NULL);
		return RENEWAL_GONE;
	}
	return RENEWAL_REFUSED;
}

enum renewal endpoint_renew(const struct endpoint *endpoint, int *error)
{
	enum renewal renewal = RENEWAL_REFUSED;
	struct netlink_family family;
	int errors[2] = { 0 };
	struct netlink nl;

	*error = EIO;
	if (open_family(&nl, &family, error))
		return RENEWAL_REFUSED;
	if (!*error) {
		netlink_talk_pair(&nl, del_request(&family, endpoint),
				  add_request(&family, endpoint), errors);
		*error = errors[0] ? errors[0] : errors[1];
		renewal = renewal_of(&nl, &family, endpoint, errors);
	}
	netlink_close(&nl);
	return renewal;
}

static int talk(const struct endpoint *endpoint,
		struct nl_msg *(*request)(const struct netlink_family *family,
					  const struct endpoint *endpoint))
{
	struct netlink_family family;
	struct netlink nl;
	int error = EIO;

	if (open_family(&nl, &family, &error))
		return error;
	if (!error)
		error = netlink_talk(&nl, request(&family, endpoint), NULL,
				     NULL);
	netlink_close(&nl);
	return error;
}

int endpoint_add(const struct endpoint *endpoint)
{
	return talk(endpoint, add_request);
}

int endpoint_del(const struct endpoint *endpoint)
{
	return talk(endpoint, del_request);
}

int endpoint_set_backup(const struct endpoint *endpoint, bool backup)
{
	struct endpoint wanted = *endpoint;

	wanted.flags &= ~MPTCP_PM_ADDR_FLAG_BACKUP;
	if (backup)
		wanted.flags |= MPTCP_PM_ADDR_FLAG_BACKUP;
	return talk(&wanted, flags_request);
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
