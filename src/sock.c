// SPDX-License-Identifier: GPL-2.0
#include <linux/capability.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "compat.h"
#include "main.h"
#include "mptcp.h"
#include "peer.h"
#include "sock.h"
#include "stream.h"
#include "tcp.h"

static bool udp_matches(const struct sock *sk)
{
	return sk->sk_type == SOCK_DGRAM && sk->sk_protocol == IPPROTO_UDP;
}

/* UDP has its place here, and is refused by name until it is carried */
static int udp_attach(struct socket *sock, struct ovpn_peer *peer)
{
	return -EOPNOTSUPP;
}

static const struct ovpn_transport udp_transport = {
	.name = "udp",
	.matches = udp_matches,
	.attach = udp_attach,
};

static const struct ovpn_transport *const transports[] = {
	&ovpn_mptcp_transport,
	&ovpn_tcp_transport,
	&udp_transport,
};

static const struct ovpn_transport *transport_of(const struct sock *sk)
{
	int i;

	if (sk->sk_family != AF_INET && sk->sk_family != AF_INET6)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(transports); i++) {
		if (transports[i]->matches(sk))
			return transports[i];
	}
	return NULL;
}

/* what a refusal means and what to do about it */
static void explain(struct netlink_ext_ack *extack, int err)
{
	switch (err) {
	case -EBADF:
		NL_SET_ERR_MSG(extack, "no such file descriptor in the calling process");
		break;
	case -ENOTSOCK:
		NL_SET_ERR_MSG(extack, "the file descriptor is not a socket");
		break;
	case -EPROTONOSUPPORT:
		NL_SET_ERR_MSG(extack, "only MPTCP and TCP sockets over IPv4 or IPv6 can carry a peer");
		break;
	case -EOPNOTSUPP:
		NL_SET_ERR_MSG(extack, "UDP sockets are not carried by this version; use MPTCP or TCP");
		break;
	case -EPERM:
		NL_SET_ERR_MSG(extack, "CAP_NET_ADMIN is needed in the network namespace of the socket");
		break;
	case -EINVAL:
		NL_SET_ERR_MSG(extack, "the socket is listening; hand over a connection that it accepted");
		break;
	case -ENOTCONN:
		NL_SET_ERR_MSG(extack, "the socket is not connected; connect it first");
		break;
	case -ESHUTDOWN:
		NL_SET_ERR_MSG(extack, "the connection is closed by one of its sides; open a new one");
		break;
	case -EALREADY:
		NL_SET_ERR_MSG(extack, "the socket carries a peer already; delete that peer first, or hand over another socket");
		break;
	case -EBUSY:
		NL_SET_ERR_MSG(extack, "the socket is used by another part of the kernel, such as kernel TLS or a BPF sockmap");
		break;
	default:
		NL_SET_ERR_MSG(extack, "the socket cannot be taken");
	}
}

/* Takes a stream away from a peer and waits for all work on it. Its socket
 * forgets the peer if @forget: closing it means nothing to the peer any more.
 */
static void detach(struct ovpn_peer *peer, struct ovpn_stream *stream,
		   bool forget)
{
	lockdep_assert_held(&peer->sock_lock);

	mutex_lock(&stream->lock);
	forget = forget && stream->peer == peer;
	if (stream->peer == peer && stream->sock)
		peer->transport->detach(stream->sock);
	if (forget)
		stream->peer = NULL;
	mutex_unlock(&stream->lock);
	if (forget)
		ovpn_peer_put(peer);
}

/* The stream that the socket has become is the peer's. The one before it stops
 * first: packet ids enter a stream in order, and each enters one stream.
 */
static void change_stream(struct ovpn_peer *peer, struct ovpn_stream *stream,
			  const struct ovpn_transport *transport)
{
	struct ovpn_stream *old = ovpn_peer_stream(peer);

	if (old == stream)
		return;
	ovpn_queue_pause(&peer->queue);
	if (old)
		detach(peer, old, true);
	peer->transport = transport;
	ovpn_stream_hold(stream);
	rcu_assign_pointer(peer->stream, stream);
	ovpn_queue_resume(&peer->queue);
	ovpn_stream_put(old);
}

