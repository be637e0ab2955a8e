// SPDX-License-Identifier: GPL-2.0-or-later
/* The way of a UDP peer: its socket, by sock_diag, and the route. */

#include <arpa/inet.h>
#include <errno.h>
#include <netlink/attr.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/egress.h"
#include "kernel/sockdiag.h"
#include "kernel/udp_path.h"

static void on_socket(const struct nlmsghdr *message, void *arg)
{
	struct nlattr *tb[INET_DIAG_MAX + 1];
	const struct inet_diag_msg *info = sockdiag_parse(message, tb);
	struct udp_sockets *sockets = arg;
	struct udp_socket *socket;

	if (!info)
		return;
	socket = LIST_ADD(sockets);
	address_set(&socket->local, info->idiag_family, info->id.idiag_src,
		    ntohs(info->id.idiag_sport));
	socket->device = (int)info->id.idiag_if;
	if (tb[INET_DIAG_MARK])
		socket->mark = nla_get_u32(tb[INET_DIAG_MARK]);
}

static enum status load(struct udp_sockets *sockets)
{
	enum status status;
	struct netlink nl;
	int err;

	sockets->loaded = true;
	status = netlink_open(&nl, NETLINK_SOCK_DIAG);
	if (status)
		return status;
	err = sockdiag_list(&nl, IPPROTO_UDP, UINT32_MAX, 0, on_socket, sockets);
	if (err && err != ENOENT)
		status = netlink_refused(&nl, "list of UDP sockets");
	netlink_close(&nl);
	return status;
}

/* The socket with the peer's port that can send to its other end. When there
 * are several, the kernel does not tell which one is the peer's.
 */
static const struct udp_socket *find(const struct udp_sockets *sockets,
				     const struct peer *peer)
{
	const struct udp_socket *found = NULL;
	size_t i;

	for (i = 0; i < sockets->count; i++) {
		const struct udp_socket *socket = &sockets->items[i];

		if (socket->local.port != peer->local_port ||
		    (socket->local.family != peer->remote.family &&
		     !address_is_any(&socket->local)))
			continue;
		if (found)
			return NULL;
		found = socket;
	}
	return found;
}

/* As the module does it: an own address that is gone is not used. */
static void choose_source(struct udp_flow *flow, const struct links *links,
			  const struct udp_socket *socket,
			  const struct peer *peer)
{
	if (!address_is_any(&peer->local) &&
	    links_by_address(links, &peer->local))
		flow->from = peer->local;
	else
		flow->from = socket->local;
	flow->from.port = peer->local_port;
}

static void find_way(struct path *path, const struct links *links,
		     const struct udp_socket *socket, const struct peer *peer)
{
	struct udp_flow flow = {
		.to = peer->remote,
		.device = socket->device ? socket->device : (int)peer->scope,
		.mark = socket->mark,
	};
	const struct device *device;
	struct egress egress;

	choose_source(&flow, links, socket, peer);
	if (!egress_udp(&egress, &flow) || egress.error)
		return;
	if (egress.source.family)
		path->local = egress.source;
	device = links_by_index(links, egress.index);
	if (device)
		memcpy(path->device, device->name, sizeof(path->device));
}

enum status udp_path_of_peer(struct udp_sockets *sockets,
			     const struct links *links, struct peer *peer)
{
	const struct udp_socket *socket = NULL;
	enum status status = STATUS_OK;
	struct path *path;

	if (!peer->remote.family)
		return STATUS_OK;
	path = LIST_ADD(&peer->paths);
	path->datagrams = true;
	path->remote = peer->remote;
	if (!address_is_any(&peer->local))
		path->local = peer->local;
	path->tx_bytes = peer->link.tx_bytes;
	path->rx_bytes = peer->link.rx_bytes;
	/* what is seen here is another namespace's */
	if (!peer->elsewhere) {
		if (!sockets->loaded)
			status = load(sockets);
		socket = find(sockets, peer);
	}
	if (socket)
		find_way(path, links, socket, peer);
	path->local.port = peer->local_port;
	return status;
}
