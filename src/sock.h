/* SPDX-License-Identifier: GPL-2.0 */
/* From a file descriptor to a transport: the table of what can carry a peer. */
#ifndef _OVPN_SOCK_H_
#define _OVPN_SOCK_H_

#include <linux/types.h>

#include "endpoint.h"

struct net;
struct netlink_ext_ack;
struct ovpn_peer;
struct ovpn_peer_config;
struct sk_buff;
struct socket;
struct sock;

/**
 * struct ovpn_transport_info - what can be told about the transport of a peer
 * @name: udp, tcp, mptcp or mptcp-fallback
 * @elsewhere: @netnsid is set: the socket is in another network namespace
 * @netnsid: id of that one
 * @local_port: local port, network order, 0 when the socket is closed or who
 *		asks may not know it
 * @outer: addresses of a peer that is carried by datagrams, else of no family
 * @has_token: @token and @subflows are set
 * @token: local MPTCP token
 * @subflows: MPTCP subflows now
 */
struct ovpn_transport_info {
	const char *name;
	bool elsewhere;
	int netnsid;
	__be16 local_port;
	struct ovpn_endpoint outer;
	bool has_token;
	u32 token;
	u32 subflows;
};

/**
 * struct ovpn_transport - one kind of transport
 * @name: for messages
 * @datagrams: needs outer addresses (struct ovpn_endpoint); others have their
 *	       own and take none
 * @record_max: bytes of the longest record
 * @matches: whether a socket is of this kind
 * @attach: gives the socket to the peer, who may still have another one; that
 *	    is detached as soon as nothing can fail any more. 0 or an errno.
 * @evict: removes a dead peer that had the socket before, or NULL; no lock held
 * @start: reads and writes from now on, and looks at what waits
 * @detach: takes the socket away, waits for all work on it. Harmless when
 *	    nothing is attached. With @forget the socket forgets the peer, too:
 *	    closing it means nothing to the peer any more.
 * @get_record: an empty skb for a record of so many bytes, see
 *		ovpn_skb_new(); the transmit worker calls it
 * @send_skb: queues one encrypted record; the transmit worker calls it
 * @kick: there is plaintext in the peer's queue; any context, called with
 *	  the queue's lock held and the queue open
 * @describe: fills what the socket can tell; false when it is closed
 *
 * Where nothing else is said, process context under the peer's sock_lock.
 */
struct ovpn_transport {
	const char *name;
	bool datagrams;
	unsigned int record_max;
	bool (*matches)(const struct sock *sk);
	int (*attach)(struct ovpn_peer *peer, struct socket *sock);
	void (*evict)(struct socket *sock);
	void (*start)(struct ovpn_peer *peer);
	void (*detach)(struct ovpn_peer *peer, bool forget);
	struct sk_buff *(*get_record)(struct ovpn_peer *peer, unsigned int len);
	void (*send_skb)(struct ovpn_peer *peer, struct sk_buff *skb);
	void (*kick)(struct ovpn_peer *peer);
	bool (*describe)(struct ovpn_peer *peer,
			 struct ovpn_transport_info *info);
};

struct socket *ovpn_sock_get(int fd, struct netlink_ext_ack *extack);
void ovpn_sock_put(struct socket *sock);
int ovpn_sock_check_outer(const struct socket *sock,
			  const struct ovpn_peer_config *cfg,
			  struct netlink_ext_ack *extack);
int ovpn_sock_attach(struct ovpn_peer *peer, struct socket *sock,
		     struct netlink_ext_ack *extack);
void ovpn_sock_evict(struct ovpn_peer *peer, struct socket *sock);
bool ovpn_sock_sent(const struct ovpn_peer *peer, const struct sk_buff *skb);
bool ovpn_sock_carries(int fd, const struct ovpn_peer *peer);
int ovpn_sock_reaches(struct ovpn_peer *peer,
		      const struct ovpn_endpoint *outer,
		      struct netlink_ext_ack *extack);
void ovpn_sock_start(struct ovpn_peer *peer);
void ovpn_sock_detach(struct ovpn_peer *peer);
void ovpn_sock_free(struct ovpn_peer *peer);
struct net *ovpn_sock_get_net(const struct ovpn_peer *peer);
int ovpn_sock_may_change(const struct ovpn_peer *peer,
			 const struct sk_buff *request,
			 struct netlink_ext_ack *extack);
bool ovpn_sock_shown_in(const struct ovpn_peer *peer, const struct net *net);
void ovpn_sock_describe(struct ovpn_peer *peer, const struct sk_buff *request,
			struct net *net, struct ovpn_transport_info *info);

#endif /* _OVPN_SOCK_H_ */
