// SPDX-License-Identifier: GPL-2.0-or-later
/* The outer addresses of a UDP peer, as the words of a command have them. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "show/outer.h"

/* SOCK_STREAM, SOCK_DGRAM and so on; 0 when it is no socket. */
static int type_of(int fd)
{
	socklen_t size = sizeof(int);
	int type = 0;

	getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size);
	return type;
}

/* What a socket has to do with the addresses; others are for the kernel to
 * judge.
 */
static enum status read_socket(struct outer *outer, const struct request *request,
			       int fd)
{
	int type = type_of(fd);

	if (type == SOCK_STREAM && (outer->remote.family || outer->local.family))
		return usage_error("%s: remote and local are for UDP: the stream socket %d has its own addresses",
				   request->command->name, fd);
	if (type != SOCK_DGRAM || outer->remote.family)
		return STATUS_OK;
	if (address_of_peer(fd, &outer->remote))
		return usage_error("%s: expected remote ADDRESS:PORT, for the UDP socket %d is not connected",
				   request->command->name, fd);
	outer->scope = outer->remote.scope;
	return STATUS_OK;
}

enum status outer_read(struct outer *outer, const struct request *request,
		       int fd)
{
	const struct value *remote = request_value(request, "remote");
	const struct value *local = request_value(request, "local");
	char text[ADDRESS_PORT_SIZE];
	enum status status = STATUS_OK;

	memset(outer, 0, sizeof(*outer));
	if (remote->given) {
		outer->remote = remote->address;
		outer->scope = remote->number[0];
	}
	if (local->given)
		outer->local = local->address;
	if (fd >= 0)
		status = read_socket(outer, request, fd);
	else if (local->given && !remote->given)
		status = usage_error("%s: local needs remote ADDRESS:PORT",
				     request->command->name);
	if (!status && outer->local.family && outer->remote.family &&
	    outer->local.family != outer->remote.family)
		status = usage_error("%s: local %s and remote %s are of different IP versions",
				     request->command->name, local->text,
				     address_port_text(&outer->remote, text));
	return status;
}

void outer_add(struct nl_msg *msg, const struct outer *outer)
{
	bool ip6 = outer->remote.family == AF_INET6;
	uint16_t port = htons(outer->remote.port);
	size_t size = ip6 ? 16 : 4;

	if (!outer->remote.family)
		return;
	netlink_add(msg, ip6 ? OVPN_MPTCP_A_PEER_REMOTE_IPV6 :
		    OVPN_MPTCP_A_PEER_REMOTE_IPV4, outer->remote.ip, size);
	if (outer->scope)
		netlink_add_u32(msg, OVPN_MPTCP_A_PEER_REMOTE_IPV6_SCOPE_ID,
				outer->scope);
	netlink_add(msg, OVPN_MPTCP_A_PEER_REMOTE_PORT, &port, sizeof(port));
	if (outer->local.family)
		netlink_add(msg, ip6 ? OVPN_MPTCP_A_PEER_LOCAL_IPV6 :
			    OVPN_MPTCP_A_PEER_LOCAL_IPV4, outer->local.ip, size);
}
