// SPDX-License-Identifier: GPL-2.0-or-later
/* The family ovpn-dco-mptcp: requests and what comes back. */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/native.h"

enum status native_open(struct native *native)
{
	enum status status = netlink_open(&native->netlink, NETLINK_GENERIC);
	int err;

	if (status)
		return status;
	err = netlink_family_find(&native->netlink, OVPN_MPTCP_NAME,
				  OVPN_MPTCP_MCGRP_PEERS, &native->family);
	if (!err)
		return STATUS_OK;
	if (err == ENOENT) {
		status = failure(STATUS_NO_MODULE, "expected the module ovpn-dco-mptcp, and it is not loaded: modprobe ovpn-dco-mptcp");
	} else {
		status = netlink_refused(&native->netlink, "netlink family "
					 OVPN_MPTCP_NAME);
	}
	native_close(native);
	return status;
}

void native_close(struct native *native)
{
	netlink_close(&native->netlink);
}

static struct nl_msg *request(const struct native *native, int command,
			      int ifindex, int flags)
{
	struct nl_msg *msg = netlink_genl_request(native->family.id,
						  OVPN_MPTCP_VERSION, command,
						  flags);

	netlink_add_u32(msg, OVPN_MPTCP_A_IFINDEX, ifindex);
	return msg;
}

struct nl_msg *native_request(const struct native *native, int command,
			      int ifindex, int nest, struct nlattr **start)
{
	struct nl_msg *msg = request(native, command, ifindex, 0);

	*start = netlink_nest(msg, nest);
	return msg;
}

int native_send(struct native *native, struct nl_msg *msg,
		struct nlattr *start, netlink_handler handler, void *arg)
{
	nla_nest_end(msg, start);
	return netlink_talk(&native->netlink, msg, handler, arg);
}

static void parse_drops(struct peer *peer, struct nlattr *nest)
{
	struct nlattr *attr;
	int rest;

	nla_for_each_nested(attr, nest, rest) {
		int reason = nla_type(attr);

		/* 0 pads */
		if (!reason || reason > MODEL_DROPS_MAX)
			continue;
		peer->drops[reason] = netlink_uint(attr);
		peer->drop_known[reason] = true;
	}
}

static void parse_numbers(struct peer *peer, struct nlattr **tb)
{
	const struct {
		int type;
		uint64_t *wide;
		uint32_t *word;
	} all[] = {
		{ OVPN_MPTCP_A_PEER_ID, NULL, &peer->id },
		{ OVPN_MPTCP_A_PEER_TX_ID, NULL, &peer->tx_id },
		{ OVPN_MPTCP_A_PEER_KEEPALIVE_INTERVAL, NULL, &peer->interval },
		{ OVPN_MPTCP_A_PEER_KEEPALIVE_TIMEOUT, NULL, &peer->timeout },
		{ OVPN_MPTCP_A_PEER_VPN_RX_BYTES, &peer->vpn.rx_bytes, NULL },
		{ OVPN_MPTCP_A_PEER_VPN_TX_BYTES, &peer->vpn.tx_bytes, NULL },
		{ OVPN_MPTCP_A_PEER_VPN_RX_PACKETS, &peer->vpn.rx_packets, NULL },
		{ OVPN_MPTCP_A_PEER_VPN_TX_PACKETS, &peer->vpn.tx_packets, NULL },
		{ OVPN_MPTCP_A_PEER_LINK_RX_BYTES, &peer->link.rx_bytes, NULL },
		{ OVPN_MPTCP_A_PEER_LINK_TX_BYTES, &peer->link.tx_bytes, NULL },
		{ OVPN_MPTCP_A_PEER_LINK_RX_PACKETS, &peer->link.rx_packets, NULL },
		{ OVPN_MPTCP_A_PEER_LINK_TX_PACKETS, &peer->link.tx_packets, NULL },
		{ OVPN_MPTCP_A_PEER_MPTCP_TOKEN, NULL, &peer->token },
		{ OVPN_MPTCP_A_PEER_MPTCP_SUBFLOWS, NULL, &peer->subflows },
		{ OVPN_MPTCP_A_PEER_QUEUE_BYTES, NULL, &peer->queue_bytes },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		if (!tb[all[i].type])
			continue;
		if (all[i].wide)
			*all[i].wide = netlink_uint(tb[all[i].type]);
		else
			*all[i].word = netlink_uint(tb[all[i].type]);
	}
}

/* @port: in network byte order, or NULL */
static void parse_address(struct address *address, const struct nlattr *ip4,
			  const struct nlattr *ip6, const struct nlattr *port)
{
	uint16_t number = port ? ntohs(netlink_uint(port)) : 0;

	if (ip4 && nla_len(ip4) == 4)
		address_set(address, AF_INET, nla_data(ip4), number);
	else if (ip6 && nla_len(ip6) == 16)
		address_set(address, AF_INET6, nla_data(ip6), number);
}

void native_parse_remote(struct nlattr **tb, struct address *remote,
			 uint32_t *scope)
{
	const struct nlattr *attr = tb[OVPN_MPTCP_A_PEER_REMOTE_IPV6_SCOPE_ID];

	memset(remote, 0, sizeof(*remote));
	parse_address(remote, tb[OVPN_MPTCP_A_PEER_REMOTE_IPV4],
		      tb[OVPN_MPTCP_A_PEER_REMOTE_IPV6],
		      tb[OVPN_MPTCP_A_PEER_REMOTE_PORT]);
	*scope = attr ? netlink_uint(attr) : 0;
}

