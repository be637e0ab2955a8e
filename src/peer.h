/* SPDX-License-Identifier: GPL-2.0 */
/* The life of a peer: creation, changes, removal. Look-up is in peer_lookup.h. */
#ifndef _OVPN_PEER_H_
#define _OVPN_PEER_H_

#include <linux/in6.h>
#include <linux/kref.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "crypto.h"
#include "dev.h"
#include "drop.h"
#include "early.h"
#include "endpoint.h"
#include "keepalive.h"
#include "peer_lookup.h"
#include "queue.h"
#include "segment.h"

struct netlink_ext_ack;
struct ovpn_stream;
struct ovpn_transport;
struct ovpn_udp;

/**
 * struct ovpn_bind - outer addresses of a peer; never changed, only replaced
 * @outer: the addresses
 * @serial: another number for each one of a peer; who keeps a route knows by
 *	    it that the route is of another one
 * @rcu: readers use it under RCU
 */
struct ovpn_bind {
	struct ovpn_endpoint outer;
	u32 serial;
	struct rcu_head rcu;
};

/**
 * struct ovpn_peer_stats - traffic of a peer, added to once a batch
 * @vpn_rx_bytes: inner packets given to the stack, keepalives excluded
 * @vpn_rx_packets: their number
 * @vpn_tx_bytes: inner packets encrypted, keepalives excluded
 * @vpn_tx_packets: their number
 * @link_rx_bytes: data packets received, from the opcode on, also bad ones
 * @link_rx_packets: their number
 * @link_tx_bytes: data packets the transport took, from the opcode on
 * @link_tx_packets: their number
 */
struct ovpn_peer_stats {
	atomic64_t vpn_rx_bytes;
	atomic64_t vpn_rx_packets;
	atomic64_t vpn_tx_bytes;
	atomic64_t vpn_tx_packets;
	atomic64_t link_rx_bytes;
	atomic64_t link_rx_packets;
	atomic64_t link_tx_bytes;
	atomic64_t link_tx_packets;
};

/**
 * enum ovpn_peer_state - where a peer stands; changes under ovpn_dev.lock
 * @OVPN_PEER_NEW: not yet in the tables
 * @OVPN_PEER_LIVE: carries traffic
 * @OVPN_PEER_DEAD: the transport or the keepalive ended it and userspace was
 *	told. It still answers by its id, because a daemon that installs a
 *	key at this very moment takes -ENOENT as fatal; it goes when it is
 *	deleted, replaced, or its socket is closed; one of datagrams, whose
 *	socket carries others, after ten seconds. Another socket makes a peer
 *	of a stream live again.
 * @OVPN_PEER_GONE: in no table any more
 */
enum ovpn_peer_state {
	OVPN_PEER_NEW,
	OVPN_PEER_LIVE,
	OVPN_PEER_DEAD,
	OVPN_PEER_GONE,
};

/**
 * struct ovpn_peer - the other end of a tunnel
 * @ovpn: the device, with a reference until the peer is freed
 * @dev_tracker: of that reference
 * @id: key of the netlink interface, 24 bits
 * @tx_id: peer id in packets sent
 * @state: see enum ovpn_peer_state; under ovpn_dev.lock
 * @vpn4: VPN IPv4 address, in the address table in MP mode
 * @vpn6: VPN IPv6 address, in the address table in MP mode
 * @keys: key slots
 * @early: packets that came before their key
 * @queue: plaintext that waits for the transport
 * @segmenter: rest of a packet that was taken from @queue; used only by the
 *	       transmit worker
 * @sock_lock: serialises everything that gives the peer a socket or takes it
 *	       away, the waiting for workers included. Inside RTNL, outside of
 *	       ovpn_dev.lock and ovpn_stream.lock; a worker never takes it,
 *	       and it is never taken of two peers.
 * @transport: kind of transport of @stream or @udp; NULL before the first attach.
 *	       Written like @stream.
 * @stream: the stream, with a reference; set by a successful attach, never
 *	    cleared. Written under @sock_lock while the queue is closed or
 *	    paused and no writer runs; read under one of these conditions, or
 *	    under RCU.
 * @udp: what a peer carried by datagrams has instead, owned; set by a successful
 *	 attach, never changed
 * @inner_max: the longest packet inside that goes out in one datagram, in bytes; 0
 *	       on a stream. Written by the transmit worker of @udp.
 * @bind: its outer addresses, owned; written under ovpn_dev.lock, read under
 *	  RCU. NULL for other peers.
 * @float_next: under ovpn_dev.lock: in jiffies, no other move before
 * @keepalive: timers
 * @stats: traffic
 * @drops: drops by reason
 * @death: makes it a dead one when the transport worker or the keepalive found
 *	   it dead: a worker cannot wait for itself. Holds a reference while queued.
 * @release: lets a dead peer of datagrams go. Holds a reference while queued.
 * @death_cause: what @death has to do: 1 + enum ovpn_mptcp_del_reason, or 0 for
 *		 nothing; the first cause counts
 * @death_reason: why it died last, enum ovpn_mptcp_del_reason
 * @ref: one for the tables, one for the attached stream, one for each of
 *	 @death and @release that is queued, and for each look-up that asked for
 *	 one
 * @free: frees it in process context after an RCU period: transmitters use
 *	  peers under RCU without a reference
 */
