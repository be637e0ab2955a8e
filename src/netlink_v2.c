// SPDX-License-Identifier: GPL-2.0
/*
 * The door of OpenVPN 2.6: family ovpn-dco-v2. OpenVPN 2.6 shows no extended
 * ack; the texts are for other callers and for the kernel log.
 */

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netdevice.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "compat.h"
#include "crypto.h"
#include "dev.h"
#include "keepalive.h"
#include "netlink.h"
#include "netlink_v2.h"
#include "notify.h"
#include "peer.h"
#include "peer_lookup.h"
#include "proto.h"
#include "sock.h"
#include "uapi/linux/ovpn_dco_v2.h"

/* what this file hands to the engine without translating it */
static_assert(OVPN_V2_A_IFINDEX == (int)OVPN_MPTCP_A_IFINDEX);
static_assert(OVPN_V2_A_KEYDIR_CIPHER_KEY == (int)OVPN_MPTCP_A_KEYDIR_CIPHER_KEY);
static_assert(OVPN_V2_A_KEYDIR_NONCE_TAIL == (int)OVPN_MPTCP_A_KEYDIR_NONCE_TAIL);
static_assert(OVPN_V2_A_KEYDIR_MAX == (int)OVPN_MPTCP_A_KEYDIR_MAX);
static_assert(OVPN_V2_A_IFLA_MODE == (int)OVPN_MPTCP_IFLA_MODE);
static_assert(OVPN_V2_MODE_MP == (int)OVPN_MPTCP_MODE_MP);
static_assert(OVPN_V2_CIPHER_AES_GCM == (int)OVPN_MPTCP_CIPHER_AES_GCM);
static_assert(OVPN_V2_CIPHER_CHACHA20_POLY1305 ==
	      (int)OVPN_MPTCP_CIPHER_CHACHA20_POLY1305);
static_assert(OVPN_V2_KEY_SLOT_SECONDARY == (int)OVPN_MPTCP_SLOT_SECONDARY);
static_assert(OVPN_V2_DEL_REASON_TRANSPORT_DISCONNECT ==
	      (int)OVPN_MPTCP_DEL_REASON_TRANSPORT_DISCONNECT);
static_assert(OVPN_V2_NONCE_TAIL_SIZE == OVPN_NONCE_TAIL_LEN);

/* the largest nest of a request; sizes the array it is parsed into */
#define V2_NEST_MAX	OVPN_V2_A_NEW_PEER_MAX

static_assert(OVPN_V2_A_NEW_KEY_MAX <= (int)V2_NEST_MAX);
static_assert(OVPN_V2_A_SET_PEER_MAX <= (int)V2_NEST_MAX);

static struct genl_family v2_family;

static const struct nla_policy v2_keydir_policy[] = {
	[OVPN_V2_A_KEYDIR_CIPHER_KEY] = NLA_POLICY_MAX(NLA_BINARY, U8_MAX),
	[OVPN_V2_A_KEYDIR_NONCE_TAIL] =
		NLA_POLICY_EXACT_LEN(OVPN_V2_NONCE_TAIL_SIZE),
};

static const struct nla_policy v2_new_peer_policy[] = {
	[OVPN_V2_A_NEW_PEER_ID] = { .type = NLA_U32 },
	[OVPN_V2_A_NEW_PEER_REMOTE] =
		NLA_POLICY_MIN_LEN(sizeof(struct sockaddr_in)),
	[OVPN_V2_A_NEW_PEER_SOCKET] = { .type = NLA_U32 },
	[OVPN_V2_A_NEW_PEER_IPV4] = { .type = NLA_U32 },
	[OVPN_V2_A_NEW_PEER_IPV6] =
		NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[OVPN_V2_A_NEW_PEER_LOCAL_IP] =
		NLA_POLICY_MAX(NLA_BINARY, sizeof(struct in6_addr)),
};

static const struct nla_policy v2_set_peer_policy[] = {
	[OVPN_V2_A_SET_PEER_ID] = { .type = NLA_U32 },
	[OVPN_V2_A_SET_PEER_INTERVAL] = { .type = NLA_U32 },
	[OVPN_V2_A_SET_PEER_TIMEOUT] = { .type = NLA_U32 },
};

