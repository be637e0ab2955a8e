/* SPDX-License-Identifier: GPL-2.0 */
/* Multipath TCP: the transport this module exists for. */
#ifndef _OVPN_MPTCP_H_
#define _OVPN_MPTCP_H_

#include <linux/skbuff.h>

#include "sock.h"
#include "stream.h"

extern const struct ovpn_transport ovpn_mptcp_transport;

void ovpn_mptcp_init(void);
int ovpn_mptcp_socket_attach(struct socket *sock, struct ovpn_peer *peer);
void ovpn_mptcp_socket_detach(struct socket *sock);
void ovpn_queue_mptcp_skb(struct ovpn_peer *peer, struct sk_buff *skb);

/**
 * ovpn_mptcp_send_skb - make a record of an encrypted packet and queue it
 * @peer: the peer
 * @skb: the packet from the opcode on, with room for the length before it; at
 *	 most OVPN_RECORD_MAX bytes. Consumed.
 *
 * Called by the transmit worker of the peer.
 */
static inline void ovpn_mptcp_send_skb(struct ovpn_peer *peer,
				       struct sk_buff *skb)
{
	ovpn_stream_push_length(skb);
	ovpn_queue_mptcp_skb(peer, skb);
}

#endif /* _OVPN_MPTCP_H_ */
