// SPDX-License-Identifier: GPL-2.0
/* The native schema: keys. */

#include <linux/netdevice.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "crypto.h"
#include "dev.h"
#include "netlink.h"
#include "netlink_native.h"
#include "notify.h"
#include "peer.h"

/* The peer and the nest of a command that changes a key. */
static struct ovpn_peer *begin(const struct sk_buff *skb,
			       struct genl_info *info,
			       const struct nla_policy *policy,
			       struct nlattr **tb, unsigned long need)
{
	int err = ovpn_netlink_parse(info, policy, OVPN_MPTCP_A_KEYCONF, tb,
				     need | BIT(OVPN_MPTCP_A_KEYCONF_PEER_ID));

	if (err)
		return ERR_PTR(err);
	return ovpn_netlink_get_own_peer(info, tb[OVPN_MPTCP_A_KEYCONF_PEER_ID],
					 skb);
}

static int parse_key(struct genl_info *info, struct nlattr **tb,
		     struct ovpn_key_config *cfg)
{
	int err;

	cfg->slot = nla_get_u32(tb[OVPN_MPTCP_A_KEYCONF_SLOT]);
	cfg->key_id = nla_get_u32(tb[OVPN_MPTCP_A_KEYCONF_KEY_ID]);
	cfg->cipher = nla_get_u32(tb[OVPN_MPTCP_A_KEYCONF_CIPHER_ALG]);
	if (cfg->cipher == OVPN_MPTCP_CIPHER_NONE) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[OVPN_MPTCP_A_KEYCONF_CIPHER_ALG],
				    "a tunnel without encryption cannot be offloaded: choose AES-GCM or ChaCha20-Poly1305");
		return -EINVAL;
	}
	err = ovpn_netlink_parse_keydir(&cfg->encrypt,
					tb[OVPN_MPTCP_A_KEYCONF_ENCRYPT_DIR],
					ovpn_native_keydir, info->extack);
	if (err)
		return err;
	return ovpn_netlink_parse_keydir(&cfg->decrypt,
					 tb[OVPN_MPTCP_A_KEYCONF_DECRYPT_DIR],
					 ovpn_native_keydir, info->extack);
}

static int key_new(const struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[OVPN_NATIVE_NEST_MAX + 1];
	struct ovpn_key_config cfg;
	struct ovpn_peer *peer;
	int err;

	peer = begin(skb, info, ovpn_native_key_new, tb,
		     BIT(OVPN_MPTCP_A_KEYCONF_SLOT) | BIT(OVPN_MPTCP_A_KEYCONF_KEY_ID) |
		     BIT(OVPN_MPTCP_A_KEYCONF_CIPHER_ALG) |
		     BIT(OVPN_MPTCP_A_KEYCONF_ENCRYPT_DIR) |
		     BIT(OVPN_MPTCP_A_KEYCONF_DECRYPT_DIR));
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	err = parse_key(info, tb, &cfg);
	if (!err)
		err = ovpn_peer_key_new(peer, &cfg, info->extack);
	ovpn_peer_put(peer);
	return err;
}

/**
 * ovpn_native_do_key_new - OVPN_MPTCP_CMD_KEY_NEW
 * @skb: request
 * @info: request
 *
 * Return: 0 or an errno
 */
int ovpn_native_do_key_new(struct sk_buff *skb, struct genl_info *info)
{
	int err = key_new(skb, info);

	ovpn_netlink_erase(info->attrs[OVPN_MPTCP_A_KEYCONF]);
	return err;
}

static int fill_key(struct sk_buff *skb, struct genl_info *info, u32 peer_id,
		    u32 slot, u8 key_id, u8 cipher, u8 key_len)
{
	const struct ovpn_door *door = ovpn_netlink_door_by(info->nlhdr);
	struct nlattr *nest;
	void *hdr;

	hdr = genlmsg_put_reply(skb, info, door->family, 0,
				OVPN_MPTCP_CMD_KEY_GET);
	if (!hdr)
		return -EMSGSIZE;
	nest = nla_nest_start(skb, OVPN_MPTCP_A_KEYCONF);
	if (!nest ||
	    nla_put_u32(skb, OVPN_MPTCP_A_KEYCONF_PEER_ID, peer_id) ||
	    nla_put_u32(skb, OVPN_MPTCP_A_KEYCONF_SLOT, slot) ||
	    nla_put_u32(skb, OVPN_MPTCP_A_KEYCONF_KEY_ID, key_id) ||
	    nla_put_u32(skb, OVPN_MPTCP_A_KEYCONF_CIPHER_ALG, cipher))
		return -EMSGSIZE;
	/* private */
	if (door == &ovpn_door_native &&
	    nla_put_u32(skb, OVPN_MPTCP_A_KEYCONF_KEY_LEN, key_len))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	genlmsg_end(skb, hdr);
	return 0;
}

