// SPDX-License-Identifier: GPL-2.0
/* The doors: opening and closing them, and what all of them need. */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rwsem.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "compat.h"
#include "crypto.h"
#include "dev.h"
#include "netlink.h"
#include "origin.h"
#include "peer.h"
#include "sock.h"

module_param_named(door_ovpn_dco_v2, ovpn_door_v2.enabled, bool, 0444);
MODULE_PARM_DESC(door_ovpn_dco_v2,
		 "Let OpenVPN 2.6 in: netlink family ovpn-dco-v2, link kind ovpn-dco (default Y)");
module_param_named(door_ovpn, ovpn_door_ovpn.enabled, bool, 0444);
MODULE_PARM_DESC(door_ovpn,
		 "Let OpenVPN 2.7 in: netlink family ovpn, link kind ovpn (default Y)");

/* the native door first: others may stay closed, it may not */
struct ovpn_door * const ovpn_doors[OVPN_DOORS] = {
	&ovpn_door_native,
	&ovpn_door_v2,
	&ovpn_door_ovpn,
};

/* Readers send through a family (notify.c), the writer closes it. Nothing else
 * is ever taken inside the write side, so a notification may be sent under any
 * mutex.
 */
DECLARE_RWSEM(ovpn_doors_lock);

static void ovpn_door_set_open(struct ovpn_door *door, bool open)
{
	down_write(&ovpn_doors_lock);
	door->open = open;
	up_write(&ovpn_doors_lock);
}

/* The link kind comes first and goes last: who sees the family may rely on the
 * kind. @what says for the log where it failed.
 */
static int ovpn_door_open(struct ovpn_door *door, const char **what)
{
	int err;

	*what = "link kind";
	err = rtnl_link_register(door->link);
	if (err)
		return err;
	door->link_open = true;

	/* set early: commands can arrive before the registration returns */
	ovpn_door_set_open(door, true);
	*what = "netlink family";
	err = genl_register_family(door->family);
	if (!err)
		return 0;

	ovpn_door_set_open(door, false);
	door->link_open = false;
	rtnl_link_unregister(door->link);
	return err;
}

static void ovpn_door_close(struct ovpn_door *door)
{
	if (door->open) {
		/* no notification may use the groups of a family that is gone */
		ovpn_door_set_open(door, false);
		genl_unregister_family(door->family);
	}
	if (door->link_open) {
		door->link_open = false;
		rtnl_link_unregister(door->link);
	}
}

/**
 * ovpn_netlink_init - open the doors
 *
 * The native door must open. That another one does not, because it is switched
 * off, taken by another module or for want of memory, is only reported: there may
 * be devices by then.
 *
 * Return: 0 or an errno
 */
int ovpn_netlink_init(void)
{
	const char *what;
	int i, err;

	for (i = 0; i < ARRAY_SIZE(ovpn_doors); i++) {
		struct ovpn_door *door = ovpn_doors[i];

		if (!door->enabled) {
			pr_info("%s cannot reach this module: its door, netlink family %s, is switched off by a module parameter\n",
				door->client, door->family->name);
			continue;
		}
		err = ovpn_door_open(door, &what);
		if (!err)
			continue;
		if (door == &ovpn_door_native) {
			pr_err("%s %s cannot be registered: error %d\n", what,
			       door->family->name, err);
			return err;
		}
		if (err == -EEXIST)
			pr_warn("%s cannot reach this module: another module has its %s (family %s, kind %s); unload that one first\n",
				door->client, what, door->family->name,
				door->link->kind);
		else
			pr_warn("%s cannot reach this module: its %s cannot be registered: error %d; load it again\n",
				door->client, what, err);
	}
	return 0;
}

/**
 * ovpn_netlink_exit - close all doors
 *
 * Destroys every device. Process context, RTNL not held.
 */
void ovpn_netlink_exit(void)
{
	int i;

	for (i = ARRAY_SIZE(ovpn_doors) - 1; i >= 0; i--)
		ovpn_door_close(ovpn_doors[i]);
}

/**
 * ovpn_netlink_door_of - through which door a device was made
 * @dev: any device
 *
 * Return: NULL when it is not one of ours
 */