struct ovpn_peer {
	struct ovpn_dev *ovpn;
	netdevice_tracker dev_tracker;
	u32 id;
	u32 tx_id;
	enum ovpn_peer_state state;
	struct ovpn_vpn_addr vpn4;
	struct ovpn_vpn_addr vpn6;
	struct ovpn_keyring keys;
	struct ovpn_early early;
	struct ovpn_queue queue;
	struct ovpn_segmenter segmenter;
	struct mutex sock_lock;
	const struct ovpn_transport *transport;
	struct ovpn_stream __rcu *stream;
	struct ovpn_udp __rcu *udp;
	unsigned int inner_max;
	struct ovpn_bind __rcu *bind;
	unsigned long float_next;
	struct ovpn_keepalive keepalive;
	struct ovpn_peer_stats stats;
	struct ovpn_drops drops;
	struct work_struct death;
	struct delayed_work release;
	int death_cause;
	u8 death_reason;
	struct kref ref;
	struct rcu_work free;
};

/**
 * struct ovpn_peer_config - a new peer as a door understood it
 * @id: 0..OVPN_PEER_ID_MAX
 * @tx_id: peer id in packets sent
 * @fd: the caller's file descriptor of the transport socket
 * @outer: addresses of a peer that is carried by datagrams
 * @outer_optional: the other transports ignore @outer instead of refusing it
 * @vpn4: VPN IPv4 address, 0 = none
 * @vpn6: VPN IPv6 address, :: = none
 * @interval: keepalive interval in seconds, 0 = off
 * @timeout: keepalive timeout in seconds, 0 = off
 */
struct ovpn_peer_config {
	u32 id;
	u32 tx_id;
	int fd;
	struct ovpn_endpoint outer;
	bool outer_optional;
	__be32 vpn4;
	struct in6_addr vpn6;
	u32 interval;
	u32 timeout;
};

int ovpn_peer_new(struct ovpn_dev *ovpn, const struct ovpn_peer_config *cfg,
		  struct netlink_ext_ack *extack);
int ovpn_peer_del(struct ovpn_peer *peer, enum ovpn_mptcp_del_reason reason);
void ovpn_peer_enliven(struct ovpn_peer *peer, u32 interval, u32 timeout);
void ovpn_peer_die(struct ovpn_peer *peer, enum ovpn_mptcp_del_reason reason);
bool ovpn_peer_expired(const struct ovpn_peer *peer);
void ovpn_peer_closed(struct ovpn_peer *peer, const struct ovpn_stream *stream);
void ovpn_peer_del_all(struct ovpn_dev *ovpn);

/* peer_change.c APIs */
int ovpn_peer_set_sock(struct ovpn_peer *peer, int fd,
		       struct netlink_ext_ack *extack);
int ovpn_peer_set_addrs(struct ovpn_peer *peer, const __be32 *vpn4,
			const struct in6_addr *vpn6,
			struct netlink_ext_ack *extack);
int ovpn_peer_check_outer(struct ovpn_peer *peer,
			  const struct ovpn_endpoint *outer,
			  struct netlink_ext_ack *extack);
int ovpn_peer_set_outer(struct ovpn_peer *peer,
			const struct ovpn_endpoint *outer,
			struct netlink_ext_ack *extack);
void ovpn_peer_float(struct ovpn_peer *peer, const struct ovpn_endpoint *outer);
int ovpn_peer_key_new(struct ovpn_peer *peer, const struct ovpn_key_config *cfg,
		      struct netlink_ext_ack *extack);
void ovpn_peer_set_keepalive(struct ovpn_peer *peer, u32 interval, u32 timeout);

void ovpn_peer_release(struct kref *ref);

static inline void ovpn_peer_hold(struct ovpn_peer *peer)
{
	kref_get(&peer->ref);
}

static inline void ovpn_peer_put(struct ovpn_peer *peer)
{
	kref_put(&peer->ref, ovpn_peer_release);
}

/* the stream of a peer; the caller holds peer->sock_lock */
static inline struct ovpn_stream *ovpn_peer_stream(const struct ovpn_peer *peer)
{
	return rcu_dereference_protected(peer->stream,
					 lockdep_is_held(&peer->sock_lock));
}

#endif /* _OVPN_PEER_H_ */
