// SPDX-License-Identifier: GPL-2.0-or-later
/* The verbs of the noun key. */

#include <string.h>

#include "keyfile.h"
#include "print.h"
#include "tunnel.h"

static uint32_t number(const struct request *request, const char *word)
{
	return request_value(request, word)->number[0];
}

static void add_dir(struct nl_msg *msg, int type, const struct keyfile_dir *dir)
{
	struct nlattr *nest = netlink_nest(msg, type);

	netlink_add(msg, OVPN_MPTCP_A_KEYDIR_CIPHER_KEY, dir->key, dir->size);
	netlink_add(msg, OVPN_MPTCP_A_KEYDIR_NONCE_TAIL, dir->nonce_tail,
		    sizeof(dir->nonce_tail));
	nla_nest_end(msg, nest);
}

static enum status send_key(const struct request *request,
			    const struct keyfile *keys)
{
	struct native native;
	struct nlattr *nest;
	enum status status;
	struct nl_msg *msg;
	int ifindex;

	status = tunnel_open(&native, request, &ifindex);
	if (status)
		return status;
	msg = native_request(&native, OVPN_MPTCP_CMD_KEY_NEW, ifindex,
			     OVPN_MPTCP_A_KEYCONF, &nest);
	netlink_add_u32(msg, OVPN_MPTCP_A_KEYCONF_PEER_ID,
			number(request, "peer"));
	netlink_add_u32(msg, OVPN_MPTCP_A_KEYCONF_SLOT,
			number(request, "slot"));
	netlink_add_u32(msg, OVPN_MPTCP_A_KEYCONF_KEY_ID,
			number(request, "id"));
	/* the choice begins behind the cipher that is none */
	netlink_add_u32(msg, OVPN_MPTCP_A_KEYCONF_CIPHER_ALG,
			number(request, "cipher") + OVPN_MPTCP_CIPHER_AES_GCM);
	add_dir(msg, OVPN_MPTCP_A_KEYCONF_ENCRYPT_DIR, &keys->encrypt);
	add_dir(msg, OVPN_MPTCP_A_KEYCONF_DECRYPT_DIR, &keys->decrypt);
	return tunnel_send(&native, request, msg, nest);
}

enum status key_new(const struct request *request)
{
	struct keyfile keys;
	enum status status;

	status = keyfile_read(request->command->name,
			      request_value(request, "file")->text, &keys);
	if (status)
		return status;
	status = send_key(request, &keys);
	explicit_bzero(&keys, sizeof(keys));
	return status;
}

enum status key_get(const struct request *request)
{
	struct native native;
	enum status status;
	struct key key;
	int ifindex;

	status = tunnel_open(&native, request, &ifindex);
	if (status)
		return status;
	if (native_key(&native, ifindex, number(request, "peer"),
		       number(request, "slot"), &key))
		status = netlink_refused(&native.netlink, "%s %s",
					 request->command->name,
					 request->device);
	else
		print_key(request->out, request->device, &key);
	native_close(&native);
	return status;
}

/* Swap and deletion name a peer, and perhaps a slot. */
static enum status change(const struct request *request, int command,
			  bool with_slot)
{
	struct native native;
	struct nlattr *nest;
	enum status status;
	struct nl_msg *msg;
	int ifindex;

	status = tunnel_open(&native, request, &ifindex);
	if (status)
		return status;
	msg = native_request(&native, command, ifindex, OVPN_MPTCP_A_KEYCONF,
			     &nest);
	netlink_add_u32(msg, OVPN_MPTCP_A_KEYCONF_PEER_ID,
			number(request, "peer"));
	if (with_slot)
		netlink_add_u32(msg, OVPN_MPTCP_A_KEYCONF_SLOT,
				number(request, "slot"));
	return tunnel_send(&native, request, msg, nest);
}

enum status key_swap(const struct request *request)
{
	return change(request, OVPN_MPTCP_CMD_KEY_SWAP, false);
}

enum status key_del(const struct request *request)
{
	return change(request, OVPN_MPTCP_CMD_KEY_DEL, true);
}
