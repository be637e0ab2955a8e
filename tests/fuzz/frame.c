// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing of what reads bytes from the network before anything is
 * authenticated: the de-framer, the header, the replay window.
 *
 * Input: one byte of options, then the stream. Bit 0: strict; bits 1 and 2:
 * the limit; the rest: how long the pieces are that the stream comes in.
 */
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "frame.h"
#include "pktid.h"

#define must(condition)	do { if (!(condition)) abort(); } while (0)

struct reading {
	unsigned int longest;
	bool strict;
	/* for comparison: where each record began and what was said about it */
	size_t records, consumed;
	u64 digest;
	bool broken;
};

static void note(struct reading *r, u64 what)
{
	r->digest = (r->digest ^ what) * 0x100000001b3ULL;
}

static void parse_data(const u8 *packet, unsigned int len,
		       struct ovpn_pktid_recv *window)
{
	u32 id = ovpn_proto_pktid(packet);
	u32 peer = get_unaligned_be32(packet) & OVPN_PEER_ID_MAX;
	u8 head[OVPN_AAD_LEN];

	must(len >= OVPN_DATA_OVERHEAD);
	must(ovpn_proto_opcode(packet[0]) == OVPN_OP_DATA_V2);
	ovpn_proto_write_head(head, ovpn_proto_key_id(packet[0]), peer, id);
	must(!memcmp(head, packet, sizeof(head)));
	/* whatever was said first, the second time is a replay */
	if (!ovpn_pktid_recv_check(window, id, packet[len - 1] * 1000u))
		must(id);
	must(ovpn_pktid_recv_check(window, id, packet[len - 1] * 1000u));
}

/* reads records until no more can be had; returns the bytes used */
static size_t drain(struct reading *r, const u8 *bytes, size_t len,
		    struct ovpn_pktid_recv *window)
{
	/* a copy without a byte to spare: reads behind it are seen */
	u8 *buf = malloc(len);
	size_t pos = 0;

	must(buf || !len);
	if (len)
		memcpy(buf, bytes, len);
	while (!r->broken) {
		struct ovpn_frame frame = { NULL, 0 };
		enum ovpn_frame_verdict verdict;

		verdict = ovpn_frame_next(buf + pos, len - pos, r->longest,
					  r->strict, &frame);
		if (verdict == OVPN_FRAME_PARTIAL)
			break;
		note(r, verdict);
		if (verdict == OVPN_FRAME_BROKEN) {
			r->broken = true;
			break;
		}
		must(frame.body == buf + pos + OVPN_LEN_PREFIX);
		must(frame.len && frame.len <= r->longest);
		must(frame.len <= len - pos - OVPN_LEN_PREFIX);
		note(r, frame.len);
		if (verdict == OVPN_FRAME_DATA)
			parse_data(frame.body, frame.len, window);
		pos += OVPN_LEN_PREFIX + frame.len;
		r->records++;
	}
	free(buf);
	r->consumed += pos;
	return pos;
}

static void read_in_pieces(struct reading *r, const u8 *bytes, size_t len,
			   size_t piece)
{
	struct ovpn_pktid_recv window;
	size_t start = 0, end = 0;

	ovpn_pktid_recv_init(&window);
	do {
		end = len - end > piece ? end + piece : len;
		start += drain(r, bytes + start, end - start, &window);
	} while (end < len && !r->broken);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned int limits[] = { OVPN_RECORD_MAX, 2048, 64, 4 };
	struct reading whole = { 0 }, pieces;

	if (!size)
		return 0;
	whole.strict = data[0] & 1;
	whole.longest = limits[data[0] >> 1 & 3];
	pieces = whole;
	read_in_pieces(&whole, data + 1, size - 1, size);
	read_in_pieces(&pieces, data + 1, size - 1, 1 + (data[0] >> 3));
	must(whole.records == pieces.records);
	must(whole.consumed == pieces.consumed);
	must(whole.digest == pieces.digest);
	must(whole.broken == pieces.broken);
	return 0;
}