const struct ovpn_door *ovpn_netlink_door_of(const struct net_device *dev)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(ovpn_doors); i++) {
		if (dev->rtnl_link_ops == ovpn_doors[i]->link)
			return ovpn_doors[i];
	}
	return NULL;
}

/**
 * ovpn_netlink_door_by - through which door a request comes
 * @nlh: the request
 *
 * Return: the door; never NULL for a request that a handler got, because the
 * number of its family is the type of its messages
 */
const struct ovpn_door *ovpn_netlink_door_by(const struct nlmsghdr *nlh)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(ovpn_doors); i++) {
		if (nlh->nlmsg_type == ovpn_doors[i]->family->id)
			return ovpn_doors[i];
	}
	return NULL;
}

/* Whether who asks may do with a device what its owner may: it need not be in the
 * network namespace of who asks any more.
 */
static bool may_reach(const struct sk_buff *request,
		      const struct ovpn_dev *ovpn)
{
	struct net *net = ovpn_dev_get_net(ovpn);
	bool may;

	if (!net)
		return false;
	may = net_eq(net, sock_net(request->sk)) ||
	      netlink_ns_capable(request, net->user_ns, CAP_NET_ADMIN);
	put_net(net);
	return may;
}

/* OpenVPN says the index that its device was made with, wherever the device is by
 * now. That comes first: the index may be another device's meanwhile.
 */
static struct net_device *find_dev(const struct sk_buff *request, u32 index,
				   const struct ovpn_door *door,
				   struct netlink_ext_ack *extack)
{
	struct net *net = sock_net(request->sk);
	struct ovpn_dev *ovpn = NULL;
	struct net_device *dev;

	if (door != &ovpn_door_native)
		ovpn = ovpn_origin_get(request, index, door);
	if (ovpn && may_reach(request, ovpn))
		return ovpn->dev;
	if (ovpn) {
		NL_SET_ERR_MSG(extack,
			       "this tunnel was moved to a network namespace in which CAP_NET_ADMIN is needed, too");
		dev_put(ovpn->dev);
		return ERR_PTR(-EPERM);
	}
	dev = dev_get_by_index(net, index);
	if (dev)
		return dev;
	NL_SET_ERR_MSG(extack,
		       "no interface has this index in the network namespace of the caller");
	return ERR_PTR(-ENODEV);
}

/**
 * ovpn_netlink_get_dev - the device that a request is about
 * @request: the netlink message
 * @ifindex: attribute with the interface index, or NULL
 * @door: where the request came in; only the native door sees all devices
 * @extack: for the text of an error
 *
 * Return: the device with a reference, or -EINVAL, -ENODEV, -EPERM as ERR_PTR
 */
struct ovpn_dev *ovpn_netlink_get_dev(const struct sk_buff *request,
				      const struct nlattr *ifindex,
				      const struct ovpn_door *door,
				      struct netlink_ext_ack *extack)
{
	const struct ovpn_door *made_by;
	struct net_device *dev;

	if (!ifindex) {
		/* the number of this attribute is the same in all families */
		NL_SET_ERR_ATTR_MISS(extack, NULL, OVPN_MPTCP_A_IFINDEX);
		NL_SET_ERR_MSG(extack,
			       "say which device is meant: the interface index is missing");
		return ERR_PTR(-EINVAL);
	}
	dev = find_dev(request, nla_get_u32(ifindex), door, extack);
	if (IS_ERR(dev)) {
		NL_SET_BAD_ATTR(extack, ifindex);
		return ERR_CAST(dev);
	}
	made_by = ovpn_netlink_door_of(dev);
	if (!made_by) {
		NL_SET_ERR_MSG_ATTR(extack, ifindex,
				    "this interface is not a tunnel of ovpn-dco-mptcp");
		goto err_put;
	}
	if (door != &ovpn_door_native && door != made_by) {
		NL_SET_ERR_MSG_ATTR(extack, ifindex,
				    "this tunnel has another link kind: use the netlink family that belongs to it, or ovpn-dco-mptcp");
		goto err_put;
	}
	return netdev_priv(dev);

err_put:
	dev_put(dev);
	return ERR_PTR(-EINVAL);
}