static int attach(struct ovpn_peer *peer, struct socket *sock)
{
	const struct ovpn_transport *transport = transport_of(sock->sk);
	int err;

	if (!transport)
		return -EPROTONOSUPPORT;
	if (!ns_capable(sock_net(sock->sk)->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	err = transport->attach(sock, peer);
	if (!err)
		change_stream(peer, ovpn_stream_of(sock->sk), transport);
	return err;
}

/**
 * ovpn_sock_get - the socket behind a file descriptor
 * @fd: file descriptor of the calling process
 * @extack: says what to do about a refusal
 *
 * Return: the socket with a reference to its file for ovpn_sock_put(), or
 * -EBADF, -ENOTSOCK as ERR_PTR
 */
struct socket *ovpn_sock_get(int fd, struct netlink_ext_ack *extack)
{
	struct socket *sock;
	int err;

	sock = sockfd_lookup(fd, &err);
	if (sock)
		return sock;
	explain(extack, err);
	return ERR_PTR(err);
}

/**
 * ovpn_sock_put - give the file back
 * @sock: from ovpn_sock_get()
 */
void ovpn_sock_put(struct socket *sock)
{
	sockfd_put(sock);
}

/**
 * ovpn_sock_attach - give a socket to a peer
 * @peer: the peer. The socket that it may have is detached as soon as nothing
 *	  can fail any more; its owner keeps it, and the peer hears of it no
 *	  more.
 * @sock: the socket; the caller has it by its file until ovpn_sock_evict()
 * @extack: says what to do about a refusal
 *
 * The file is not kept: when its last user closes it, the peer ends. Process
 * context of the process that asks, under the peer's sock_lock. Nothing is read
 * or written before ovpn_sock_start().
 *
 * Return: 0, or -EPROTONOSUPPORT, -EOPNOTSUPP (UDP), -EPERM, -EINVAL
 * (listening), -ENOTCONN, -ESHUTDOWN, -EALREADY (carries a peer), -EBUSY (used
 * by somebody else), -ENOMEM. Then nothing has changed.
 */
int ovpn_sock_attach(struct ovpn_peer *peer, struct socket *sock,
		     struct netlink_ext_ack *extack)
{
	int err;

	might_sleep();
	lockdep_assert_held(&peer->sock_lock);

	err = attach(peer, sock);
	if (err)
		explain(extack, err);
	return err;
}

/**
 * ovpn_sock_evict - remove the dead peer that had a socket before
 * @sock: a socket that was just attached
 *
 * Process context, no lock held.
 */
void ovpn_sock_evict(struct socket *sock)
{
	struct ovpn_stream *stream = ovpn_stream_of(sock->sk);
	struct ovpn_peer *former = ovpn_stream_take_former(stream);

	if (!former)
		return;
	ovpn_peer_closed(former, stream);
	ovpn_peer_put(former);
}

/**
 * ovpn_sock_carries - whether a file descriptor is the socket of a peer
 * @fd: file descriptor of the calling process
 * @peer: the peer
 *
 * Return: true if so
 */
bool ovpn_sock_carries(int fd, const struct ovpn_peer *peer)
{
	const struct ovpn_stream *stream;
	struct socket *sock;
	bool same;
	int err;

	sock = sockfd_lookup(fd, &err);
	if (!sock)
		return false;
	rcu_read_lock();
	stream = rcu_dereference(peer->stream);
	same = stream && stream->sk == sock->sk;
	rcu_read_unlock();
	sockfd_put(sock);
	return same;
}

/**
 * ovpn_sock_start - begin to read and write, with what waits
 * @peer: a live peer with a socket; one that has begun looks again
 *
 * Harmless for a peer that has lost its socket. Process context; caller holds the peer's sock_lock.
 */
void ovpn_sock_start(struct ovpn_peer *peer)
{
	struct ovpn_stream *stream = ovpn_peer_stream(peer);

	mutex_lock(&stream->lock);
	if (stream->active && stream->peer == peer)
		ovpn_stream_start(stream);
	mutex_unlock(&stream->lock);
}

/**
 * ovpn_sock_detach - take the socket of a peer away
 * @peer: a peer whose queue is closed; it may have no socket any more
 *
 * Waits for all work on the transport. A peer that is gone for good is
 * forgotten by its socket, too. Process context; caller holds the peer's
 * sock_lock.
 */
void ovpn_sock_detach(struct ovpn_peer *peer)
{
	struct ovpn_stream *stream = ovpn_peer_stream(peer);

	might_sleep();
	if (stream)
		detach(peer, stream,
		       READ_ONCE(peer->state) == OVPN_PEER_GONE);
}

/**
 * ovpn_sock_get_net - where the daemon of a peer lives
 * @peer: the peer
 *
 * A device may be moved to another network namespace; the process that handed
 * over the socket stays where it is. Any context.
 *
 * Return: the network namespace of the socket with a reference for put_net(),
 * or NULL for a peer that never got a socket, or when the namespace is dying
 */
struct net *ovpn_sock_get_net(const struct ovpn_peer *peer)
{
	const struct ovpn_stream *stream;
	struct net *net = NULL;

	rcu_read_lock();
	stream = rcu_dereference(peer->stream);
	if (stream)
		net = maybe_get_net(sock_net(stream->sk));
	rcu_read_unlock();
	return net;
}

/**
 * ovpn_sock_describe - what can be told about the transport of a peer
 * @peer: the peer
 * @net: network namespace of who asks, or NULL if it does not matter
 * @info: filled in
 *
 * Process context, no lock held.
 */
void ovpn_sock_describe(struct ovpn_peer *peer, struct net *net,
			struct ovpn_transport_info *info)
{
	struct ovpn_stream *stream;

	memset(info, 0, sizeof(*info));
	mutex_lock(&peer->sock_lock);
	stream = ovpn_peer_stream(peer);
	if (!stream)
		goto out;
	info->name = peer->transport->name;
	mutex_lock(&stream->lock);
	if (stream->sock && stream->peer == peer) {
		struct net *there = sock_net(stream->sk);

		if (net && !net_eq(net, there)) {
			info->elsewhere = true;
			info->netnsid = peernet2id_alloc(net, there, GFP_KERNEL);
		}
		info->local_port = inet_sk(stream->sk)->inet_sport;
		peer->transport->describe(peer, info);
	}
	mutex_unlock(&stream->lock);
out:
	mutex_unlock(&peer->sock_lock);
}
