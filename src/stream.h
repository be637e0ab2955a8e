/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What TCP and MPTCP share: a byte stream that userspace opened and keeps the
 * control channel on, while the kernel carries the data channel over it.
 */
#ifndef _OVPN_STREAM_H_
#define _OVPN_STREAM_H_

#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/ptr_ring.h>
#include <linux/skbuff.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <net/sock.h>

#include "proto.h"
#include "room.h"
#include "sock.h"

struct ovpn_peer;
struct ovpn_stream;
struct tcp_ulp_ops;

/**
 * struct ovpn_stream_kind - the operations of a protocol and family
 * @ops: what an attached socket gets: the original table with our functions
 *	 where userspace must not reach the stream. Stays installed until the
 *	 socket is closed.
 * @orig: the original table, which we call through
 * @prot: the same for struct proto. It stops who was past @ops when the socket
 *	  got them. Nothing is ever allocated from the copy, so it needs no
 *	  registration: counters and slab stay shared through the pointers in it.
 * @orig_prot: the original struct proto
 * @ulp: stands where an upper layer protocol (kernel TLS) would, so that none
 *	 gets there; NULL where the protocol has none
 * @ready: @ops and @prot are filled; they never change after that
 * @adapt: replaces what is special of @prot, or NULL
 * @room: bytes that may be written now, 0 for none; asked by the writer only
 */
struct ovpn_stream_kind {
	struct proto_ops ops;
	const struct proto_ops *orig;
	struct proto prot;
	struct proto *orig_prot;
	const struct tcp_ulp_ops *ulp;
	bool ready;
	void (*adapt)(struct proto *prot);
	u32 (*room)(struct ovpn_stream *stream);
};

/**
 * struct ovpn_stream_rx - reading
 * @work: the reader; only it touches @buf to @strict
 * @buf: borrowed buffer, NULL between two runs unless much is carried over
 * @carry: small incomplete record between two runs, allocated
 * @have: bytes in @buf or @carry
 * @strict: no packet was authenticated yet: refuse what is hardly a record
 * @control: records for userspace, each with its length prefix; the lock of
 *	     the list protects it and @control_bytes
 * @control_bytes: memory that @control takes
 * @reader: one recvmsg() of userspace at a time
 */
struct ovpn_stream_rx {
	struct work_struct work;
	u8 *buf;
	u8 *carry;
	unsigned int have;
	bool strict;
	struct sk_buff_head control;
	unsigned int control_bytes;
	struct mutex reader;
};

/**
 * struct ovpn_stream_tx - writing
 * @work: the writer; also its own timer while the stream is full, because
 *	  no event tells when memory is there again
 * @ring: encrypted records, made by the writer itself, which alone takes them out
 * @writer: the task that writes now, which finds what it puts into @ring itself;
 *	    else NULL. Others only compare it with themselves.
 * @control: what userspace wants to send, in whole; the lock of the list
 *	     protects it, @control_bytes and @open; they are charged to the
 *	     control group of who sends
 * @control_bytes: memory that @control takes
 * @open: userspace may send
 * @batch: records that are being written, in stream order; only the writer
 *	   touches it
 * @batch_control: control records in @batch
 * @batch_bytes: bytes in @batch that are not written yet
 * @written: bytes of the first record of @batch that are written already
 * @asking: an MPTCP socket is to think that it is full, for a moment; read from
 *	    any context
 * @room: how much the socket may be given
 * @spare: empty records, while the writer runs; only it touches them
 */
struct ovpn_stream_tx {
	struct delayed_work work;
	struct ptr_ring ring;
	struct task_struct *writer;
	struct sk_buff_head control;
	unsigned int control_bytes;
	bool open;
	struct sk_buff_head batch;
	unsigned int batch_control;
	unsigned int batch_bytes;
	unsigned int written;
	bool asking;
	struct ovpn_room room;
	struct sk_buff_head spare;
};

/**
 * struct ovpn_stream - a stream that carries, or carried, a peer
 * @kind: protocol and family
 * @sk: the socket, held until this is freed
 * @lock: serialises attach, detach and close, which may wait for the workers.
 *	  A worker never takes it.
 * @sock: under @lock: the struct socket; NULL once the owner closed it. The
 *	  workers may use it without the lock: they are waited for before.
 * @peer: under @lock: the peer, with a reference. Kept after a detach while the
 *	  peer waits, dead, for the socket to be closed.
 * @former: under @lock: the dead peer that waited for the socket to be closed
 *	    when @peer got it; with a reference, until ovpn_stream_take_former()
 * @active: under @lock: callbacks are hooked, @peer is set
 * @started: written under @lock: the workers may work. What queues them before
 *	     that is made up for by ovpn_stream_start(): a peer that changes
 *	     its socket has two streams for a moment, and only one may take
 *	     packet ids.
 * @error: errno that userspace reads once, before the end of file
 * @death: why the transport ended, 1 + enum ovpn_mptcp_del_reason; 0 while it
 *	   works. The first cause stays.
 * @ended: userspace reads the end of file
 * @end: sets @ended. At once, but for a peer that expired: its daemon learns
 *	 that from the notification, acts as --ping-restart or --ping-exit say,
 *	 and must not see the end of file first. It comes all the same: OpenVPN
 *	 2.6 loses notifications.
 * @data_ready: saved callback
 * @allocation: saved sk_allocation
 * @wait: hears of room, errors and the end: on an MPTCP socket before Linux
 *	  7.0 there is no other way to hear of room
 * @rx: reading
 * @tx: writing
 * @ref: one for the socket, one for each peer
 * @rcu: transmitters look at @sock under RCU without a reference
 */