/**
 * ovpn_netlink_put_dev - give the reference back
 * @ovpn: from ovpn_netlink_get_dev()
 */
void ovpn_netlink_put_dev(struct ovpn_dev *ovpn)
{
	dev_put(ovpn->dev);
}

/**
 * ovpn_netlink_pre_doit - genl_family.pre_doit: find the device of a request
 * @ops: operation
 * @request: the netlink message
 * @info: request; its handler finds the device by ovpn_netlink_dev()
 *
 * Keys of a request that comes to no handler are erased here.
 *
 * Return: 0, or why there is no such device, see ovpn_netlink_get_dev()
 */
int ovpn_netlink_pre_doit(OVPN_COMPAT_GENL_OPS ops, struct sk_buff *request,
			  struct genl_info *info)
{
	const struct ovpn_door *door = ovpn_netlink_door_by(info->nlhdr);
	struct ovpn_dev *ovpn;

	/* the number of this attribute is the same in all families */
	ovpn = ovpn_netlink_get_dev(request, info->attrs[OVPN_MPTCP_A_IFINDEX],
				    door, info->extack);
	if (IS_ERR(ovpn)) {
		ovpn_netlink_erase(info->attrs[door->key_nest]);
		return PTR_ERR(ovpn);
	}
	info->user_ptr[0] = ovpn;
	return 0;
}

/**
 * ovpn_netlink_post_doit - genl_family.post_doit: the request is dealt with
 * @ops: operation
 * @request: the netlink message
 * @info: request
 */
void ovpn_netlink_post_doit(OVPN_COMPAT_GENL_OPS ops, struct sk_buff *request,
			    struct genl_info *info)
{
	ovpn_netlink_put_dev(ovpn_netlink_dev(info));
}

/**
 * ovpn_netlink_parse - open the nest of a request
 * @info: request
 * @policy: of the command
 * @nest: attribute of @policy, the nest
 * @tb: a pointer for each attribute of the nest. Only those are set that the
 *	policy of the nest knows: look at no others.
 * @need: a bit for each attribute that must be there
 *
 * Return: 0 or -EINVAL, -ERANGE
 */
int ovpn_netlink_parse(struct genl_info *info, const struct nla_policy *policy,
		       unsigned int nest, struct nlattr **tb,
		       unsigned long need)
{
	unsigned int type;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, nest)) {
		NL_SET_ERR_MSG(info->extack,
			       "the nest that belongs to this command is missing");
		return -EINVAL;
	}
	err = nla_parse_nested(tb, policy[nest].len, info->attrs[nest],
			       policy[nest].nested_policy, info->extack);
	if (err)
		return err;
	for_each_set_bit(type, &need, BITS_PER_LONG) {
		if (NL_REQ_ATTR_CHECK(info->extack, info->attrs[nest], tb,
				      type)) {
			NL_SET_ERR_MSG(info->extack,
				       "an attribute that this command needs is missing from its nest");
			return -EINVAL;
		}
	}
	return 0;
}

/**
 * ovpn_netlink_get_peer - the peer that a request is about
 * @info: request
 * @id: attribute with the peer id
 *
 * Return: the peer with a reference, or -ENOENT as ERR_PTR
 */
struct ovpn_peer *ovpn_netlink_get_peer(struct genl_info *info,
					const struct nlattr *id)
{
	struct ovpn_peer *peer = ovpn_peer_get_by_id(ovpn_netlink_dev(info),
						     nla_get_u32(id));

	if (peer)
		return peer;
	NL_SET_ERR_MSG_ATTR(info->extack, id,
			    "no peer of this device has this id");
	return ERR_PTR(-ENOENT);
}

/**
 * ovpn_netlink_get_own_peer - the peer that a request is to change
 * @info: request
 * @id: attribute with the peer id
 * @request: the netlink message
 *
 * Return: the peer with a reference, or -ENOENT, -EPERM as ERR_PTR
 */
