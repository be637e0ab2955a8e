/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cutting a byte stream into records: a 16-bit big-endian length, then that
 * many bytes. There is no magic and no resynchronisation: a wrong length is
 * the end of the stream. Compiled in userspace as well, for tests and fuzzing.
 */
#ifndef _OVPN_FRAME_H_
#define _OVPN_FRAME_H_

#include "proto.h"

/* the longest first record whose opcode we do not know; no control packet of
 * OpenVPN is longer
 */
#define OVPN_FRAME_UNKNOWN_MAX	2048

/**
 * enum ovpn_frame_verdict - what the next bytes of a stream are
 * @OVPN_FRAME_PARTIAL: the record is not complete yet, read more
 * @OVPN_FRAME_CONTROL: a record for userspace
 * @OVPN_FRAME_DATA: a DATA_V2 record that is long enough to be decrypted
 * @OVPN_FRAME_RUNT: a DATA_V2 record shorter than its own header; skip it
 * @OVPN_FRAME_BROKEN: not a record; the stream cannot be used any further
 */
enum ovpn_frame_verdict {
	OVPN_FRAME_PARTIAL,
	OVPN_FRAME_CONTROL,
	OVPN_FRAME_DATA,
	OVPN_FRAME_RUNT,
	OVPN_FRAME_BROKEN,
};

/**
 * struct ovpn_frame - one record inside a buffer
 * @body: first byte after the length prefix
 * @len: length of the body in bytes, 1..65535
 */
struct ovpn_frame {
	u8 *body;
	unsigned int len;
};

/**
 * ovpn_frame_next - look at the record that starts at a buffer's first byte
 * @buf: bytes of the stream
 * @avail: how many there are
 * @longest: a larger length is refused; OVPN_RECORD_MAX allows all
 * @strict: believe less, too: no record of less than 4 bytes, and of an opcode
 *	    that is not known none that is longer than a control packet. Meant
 *	    for the first records after userspace handed the socket over: when
 *	    it had read a part of a record before, what follows is noise. Its
 *	    length alone gives 97 of 100 away; an opcode proves nothing, because
 *	    the next OpenVPN may have a new one.
 * @frame: set for every verdict but PARTIAL and BROKEN; the record then
 *	   occupies OVPN_LEN_PREFIX + frame->len bytes
 *
 * Return: the verdict
 */
static inline enum ovpn_frame_verdict
ovpn_frame_next(u8 *buf, size_t avail, unsigned int longest, bool strict,
		struct ovpn_frame *frame)
{
	unsigned int len;
	u8 opcode;

	if (avail < OVPN_LEN_PREFIX)
		return OVPN_FRAME_PARTIAL;
	len = get_unaligned_be16(buf);
	if (!len || len > longest)
		return OVPN_FRAME_BROKEN;
	/* judged before the record is complete: noise that announces 60 KB
	 * must not make the tunnel wait for them
	 */
	if (strict) {
		if (len < 4)
			return OVPN_FRAME_BROKEN;
		if (avail > OVPN_LEN_PREFIX && len > OVPN_FRAME_UNKNOWN_MAX &&
		    !ovpn_proto_opcode_known(ovpn_proto_opcode(buf[OVPN_LEN_PREFIX])))
			return OVPN_FRAME_BROKEN;
	}
	if (avail - OVPN_LEN_PREFIX < len)
		return OVPN_FRAME_PARTIAL;

	frame->body = buf + OVPN_LEN_PREFIX;
	frame->len = len;
	opcode = ovpn_proto_opcode(frame->body[0]);
	if (opcode != OVPN_OP_DATA_V2)
		return OVPN_FRAME_CONTROL;
	return len < OVPN_DATA_OVERHEAD ? OVPN_FRAME_RUNT : OVPN_FRAME_DATA;
}

/**
 * ovpn_frame_first_max - the longest length that a first record may have
 * @buf: bytes of the stream
 * @avail: how many there are
 * @usual: for all but data packets of the peer
 * @peer_id: of the peer
 *
 * For the strict ovpn_frame_next(). The far end may have a larger MTU than we
 * have, so data may be longer than ours. Such a length is believed when the peer
 * id is right, or says that there is none: noise has that once in millions.
 *
 * Return: the length
 */
static inline unsigned int ovpn_frame_first_max(const u8 *buf, size_t avail,
						unsigned int usual, u32 peer_id)
{
	const u8 *packet = buf + OVPN_LEN_PREFIX;
	u32 id;

	if (avail > OVPN_LEN_PREFIX &&
	    ovpn_proto_opcode(packet[0]) != OVPN_OP_DATA_V2)
		return usual;
	/* too little to tell */
	if (avail < OVPN_LEN_PREFIX + 4)
		return OVPN_RECORD_MAX;
	id = ovpn_proto_peer_id(packet);
	return id == peer_id || id == OVPN_PEER_ID_UNDEF ? OVPN_RECORD_MAX :
							   usual;
}

#endif /* _OVPN_FRAME_H_ */