static const struct nla_policy v2_del_peer_policy[] = {
	[OVPN_V2_A_DEL_PEER_REASON] =
		NLA_POLICY_MAX(NLA_U8, OVPN_V2_DEL_REASON_TRANSPORT_DISCONNECT),
	[OVPN_V2_A_DEL_PEER_ID] = { .type = NLA_U32 },
};

static const struct nla_policy v2_new_key_policy[] = {
	[OVPN_V2_A_NEW_KEY_PEER_ID] = { .type = NLA_U32 },
	[OVPN_V2_A_NEW_KEY_SLOT] =
		NLA_POLICY_MAX(NLA_U8, OVPN_V2_KEY_SLOT_SECONDARY),
	[OVPN_V2_A_NEW_KEY_ID] = { .type = NLA_U8 },
	[OVPN_V2_A_NEW_KEY_CIPHER] = { .type = NLA_U16 },
	[OVPN_V2_A_NEW_KEY_ENCRYPT] = NLA_POLICY_NESTED(v2_keydir_policy),
	[OVPN_V2_A_NEW_KEY_DECRYPT] = NLA_POLICY_NESTED(v2_keydir_policy),
};

static const struct nla_policy v2_swap_keys_policy[] = {
	[OVPN_V2_A_SWAP_KEYS_PEER_ID] = { .type = NLA_U32 },
};

static const struct nla_policy v2_del_key_policy[] = {
	[OVPN_V2_A_DEL_KEY_PEER_ID] = { .type = NLA_U32 },
	[OVPN_V2_A_DEL_KEY_SLOT] =
		NLA_POLICY_MAX(NLA_U8, OVPN_V2_KEY_SLOT_SECONDARY),
};

static const struct nla_policy v2_get_peer_policy[] = {
	[OVPN_V2_A_GET_PEER_ID] = { .type = NLA_U32 },
};

static const struct nla_policy v2_policy[OVPN_V2_A_MAX + 1] = {
	[OVPN_V2_A_IFINDEX] = { .type = NLA_U32 },
	[OVPN_V2_A_NEW_PEER] = NLA_POLICY_NESTED(v2_new_peer_policy),
	[OVPN_V2_A_SET_PEER] = NLA_POLICY_NESTED(v2_set_peer_policy),
	[OVPN_V2_A_DEL_PEER] = NLA_POLICY_NESTED(v2_del_peer_policy),
	[OVPN_V2_A_NEW_KEY] = NLA_POLICY_NESTED(v2_new_key_policy),
	[OVPN_V2_A_SWAP_KEYS] = NLA_POLICY_NESTED(v2_swap_keys_policy),
	[OVPN_V2_A_DEL_KEY] = NLA_POLICY_NESTED(v2_del_key_policy),
	[OVPN_V2_A_GET_PEER] = NLA_POLICY_NESTED(v2_get_peer_policy),
};

/* The peer and the nest of a command. */
static struct ovpn_peer *v2_begin_peer(struct genl_info *info,
				       unsigned int nest, struct nlattr **tb,
				       unsigned int id)
{
	int err = ovpn_netlink_parse(info, v2_policy, nest, tb, BIT(id));

	return err ? ERR_PTR(err) : ovpn_netlink_get_peer(info, tb[id]);
}

/* The same for a command that changes the peer or its keys. */
static struct ovpn_peer *v2_begin_change(const struct sk_buff *request,
					 struct genl_info *info,
					 unsigned int nest, struct nlattr **tb,
					 unsigned int id, unsigned long need)
{
	int err = ovpn_netlink_parse(info, v2_policy, nest, tb, need | BIT(id));

	return err ? ERR_PTR(err) :
		     ovpn_netlink_get_own_peer(info, tb[id], request);
}