static int reply_key(struct genl_info *info, struct ovpn_peer *peer,
		     const struct nlattr *slot_attr)
{
	u32 slot = nla_get_u32(slot_attr);
	struct sk_buff *msg;
	u8 key_id, cipher, key_len;
	int err;

	err = ovpn_keyring_describe(&peer->keys, slot, &key_id, &cipher,
				    &key_len);
	if (err) {
		NL_SET_ERR_MSG_ATTR(info->extack, slot_attr,
				    "no key is in this slot");
		return err;
	}
	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	err = fill_key(msg, info, peer->id, slot, key_id, cipher,
		       key_len);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

/**
 * ovpn_native_do_key_get - OVPN_MPTCP_CMD_KEY_GET
 * @skb: request
 * @info: request
 *
 * Tells about a key; never the key itself.
 *
 * Return: 0 or an errno
 */
int ovpn_native_do_key_get(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[OVPN_NATIVE_NEST_MAX + 1];
	struct ovpn_peer *peer;
	int err, type;

	err = ovpn_netlink_parse(info, ovpn_native_key_get, OVPN_MPTCP_A_KEYCONF, tb,
				 BIT(OVPN_MPTCP_A_KEYCONF_PEER_ID) |
				 BIT(OVPN_MPTCP_A_KEYCONF_SLOT));
	if (err)
		return err;
	for (type = OVPN_MPTCP_A_KEYCONF_KEY_ID; type <= OVPN_MPTCP_A_KEYCONF_CIPHER_ALG;
	     type++) {
		if (!tb[type])
			continue;
		NL_SET_ERR_MSG_ATTR(info->extack, tb[type],
				    "a key is asked for by peer id and slot alone: leave this attribute out");
		return -EINVAL;
	}
	peer = ovpn_netlink_get_peer(info, tb[OVPN_MPTCP_A_KEYCONF_PEER_ID]);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	err = reply_key(info, peer, tb[OVPN_MPTCP_A_KEYCONF_SLOT]);
	ovpn_peer_put(peer);
	return err;
}

/**
 * ovpn_native_do_key_swap - OVPN_MPTCP_CMD_KEY_SWAP
 * @skb: request
 * @info: request
 *
 * Return: 0 or an errno
 */
int ovpn_native_do_key_swap(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[OVPN_NATIVE_NEST_MAX + 1];
	struct ovpn_peer *peer;

	peer = begin(skb, info, ovpn_native_key_swap, tb, 0);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	ovpn_keyring_swap(&peer->keys);
	ovpn_peer_put(peer);
	return 0;
}

/**
 * ovpn_native_do_key_del - OVPN_MPTCP_CMD_KEY_DEL
 * @skb: request
 * @info: request
 *
 * Return: 0, also for a slot that is empty, or an errno
 */
int ovpn_native_do_key_del(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[OVPN_NATIVE_NEST_MAX + 1];
	struct ovpn_peer *peer;

	peer = begin(skb, info, ovpn_native_key_del, tb, BIT(OVPN_MPTCP_A_KEYCONF_SLOT));
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	ovpn_keyring_delete(&peer->keys, nla_get_u32(tb[OVPN_MPTCP_A_KEYCONF_SLOT]));
	ovpn_peer_put(peer);
	return 0;
}

/**
 * ovpn_native_notify_key_swap - multicast OVPN_MPTCP_CMD_KEY_SWAP_NTF
 * @door: where to
 * @peer: the peer
 * @key_id: the key that is used up
 *
 * Process context; may sleep.
 */
void ovpn_native_notify_key_swap(const struct ovpn_door *door,
				 const struct ovpn_peer *peer, u8 key_id)
{
	struct ovpn_notify ntf;

	if (!ovpn_notify_begin(&ntf, door, peer,
			       OVPN_MPTCP_CMD_KEY_SWAP_NTF,
			       OVPN_MPTCP_A_KEYCONF,
			       nla_total_size(sizeof(u32)) +
			       nla_total_size(sizeof(u16))))
		return;
	/* OpenVPN reads 16 bits of the key id, here and only here */
	ovpn_notify_end(&ntf,
			!nla_put_u32(ntf.msg, OVPN_MPTCP_A_KEYCONF_PEER_ID,
				     peer->id) &&
			!nla_put_u16(ntf.msg, OVPN_MPTCP_A_KEYCONF_KEY_ID,
				     key_id));
}
