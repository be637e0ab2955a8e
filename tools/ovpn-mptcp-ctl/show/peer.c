// SPDX-License-Identifier: GPL-2.0-or-later
/* The verbs of the noun peer. */

#include "cli/tunnel.h"
#include "kernel/native_change.h"
#include "show/outer.h"
#include "show/show.h"

static void add_number(struct nl_msg *msg, const struct request *request,
		       const char *word, int type)
{
	const struct value *value = request_value(request, word);

	if (value->given)
		netlink_add_u32(msg, type, value->number[0]);
}

static void add_config(struct nl_msg *msg, const struct request *request)
{
	const struct value *vpn4 = request_value(request, "vpn4");
	const struct value *vpn6 = request_value(request, "vpn6");
	const struct value *keepalive = request_value(request, "keepalive");

	add_number(msg, request, "id", OVPN_MPTCP_A_PEER_ID);
	add_number(msg, request, "tx-id", OVPN_MPTCP_A_PEER_TX_ID);
	if (vpn4->given)
		netlink_add(msg, OVPN_MPTCP_A_PEER_VPN_IPV4, &vpn4->ip4,
			    sizeof(vpn4->ip4));
	if (vpn6->given)
		netlink_add(msg, OVPN_MPTCP_A_PEER_VPN_IPV6, &vpn6->ip6,
			    sizeof(vpn6->ip6));
	if (!keepalive->given)
		return;
	netlink_add_u32(msg, OVPN_MPTCP_A_PEER_KEEPALIVE_INTERVAL,
			keepalive->number[0]);
	netlink_add_u32(msg, OVPN_MPTCP_A_PEER_KEEPALIVE_TIMEOUT,
			keepalive->number[1]);
}

enum status peer_show(const struct request *request)
{
	const struct value *id = request_value(request, "id");

	return show_peers(request, id->given ? &id->number[0] : NULL);
}

/* PEER_NEW or PEER_SET. @fd: socket of a new peer, -1 for one that has its own */
static enum status send_config(const struct request *request, int command,
			       int fd)
{
	struct native native;
	struct nlattr *nest;
	struct outer outer;
	enum status status;
	struct nl_msg *msg;
	int ifindex;

	status = outer_read(&outer, request, fd);
	if (status)
		return status;
	status = tunnel_open(&native, request, &ifindex);
	if (status)
		return status;
	msg = native_request(&native, command, ifindex, OVPN_MPTCP_A_PEER,
			     &nest);
	add_config(msg, request);
	outer_add(msg, &outer);
	if (fd >= 0)
		netlink_add_u32(msg, OVPN_MPTCP_A_PEER_SOCKET, fd);
	return tunnel_send(&native, request, msg, nest);
}

enum status peer_new(const struct request *request)
{
	return send_config(request, OVPN_MPTCP_CMD_PEER_NEW,
			   (int)request_value(request, "fd")->number[0]);
}

enum status peer_set(const struct request *request)
{
	return send_config(request, OVPN_MPTCP_CMD_PEER_SET, -1);
}

static int set_sock(struct native *native, int ifindex,
		    const struct request *request)
{
	return native_peer_set_sock(native, ifindex,
				    request_value(request, "id")->number[0],
				    (int)request_value(request, "fd")->number[0]);
}

enum status peer_set_sock(const struct request *request)
{
	return tunnel_change(request, set_sock);
}

static int del(struct native *native, int ifindex,
	       const struct request *request)
{
	return native_peer_del(native, ifindex,
			       request_value(request, "id")->number[0]);
}

enum status peer_del(const struct request *request)
{
	return tunnel_change(request, del);
}
