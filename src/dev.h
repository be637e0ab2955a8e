/* SPDX-License-Identifier: GPL-2.0 */
/* A tunnel interface: its state, link kinds, life and properties. */
#ifndef _OVPN_DEV_H_
#define _OVPN_DEV_H_

#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/rhashtable.h>
#include <linux/u64_stats_sync.h>
#include <linux/xarray.h>
#include <net/rtnetlink.h>

#include "budget.h"
#include "drop.h"
#include "multicast.h"
#include "origin.h"

struct ovpn_door;
struct ovpn_peer;
struct ovpn_rx_queues;

/**
 * struct ovpn_dev_stats - what one CPU counted on a device
 * @sync: for readers on 32-bit machines; writers run with BH disabled
 * @rx_packets: inner packets given to the stack
 * @rx_bytes: their bytes
 * @tx_packets: inner packets encrypted and queued for the transport
 * @tx_bytes: their bytes
 */
struct ovpn_dev_stats {
	struct u64_stats_sync sync;
	u64_stats_t rx_packets;
	u64_stats_t rx_bytes;
	u64_stats_t tx_packets;
	u64_stats_t tx_bytes;
};

/**
 * struct ovpn_dev - one tunnel interface, the private part of its netdev
 * @dev: the netdev; a peer holds a reference until it is freed, so whoever
 *	 has a peer has the device
 * @door: the door (link kind and netlink family) it was made through
 * @origin: who made it, and where
 * @mode: enum ovpn_mptcp_mode, fixed at creation
 * @lock: serialises every change of the set of peers and of a peer's place
 *	  in it. Taken in process context, inside RTNL where both are held.
 * @gone: the device is being unregistered, no peer may join; under @lock
 * @peers: all peers by id, those included that lost their transport and wait
 *	   for userspace to let them go. Written under @lock, read under RCU.
 * @peer_count: MP mode: how many @peers there are; under @lock
 * @p2p: P2P mode: the peer that gets the packets. Written under @lock.
 * @addrs: MP mode: peers by VPN address (struct ovpn_vpn_addr). Written
 *	   under @lock, read under RCU.
 * @multicast: MP mode: packets that are to be copied to all peers
 * @rx_queues: received packets enter the stack here
 * @budget: what packets may take that are not authenticated yet
 * @stats: packets and bytes
 * @tx_dropped: packets that could not be sent: those of all peers, see
 *		ovpn_drops_add(), and those that got to no queue
 * @rx_dropped: the same of packets that were received
 */
struct ovpn_dev {
	struct net_device *dev;
	const struct ovpn_door *door;
	struct ovpn_origin origin;
	u8 mode;
	struct mutex lock;
	bool gone;
	struct xarray peers;
	unsigned int peer_count;
	struct ovpn_peer __rcu *p2p;
	struct rhashtable addrs;
	struct ovpn_multicast multicast;
	struct ovpn_rx_queues *rx_queues;
	struct ovpn_budget budget;
	struct ovpn_dev_stats __percpu *stats;
	atomic64_t tx_dropped;
	atomic64_t rx_dropped;
};

extern struct rtnl_link_ops ovpn_dev_link_native;
extern struct rtnl_link_ops ovpn_dev_link_v2;
extern struct rtnl_link_ops ovpn_dev_link_ovpn;

void ovpn_dev_carrier(struct ovpn_dev *ovpn, bool on);
struct net *ovpn_dev_get_net(const struct ovpn_dev *ovpn);

#endif /* _OVPN_DEV_H_ */