/* OpenVPN 2.6 ends its process, and with it all tunnels, on -ENODEV, -ENOMEM
 * and -ENOBUFS. A socket that cannot be taken is always -ENOTSOCK here, as it
 * was in the module that this door stands in for; the log has the real cause.
 */
static int v2_new_peer_errno(const struct ovpn_dev *ovpn, u32 id, int err,
			     const struct netlink_ext_ack *extack)
{
	const char *why = extack && extack->_msg ? extack->_msg : "no details";

	if (!err || err == -EEXIST || err == -EADDRINUSE)
		return err;
	if (net_ratelimit())
		netdev_info(ovpn->dev,
			    "peer %u cannot be offloaded: %s (error %d)\n",
			    id, why, err);
	return -ENOTSOCK;
}

static int v2_new_peer(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[V2_NEST_MAX + 1];
	struct ovpn_dev *ovpn = ovpn_netlink_dev(info);
	struct ovpn_peer_config cfg = {};
	int err;

	err = ovpn_netlink_parse(info, v2_policy, OVPN_V2_A_NEW_PEER, tb,
				 BIT(OVPN_V2_A_NEW_PEER_ID) |
				 BIT(OVPN_V2_A_NEW_PEER_SOCKET));
	if (err)
		return err;

	cfg.id = nla_get_u32(tb[OVPN_V2_A_NEW_PEER_ID]);
	cfg.tx_id = cfg.id;
	cfg.fd = nla_get_u32(tb[OVPN_V2_A_NEW_PEER_SOCKET]);
	if (tb[OVPN_V2_A_NEW_PEER_IPV4])
		cfg.vpn4 = nla_get_in_addr(tb[OVPN_V2_A_NEW_PEER_IPV4]);
	if (tb[OVPN_V2_A_NEW_PEER_IPV6])
		cfg.vpn6 = nla_get_in6_addr(tb[OVPN_V2_A_NEW_PEER_IPV6]);
	/* clients send the remote address for streams, too */
	ovpn_v2_parse_outer(tb, &cfg.outer);
	cfg.outer_optional = true;

	if (cfg.id > OVPN_PEER_ID_MAX) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[OVPN_V2_A_NEW_PEER_ID],
				    "a peer id has 24 bits");
		return -EINVAL;
	}
	if (ovpn->mode == OVPN_MPTCP_MODE_MP && !tb[OVPN_V2_A_NEW_PEER_IPV4] &&
	    !tb[OVPN_V2_A_NEW_PEER_IPV6]) {
		NL_SET_ERR_MSG(info->extack,
			       "a peer of a multi-peer device needs a VPN address");
		return -EINVAL;
	}
	err = ovpn_peer_new(ovpn, &cfg, info->extack);
	return v2_new_peer_errno(ovpn, cfg.id, err, info->extack);
}

static int v2_set_peer(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[V2_NEST_MAX + 1];
	struct ovpn_peer *peer;

	peer = v2_begin_change(skb, info, OVPN_V2_A_SET_PEER, tb,
			       OVPN_V2_A_SET_PEER_ID, 0);
	if (IS_ERR(peer))
		return PTR_ERR(peer);

	if (tb[OVPN_V2_A_SET_PEER_INTERVAL] &&
	    tb[OVPN_V2_A_SET_PEER_TIMEOUT]) {
		u32 interval = nla_get_u32(tb[OVPN_V2_A_SET_PEER_INTERVAL]);
		u32 timeout = nla_get_u32(tb[OVPN_V2_A_SET_PEER_TIMEOUT]);

		/* this family knows no limit; a day is as good as for ever */
		ovpn_peer_set_keepalive(peer,
					min_t(u32, interval, OVPN_KEEPALIVE_MAX),
					min_t(u32, timeout, OVPN_KEEPALIVE_MAX));
	}
	ovpn_peer_put(peer);
	return 0;
}

static int v2_del_peer(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[V2_NEST_MAX + 1];
	struct ovpn_peer *peer;
	int err;

	peer = v2_begin_peer(info, OVPN_V2_A_DEL_PEER, tb, OVPN_V2_A_DEL_PEER_ID);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	err = ovpn_peer_del(peer, OVPN_MPTCP_DEL_REASON_USERSPACE);
	ovpn_peer_put(peer);
	return err;
}

