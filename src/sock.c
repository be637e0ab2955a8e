// SPDX-License-Identifier: GPL-2.0
/* From a file descriptor to a transport: the only file that knows all of them; who may
 * give a socket to whose device.
 */
#include <linux/capability.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "compat.h"
#include "main.h"
#include "mptcp.h"
#include "peer.h"
#include "sock.h"
#include "stream.h"
#include "tcp.h"
#include "trace.h"
#include "udp.h"

static const struct ovpn_transport *const transports[] = {
	&ovpn_mptcp_transport,
	&ovpn_tcp_transport,
	&ovpn_udp_transport,
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
		NL_SET_ERR_MSG(extack, "only MPTCP, TCP and UDP sockets over IPv4 or IPv6 can carry a peer");
		break;
	case -EOPNOTSUPP:
		NL_SET_ERR_MSG(extack, "the peer has a stream, and gets another one in its place: MPTCP or TCP");
		break;
	case -EPERM:
		NL_SET_ERR_MSG(extack, "CAP_NET_ADMIN is needed in the network namespace of the socket");
		break;
	case -EINVAL:
		NL_SET_ERR_MSG(extack, "hand over a stream that is connected, not one that listens, or a UDP socket that is bound");
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
		NL_SET_ERR_MSG(extack, "the socket is used by another device, or by another part of the kernel, such as kernel TLS or a BPF sockmap");
		break;
	default:
		NL_SET_ERR_MSG(extack, "the socket cannot be taken");
	}
}

/* Whose socket a peer has, or had last; in an RCU read section or under the
 * peer's sock_lock.
 */
static const struct sock *sk_of(const struct ovpn_peer *peer)
{
	const struct ovpn_stream *stream;

	stream = rcu_dereference_check(peer->stream,
				       lockdep_is_held(&peer->sock_lock));
	return stream ? stream->sk : ovpn_udp_sk(peer);
}