static void parse_peer(struct peer *peer, struct nlattr **tb)
{
	parse_numbers(peer, tb);
	peer->has_token = tb[OVPN_MPTCP_A_PEER_MPTCP_TOKEN];
	if (tb[OVPN_MPTCP_A_PEER_TRANSPORT])
		nla_strlcpy(peer->transport, tb[OVPN_MPTCP_A_PEER_TRANSPORT],
			    sizeof(peer->transport));
	if (tb[OVPN_MPTCP_A_PEER_LOCAL_PORT])
		peer->local_port = ntohs(netlink_uint(tb[OVPN_MPTCP_A_PEER_LOCAL_PORT]));
	if (tb[OVPN_MPTCP_A_PEER_SOCKET_NETNSID]) {
		peer->elsewhere = true;
		peer->netnsid = netlink_uint(tb[OVPN_MPTCP_A_PEER_SOCKET_NETNSID]);
	}
	native_parse_remote(tb, &peer->remote, &peer->scope);
	parse_address(&peer->local, tb[OVPN_MPTCP_A_PEER_LOCAL_IPV4],
		      tb[OVPN_MPTCP_A_PEER_LOCAL_IPV6],
		      tb[OVPN_MPTCP_A_PEER_LOCAL_PORT]);
	parse_address(&peer->vpn4, tb[OVPN_MPTCP_A_PEER_VPN_IPV4], NULL, NULL);
	parse_address(&peer->vpn6, NULL, tb[OVPN_MPTCP_A_PEER_VPN_IPV6], NULL);
	if (tb[OVPN_MPTCP_A_PEER_DROPS])
		parse_drops(peer, tb[OVPN_MPTCP_A_PEER_DROPS]);
}

static void on_peer(const struct nlmsghdr *message, void *arg)
{
	struct nlattr *top[OVPN_MPTCP_A_MAX + 1], *tb[OVPN_MPTCP_A_PEER_MAX + 1];
	struct peers *peers = arg;

	if (genlmsg_parse((struct nlmsghdr *)message, 0, top, OVPN_MPTCP_A_MAX,
			  NULL) < 0 || !top[OVPN_MPTCP_A_PEER] ||
	    nla_parse_nested(tb, OVPN_MPTCP_A_PEER_MAX, top[OVPN_MPTCP_A_PEER],
			     NULL) < 0)
		return;
	parse_peer(LIST_ADD(peers), tb);
}

int native_peers(struct native *native, int ifindex, struct peers *peers)
{
	struct nl_msg *msg = request(native, OVPN_MPTCP_CMD_PEER_GET, ifindex,
				     NLM_F_DUMP);

	return netlink_talk(&native->netlink, msg, on_peer, peers);
}

int native_peer(struct native *native, int ifindex, uint32_t id,
		struct peers *peers)
{
	struct nlattr *nest;
	struct nl_msg *msg = native_request(native, OVPN_MPTCP_CMD_PEER_GET,
					    ifindex, OVPN_MPTCP_A_PEER, &nest);

	netlink_add_u32(msg, OVPN_MPTCP_A_PEER_ID, id);
	return native_send(native, msg, nest, on_peer, peers);
}

static void on_key(const struct nlmsghdr *message, void *arg)
{
	struct nlattr *top[OVPN_MPTCP_A_MAX + 1];
	struct nlattr *tb[OVPN_MPTCP_A_KEYCONF_MAX + 1];
	struct key *key = arg;

	if (genlmsg_parse((struct nlmsghdr *)message, 0, top, OVPN_MPTCP_A_MAX,
			  NULL) < 0 || !top[OVPN_MPTCP_A_KEYCONF] ||
	    nla_parse_nested(tb, OVPN_MPTCP_A_KEYCONF_MAX,
			     top[OVPN_MPTCP_A_KEYCONF], NULL) < 0 ||
	    !tb[OVPN_MPTCP_A_KEYCONF_KEY_ID] ||
	    !tb[OVPN_MPTCP_A_KEYCONF_CIPHER_ALG])
		return;
	key->present = true;
	key->id = netlink_uint(tb[OVPN_MPTCP_A_KEYCONF_KEY_ID]);
	key->cipher = netlink_uint(tb[OVPN_MPTCP_A_KEYCONF_CIPHER_ALG]);
	if (tb[OVPN_MPTCP_A_KEYCONF_KEY_LEN])
		key->bits = 8 * netlink_uint(tb[OVPN_MPTCP_A_KEYCONF_KEY_LEN]);
}

int native_key(struct native *native, int ifindex, uint32_t peer, uint32_t slot,
	       struct key *key)
{
	struct nlattr *nest;
	struct nl_msg *msg = native_request(native, OVPN_MPTCP_CMD_KEY_GET,
					    ifindex, OVPN_MPTCP_A_KEYCONF, &nest);

	memset(key, 0, sizeof(*key));
	key->peer = peer;
	key->slot = slot;
	netlink_add_u32(msg, OVPN_MPTCP_A_KEYCONF_PEER_ID, peer);
	netlink_add_u32(msg, OVPN_MPTCP_A_KEYCONF_SLOT, slot);
	return native_send(native, msg, nest, on_key, key);
}