struct ovpn_stream {
	const struct ovpn_stream_kind *kind;
	struct sock *sk;
	struct mutex lock;
	struct socket *sock;
	struct ovpn_peer *peer;
	struct ovpn_peer *former;
	bool active;
	bool started;
	int error;
	int death;
	bool ended;
	struct delayed_work end;
	void (*data_ready)(struct sock *sk);
	gfp_t allocation;
	wait_queue_entry_t wait;
	struct ovpn_stream_rx rx;
	struct ovpn_stream_tx tx;
	struct kref ref;
	struct rcu_head rcu;
};

/* stream.c APIs: life */
int ovpn_stream_attach(struct socket *sock, struct ovpn_peer *peer,
		       struct ovpn_stream_kind *kind);
void ovpn_stream_detach(struct socket *sock);
struct ovpn_peer *ovpn_stream_take_former(struct ovpn_stream *stream);
void ovpn_stream_start(struct ovpn_stream *stream);
int ovpn_stream_release(struct socket *sock);
void ovpn_stream_fail(struct ovpn_stream *stream, int err);
void ovpn_stream_kick(struct ovpn_peer *peer);
void ovpn_stream_put(struct ovpn_stream *stream);

static inline void ovpn_stream_hold(struct ovpn_stream *stream)
{
	kref_get(&stream->ref);
}

/* stream_transport.c APIs */
void ovpn_stream_assign(struct ovpn_peer *peer, struct socket *sock,
			const struct ovpn_transport *transport);
void ovpn_stream_withdraw(struct ovpn_peer *peer,
			  void (*detach)(struct socket *sock), bool forget);
void ovpn_stream_start_peer(struct ovpn_peer *peer);
void ovpn_stream_evict(struct socket *sock);
bool ovpn_stream_describe(struct ovpn_peer *peer,
			  struct ovpn_transport_info *info,
			  void (*more)(const struct ovpn_stream *stream,
				       struct ovpn_transport_info *info));

/* stream_rx.c APIs */
int ovpn_stream_rx_init(struct ovpn_stream *stream);
void ovpn_stream_rx_destroy(struct ovpn_stream *stream);
int ovpn_stream_rx_control(struct ovpn_stream *stream, struct msghdr *msg,
			   size_t len, int flags);

/* stream_tx.c APIs */
int ovpn_stream_tx_init(struct ovpn_stream *stream);
void ovpn_stream_tx_destroy(struct ovpn_stream *stream);
void ovpn_stream_tx_purge(struct ovpn_stream *stream);
struct sk_buff *ovpn_stream_get_record(struct ovpn_peer *peer,
				       unsigned int len);
void ovpn_stream_queue_skb(struct ovpn_peer *peer, struct sk_buff *skb);
int ovpn_stream_tx_control(struct ovpn_stream *stream, struct msghdr *msg,
			   size_t len);
bool ovpn_stream_tx_has_room(const struct ovpn_stream *stream);

/* stream_ops.c APIs */
int ovpn_stream_kind_prepare(struct ovpn_stream_kind *kind,
			     const struct socket *sock);
void ovpn_stream_kinds_learn(struct ovpn_stream_kind kinds[2], int protocol);
bool ovpn_stream_ops_ours(const struct proto_ops *ops);
const struct ovpn_stream_kind *ovpn_stream_kind_of(const struct socket *sock);
int ovpn_stream_read(struct ovpn_stream *stream, struct msghdr *msg, size_t len,
		     int flags);

/* the length prefix of a packet; the caller made sure that it fits */
static inline void ovpn_stream_push_length(struct sk_buff *skb)
{
	u16 len = skb->len;

	put_unaligned_be16(len, skb_push(skb, OVPN_LEN_PREFIX));
}

/* whose stream a socket is; the caller has the socket by its file */
static inline struct ovpn_stream *ovpn_stream_of(const struct sock *sk)
{
	unsigned long data = (unsigned long)READ_ONCE(sk->sk_user_data);

	return (struct ovpn_stream *)(data & SK_USER_DATA_PTRMASK);
}

#endif /* _OVPN_STREAM_H_ */
