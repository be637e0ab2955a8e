/* SPDX-License-Identifier: GPL-2.0 */
/* The data path between the netdev and the transports. */
#ifndef _OVPN_IO_H_
#define _OVPN_IO_H_

#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "join.h"

struct ovpn_aead_op;
struct ovpn_peer;

/**
 * struct ovpn_rx_batch - data packets that were read from a transport together
 * @peer: who sent them
 * @op: decryption with the key used last; NULL before the first packet
 * @ready: packets for the stack
 * @join: the last of them, which may grow
 * @link_bytes: bytes seen, from the opcode on
 * @link_packets: packets seen
 * @vpn_bytes: inner bytes
 * @vpn_packets: inner packets
 * @now: when the batch began, ovpn_now_ms(): it lasts no longer than what one read
 *	 of a stream gives, or UDP's budget
 * @ours: their memory is ours alone, and in one piece
 * @newest: of the packet that was authentic last: none with a higher id came
 * @authentic: at least one packet was authentic and fresh
 */
struct ovpn_rx_batch {
	struct ovpn_peer *peer;
	struct ovpn_aead_op *op;
	struct sk_buff_head ready;
	struct ovpn_join join;
	unsigned int link_bytes;
	unsigned int link_packets;
	unsigned int vpn_bytes;
	unsigned int vpn_packets;
	u32 now;
	bool ours;
	bool newest;
	bool authentic;
};

bool ovpn_net_queue(struct ovpn_peer *peer, struct sk_buff *skb);
netdev_tx_t ovpn_net_xmit(struct sk_buff *skb, struct net_device *dev);
void ovpn_ping_send(struct ovpn_peer *peer);
unsigned int ovpn_encrypt_batch(struct ovpn_peer *peer, unsigned int room,
				unsigned int most);
void ovpn_rx_begin(struct ovpn_rx_batch *batch, struct ovpn_peer *peer,
		   bool ours);
int ovpn_rx_packet(struct ovpn_rx_batch *batch, u8 *packet, unsigned int len);
void ovpn_rx_early(struct ovpn_peer *peer);
void ovpn_rx_end(struct ovpn_rx_batch *batch);

#endif /* _OVPN_IO_H_ */