static int v2_new_key_config(struct genl_info *info, struct nlattr **tb,
			     struct ovpn_key_config *cfg)
{
	int err;

	cfg->slot = nla_get_u8(tb[OVPN_V2_A_NEW_KEY_SLOT]);
	cfg->key_id = nla_get_u8(tb[OVPN_V2_A_NEW_KEY_ID]);
	cfg->cipher = nla_get_u16(tb[OVPN_V2_A_NEW_KEY_CIPHER]);
	if (cfg->key_id > OVPN_KEY_ID_MAX) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[OVPN_V2_A_NEW_KEY_ID],
				    "a key id has 3 bits");
		return -EINVAL;
	}
	if (cfg->cipher != OVPN_MPTCP_CIPHER_AES_GCM &&
	    cfg->cipher != OVPN_MPTCP_CIPHER_CHACHA20_POLY1305) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[OVPN_V2_A_NEW_KEY_CIPHER],
				    "only AES-GCM and ChaCha20-Poly1305 can be offloaded");
		return -EINVAL;
	}
	err = ovpn_netlink_parse_keydir(&cfg->encrypt,
					tb[OVPN_V2_A_NEW_KEY_ENCRYPT],
					v2_keydir_policy, info->extack);
	if (err)
		return err;
	return ovpn_netlink_parse_keydir(&cfg->decrypt,
					 tb[OVPN_V2_A_NEW_KEY_DECRYPT],
					 v2_keydir_policy, info->extack);
}

static int v2_install_key(const struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[V2_NEST_MAX + 1];
	struct ovpn_key_config cfg;
	struct ovpn_peer *peer;
	int err;

	peer = v2_begin_change(skb, info, OVPN_V2_A_NEW_KEY, tb,
			       OVPN_V2_A_NEW_KEY_PEER_ID,
			       BIT(OVPN_V2_A_NEW_KEY_SLOT) |
			       BIT(OVPN_V2_A_NEW_KEY_ID) |
			       BIT(OVPN_V2_A_NEW_KEY_CIPHER) |
			       BIT(OVPN_V2_A_NEW_KEY_ENCRYPT) |
			       BIT(OVPN_V2_A_NEW_KEY_DECRYPT));
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	err = v2_new_key_config(info, tb, &cfg);
	if (!err)
		err = ovpn_peer_key_new(peer, &cfg, info->extack);
	ovpn_peer_put(peer);
	return err;
}

static int v2_new_key(struct sk_buff *skb, struct genl_info *info)
{
	int err = v2_install_key(skb, info);

	ovpn_netlink_erase(info->attrs[OVPN_V2_A_NEW_KEY]);
	return err;
}

static int v2_swap_keys(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[V2_NEST_MAX + 1];
	struct ovpn_peer *peer;

	peer = v2_begin_change(skb, info, OVPN_V2_A_SWAP_KEYS, tb,
			       OVPN_V2_A_SWAP_KEYS_PEER_ID, 0);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	ovpn_keyring_swap(&peer->keys);
	ovpn_peer_put(peer);
	return 0;
}

static int v2_del_key(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[V2_NEST_MAX + 1];
	struct ovpn_peer *peer;

	peer = v2_begin_change(skb, info, OVPN_V2_A_DEL_KEY, tb,
			       OVPN_V2_A_DEL_KEY_PEER_ID,
			       BIT(OVPN_V2_A_DEL_KEY_SLOT));
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	ovpn_keyring_delete(&peer->keys,
			    nla_get_u8(tb[OVPN_V2_A_DEL_KEY_SLOT]));
	ovpn_peer_put(peer);
	return 0;
}

/* OpenVPN 2.6 reads 8 bytes of every byte counter, whatever their length */
static int v2_put_u64(struct sk_buff *skb, int type, const atomic64_t *value)
{
	return nla_put_u64_64bit(skb, type, atomic64_read(value), 0);
}

