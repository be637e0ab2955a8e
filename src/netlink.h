/* SPDX-License-Identifier: GPL-2.0 */
/* The doors: netlink families and link kinds through which userspace comes in. */
#ifndef _OVPN_NETLINK_H_
#define _OVPN_NETLINK_H_

#include <linux/types.h>
#include <net/genetlink.h>
#include <net/rtnetlink.h>

#include "compat.h"
#include "uapi/linux/ovpn_dco_mptcp.h"

struct in6_addr;
struct ovpn_endpoint;
struct ovpn_key_dir;
struct ovpn_dev;
struct ovpn_peer;

/**
 * struct ovpn_door - one interface to userspace
 * @family: generic netlink family
 * @link: rtnetlink link kind
 * @client: the OpenVPN that comes through it, for the log
 * @key_nest: attribute of a request that keys are in
 * @carrier_follows_peer: a P2P device has no carrier while it has no peer;
 *	otherwise the carrier is always on
 * @follows_socket: notifications go to the network namespace of the peer's
 *	socket, where its daemon is; otherwise to that of the device
 * @new_peer_errno: what OpenVPN is told when ovpn_peer_new() fails with an
 *	errno; NULL where that is passed on
 * @enabled: module parameter; an administrator may close a door
 * @link_open: the link kind is registered
 * @open: the family is registered, the door can be used
 * @notify_peer_del: tells the listeners of the family that a peer is gone;
 *	called under ovpn_dev.lock, so that notifications leave in order
 * @notify_key_swap: tells that the packet ids of a key are used up; NULL
 *	where the family has no such message
 * @notify_peer_float: tells that a peer is at another address; NULL as before.
 *	Called under ovpn_dev.lock. All of these run in process context and
 *	may sleep.
 */
struct ovpn_door {
	struct genl_family *family;
	struct rtnl_link_ops *link;
	const char *client;
	int key_nest;
	bool carrier_follows_peer;
	bool follows_socket;
	int (*new_peer_errno)(int err);
	bool enabled;
	bool link_open;
	bool open;
	void (*notify_peer_del)(const struct ovpn_door *door,
				const struct ovpn_peer *peer,
				enum ovpn_mptcp_del_reason reason);
	void (*notify_key_swap)(const struct ovpn_door *door,
				const struct ovpn_peer *peer, u8 key_id);
	void (*notify_peer_float)(const struct ovpn_door *door,
				  const struct ovpn_peer *peer,
				  const struct ovpn_endpoint *outer);
};

extern struct ovpn_door ovpn_door_native;
extern struct ovpn_door ovpn_door_v2;
extern struct ovpn_door ovpn_door_ovpn;

#define OVPN_DOORS	3
extern struct ovpn_door * const ovpn_doors[OVPN_DOORS];
extern struct rw_semaphore ovpn_doors_lock;

int ovpn_netlink_init(void);
void ovpn_netlink_exit(void);

/* A request of a door: its device for as long as it is dealt with, its nest and
 * its peer.
 */
int ovpn_netlink_pre_doit(OVPN_COMPAT_GENL_OPS ops, struct sk_buff *request,
			  struct genl_info *info);
void ovpn_netlink_post_doit(OVPN_COMPAT_GENL_OPS ops, struct sk_buff *request,
			    struct genl_info *info);
int ovpn_netlink_parse(struct genl_info *info, const struct nla_policy *policy,
		       unsigned int nest, struct nlattr **tb,
		       unsigned long need);
struct ovpn_peer *ovpn_netlink_get_peer(struct genl_info *info,
					const struct nlattr *id);
struct ovpn_peer *ovpn_netlink_get_own_peer(struct genl_info *info,
					    const struct nlattr *id,
					    const struct sk_buff *request);

/* the device of a request, while its handler runs */
static inline struct ovpn_dev *ovpn_netlink_dev(const struct genl_info *info)
{
	return info->user_ptr[0];
}

/* for the doors */
struct ovpn_dev *ovpn_netlink_get_dev(const struct sk_buff *request,
				      const struct nlattr *ifindex,
				      const struct ovpn_door *door,
				      struct netlink_ext_ack *extack);
void ovpn_netlink_put_dev(struct ovpn_dev *ovpn);
const struct ovpn_door *ovpn_netlink_door_of(const struct net_device *dev);
const struct ovpn_door *ovpn_netlink_door_by(const struct nlmsghdr *nlh);
bool ovpn_netlink_dumps(const struct ovpn_door *door,
			const struct ovpn_peer *peer);
int ovpn_netlink_put_uint(struct sk_buff *skb, int attrtype, u64 value);
int ovpn_netlink_parse_keydir(struct ovpn_key_dir *dir,
			      const struct nlattr *nest,
			      const struct nla_policy *policy,
			      struct netlink_ext_ack *extack);
void ovpn_netlink_erase(struct nlattr *nest);
void ovpn_netlink_copy_addrs(struct ovpn_peer *peer, __be32 *vpn4,
			     struct in6_addr *vpn6);

#endif /* _OVPN_NETLINK_H_ */
