// SPDX-License-Identifier: GPL-2.0
/*
 * An MPTCP socket is a stream like a TCP socket. Nothing of net/mptcp is exported,
 * so its operations are learnt from a socket.
 */
#include <linux/module.h>
#include <linux/net.h>
#include <net/mptcp.h>
#include <uapi/linux/mptcp.h>

#include "compat.h"
#include "mptcp.h"
#include "peer.h"

/* by family: IPv4, IPv6 */
static struct ovpn_stream_kind mptcp_kind[2];

/* Lets the writer be told of room that a full socket would announce. Any context,
 * with or without the lock of the socket, which may be in release().
 */
static bool prot_stream_memory_free(const struct sock *sk, int wake)
{
	const struct proto *orig =
		mptcp_kind[sk->sk_family == AF_INET6].orig_prot;
	struct ovpn_stream *stream;
	bool is_free;

	rcu_read_lock();
	stream = ovpn_stream_of(sk);
	is_free = !stream || !READ_ONCE(stream->tx.asking);
	rcu_read_unlock();
	return is_free && (!orig->stream_memory_free ||
			   orig->stream_memory_free(sk, wake));
}

static u32 mptcp_stream_room(struct ovpn_stream *stream)
{
	return ovpn_room_mptcp(&stream->tx.room, stream->sock, stream->peer);
}

/* where the writer has to poll for room */
static void adapt(struct proto *prot)
{
	if (OVPN_COMPAT_ROOM_BY_POLL)
		prot->stream_memory_free = prot_stream_memory_free;
}

static struct ovpn_stream_kind mptcp_kind[2] = {
	{ .adapt = adapt, .room = mptcp_stream_room },
	{ .adapt = adapt, .room = mptcp_stream_room },
};

static bool mptcp_matches(const struct sock *sk)
{
	return sk->sk_type == SOCK_STREAM && sk->sk_protocol == IPPROTO_MPTCP;
}

/**
 * ovpn_mptcp_init - learn MPTCP's struct proto and socket operations
 *
 * Nothing of net/mptcp is exported. A kernel without MPTCP has no socket to attach.
 */
void ovpn_mptcp_init(void)
{
	ovpn_stream_kinds_learn(mptcp_kind, IPPROTO_MPTCP);
}

/**
 * ovpn_mptcp_socket_attach - give a connected MPTCP socket to a peer
 * @sock: the socket; the caller has it by its file
 * @peer: the peer
 *
 * Sets up the transmit ring, saves and replaces the callbacks. Subflows come and
 * go below the socket without our doing. Process context; caller holds the peer's
 * sock_lock.
 *
 * Return: see ovpn_stream_attach()
 */
int ovpn_mptcp_socket_attach(struct socket *sock, struct ovpn_peer *peer)
{
	lockdep_assert_held(&peer->sock_lock);
	return ovpn_stream_attach(sock, peer,
				  &mptcp_kind[sock->sk->sk_family == AF_INET6]);
}

/**
 * ovpn_mptcp_socket_detach - take an MPTCP socket away from its peer
 * @sock: the socket, not closed
 *
 * Restores the callbacks, cancels all work and empties the rings. Caller holds
 * the stream's lock, see ovpn_stream_detach().
 */
void ovpn_mptcp_socket_detach(struct socket *sock)
{
	ovpn_stream_detach(sock);
}

/**
 * ovpn_queue_mptcp_skb - put a record in the transmit ring, wake the writer
 * @peer: the peer
 * @skb: the record with its length prefix; consumed
 */
void ovpn_queue_mptcp_skb(struct ovpn_peer *peer, struct sk_buff *skb)
{
	ovpn_stream_queue_skb(peer, skb);
}

static int mptcp_attach(struct ovpn_peer *peer, struct socket *sock)
{
	int err = ovpn_mptcp_socket_attach(sock, peer);

	if (!err)
		ovpn_stream_assign(peer, sock, &ovpn_mptcp_transport);
	return err;
}

static void mptcp_detach(struct ovpn_peer *peer, bool forget)
{
	ovpn_stream_withdraw(peer, ovpn_mptcp_socket_detach, forget);
}

static void describe_open(const struct ovpn_stream *stream,
			  struct ovpn_transport_info *info)
{
	struct mptcp_info mptcp = {};

	/* the cast is the kernel's own: an MPTCP socket begins with its sock */
	mptcp_diag_fill_info((struct mptcp_sock *)stream->sk, &mptcp);
	if (mptcp.mptcpi_flags & MPTCP_INFO_FLAG_FALLBACK)
		info->name = "mptcp-fallback";
	info->has_token = true;
	info->token = mptcp.mptcpi_token;
	info->subflows = ovpn_compat_mptcp_subflows(&mptcp);
}

static bool mptcp_describe(struct ovpn_peer *peer,
			   struct ovpn_transport_info *info)
{
	return ovpn_stream_describe(peer, info, describe_open);
}

const struct ovpn_transport ovpn_mptcp_transport = {
	.name = "mptcp",
	.record_max = OVPN_RECORD_MAX,
	.matches = mptcp_matches,
	.attach = mptcp_attach,
	.evict = ovpn_stream_evict,
	.start = ovpn_stream_start_peer,
	.detach = mptcp_detach,
	.get_record = ovpn_stream_get_record,
	.send_skb = ovpn_mptcp_send_skb,
	.kick = ovpn_stream_kick,
	.describe = mptcp_describe,
};
