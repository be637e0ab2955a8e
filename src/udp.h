/* SPDX-License-Identifier: GPL-2.0 */
/* UDP: many peers on one socket, which userspace opened and goes on to use. */
#ifndef _OVPN_UDP_H_
#define _OVPN_UDP_H_

#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <net/dst_cache.h>

#include "peer.h"
#include "sock.h"

/**
 * struct ovpn_udp_sock - a UDP socket that carries peers of one device
 * @sk: the socket, held until this is freed
 * @ovpn: the device, with a reference until this is freed
 * @dev_tracker: of that reference
 * @peers: peers on it; under the socket lock. The last one takes this away.
 * @mc_loop: what IP_MULTICAST_LOOP was before
 * @rcu: it is used under RCU
 */
struct ovpn_udp_sock {
	struct sock *sk;
	struct ovpn_dev *ovpn;
	netdevice_tracker dev_tracker;
	unsigned int peers;
	bool mc_loop;
	struct rcu_head rcu;
};

/**
 * struct ovpn_udp_rx - receiving
 * @work: decrypts; the only one who does for this peer
 * @packets: from the opcode on, in the order they came; the lock of the list
 *	     protects it, @bytes and @open
 * @bytes: memory that @packets take, and those that @work has in hand; from the
 *	   budget of the device
 * @open: packets are accepted, and @work may be queued
 */
struct ovpn_udp_rx {
	struct work_struct work;
	struct sk_buff_head packets;
	unsigned int bytes;
	bool open;
};

/**
 * struct ovpn_udp_tx - sending
 * @work: the sender; only it touches the rest
 * @batch: records that are being sent
 * @cache: route of each CPU
 * @serial: of the addresses that @cache is for
 * @mark: mark that it is for
 * @oif: interface that it is for
 */
struct ovpn_udp_tx {
	struct work_struct work;
	struct sk_buff_head batch;
	struct dst_cache cache;
	u32 serial;
	u32 mark;
	int oif;
};

/**
 * struct ovpn_udp - what a peer that is carried by datagrams has
 * @peer: the peer; this is part of it, in a piece of its own
 * @sock: the socket, until the peer is gone for good; read under RCU
 * @rx: receiving
 * @tx: sending
 */
struct ovpn_udp {
	struct ovpn_peer *peer;
	struct ovpn_udp_sock __rcu *sock;
	struct ovpn_udp_rx rx;
	struct ovpn_udp_tx tx;
};

extern const struct ovpn_transport ovpn_udp_transport;

const struct sock *ovpn_udp_sk(const struct ovpn_peer *peer);
void ovpn_udp_free(struct ovpn_peer *peer);

/* udp_rx.c APIs */
void ovpn_udp_rx_init(struct ovpn_udp *udp);
void ovpn_udp_rx_open(struct ovpn_udp *udp);
void ovpn_udp_rx_kick(struct ovpn_udp *udp);
void ovpn_udp_rx_close(struct ovpn_udp *udp);
int ovpn_udp_encap_rcv(struct sock *sk, struct sk_buff *skb);

/* udp_tx.c APIs */
int ovpn_udp_tx_init(struct ovpn_udp *udp);
void ovpn_udp_tx_destroy(struct ovpn_udp *udp);
void ovpn_udp_tx_stop(struct ovpn_udp *udp);
struct sk_buff *ovpn_udp_get_record(struct ovpn_peer *peer, unsigned int len);
void ovpn_udp_send_skb(struct ovpn_peer *peer, struct sk_buff *skb);
void ovpn_udp_kick(struct ovpn_peer *peer);

/* the UDP part of a peer; in an RCU read section, under the peer's sock_lock, or
 * by one of its own workers
 */
static inline struct ovpn_udp *ovpn_udp_of(const struct ovpn_peer *peer)
{
	return rcu_dereference_check(peer->udp, true);
}

#endif /* _OVPN_UDP_H_ */