static int v2_put_stats(struct sk_buff *skb,
			const struct ovpn_peer_stats *stats)
{
	if (v2_put_u64(skb, OVPN_V2_A_REPLY_VPN_RX_BYTES,
		       &stats->vpn_rx_bytes) ||
	    nla_put_u32(skb, OVPN_V2_A_REPLY_VPN_RX_PACKETS,
			atomic64_read(&stats->vpn_rx_packets)) ||
	    v2_put_u64(skb, OVPN_V2_A_REPLY_VPN_TX_BYTES,
		       &stats->vpn_tx_bytes) ||
	    nla_put_u32(skb, OVPN_V2_A_REPLY_VPN_TX_PACKETS,
			atomic64_read(&stats->vpn_tx_packets)) ||
	    v2_put_u64(skb, OVPN_V2_A_REPLY_LINK_RX_BYTES,
		       &stats->link_rx_bytes) ||
	    nla_put_u32(skb, OVPN_V2_A_REPLY_LINK_RX_PACKETS,
			atomic64_read(&stats->link_rx_packets)) ||
	    v2_put_u64(skb, OVPN_V2_A_REPLY_LINK_TX_BYTES,
		       &stats->link_tx_bytes) ||
	    nla_put_u32(skb, OVPN_V2_A_REPLY_LINK_TX_PACKETS,
			atomic64_read(&stats->link_tx_packets)))
		return -EMSGSIZE;
	return 0;
}

