// SPDX-License-Identifier: GPL-2.0
/*
 * The native schema: what each command accepts; and the native door. The handlers
 * are in netlink_native_peer.c and netlink_native_key.c; netlink_ovpn.c is the
 * other door to them.
 */

#include <linux/in6.h>
#include <linux/module.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "compat.h"
#include "dev.h"
#include "keepalive.h"
#include "netlink.h"
#include "netlink_native.h"
#include "peer.h"
#include "peer_lookup.h"
#include "proto.h"
#include "sock.h"

static_assert(OVPN_MPTCP_NONCE_TAIL_SIZE == OVPN_NONCE_TAIL_LEN);
static_assert(OVPN_MPTCP_A_KEYCONF_DECRYPT_DIR <= (int)OVPN_NATIVE_NEST_MAX);
/* one look-up serves both sets */
static_assert(OVPN_MPTCP_A_PEER_ID == (int)OVPN_MPTCP_A_KEYCONF_PEER_ID);

/* too large for the limits that fit inside a policy; not const because
 * struct nla_policy of Linux 6.1 wants them so
 */
static struct netlink_range_validation id_range = {
	.max = OVPN_PEER_ID_MAX,
};

static struct netlink_range_validation keepalive_range = {
	.max = OVPN_KEEPALIVE_MAX,
};

#define POLICY_ID		NLA_POLICY_FULL_RANGE(NLA_U32, &id_range)
#define POLICY_KEEPALIVE	NLA_POLICY_FULL_RANGE(NLA_U32, &keepalive_range)
#define POLICY_IN6		NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr))
#define POLICY_SLOT		NLA_POLICY_MAX(NLA_U32, OVPN_MPTCP_SLOT_SECONDARY)

/* what a new peer and a change of a peer have in common */
#define POLICY_PEER_CONFIG						\
	[OVPN_MPTCP_A_PEER_ID] = POLICY_ID,					\
	[OVPN_MPTCP_A_PEER_REMOTE_IPV4] = { .type = NLA_BE32 },		\
	[OVPN_MPTCP_A_PEER_REMOTE_IPV6] = POLICY_IN6,				\
	[OVPN_MPTCP_A_PEER_REMOTE_IPV6_SCOPE_ID] = { .type = NLA_U32 },	\
	[OVPN_MPTCP_A_PEER_REMOTE_PORT] = NLA_POLICY_MIN(NLA_BE16, 1),	\
	[OVPN_MPTCP_A_PEER_VPN_IPV4] = { .type = NLA_BE32 },			\
	[OVPN_MPTCP_A_PEER_VPN_IPV6] = POLICY_IN6,				\
	[OVPN_MPTCP_A_PEER_LOCAL_IPV4] = { .type = NLA_BE32 },		\
	[OVPN_MPTCP_A_PEER_LOCAL_IPV6] = POLICY_IN6,				\
	[OVPN_MPTCP_A_PEER_KEEPALIVE_INTERVAL] = POLICY_KEEPALIVE,		\
	[OVPN_MPTCP_A_PEER_KEEPALIVE_TIMEOUT] = POLICY_KEEPALIVE,		\
	[OVPN_MPTCP_A_PEER_TX_ID] = POLICY_ID

static const struct nla_policy peer_new_nest[OVPN_NATIVE_NEST_MAX + 1] = {
	POLICY_PEER_CONFIG,
	[OVPN_MPTCP_A_PEER_SOCKET] = { .type = NLA_U32 },
};

static const struct nla_policy peer_set_nest[OVPN_NATIVE_NEST_MAX + 1] = {
	POLICY_PEER_CONFIG,
};