struct ovpn_peer *ovpn_netlink_get_own_peer(struct genl_info *info,
					    const struct nlattr *id,
					    const struct sk_buff *request)
{
	struct ovpn_peer *peer = ovpn_netlink_get_peer(info, id);
	int err;

	if (IS_ERR(peer))
		return peer;
	err = ovpn_sock_may_change(peer, request, info->extack);
	if (!err)
		return peer;
	ovpn_peer_put(peer);
	return ERR_PTR(err);
}

/**
 * ovpn_netlink_dumps - whether a dump of peers shows one of them
 * @door: where the request came in
 * @peer: a live or dead peer
 *
 * OpenVPN was told of the end of a dead one, and may have given its id to another
 * client, whose counters it would take these for. The native door shows all.
 *
 * Return: true if so
 */
bool ovpn_netlink_dumps(const struct ovpn_door *door,
			const struct ovpn_peer *peer)
{
	return door == &ovpn_door_native ||
	       READ_ONCE(peer->state) == OVPN_PEER_LIVE;
}

/**
 * ovpn_netlink_put_uint - add an integer that is as wide as it needs to be
 * @skb: message
 * @attrtype: attribute
 * @value: 4 bytes are used when it fits, else 8
 *
 * Return: 0 or -EMSGSIZE
 */
int ovpn_netlink_put_uint(struct sk_buff *skb, int attrtype, u64 value)
{
	if (value <= U32_MAX)
		return nla_put_u32(skb, attrtype, value);
	return nla_put(skb, attrtype, sizeof(value), &value);
}

/**
 * ovpn_netlink_parse_keydir - one direction of a new key
 * @dir: points into the message afterwards
 * @nest: nest of OVPN_MPTCP_A_KEYDIR_x, which are the same in all families
 * @policy: of the nest
 * @extack: for the text of an error
 *
 * Return: 0 or -EINVAL, -ERANGE
 */
int ovpn_netlink_parse_keydir(struct ovpn_key_dir *dir,
			      const struct nlattr *nest,
			      const struct nla_policy *policy,
			      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[OVPN_MPTCP_A_KEYDIR_MAX + 1];
	int err;

	err = nla_parse_nested(tb, OVPN_MPTCP_A_KEYDIR_MAX, nest, policy, extack);
	if (err)
		return err;
	if (NL_REQ_ATTR_CHECK(extack, nest, tb, OVPN_MPTCP_A_KEYDIR_CIPHER_KEY) ||
	    NL_REQ_ATTR_CHECK(extack, nest, tb, OVPN_MPTCP_A_KEYDIR_NONCE_TAIL)) {
		NL_SET_ERR_MSG(extack,
			       "a key direction needs both the key and the nonce tail");
		return -EINVAL;
	}
	dir->key = nla_data(tb[OVPN_MPTCP_A_KEYDIR_CIPHER_KEY]);
	dir->key_len = nla_len(tb[OVPN_MPTCP_A_KEYDIR_CIPHER_KEY]);
	dir->nonce_tail = nla_data(tb[OVPN_MPTCP_A_KEYDIR_NONCE_TAIL]);
	return 0;
}

/**
 * ovpn_netlink_erase - leave nothing of the keys in a message
 * @nest: of a request that has been dealt with, whatever came of it; NULL if it
 *	  has none
 *
 * The message is freed as it is, and what it was sent with comes back behind an
 * error. It is the kernel's own copy; a tap (nlmon) has a clone of it, and what
 * it has not read yet is gone there, too.
 */
void ovpn_netlink_erase(struct nlattr *nest)
{
	if (nest)
		memzero_explicit(nla_data(nest), nla_len(nest));
}

/**
 * ovpn_netlink_copy_addrs - the VPN addresses of a peer, one consistent pair
 * @peer: the peer
 * @vpn4: 0 for none
 * @vpn6: :: for none
 */
void ovpn_netlink_copy_addrs(struct ovpn_peer *peer, __be32 *vpn4,
			     struct in6_addr *vpn6)
{
	mutex_lock(&peer->ovpn->lock);
	/* the last word of ::ffff:a.b.c.d, and of :: as well */
	*vpn4 = peer->vpn4.addr.s6_addr32[3];
	*vpn6 = peer->vpn6.addr;
	mutex_unlock(&peer->ovpn->lock);
}
