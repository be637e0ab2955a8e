/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Control records of attach: what carries TLS in the stream of a tunnel.
 *
 * A record is what OpenVPN has on a stream: a 16-bit big-endian length, then
 * that many bytes. The first of them is RECORD_FIRST, the rest is a piece of
 * the TLS byte stream of its direction. The bounds are those that the module
 * believes from a stream that has not proved itself yet (frame.h and
 * stream_rx.c of the module), so a record is the same before and after the
 * socket is given to it.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>
#include <stddef.h>

#define RECORD_PREFIX		2
/* opcode 11, the highest that OpenVPN has on the wire, and key id 0 */
#define RECORD_FIRST		(11 << 3)
/* bytes behind the prefix */
#define RECORD_BODY_MIN		4
#define RECORD_BODY_MAX		1200
#define RECORD_MAX		(RECORD_PREFIX + RECORD_BODY_MAX)
/* TLS bytes of a record */
#define RECORD_TLS_MIN		(RECORD_BODY_MIN - 1)
#define RECORD_TLS_MAX		(RECORD_BODY_MAX - 1)

/**
 * enum record_verdict - what a reader knows after more bytes
 * @RECORD_MORE: the record is not complete
 * @RECORD_WHOLE: it is; take it with record_tls(), then record_reader_init()
 * @RECORD_BROKEN: it is none of ours, and the stream cannot be used further
 */
enum record_verdict {
	RECORD_MORE,
	RECORD_WHOLE,
	RECORD_BROKEN,
};

/**
 * struct record_reader - a record that is being read
 * @have: bytes that are here
 * @bytes: the record with its prefix
 * @error: text for RECORD_BROKEN: what was expected and what came
 *
 * Before the hand-over, nothing behind a record may be taken from the socket:
 * it is the module's. So the reader says how much may be read.
 */
struct record_reader {
	size_t have;
	unsigned char bytes[RECORD_MAX];
	char error[160];
};

void record_reader_init(struct record_reader *reader);

/* Where to read, and how many bytes at most: never more than this record has,
 * and 1 at least unless it is complete or broken.
 */
size_t record_room(struct record_reader *reader, void **room);

/* @n bytes were read there, 0 to what record_room() said. */
enum record_verdict record_add(struct record_reader *reader, size_t n);

/* The TLS bytes of a complete record; they stay until record_reader_init(). */
const unsigned char *record_tls(const struct record_reader *reader,
				size_t *size);

/* How many of @pending TLS bytes the next record takes: none is left alone
 * that would be too short for a record of its own. 0 for less than
 * RECORD_TLS_MIN: TLS writes no such thing.
 */
size_t record_split(size_t pending);

/* Writes prefix and first byte in front of @size TLS bytes, which are at
 * @record + RECORD_PREFIX + 1. Returns the size of the whole record.
 */
size_t record_head(unsigned char record[RECORD_MAX], size_t size);

#endif /* RECORD_H */
