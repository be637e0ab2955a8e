/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is shown: devices, their peers, keys and paths. */
#ifndef MODEL_H
#define MODEL_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "uapi/linux/ovpn_dco_mptcp.h"

/* of the name of a TCP congestion control: TCP_CA_NAME_MAX of the kernel */
#define CONGESTION_SIZE 16

/**
 * struct path - a TCP connection that carries a part of a peer's stream, or
 *	the way of a peer's datagrams
 * @datagrams: UDP; of what follows, only addresses, device and bytes are known,
 *	and the bytes are those of all datagrams of the peer
 * @local: own end; of no family when it is not known
 * @remote: other end
 * @device: that has the local address, or empty
 * @state: TCP state, TCP_ESTABLISHED and so on
 * @rtt_us: smoothed round trip time in microseconds
 * @min_rtt_us: the least one of the last minutes, 0 when none was measured
 * @tx_bytes: sent, repetitions included
 * @rx_bytes: received
 * @idle_ms: since data were received last
 * @ack_ms: since anything was acknowledged last
 * @retries: repetitions in a row without an answer, 0 when it answers
 * @rto_ms: that it waits for an answer before the next one
 * @inflight_bytes: sent, and not yet acknowledged
 * @unsent_bytes: handed to this path, and not yet sent
 * @congestion: name of its congestion control, or empty
 * @backup: either end asked to use others first
 * @joined: the connection was there before, so that the kernel's limit counts it
 * @joining: the other end has not confirmed it yet, and it carries nothing
 * @is_subflow: belongs to an MPTCP connection; @token and the ids are known
 * @token: local token of that connection
 * @local_id: of the local address in MPTCP
 * @remote_id: of the remote address in MPTCP
 * @cookie: of its socket, which no other one ever has
 */
struct path {
	bool datagrams;
	struct address local;
	struct address remote;
	char device[IFNAMSIZ];
	uint8_t state;
	uint32_t rtt_us;
	uint32_t min_rtt_us;
	uint64_t tx_bytes;
	uint64_t rx_bytes;
	uint32_t idle_ms;
	uint32_t ack_ms;
	uint32_t retries;
	uint32_t rto_ms;
	uint64_t inflight_bytes;
	uint32_t unsent_bytes;
	char congestion[CONGESTION_SIZE];
	bool backup;
	bool joined;
	bool joining;
	bool is_subflow;
	uint32_t token;
	uint8_t local_id;
	uint8_t remote_id;
	uint64_t cookie;
};

struct paths {
	struct path *items;
	size_t count;
};

/**
 * struct endpoint - an address that MPTCP is told to use
 * @id: number
 * @address: which; the port is 0 for any
 * @mapped: the kernel has @address as an IPv4-mapped IPv6 one
 * @device: name, or empty
 * @ifindex: of the interface it is bound to, 0 for none
 * @flags: MPTCP_PM_ADDR_FLAG_x
 */
struct endpoint {
	uint8_t id;
	struct address address;
	bool mapped;
	char device[IFNAMSIZ];
	int ifindex;
	uint32_t flags;
};

struct endpoints {
	struct endpoint *items;
	size_t count;
};

/**
 * struct key - what is known about a slot
 * @present: the slot is in use
 * @peer: id of the peer
 * @slot: enum ovpn_mptcp_slot
 * @id: number of the key in packets
 * @cipher: enum ovpn_mptcp_cipher
 * @bits: length of the cipher key, 0 when the kernel does not tell
 */
struct key {
	bool present;
	uint32_t peer;
	uint32_t slot;
	uint32_t id;
	uint32_t cipher;
	uint32_t bits;
};

/* reasons that a newer kernel may have are kept, too */
#define MODEL_DROPS_MAX 63