static int v2_fill_peer(struct sk_buff *skb, struct ovpn_peer *peer,
			const struct sk_buff *request, u32 seq, int flags)
{
	struct ovpn_transport_info transport;
	struct in6_addr vpn6;
	struct nlattr *nest;
	__be32 vpn4;
	void *hdr;

	ovpn_sock_describe(peer, request, NULL, &transport);
	ovpn_netlink_copy_addrs(peer, &vpn4, &vpn6);

	hdr = genlmsg_put(skb, NETLINK_CB(request).portid, seq, &v2_family,
			  flags, OVPN_V2_CMD_GET_PEER);
	if (!hdr)
		return -EMSGSIZE;
	nest = nla_nest_start(skb, OVPN_V2_A_GET_PEER);
	if (!nest ||
	    nla_put_u32(skb, OVPN_V2_A_REPLY_ID, peer->id) ||
	    (vpn4 && nla_put_in_addr(skb, OVPN_V2_A_REPLY_IPV4, vpn4)) ||
	    (!ipv6_addr_any(&vpn6) &&
	     nla_put_in6_addr(skb, OVPN_V2_A_REPLY_IPV6, &vpn6)) ||
	    nla_put_u32(skb, OVPN_V2_A_REPLY_INTERVAL,
			READ_ONCE(peer->keepalive.interval)) ||
	    nla_put_u32(skb, OVPN_V2_A_REPLY_TIMEOUT,
			READ_ONCE(peer->keepalive.timeout)) ||
	    ovpn_v2_put_outer(skb, &transport.outer) ||
	    nla_put_net16(skb, OVPN_V2_A_REPLY_LOCAL_PORT,
			  transport.local_port) ||
	    v2_put_stats(skb, &peer->stats)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	genlmsg_end(skb, hdr);
	return 0;
}

static int v2_get_peer(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[V2_NEST_MAX + 1];
	struct ovpn_peer *peer;
	struct sk_buff *msg;
	int err = -ENOMEM;

	peer = v2_begin_peer(info, OVPN_V2_A_GET_PEER, tb, OVPN_V2_A_GET_PEER_ID);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (msg)
		err = v2_fill_peer(msg, peer, skb, info->snd_seq, 0);
	ovpn_peer_put(peer);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

/* The position is the next peer id, so peers may come and go meanwhile. */
static int v2_dump_peers(struct sk_buff *skb, struct netlink_callback *cb)
{
	unsigned long *next = (unsigned long *)cb->ctx;
	struct ovpn_dev *ovpn;
	struct ovpn_peer *peer;
	int err = 0;

	ovpn = ovpn_netlink_get_dev(cb->skb,
				    nlmsg_find_attr(cb->nlh, GENL_HDRLEN,
						    OVPN_V2_A_IFINDEX),
				    &ovpn_door_v2, cb->extack);
	if (IS_ERR(ovpn))
		return PTR_ERR(ovpn);

	while (!err && (peer = ovpn_peer_get_next(ovpn, next))) {
		if (ovpn_netlink_dumps(&ovpn_door_v2, peer))
			err = v2_fill_peer(skb, peer, cb->skb,
					   cb->nlh->nlmsg_seq, NLM_F_MULTI);
		ovpn_peer_put(peer);
		if (!err)
			(*next)++;
	}
	ovpn_netlink_put_dev(ovpn);
	/* a full message is sent, and the dump goes on with the next one */
	return skb->len ? skb->len : err;
}

static void v2_notify_peer_del(const struct ovpn_door *door,
			       const struct ovpn_peer *peer,
			       enum ovpn_mptcp_del_reason reason)
{
	struct ovpn_notify ntf;

	if (!ovpn_notify_begin(&ntf, door, peer, OVPN_V2_CMD_DEL_PEER,
			       OVPN_V2_A_DEL_PEER,
			       nla_total_size(sizeof(u8)) +
			       nla_total_size(sizeof(u32))))
		return;
	ovpn_notify_end(&ntf,
			!nla_put_u8(ntf.msg, OVPN_V2_A_DEL_PEER_REASON,
				    reason) &&
			!nla_put_u32(ntf.msg, OVPN_V2_A_DEL_PEER_ID,
				     peer->id));
}

static const struct genl_small_ops v2_ops[] = {
	{
		.cmd	= OVPN_V2_CMD_NEW_PEER,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= v2_new_peer,
	},
	{
		.cmd	= OVPN_V2_CMD_SET_PEER,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= v2_set_peer,
	},
	{
		.cmd	= OVPN_V2_CMD_DEL_PEER,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= v2_del_peer,
	},
	{
		.cmd	= OVPN_V2_CMD_NEW_KEY,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= v2_new_key,
	},
	{
		.cmd	= OVPN_V2_CMD_SWAP_KEYS,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= v2_swap_keys,
	},
	{
		.cmd	= OVPN_V2_CMD_DEL_KEY,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= v2_del_key,
	},
	{
		.cmd	= OVPN_V2_CMD_GET_PEER,
		.flags	= GENL_UNS_ADMIN_PERM,
		.doit	= v2_get_peer,
		.dumpit	= v2_dump_peers,
	},
};

static const struct genl_multicast_group v2_groups[] = {
	{
		.name	= OVPN_V2_MCGRP_PEERS,
		.flags	= GENL_MCAST_CAP_NET_ADMIN,
	},
};

/* Every command is validated strictly, which is what resv_start_op 0 asks for.
 * Handlers may run at the same time: the engine has its own locks.
 */
static struct genl_family v2_family __ro_after_init = {
	.name		= OVPN_V2_NAME,
	.version	= OVPN_V2_VERSION,
	.maxattr	= OVPN_V2_A_MAX,
	.policy		= v2_policy,
	.netnsok	= true,
	.parallel_ops	= true,
	.small_ops	= v2_ops,
	.n_small_ops	= ARRAY_SIZE(v2_ops),
	.mcgrps		= v2_groups,
	.n_mcgrps	= ARRAY_SIZE(v2_groups),
	.pre_doit	= ovpn_netlink_pre_doit,
	.post_doit	= ovpn_netlink_post_doit,
	.module		= THIS_MODULE,
};

struct ovpn_door ovpn_door_v2 = {
	.family			= &v2_family,
	.link			= &ovpn_dev_link_v2,
	.client			= "OpenVPN 2.6",
	.key_nest		= OVPN_V2_A_NEW_KEY,
	.follows_socket		= true,
	.enabled		= true,
	.notify_peer_del	= v2_notify_peer_del,
};

MODULE_ALIAS_GENL_FAMILY(OVPN_V2_NAME);