/* limits are checked before the handler refuses all but the id */
static const struct nla_policy peer_get_nest[OVPN_NATIVE_NEST_MAX + 1] = {
	POLICY_PEER_CONFIG,
	[OVPN_MPTCP_A_PEER_SOCKET] = { .type = NLA_U32 },
	[OVPN_MPTCP_A_PEER_SOCKET_NETNSID] = { .type = NLA_S32 },
	[OVPN_MPTCP_A_PEER_LOCAL_PORT] = NLA_POLICY_MIN(NLA_BE16, 1),
	[OVPN_MPTCP_A_PEER_DEL_REASON] =
		NLA_POLICY_MAX(NLA_U32, OVPN_MPTCP_DEL_REASON_TRANSPORT_DISCONNECT),
};

static const struct nla_policy peer_del_nest[] = {
	[OVPN_MPTCP_A_PEER_ID] = POLICY_ID,
};

static const struct nla_policy set_sock_nest[OVPN_NATIVE_NEST_MAX + 1] = {
	[OVPN_MPTCP_A_PEER_ID] = POLICY_ID,
	[OVPN_MPTCP_A_PEER_SOCKET] = { .type = NLA_U32 },
};

const struct nla_policy ovpn_native_keydir[OVPN_MPTCP_A_KEYDIR_MAX + 1] = {
	[OVPN_MPTCP_A_KEYDIR_CIPHER_KEY] = NLA_POLICY_MAX(NLA_BINARY, 256),
	[OVPN_MPTCP_A_KEYDIR_NONCE_TAIL] = NLA_POLICY_EXACT_LEN(OVPN_MPTCP_NONCE_TAIL_SIZE),
};

static const struct nla_policy key_new_nest[] = {
	[OVPN_MPTCP_A_KEYCONF_PEER_ID] = POLICY_ID,
	[OVPN_MPTCP_A_KEYCONF_SLOT] = POLICY_SLOT,
	[OVPN_MPTCP_A_KEYCONF_KEY_ID] = NLA_POLICY_MAX(NLA_U32, OVPN_KEY_ID_MAX),
	[OVPN_MPTCP_A_KEYCONF_CIPHER_ALG] =
		NLA_POLICY_MAX(NLA_U32, OVPN_MPTCP_CIPHER_CHACHA20_POLY1305),
	[OVPN_MPTCP_A_KEYCONF_ENCRYPT_DIR] = NLA_POLICY_NESTED(ovpn_native_keydir),
	[OVPN_MPTCP_A_KEYCONF_DECRYPT_DIR] = NLA_POLICY_NESTED(ovpn_native_keydir),
};

static const struct nla_policy key_get_nest[] = {
	[OVPN_MPTCP_A_KEYCONF_PEER_ID] = POLICY_ID,
	[OVPN_MPTCP_A_KEYCONF_SLOT] = POLICY_SLOT,
	[OVPN_MPTCP_A_KEYCONF_KEY_ID] = NLA_POLICY_MAX(NLA_U32, OVPN_KEY_ID_MAX),
	[OVPN_MPTCP_A_KEYCONF_CIPHER_ALG] =
		NLA_POLICY_MAX(NLA_U32, OVPN_MPTCP_CIPHER_CHACHA20_POLY1305),
};

static const struct nla_policy key_swap_nest[] = {
	[OVPN_MPTCP_A_KEYCONF_PEER_ID] = POLICY_ID,
};

static const struct nla_policy key_del_nest[] = {
	[OVPN_MPTCP_A_KEYCONF_PEER_ID] = POLICY_ID,
	[OVPN_MPTCP_A_KEYCONF_SLOT] = POLICY_SLOT,
};

#define POLICY_COMMAND(command, set, nest)				\
const struct nla_policy ovpn_native_##command[OVPN_MPTCP_A_MAX + 1] = {	\
	[OVPN_MPTCP_A_IFINDEX] = { .type = NLA_U32 },				\
	[set] = NLA_POLICY_NESTED(nest),				\
}

