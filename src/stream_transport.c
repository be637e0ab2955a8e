// SPDX-License-Identifier: GPL-2.0
/*
 * The stream of a peer: getting one, changing it, losing it. A peer has one
 * stream at a time, because packet ids enter a stream in order, and each enters
 * one stream.
 */
#include <linux/net.h>
#include <net/net_namespace.h>

#include "peer.h"
#include "sock.h"
#include "stream.h"

/**
 * ovpn_stream_assign - the stream that a socket has become is the peer's
 * @peer: the peer; the stream that it may have stops first
 * @sock: a socket that ovpn_stream_attach() was successful with
 * @transport: its kind
 *
 * Process context; caller holds the peer's sock_lock.
 */
void ovpn_stream_assign(struct ovpn_peer *peer, struct socket *sock,
			const struct ovpn_transport *transport)
{
	struct ovpn_stream *stream = ovpn_stream_of(sock->sk);
	struct ovpn_stream *old = ovpn_peer_stream(peer);

	if (old == stream)
		return;
	ovpn_queue_pause(&peer->queue);
	if (old)
		peer->transport->detach(peer, true);
	peer->transport = transport;
	ovpn_stream_hold(stream);
	rcu_assign_pointer(peer->stream, stream);
	ovpn_queue_resume(&peer->queue);
	ovpn_stream_put(old);
}

/**
 * ovpn_stream_withdraw - take the stream away from its peer
 * @peer: a peer with a stream, which may be detached or closed
 * @detach: detaches a socket of its kind
 * @forget: the socket forgets the peer: closing it means nothing any more
 *
 * Waits for all work on the stream. Process context; caller holds the peer's
 * sock_lock.
 */
void ovpn_stream_withdraw(struct ovpn_peer *peer,
			  void (*detach)(struct socket *sock), bool forget)
{
	struct ovpn_stream *stream = ovpn_peer_stream(peer);

	mutex_lock(&stream->lock);
	forget = forget && stream->peer == peer;
	if (stream->peer == peer && stream->sock)
		detach(stream->sock);
	if (forget)
		stream->peer = NULL;
	mutex_unlock(&stream->lock);
	if (forget)
		ovpn_peer_put(peer);
}

/**
 * ovpn_stream_start_peer - begin to read and write, with what waits
 * @peer: a peer with a stream; nothing happens when that is detached
 *
 * Process context; caller holds the peer's sock_lock.
 */
void ovpn_stream_start_peer(struct ovpn_peer *peer)
{
	struct ovpn_stream *stream = ovpn_peer_stream(peer);

	mutex_lock(&stream->lock);
	if (stream->active && stream->peer == peer)
		ovpn_stream_start(stream);
	mutex_unlock(&stream->lock);
}

/**
 * ovpn_stream_evict - remove the dead peer that had a socket before
 * @sock: a socket that was just attached
 *
 * Process context, no lock held.
 */
void ovpn_stream_evict(struct socket *sock)
{
	struct ovpn_stream *stream = ovpn_stream_of(sock->sk);
	struct ovpn_peer *former = ovpn_stream_take_former(stream);

	if (!former)
		return;
	ovpn_peer_closed(former, stream);
	ovpn_peer_put(former);
}

/**
 * ovpn_stream_describe - what can be told about the stream of a peer
 * @peer: a peer with a stream
 * @info: filled in
 * @more: tells what is special of its kind, or NULL
 *
 * Process context; caller holds the peer's sock_lock.
 *
 * Return: false when the socket is closed or somebody else's
 */
bool ovpn_stream_describe(struct ovpn_peer *peer,
			  struct ovpn_transport_info *info,
			  void (*more)(const struct ovpn_stream *stream,
				       struct ovpn_transport_info *info))
{
	struct ovpn_stream *stream = ovpn_peer_stream(peer);
	bool ours;

	mutex_lock(&stream->lock);
	ours = stream->sock && stream->peer == peer;
	if (ours && more)
		more(stream, info);
	mutex_unlock(&stream->lock);
	return ours;
}
