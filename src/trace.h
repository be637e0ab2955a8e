/* SPDX-License-Identifier: GPL-2.0 */
/* Tracepoints: what a maintainer needs to see at a user's machine. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM ovpn_dco_mptcp

#if !defined(_OVPN_TRACE_H_) || defined(TRACE_HEADER_MULTI_READ)
#define _OVPN_TRACE_H_

#include <linux/tracepoint.h>

#include "peer.h"
#include "sock.h"
#include "stream.h"

/* Numbers have names when they are printed. The programs that read the binary
 * form know no enum of ours, so each is told its value.
 */
#define OVPN_TRACE_STATES						\
	ovpn_trace_name(OVPN_PEER_NEW, "new")				\
	ovpn_trace_name(OVPN_PEER_LIVE, "live")				\
	ovpn_trace_name(OVPN_PEER_DEAD, "dead")				\
	ovpn_trace_last(OVPN_PEER_GONE, "gone")

#define OVPN_TRACE_DROPS						\
	ovpn_trace_name(OVPN_MPTCP_DROP_TX_QUEUE_FULL, "tx_queue_full")	\
	ovpn_trace_name(OVPN_MPTCP_DROP_TX_QUEUE_DELAY, "tx_queue_delay") \
	ovpn_trace_name(OVPN_MPTCP_DROP_TX_NO_KEY, "tx_no_key")		\
	ovpn_trace_name(OVPN_MPTCP_DROP_TX_KEY_EXHAUSTED, "tx_key_exhausted") \
	ovpn_trace_name(OVPN_MPTCP_DROP_TX_TOO_LONG, "tx_too_long")	\
	ovpn_trace_name(OVPN_MPTCP_DROP_TX_MALFORMED, "tx_malformed")	\
	ovpn_trace_name(OVPN_MPTCP_DROP_TX_LOOP, "tx_loop")		\
	ovpn_trace_name(OVPN_MPTCP_DROP_TX_NOMEM, "tx_nomem")		\
	ovpn_trace_name(OVPN_MPTCP_DROP_TX_CRYPTO, "tx_crypto")		\
	ovpn_trace_name(OVPN_MPTCP_DROP_TX_RING_FULL, "tx_ring_full")	\
	ovpn_trace_name(OVPN_MPTCP_DROP_TX_DETACHED, "tx_detached")	\
	ovpn_trace_name(OVPN_MPTCP_DROP_RX_RUNT, "rx_runt")		\
	ovpn_trace_name(OVPN_MPTCP_DROP_RX_NO_KEY, "rx_no_key")		\
	ovpn_trace_name(OVPN_MPTCP_DROP_RX_AUTH, "rx_auth")		\
	ovpn_trace_name(OVPN_MPTCP_DROP_RX_REPLAY, "rx_replay")		\
	ovpn_trace_name(OVPN_MPTCP_DROP_RX_EMPTY, "rx_empty")		\
	ovpn_trace_name(OVPN_MPTCP_DROP_RX_NOT_IP, "rx_not_ip")		\
	ovpn_trace_name(OVPN_MPTCP_DROP_RX_SOURCE, "rx_source")		\
	ovpn_trace_name(OVPN_MPTCP_DROP_RX_NOMEM, "rx_nomem")		\
	ovpn_trace_name(OVPN_MPTCP_DROP_RX_CRYPTO, "rx_crypto")		\
	ovpn_trace_name(OVPN_MPTCP_DROP_RX_CONTROL_FULL, "rx_control_full") \
	ovpn_trace_name(OVPN_MPTCP_DROP_TX_NO_ROUTE, "tx_no_route")	\
	ovpn_trace_name(OVPN_MPTCP_DROP_RX_QUEUE_FULL, "rx_queue_full")	\
	ovpn_trace_name(OVPN_MPTCP_DROP_RX_DETACHED, "rx_detached")	\
	ovpn_trace_last(OVPN_MPTCP_DROP_TX_MULTICAST, "tx_multicast")

#undef ovpn_trace_name
#undef ovpn_trace_last
#define ovpn_trace_name(number, name)	TRACE_DEFINE_ENUM(number);
#define ovpn_trace_last(number, name)	TRACE_DEFINE_ENUM(number);
OVPN_TRACE_STATES
OVPN_TRACE_DROPS
#undef ovpn_trace_name
#undef ovpn_trace_last
#define ovpn_trace_name(number, name)	{ number, name },
#define ovpn_trace_last(number, name)	{ number, name }