POLICY_COMMAND(peer_new, OVPN_MPTCP_A_PEER, peer_new_nest);
POLICY_COMMAND(peer_set, OVPN_MPTCP_A_PEER, peer_set_nest);
POLICY_COMMAND(peer_get, OVPN_MPTCP_A_PEER, peer_get_nest);
POLICY_COMMAND(peer_del, OVPN_MPTCP_A_PEER, peer_del_nest);
POLICY_COMMAND(set_sock, OVPN_MPTCP_A_PEER, set_sock_nest);
POLICY_COMMAND(key_new, OVPN_MPTCP_A_KEYCONF, key_new_nest);
POLICY_COMMAND(key_get, OVPN_MPTCP_A_KEYCONF, key_get_nest);
POLICY_COMMAND(key_swap, OVPN_MPTCP_A_KEYCONF, key_swap_nest);
POLICY_COMMAND(key_del, OVPN_MPTCP_A_KEYCONF, key_del_nest);

#define OPERATION(number, name)						\
	.cmd		= (number),					\
	.flags		= GENL_UNS_ADMIN_PERM,				\
	.policy		= ovpn_native_##name,				\
	.maxattr	= OVPN_MPTCP_A_MAX,					\
	.doit		= ovpn_native_do_##name

const struct genl_ops ovpn_native_ops[OVPN_NATIVE_OPS] = {
	{ OPERATION(OVPN_MPTCP_CMD_PEER_NEW, peer_new) },
	{ OPERATION(OVPN_MPTCP_CMD_PEER_SET, peer_set) },
	{
		OPERATION(OVPN_MPTCP_CMD_PEER_GET, peer_get),
		.dumpit	= ovpn_native_dump_peers,
	},
	{ OPERATION(OVPN_MPTCP_CMD_PEER_DEL, peer_del) },
	{ OPERATION(OVPN_MPTCP_CMD_KEY_NEW, key_new) },
	{ OPERATION(OVPN_MPTCP_CMD_KEY_GET, key_get) },
	{ OPERATION(OVPN_MPTCP_CMD_KEY_SWAP, key_swap) },
	{ OPERATION(OVPN_MPTCP_CMD_KEY_DEL, key_del) },
	/* private: family ovpn ends before it */
	{ OPERATION(OVPN_MPTCP_CMD_SET_SOCK, set_sock) },
};

/* What is told names peers and their addresses: no more for everybody than the
 * answer to PEER_GET.
 */
const struct genl_multicast_group ovpn_native_groups[OVPN_NATIVE_GROUPS] = {
	{
		.name	= OVPN_MPTCP_MCGRP_PEERS,
		.flags	= GENL_MCAST_CAP_NET_ADMIN,
	},
};

/* Every command is validated strictly, which is what resv_start_op 0 asks for.
 * Handlers may run at the same time: the engine has its own locks.
 */
static struct genl_family native_family __ro_after_init = {
	.name		= OVPN_MPTCP_NAME,
	.version	= OVPN_MPTCP_VERSION,
	.maxattr	= OVPN_MPTCP_A_MAX,
	.netnsok	= true,
	.parallel_ops	= true,
	.ops		= ovpn_native_ops,
	.n_ops		= OVPN_NATIVE_OPS,
	.mcgrps		= ovpn_native_groups,
	.n_mcgrps	= OVPN_NATIVE_GROUPS,
	.pre_doit	= ovpn_netlink_pre_doit,
	.post_doit	= ovpn_netlink_post_doit,
	.module		= THIS_MODULE,
};

struct ovpn_door ovpn_door_native = {
	.family			= &native_family,
	.link			= &ovpn_dev_link_native,
	.client			= "ovpn-mptcp-ctl",
	.key_nest		= OVPN_MPTCP_A_KEYCONF,
	.carrier_follows_peer	= true,
	.enabled		= true,
	.notify_peer_del	= ovpn_native_notify_peer_del,
	.notify_key_swap	= ovpn_native_notify_key_swap,
	.notify_peer_float	= ovpn_native_notify_peer_float,
};

MODULE_ALIAS_GENL_FAMILY(OVPN_MPTCP_NAME);
