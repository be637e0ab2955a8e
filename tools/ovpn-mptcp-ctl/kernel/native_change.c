// SPDX-License-Identifier: GPL-2.0-or-later
/* The family ovpn-dco-mptcp: changes of a peer and its keys. */

#include <netlink/attr.h>
#include <netlink/msg.h>

#include "kernel/native_change.h"

int native_peer_new(struct native *native, int ifindex,
		    const struct native_peer_config *config)
{
	struct nlattr *nest;
	struct nl_msg *msg = native_request(native, OVPN_MPTCP_CMD_PEER_NEW,
					    ifindex, OVPN_MPTCP_A_PEER, &nest);

	netlink_add_u32(msg, OVPN_MPTCP_A_PEER_ID, config->id);
	netlink_add_u32(msg, OVPN_MPTCP_A_PEER_SOCKET, config->fd);
	netlink_add_u32(msg, OVPN_MPTCP_A_PEER_KEEPALIVE_INTERVAL,
			config->interval);
	netlink_add_u32(msg, OVPN_MPTCP_A_PEER_KEEPALIVE_TIMEOUT,
			config->timeout);
	return native_send(native, msg, nest, NULL, NULL);
}

int native_peer_keepalive(struct native *native, int ifindex, uint32_t id,
			  uint32_t interval, uint32_t timeout)
{
	struct nlattr *nest;
	struct nl_msg *msg = native_request(native, OVPN_MPTCP_CMD_PEER_SET,
					    ifindex, OVPN_MPTCP_A_PEER, &nest);

	netlink_add_u32(msg, OVPN_MPTCP_A_PEER_ID, id);
	netlink_add_u32(msg, OVPN_MPTCP_A_PEER_KEEPALIVE_INTERVAL, interval);
	netlink_add_u32(msg, OVPN_MPTCP_A_PEER_KEEPALIVE_TIMEOUT, timeout);
	return native_send(native, msg, nest, NULL, NULL);
}

int native_peer_del(struct native *native, int ifindex, uint32_t id)
{
	struct nlattr *nest;
	struct nl_msg *msg = native_request(native, OVPN_MPTCP_CMD_PEER_DEL,
					    ifindex, OVPN_MPTCP_A_PEER, &nest);

	netlink_add_u32(msg, OVPN_MPTCP_A_PEER_ID, id);
	return native_send(native, msg, nest, NULL, NULL);
}

int native_peer_set_sock(struct native *native, int ifindex, uint32_t id,
			 int fd)
{
	struct nlattr *nest;
	struct nl_msg *msg = native_request(native, OVPN_MPTCP_CMD_SET_SOCK,
					    ifindex, OVPN_MPTCP_A_PEER, &nest);

	netlink_add_u32(msg, OVPN_MPTCP_A_PEER_ID, id);
	netlink_add_u32(msg, OVPN_MPTCP_A_PEER_SOCKET, (uint32_t)fd);
	return native_send(native, msg, nest, NULL, NULL);
}

static void add_dir(struct nl_msg *msg, int type, const struct keyfile_dir *dir)
{
	struct nlattr *nest = netlink_nest(msg, type);

	netlink_add(msg, OVPN_MPTCP_A_KEYDIR_CIPHER_KEY, dir->key, dir->size);
	netlink_add(msg, OVPN_MPTCP_A_KEYDIR_NONCE_TAIL, dir->nonce_tail,
		    sizeof(dir->nonce_tail));
	nla_nest_end(msg, nest);
}

int native_key_new(struct native *native, int ifindex, const struct key *key,
		   const struct keyfile *bytes)
{
	struct nlattr *nest;
	struct nl_msg *msg = native_request(native, OVPN_MPTCP_CMD_KEY_NEW,
					    ifindex, OVPN_MPTCP_A_KEYCONF, &nest);

	netlink_add_u32(msg, OVPN_MPTCP_A_KEYCONF_PEER_ID, key->peer);
	netlink_add_u32(msg, OVPN_MPTCP_A_KEYCONF_SLOT, key->slot);
	netlink_add_u32(msg, OVPN_MPTCP_A_KEYCONF_KEY_ID, key->id);
	netlink_add_u32(msg, OVPN_MPTCP_A_KEYCONF_CIPHER_ALG, key->cipher);
	add_dir(msg, OVPN_MPTCP_A_KEYCONF_ENCRYPT_DIR, &bytes->encrypt);
	add_dir(msg, OVPN_MPTCP_A_KEYCONF_DECRYPT_DIR, &bytes->decrypt);
	return native_send(native, msg, nest, NULL, NULL);
}

int native_key_swap(struct native *native, int ifindex, uint32_t peer)
{
	struct nlattr *nest;
	struct nl_msg *msg = native_request(native, OVPN_MPTCP_CMD_KEY_SWAP,
					    ifindex, OVPN_MPTCP_A_KEYCONF, &nest);

	netlink_add_u32(msg, OVPN_MPTCP_A_KEYCONF_PEER_ID, peer);
	return native_send(native, msg, nest, NULL, NULL);
}

int native_key_del(struct native *native, int ifindex, uint32_t peer,
		   uint32_t slot)
{
	struct nlattr *nest;
	struct nl_msg *msg = native_request(native, OVPN_MPTCP_CMD_KEY_DEL,
					    ifindex, OVPN_MPTCP_A_KEYCONF, &nest);

	netlink_add_u32(msg, OVPN_MPTCP_A_KEYCONF_PEER_ID, peer);
	netlink_add_u32(msg, OVPN_MPTCP_A_KEYCONF_SLOT, slot);
	return native_send(native, msg, nest, NULL, NULL);
}
