// SPDX-License-Identifier: GPL-2.0-or-later
/* TCP connections of this network namespace, by sock_diag. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <linux/mptcp.h>
#include <linux/sock_diag.h>
#include <netlink/attr.h>
#include <netinet/tcp.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/netlink.h"
#include "kernel/paths.h"
#include "kernel/sockdiag.h"
#include "kernel/tcpinfo.h"

#define STATES_WANTED	(0xfffu & ~(1u << TCP_TIME_WAIT | 1u << TCP_CLOSE | \
				    1u << TCP_LISTEN))

struct load {
	struct paths *paths;
	const struct links *links;
};

static void parse_mptcp(struct path *path, struct nlattr *info)
{
	struct nlattr *tb[MPTCP_SUBFLOW_ATTR_MAX + 1];
	uint64_t flags = 0;

	if (nla_parse_nested(tb, MPTCP_SUBFLOW_ATTR_MAX, info, NULL) < 0 ||
	    !tb[MPTCP_SUBFLOW_ATTR_TOKEN_LOC])
		return;
	path->is_subflow = true;
	path->token = netlink_uint(tb[MPTCP_SUBFLOW_ATTR_TOKEN_LOC]);
	if (tb[MPTCP_SUBFLOW_ATTR_FLAGS])
		flags = netlink_uint(tb[MPTCP_SUBFLOW_ATTR_FLAGS]);
	path->backup = flags & (MPTCP_SUBFLOW_FLAG_BKUP_REM |
				MPTCP_SUBFLOW_FLAG_BKUP_LOC);
	path->joined = flags & (MPTCP_SUBFLOW_FLAG_JOIN_REM |
				MPTCP_SUBFLOW_FLAG_JOIN_LOC);
	path->joining = flags & MPTCP_SUBFLOW_FLAG_JOIN_LOC &&
			!(flags & MPTCP_SUBFLOW_FLAG_FULLY_ESTABLISHED);
	if (tb[MPTCP_SUBFLOW_ATTR_ID_LOC])
		path->local_id = netlink_uint(tb[MPTCP_SUBFLOW_ATTR_ID_LOC]);
	if (tb[MPTCP_SUBFLOW_ATTR_ID_REM])
		path->remote_id = netlink_uint(tb[MPTCP_SUBFLOW_ATTR_ID_REM]);
}

static void parse_ulp(struct path *path, struct nlattr *info)
{
	struct nlattr *tb[INET_ULP_INFO_MAX + 1];

	if (nla_parse_nested(tb, INET_ULP_INFO_MAX, info, NULL) < 0)
		return;
	if (tb[INET_ULP_INFO_MPTCP])
		parse_mptcp(path, tb[INET_ULP_INFO_MPTCP]);
}

static void on_socket(const struct nlmsghdr *message, void *arg)
{
	const struct inet_diag_msg *info;
	struct nlattr *tb[INET_DIAG_MAX + 1];
	const struct device *device = NULL;
	struct load *load = arg;
	struct path *path;

	info = sockdiag_parse(message, tb);
	if (!info)
		return;
	path = LIST_ADD(load->paths);
	path->state = info->idiag_state;
	address_set(&path->local, info->idiag_family, info->id.idiag_src,
		    ntohs(info->id.idiag_sport));
	address_set(&path->remote, info->idiag_family, info->id.idiag_dst,
		    ntohs(info->id.idiag_dport));
	path->cookie = info->id.idiag_cookie[0] |
		       (uint64_t)info->id.idiag_cookie[1] << 32;
	if (info->id.idiag_if)
		device = links_by_index(load->links, (int)info->id.idiag_if);
	if (!device)
		device = links_by_address(load->links, &path->local);
	if (device)
		memcpy(path->device, device->name, sizeof(path->device));
	if (tb[INET_DIAG_INFO])
		tcpinfo_parse(path, nla_data(tb[INET_DIAG_INFO]),
			      nla_len(tb[INET_DIAG_INFO]));
	if (tb[INET_DIAG_CONG])
		nla_strlcpy(path->congestion, tb[INET_DIAG_CONG],
			    sizeof(path->congestion));
	if (tb[INET_DIAG_ULP_INFO])
		parse_ulp(path, tb[INET_DIAG_ULP_INFO]);
}

enum status paths_load(struct paths *paths, const struct links *links)
{
	return paths_load_some(paths, links, STATES_WANTED);
}

enum status paths_load_some(struct paths *paths, const struct links *links,
			    uint32_t states)
{
	struct load load = { paths, links };
	enum status status;
	struct netlink nl;

	memset(paths, 0, sizeof(*paths));
	status = netlink_open(&nl, NETLINK_SOCK_DIAG);
	if (status)
		return status;
	if (sockdiag_list(&nl, IPPROTO_TCP, states,
			  1 << (INET_DIAG_INFO - 1) | 1 << (INET_DIAG_CONG - 1),
			  on_socket, &load))
		status = netlink_refused(&nl, "list of TCP connections");
	netlink_close(&nl);
	return status;
}

int path_end(const struct path *path)
{
	struct inet_diag_req_v2 request = {
		.sdiag_family = path->local.family,
		.sdiag_protocol = IPPROTO_TCP,
		.id = {
			.idiag_sport = htons(path->local.port),
			.idiag_dport = htons(path->remote.port),
			.idiag_cookie = {
				(uint32_t)path->cookie,
				(uint32_t)(path->cookie >> 32),
			},
		},
	};
	struct nl_msg *msg = netlink_request(SOCK_DESTROY, 0);
	struct netlink nl;
	int err;

	if (netlink_open(&nl, NETLINK_SOCK_DIAG)) {
		nlmsg_free(msg);
		return EIO;
	}
	memcpy(request.id.idiag_src, path->local.ip, sizeof(path->local.ip));
	memcpy(request.id.idiag_dst, path->remote.ip, sizeof(path->remote.ip));
	netlink_add_header(msg, &request, sizeof(request));
	err = netlink_talk(&nl, msg, NULL, NULL);
	netlink_close(&nl);
	return err;
}

static void copy(struct peer *peer, const struct path *path)
{
	*LIST_ADD(&peer->paths) = *path;
}

/* A plain TCP peer has no token. Its local port says which connection it is,
 * unless there are several: a server's connections all have the same port.
 */
static void copy_by_port(const struct paths *all, struct peer *peer)
{
	const struct path *found = NULL;
	size_t i;

	for (i = 0; i < all->count; i++) {
		const struct path *path = &all->items[i];

		if (path->is_subflow || path->local.port != peer->local_port)
			continue;
		if (found)
			return;
		found = path;
	}
	if (found)
		copy(peer, found);
}

static int by_address(const void *a, const void *b)
{
	const struct path *x = a, *y = b;
	int order = x->local_id - y->local_id;

	if (!order)
		order = x->remote_id - y->remote_id;
	if (!order)
		order = x->local.port - y->local.port;
	return order;
}

void paths_of_peer(const struct paths *all, struct peer *peer)
{
	size_t i;

	/* what is seen here is another namespace's; datagrams have no connection */
	if (peer->elsewhere || peer->remote.family)
		return;
	for (i = 0; peer->has_token && i < all->count; i++) {
		if (all->items[i].is_subflow && all->items[i].token == peer->token)
			copy(peer, &all->items[i]);
	}
	if (!peer->has_token && peer->local_port)
		copy_by_port(all, peer);
	if (peer->paths.count)
		qsort(peer->paths.items, peer->paths.count,
		      sizeof(*peer->paths.items), by_address);
}
