/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The OpenVPN data channel on the wire.
 *
 * Pure arithmetic on bytes: this header is also compiled in userspace, where
 * the unit tests and the fuzzers run it.
 */
#ifndef _OVPN_PROTO_H_
#define _OVPN_PROTO_H_

#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/types.h>
#include "compat_unaligned.h"

/*
 * A DATA_V2 packet with an AEAD cipher. On a stream a 16-bit big-endian
 * length that does not count itself precedes every packet.
 *
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------+-----+-----------------------------------------------+
 *  | opcode  | key |                    peer id                    |
 *  +---------+-----+-----------------------------------------------+
 *  |                           packet id                           |
 *  +---------------------------------------------------------------+
 *  |                  authentication tag, 16 bytes                 |
 *  +---------------------------------------------------------------+
 *  |                 ciphertext, as long as the plaintext          |
 *
 * The first eight bytes are the associated data. The nonce is the packet id
 * followed by the eight byte nonce tail of the key direction.
 */
#define OVPN_OP_BYTE		GENMASK(7, 3)
#define OVPN_KEY_ID_BYTE	GENMASK(2, 0)
#define OVPN_PEER_ID_WORD	GENMASK(23, 0)

#define OVPN_OP_SOFT_RESET_V1	3	/* the lowest opcode that is in use */
#define OVPN_OP_DATA_V2		9
#define OVPN_OP_WKC_V1		11	/* the highest opcode that is in use */

#define OVPN_KEY_ID_MAX		7
#define OVPN_PEER_ID_MAX	0xFFFFFF
/* in packets of a sender who was given no id; datagrams only */
#define OVPN_PEER_ID_UNDEF	0xFFFFFF

#define OVPN_AAD_LEN		8
#define OVPN_TAG_LEN		16
#define OVPN_NONCE_LEN		12
#define OVPN_NONCE_TAIL_LEN	8
#define OVPN_DATA_OVERHEAD	(OVPN_AAD_LEN + OVPN_TAG_LEN)
#define OVPN_LEN_PREFIX		2
#define OVPN_RECORD_MAX		65535	/* what the length prefix can say */

/* the keepalive message, compared after decryption; see ping.c of OpenVPN */
#define OVPN_PING_LEN		16
#define OVPN_PING_BYTES		{					\
	0x2a, 0x18, 0x7b, 0xf3, 0x64, 0x1e, 0xb4, 0xcb,			\
	0x07, 0xed, 0x2d, 0x0a, 0x98, 0x1f, 0xc7, 0x48 }

/**
 * ovpn_proto_opcode - the opcode in the first byte of a packet
 * @first: first byte
 *
 * Return: 0..31
 */
static inline u8 ovpn_proto_opcode(u8 first)
{
	return FIELD_GET(OVPN_OP_BYTE, first);
}

/**
 * ovpn_proto_key_id - the key id in the first byte of a packet
 * @first: first byte
 *
 * Return: 0..7
 */
static inline u8 ovpn_proto_key_id(u8 first)
{
	return FIELD_GET(OVPN_KEY_ID_BYTE, first);
}

/**
 * ovpn_proto_opcode_known - whether an OpenVPN that we know uses an opcode
 * @opcode: 0..31
 *
 * Return: false for what is noise, or of an OpenVPN that is newer
 */
static inline bool ovpn_proto_opcode_known(u8 opcode)
{
	return opcode >= OVPN_OP_SOFT_RESET_V1 && opcode <= OVPN_OP_WKC_V1;
}

/**
 * ovpn_proto_write_head - write the eight associated bytes of a packet
 * @to: room for OVPN_AAD_LEN bytes
 * @key_id: 0..7
 * @peer_id: 24 bits
 * @pktid: packet id, never 0
 */
static inline void ovpn_proto_write_head(u8 *to, u8 key_id, u32 peer_id,
					 u32 pktid)
{
	u32 word = FIELD_PREP(OVPN_PEER_ID_WORD, peer_id);
	u8 first = FIELD_PREP(OVPN_OP_BYTE, OVPN_OP_DATA_V2) |
		   FIELD_PREP(OVPN_KEY_ID_BYTE, key_id);

	put_unaligned_be32(word | (u32)first << 24, to);
	put_unaligned_be32(pktid, to + 4);
}

/**
 * ovpn_proto_peer_id - the peer id of a DATA_V2 packet
 * @packet: at least 4 bytes
 *
 * Return: 24 bits
 */
static inline u32 ovpn_proto_peer_id(const u8 *packet)
{
	return FIELD_GET(OVPN_PEER_ID_WORD, get_unaligned_be32(packet));
}

/**
 * ovpn_proto_pktid - the packet id of a DATA_V2 packet
 * @packet: at least OVPN_AAD_LEN bytes
 *
 * Return: the packet id as sent, 0 included
 */
static inline u32 ovpn_proto_pktid(const u8 *packet)
{
	return get_unaligned_be32(packet + 4);
}

#endif /* _OVPN_PROTO_H_ */