static int attach(struct ovpn_peer *peer, struct socket *sock,
		  const struct ovpn_transport *transport)
{
	if (!transport)
		return -EPROTONOSUPPORT;
	if (transport->datagrams && ovpn_peer_stream(peer))
		return -EOPNOTSUPP;
	if (!ns_capable(sock_net(sock->sk)->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	return transport->attach(peer, sock);
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

/* whether datagrams from a socket can get to an address */
static int reaches(const struct sock *sk, const struct ovpn_endpoint *outer,
		   struct netlink_ext_ack *extack)
{
	if (outer->family == sk->sk_family ||
	    (sk->sk_family == AF_INET6 && !ipv6_only_sock(sk)))
		return 0;
	NL_SET_ERR_MSG(extack, "the UDP socket does not speak the IP version of the remote address");
	return -EAFNOSUPPORT;
}

/**
 * ovpn_sock_check_outer - whether a new peer has the addresses its socket needs
 * @sock: the socket
 * @cfg: the peer
 * @extack: says what to do about a refusal
 *
 * Return: 0, -EDESTADDRREQ (they are missing), -EISCONN (the socket has its
 * own), or -EAFNOSUPPORT
 */
int ovpn_sock_check_outer(const struct socket *sock,
			  const struct ovpn_peer_config *cfg,
			  struct netlink_ext_ack *extack)
{
	const struct ovpn_transport *transport = transport_of(sock->sk);
	bool given = cfg->outer.family != AF_UNSPEC;

	if (!transport || (!given && !transport->datagrams))
		return 0;
	if (given && transport->datagrams)
		return reaches(sock->sk, &cfg->outer, extack);
	if (!given) {
		NL_SET_ERR_MSG(extack, "a peer on a UDP socket needs a remote address");
		return -EDESTADDRREQ;
	}
	if (cfg->outer_optional)
		return 0;
	NL_SET_ERR_MSG(extack, "a stream (TCP, MPTCP) has its own addresses: leave the remote address out");
	return -EISCONN;
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
 * Return: 0, or -EPROTONOSUPPORT, -EOPNOTSUPP (UDP for a peer of a stream),
 * -EPERM, -EINVAL (listening; UDP that is not bound), -ENOTCONN, -ESHUTDOWN,
 * -EALREADY (a stream that carries a peer), -EBUSY (used by somebody else),
 * -ENOMEM. Then nothing has changed.
 */
int ovpn_sock_attach(struct ovpn_peer *peer, struct socket *sock,
		     struct netlink_ext_ack *extack)
{
	const struct ovpn_transport *transport = transport_of(sock->sk);
	int err;

	might_sleep();
	lockdep_assert_held(&peer->sock_lock);

	err = attach(peer, sock, transport);
	trace_ovpn_attach(peer, transport, err);
	if (err)
		explain(extack, err);
	return err;
}

/**
 * ovpn_sock_evict - remove the dead peer that had a socket before
 * @peer: the peer that has it now
 * @sock: the socket
 *
 * Process context, no lock held.
 */
void ovpn_sock_evict(struct ovpn_peer *peer, struct socket *sock)
{
	/* what changes a transport, SET_SOCK, changes it to one of the same kind */
	if (peer->transport->evict)
		peer->transport->evict(sock);
}

/**
 * ovpn_sock_reaches - whether a peer may get other outer addresses
 * @peer: the peer
 * @outer: the addresses
 * @extack: says what to do about a refusal
 *
 * Process context; caller holds the peer's sock_lock.
 *
 * Return: 0, -EINVAL (the peer is carried by a stream), -EAFNOSUPPORT, -ENOENT
 * (the peer is gone)
 */
int ovpn_sock_reaches(struct ovpn_peer *peer,
		      const struct ovpn_endpoint *outer,
		      struct netlink_ext_ack *extack)
{
	lockdep_assert_held(&peer->sock_lock);

	if (peer->transport->datagrams) {
		const struct sock *sk = sk_of(peer);

		/* it may have been removed while we waited for the lock */
		return sk ? reaches(sk, outer, extack) : -ENOENT;
	}
	NL_SET_ERR_MSG(extack, "a stream (TCP, MPTCP) has its own addresses: leave the remote address out");
	return -EINVAL;
}

/**
 * ovpn_sock_sent - whether a packet was sent by the transport of a peer
 * @peer: the peer
 * @skb: a packet that is to enter the tunnel
 *
 * Subflows share the struct socket of their MPTCP socket. Only compared, never
 * followed: the sender may be closing it. In an RCU read section.
 *
 * Return: true if so: it must not enter the peer
 */
bool ovpn_sock_sent(const struct ovpn_peer *peer, const struct sk_buff *skb)
{
	const struct ovpn_stream *stream;
	const struct sock *sk = skb->sk;

	if (!sk || !sk_fullsock(sk))
		return false;
	stream = rcu_dereference(peer->stream);
	if (!stream)
		return sk == ovpn_udp_sk(peer);
	return READ_ONCE(sk->sk_socket) &&
	       READ_ONCE(sk->sk_socket) == READ_ONCE(stream->sock);
}

/**
 * ovpn_sock_carries - whether a file descriptor is the socket of a peer
 * @fd: file descriptor of the calling process
 * @peer: the peer
 *
 * Return: true if so; always false for datagrams, whose socket carries many
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
	lockdep_assert_held(&peer->sock_lock);
	peer->transport->start(peer);
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
	might_sleep();
	lockdep_assert_held(&peer->sock_lock);

	if (!peer->transport)
		return;
	peer->transport->detach(peer,
				READ_ONCE(peer->state) == OVPN_PEER_GONE);
	trace_ovpn_detach(peer);
}

/**
 * ovpn_sock_free - free what a peer has of its transport
 * @peer: a peer that cannot be found any more, after an RCU period
 */
void ovpn_sock_free(struct ovpn_peer *peer)
{
	ovpn_stream_put(rcu_dereference_protected(peer->stream, true));
	ovpn_udp_free(peer);
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
	struct net *net = NULL;
	const struct sock *sk;

	rcu_read_lock();
	sk = sk_of(peer);
	if (sk)
		net = maybe_get_net(sock_net(sk));
	rcu_read_unlock();
	return net;
}

/**
 * ovpn_sock_may_change - whether who asks may change a peer
 * @peer: the peer, of a device that who asks may change
 * @request: the netlink message
 * @extack: says what is missing
 *
 * What a peer is told to do, its socket does: it needs the rights of whoever owns
 * that, too. A peer without a socket is gone, and no request does anything to it.
 * When the peer gets another socket at this very moment, the request came first.
 *
 * Return: 0 or -EPERM
 */
int ovpn_sock_may_change(const struct ovpn_peer *peer,
			 const struct sk_buff *request,
			 struct netlink_ext_ack *extack)
{
	struct net *net = ovpn_sock_get_net(peer);
	bool may;

	if (!net)
		return 0;
	may = netlink_ns_capable(request, net->user_ns, CAP_NET_ADMIN);
	put_net(net);
	if (may)
		return 0;
	NL_SET_ERR_MSG(extack,
		       "CAP_NET_ADMIN is needed in the network namespace of the peer's socket, too: ask whoever handed it over");
	return -EPERM;
}

/**
 * ovpn_sock_shown_in - whether a whole network namespace may know where a peer is
 * @peer: the peer
 * @net: where CAP_NET_ADMIN is needed to be told
 *
 * Return: true if whoever has CAP_NET_ADMIN there has it where the peer's socket
 * is, too: the user namespace that owns @net is that of the socket, or above it
 */
bool ovpn_sock_shown_in(const struct ovpn_peer *peer, const struct net *net)
{
	const struct user_namespace *ns;
	struct net *from = ovpn_sock_get_net(peer);

	if (!from)
		return false;
	for (ns = from->user_ns; ns && ns != net->user_ns; ns = ns->parent)
		;
	put_net(from);
	return ns;
}

/* what only those may know who own the socket */
static void hide_outer(struct ovpn_transport_info *info)
{
	memset(&info->outer, 0, sizeof(info->outer));
	info->has_token = false;
}

/**
 * ovpn_sock_describe - what can be told about the transport of a peer
 * @peer: the peer
 * @request: the netlink message that asks; the outer addresses and the token are
 *	     only for who has CAP_NET_ADMIN where the socket is
 * @net: network namespace of who asks, or NULL if it does not matter
 * @info: filled in
 *
 * Process context, no lock held.
 */
void ovpn_sock_describe(struct ovpn_peer *peer, const struct sk_buff *request,
			struct net *net, struct ovpn_transport_info *info)
{
	const struct sock *sk;

	memset(info, 0, sizeof(*info));
	mutex_lock(&peer->sock_lock);
	if (!peer->transport)
		goto out;
	info->name = peer->transport->name;
	if (!peer->transport->describe(peer, info))
		goto out;
	sk = sk_of(peer);
	if (net && !net_eq(net, sock_net(sk))) {
		info->elsewhere = true;
		info->netnsid = peernet2id_alloc(net, sock_net(sk), GFP_KERNEL);
	}
	if (netlink_ns_capable(request, sock_net(sk)->user_ns, CAP_NET_ADMIN))
		info->local_port = inet_sk(sk)->inet_sport;
	else
		hide_outer(info);
out:
	mutex_unlock(&peer->sock_lock);
}
