/* SPDX-License-Identifier: GPL-2.0 */
/* Finding a peer: by id, by VPN address, by the next hop of a packet. */
#ifndef _OVPN_PEER_LOOKUP_H_
#define _OVPN_PEER_LOOKUP_H_

#include <linux/in6.h>
#include <linux/rhashtable-types.h>
#include <linux/skbuff.h>

struct netlink_ext_ack;
struct ovpn_peer;
struct ovpn_dev;

/**
 * struct ovpn_vpn_addr - a VPN address of a peer as the address table's node
 * @node: in ovpn_dev.addrs while @hashed
 * @addr: the address; IPv4 as ::ffff:a.b.c.d, all zero for none
 * @peer: whose it is
 * @hashed: under ovpn_dev.lock
 */
struct ovpn_vpn_addr {
	struct rhash_head node;
	struct in6_addr addr;
	struct ovpn_peer *peer;
	bool hashed;
};

int ovpn_peers_init(struct ovpn_dev *ovpn);
void ovpn_peers_destroy(struct ovpn_dev *ovpn);
int ovpn_peers_add(struct ovpn_dev *ovpn, struct ovpn_peer *peer,
		   struct netlink_ext_ack *extack);
int ovpn_peers_add_addrs(struct ovpn_dev *ovpn, struct ovpn_peer *peer,
			 struct netlink_ext_ack *extack);
int ovpn_peers_rehash(struct ovpn_dev *ovpn, struct ovpn_vpn_addr *entry,
		      const struct in6_addr *addr,
		      struct netlink_ext_ack *extack);
void ovpn_peers_remove_addrs(struct ovpn_dev *ovpn, struct ovpn_peer *peer);
void ovpn_peers_remove_id(struct ovpn_dev *ovpn, struct ovpn_peer *peer);

struct ovpn_peer *ovpn_peer_get_by_id(struct ovpn_dev *ovpn, u32 id);
struct ovpn_peer *ovpn_peer_get_next(struct ovpn_dev *ovpn,
				     unsigned long *id);
struct ovpn_peer *ovpn_peer_find_by_addr(struct ovpn_dev *ovpn,
					 const struct in6_addr *addr);
struct ovpn_peer *ovpn_peer_find_for_skb(struct ovpn_dev *ovpn,
					 struct sk_buff *skb);

#endif /* _OVPN_PEER_LOOKUP_H_ */