/**
 * struct peer - a peer as PEER_GET describes it, and what belongs to it
 * @id: number
 * @tx_id: number in packets that are sent
 * @transport: udp, tcp, mptcp, mptcp-fallback; empty when it has no socket
 * @has_token: @token and @subflows are known
 * @token: of the MPTCP connection
 * @subflows: as the kernel counts them
 * @local_port: of the socket, 0 when not known
 * @elsewhere: the socket is in another network namespace, @netnsid
 * @netnsid: id of that namespace, -1 when it has none
 * @remote: UDP: where datagrams go; else of no family
 * @scope: index of the interface of a link-local @remote, else 0
 * @local: UDP: where they come from; any: as the route says
 * @vpn4: address inside the tunnel
 * @vpn6: address inside the tunnel
 * @interval: of keepalive pings, seconds
 * @timeout: of the keepalive, seconds
 * @vpn: inner packets
 * @link: packets on the wire
 * @queue_bytes: plain text that waits
 * @drops: by reason
 * @drop_known: whether the kernel told about the reason
 * @keys: by slot
 * @paths: that are there
 * @missing: endpoints without a path
 */
struct peer {
	uint32_t id;
	uint32_t tx_id;
	char transport[24];
	bool has_token;
	uint32_t token;
	uint32_t subflows;
	uint16_t local_port;
	bool elsewhere;
	int32_t netnsid;
	struct address remote;
	uint32_t scope;
	struct address local;
	struct address vpn4;
	struct address vpn6;
	uint32_t interval;
	uint32_t timeout;
	struct traffic {
		uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets;
	} vpn, link;
	uint32_t queue_bytes;
	uint64_t drops[MODEL_DROPS_MAX + 1];
	bool drop_known[MODEL_DROPS_MAX + 1];
	struct key keys[OVPN_MPTCP_SLOT_SECONDARY + 1];
	struct paths paths;
	struct endpoints missing;
};

struct peers {
	struct peer *items;
	size_t count;
};

/* The alias (ip link) of a device that attach has made. */
#define DEVICE_ALIAS_ATTACH "ovpn-mptcp-ctl attach"

/**
 * struct device - a tunnel interface
 * @index: interface index
 * @name: interface name
 * @kind: link kind
 * @has_mode: @mode is known
 * @mode: enum ovpn_mptcp_mode
 * @mtu: bytes
 * @up: administratively
 * @carrier: there is a link
 * @foreign: another module serves it
 * @attached: attach has made it, and minds its paths
 * @loopback: leads back to this machine
 * @master: index of the interface that this one is a part of, or 0
 * @rp_filter: sysctl of IPv4
 * @use_tempaddr: sysctl of IPv6: 2 prefers privacy addresses
 * @peers: of this device
 */
struct device {
	int index;
	char name[IFNAMSIZ];
	char kind[24];
	bool has_mode;
	uint32_t mode;
	uint32_t mtu;
	bool up;
	bool carrier;
	bool foreign;
	bool attached;
	bool loopback;
	int master;
	uint32_t rp_filter;
	int32_t use_tempaddr;
	struct peers peers;
};

struct devices {
	struct device *items;
	size_t count;
};

/* A tunnel of OpenVPN 2.6 without its only peer: it connects, or waits in vain.
 * A client over UDP looks for the end of its peer only in the session that made
 * the device, which persist-tun keeps for later ones.
 */
bool device_awaits_peer(const struct device *device);
/* a tunnel device of this module or of one that it stands for */
bool device_is_tunnel(const struct device *device);

/* Whether it carries something: one of datagrams always does. */
bool path_is_live(const struct path *path);
/* How many of its paths do. */
size_t peer_live_paths(const struct peer *peer);
/* Whether the kernel carries its data: a socket and a primary key are there. */
bool peer_is_offloaded(const struct peer *peer);
/* When the stream brought something last, on whatever path; false when there is
 * no stream.
 */
bool peer_last_received(const struct peer *peer, uint32_t *idle_ms);
/* The congestion control that all of its established paths have; NULL when they
 * have several, or none is known.
 */
const char *peer_congestion(const struct peer *peer);
void peer_free(struct peer *peer);
void devices_free(struct devices *devices);

#endif /* MODEL_H */
