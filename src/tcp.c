// SPDX-License-Identifier: GPL-2.0
/* TCP as a transport: what it has besides stream.c. */
#include <net/tcp.h>

#include "compat.h"
#include "peer.h"
#include "tcp.h"

static u32 tcp_stream_room(struct ovpn_stream *stream)
{
	return ovpn_room_tcp(&stream->tx.room, stream->sock, stream->peer);
}

/* Not registered: it only occupies the place. No code calls it or drops a module
 * reference for it, because it goes before the socket does.
 */
static const struct tcp_ulp_ops tcp_ulp = {
	.name = "ovpn-dco-mptcp",
};

static struct ovpn_stream_kind tcp_kind[] = {
	/* IPv4 */
	{ .ulp = &tcp_ulp, .room = tcp_stream_room },
	/* IPv6 */
	{ .ulp = &tcp_ulp, .room = tcp_stream_room },
};

/**
 * ovpn_tcp_init - learn TCP's struct proto and socket operations
 */
void ovpn_tcp_init(void)
{
	ovpn_stream_kinds_learn(tcp_kind, IPPROTO_TCP);
}

static bool tcp_matches(const struct sock *sk)
{
	return sk->sk_type == SOCK_STREAM && sk->sk_protocol == IPPROTO_TCP;
}

static int tcp_socket_attach(struct socket *sock, struct ovpn_peer *peer)
{
	return ovpn_stream_attach(sock, peer,
				  &tcp_kind[sock->sk->sk_family == AF_INET6]);
}

static int tcp_attach(struct ovpn_peer *peer, struct socket *sock)
{
	int err = tcp_socket_attach(sock, peer);

	if (!err)
		ovpn_stream_assign(peer, sock, &ovpn_tcp_transport);
	return err;
}

static void tcp_detach(struct ovpn_peer *peer, bool forget)
{
	ovpn_stream_withdraw(peer, ovpn_stream_detach, forget);
}

static void tcp_send_skb(struct ovpn_peer *peer, struct sk_buff *skb)
{
	ovpn_stream_push_length(skb);
	ovpn_stream_queue_skb(peer, skb);
}

static bool tcp_describe(struct ovpn_peer *peer,
			 struct ovpn_transport_info *info)
{
	return ovpn_stream_describe(peer, info, NULL);
}

const struct ovpn_transport ovpn_tcp_transport = {
	.name = "tcp",
	.record_max = OVPN_RECORD_MAX,
	.matches = tcp_matches,
	.attach = tcp_attach,
	.evict = ovpn_stream_evict,
	.start = ovpn_stream_start_peer,
	.detach = tcp_detach,
	.get_record = ovpn_stream_get_record,
	.send_skb = tcp_send_skb,
	.kick = ovpn_stream_kick,
	.describe = tcp_describe,
};