/* Which transport a socket is for, NULL for none, and whether it was taken. */
TRACE_EVENT(ovpn_attach,
	TP_PROTO(const struct ovpn_peer *peer,
		 const struct ovpn_transport *transport, int err),

	TP_ARGS(peer, transport, err),

	TP_STRUCT__entry(
		__array(char, dev, IFNAMSIZ)
		__field(u32, peer)
		__array(char, transport, 8)
		__field(int, err)
	),

	TP_fast_assign(
		strscpy(__entry->dev, peer->ovpn->dev->name, IFNAMSIZ);
		__entry->peer = peer->id;
		strscpy(__entry->transport,
			transport ? transport->name : "none", 8);
		__entry->err = err;
	),

	TP_printk("dev=%s peer=%u transport=%s err=%d", __entry->dev,
		  __entry->peer, __entry->transport, __entry->err)
);

/* All work on the transport has ended. */
TRACE_EVENT(ovpn_detach,
	TP_PROTO(const struct ovpn_peer *peer),

	TP_ARGS(peer),

	TP_STRUCT__entry(
		__array(char, dev, IFNAMSIZ)
		__field(u32, peer)
		__array(char, transport, 8)
	),

	TP_fast_assign(
		strscpy(__entry->dev, peer->ovpn->dev->name, IFNAMSIZ);
		__entry->peer = peer->id;
		strscpy(__entry->transport, peer->transport->name, 8);
	),

	TP_printk("dev=%s peer=%u transport=%s", __entry->dev, __entry->peer,
		  __entry->transport)
);

/* Before the state changes. */
TRACE_EVENT(ovpn_peer_state,
	TP_PROTO(const struct ovpn_peer *peer, enum ovpn_peer_state to),

	TP_ARGS(peer, to),

	TP_STRUCT__entry(
		__array(char, dev, IFNAMSIZ)
		__field(u32, peer)
		__field(u8, from)
		__field(u8, to)
	),

	TP_fast_assign(
		strscpy(__entry->dev, peer->ovpn->dev->name, IFNAMSIZ);
		__entry->peer = peer->id;
		__entry->from = peer->state;
		__entry->to = to;
	),

	TP_printk("dev=%s peer=%u from=%s to=%s", __entry->dev, __entry->peer,
		  __print_symbolic(__entry->from, OVPN_TRACE_STATES),
		  __print_symbolic(__entry->to, OVPN_TRACE_STATES))
);

TRACE_EVENT(ovpn_drop,
	TP_PROTO(const struct ovpn_peer *peer, enum ovpn_mptcp_drop reason,
		 unsigned int packets),

	TP_ARGS(peer, reason, packets),

	TP_STRUCT__entry(
		__array(char, dev, IFNAMSIZ)
		__field(u32, peer)
		__field(u8, reason)
		__field(u32, packets)
	),

	TP_fast_assign(
		strscpy(__entry->dev, peer->ovpn->dev->name, IFNAMSIZ);
		__entry->peer = peer->id;
		__entry->reason = reason;
		__entry->packets = packets;
	),

	TP_printk("dev=%s peer=%u reason=%s packets=%u", __entry->dev,
		  __entry->peer,
		  __print_symbolic(__entry->reason, OVPN_TRACE_DROPS),
		  __entry->packets)
);

/* What the writer of a stream may write, and what there is: @batch in records,
 * @waiting in packets, @held in the socket.
 */
TRACE_EVENT(ovpn_room,
	TP_PROTO(const struct ovpn_stream *stream, s64 value),

	TP_ARGS(stream, value),

	TP_STRUCT__entry(
		__array(char, dev, IFNAMSIZ)
		__field(u32, peer)
		__field(s64, value)
		__field(u32, batch)
		__field(u32, waiting)
		__field(u32, held)
		__field(u32, round_us)
	),

	TP_fast_assign(
		strscpy(__entry->dev, stream->peer->ovpn->dev->name, IFNAMSIZ);
		__entry->peer = stream->peer->id;
		__entry->value = value;
		__entry->batch = stream->tx.batch_bytes;
		__entry->waiting = ovpn_queue_bytes(&stream->peer->queue);
		__entry->held = READ_ONCE(stream->sk->sk_wmem_queued);
		__entry->round_us = stream->tx.room.round_us;
	),

	TP_printk("dev=%s peer=%u room=%lld batch=%u waiting=%u held=%u round_us=%u",
		  __entry->dev, __entry->peer, __entry->value, __entry->batch,
		  __entry->waiting, __entry->held, __entry->round_us)
);

/* The socket took nothing: -EAGAIN while it is full, or why the stream ends. */
DEFINE_EVENT_PRINT(ovpn_room, ovpn_refusal,
	TP_PROTO(const struct ovpn_stream *stream, s64 value),
	TP_ARGS(stream, value),
	TP_printk("dev=%s peer=%u err=%lld batch=%u waiting=%u held=%u round_us=%u",
		  __entry->dev, __entry->peer, __entry->value, __entry->batch,
		  __entry->waiting, __entry->held, __entry->round_us)
);

#endif /* _OVPN_TRACE_H_ */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
