// SPDX-License-Identifier: GPL-2.0
#include <linux/capability.h>
#include <linux/net.h>
#include <linux/netlink.h>
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
		NL_SET_ERR_MSG(extack, "the socket carries a peer already; delete that peer first");
		break;
	case -EBUSY:
		NL_SET_ERR_MSG(extack, "the socket is used by another part of the kernel, such as kernel TLS or a BPF sockmap");
		break;
	default:
		NL_SET_ERR_MSG(extack, "the socket cannot be taken");
	}
}

static int attach(struct ovpn_peer *peer, struct socket *sock)
{
	const struct ovpn_transport *transport = transport_of(sock->sk);
	int err;

	if (!transport)
		return -EPROTONOSUPPORT;
	if (!ns_capable(sock_net(sock->sk)->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	/* before the attach: a worker that it starts sends through it */
	peer->transport = transport;
	err = transport->attach(sock, peer);
	if (err)
		peer->transport = NULL;
	return err;
}

/**
 * ovpn_sock_attach - give the socket behind a file descriptor to a peer
 * @peer: a peer that has no socket
 * @fd: file descriptor of the calling process
 * @extack: says what to do about a refusal
 *
 * The file is not kept: when its last user closes it, the peer ends. Process
 * context of the caller, no lock held.
 *
 * Return: 0, or -EBADF, -ENOTSOCK, -EPROTONOSUPPORT, -EOPNOTSUPP (UDP), -EPERM,
 * -EINVAL (listening), -ENOTCONN, -ESHUTDOWN, -EALREADY (carries a peer),
 * -EBUSY (used by somebody else), -ENOMEM
 */
int ovpn_sock_attach(struct ovpn_peer *peer, int fd,
		     struct netlink_ext_ack *extack)
{
	struct socket *sock;
	int err;

	might_sleep();
	sock = sockfd_lookup(fd, &err);
	if (sock) {
		err = attach(peer, sock);
		sockfd_put(sock);
	}
	if (err)
		explain(extack, err);
	return err;
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
	struct socket *sock;
	bool same;
	int err;

	sock = sockfd_lookup(fd, &err);
	if (!sock)
		return false;
	same = peer->stream && peer->stream->sk == sock->sk;
	sockfd_put(sock);
	return same;
}

/**
 * ovpn_sock_start - look at what came before the attach
 * @peer: a live peer with a socket
 *
 * Data that was in the socket before the hooks were in place announces itself
 * to nobody.
 */
void ovpn_sock_start(struct ovpn_peer *peer)
{
	struct ovpn_stream *stream = peer->stream;

	mutex_lock(&stream->lock);
	if (stream->active && stream->peer == peer)
		queue_work(ovpn_wq, &stream->rx.work);
	mutex_unlock(&stream->lock);
}

/**
 * ovpn_sock_detach - take the socket of a peer away
 * @peer: a peer whose queue is closed; it may have no socket any more
 *
 * Waits for all work on the transport. A peer that is gone for good is
 * forgotten by its socket, too. Process context, no lock held.
 */
void ovpn_sock_detach(struct ovpn_peer *peer)
{
	struct ovpn_stream *stream = READ_ONCE(peer->stream);
	struct ovpn_peer *forget = NULL;

	might_sleep();
	if (!stream)
		return;
	mutex_lock(&stream->lock);
	if (stream->peer == peer) {
		if (stream->sock)
			peer->transport->detach(stream->sock);
		if (READ_ONCE(peer->state) == OVPN_PEER_GONE) {
			forget = peer;
			stream->peer = NULL;
		}
	}
	mutex_unlock(&stream->lock);
	if (forget)
		ovpn_peer_put(forget);
}

/**
 * ovpn_sock_describe - what can be told about the transport of a peer
 * @peer: the peer
 * @info: filled in
 *
 * Process context.
 */
void ovpn_sock_describe(struct ovpn_peer *peer,
			struct ovpn_transport_info *info)
{
	struct ovpn_stream *stream = READ_ONCE(peer->stream);

	memset(info, 0, sizeof(*info));
	if (!stream)
		return;
	info->name = peer->transport->name;
	mutex_lock(&stream->lock);
	if (stream->sock && stream->peer == peer) {
		info->netns = sock_net(stream->sk);
		info->local_port = inet_sk(stream->sk)->inet_sport;
		peer->transport->describe(peer, info);
	}
	mutex_unlock(&stream->lock);
}
