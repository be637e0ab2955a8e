// SPDX-License-Identifier: GPL-2.0-or-later
/* Control records: read without a byte too many, written so that the module
 * believes them.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "attach/record.h"
#include "frame.h"

/* the longest record that the module believes before anything is authenticated,
 * however small the MTU: RX_STRICT_MIN of stream_rx.c
 */
#define STRICT_MAX 2048

/* Reads from @bytes as long as the reader wants, in pieces. */
static enum record_verdict feed(struct record_reader *reader,
				const unsigned char *bytes, size_t size,
				size_t piece, size_t *used)
{
	enum record_verdict verdict = RECORD_MORE;
	size_t pos = 0, n;
	void *room;

	while (verdict == RECORD_MORE && pos < size) {
		n = record_room(reader, &room);
		assert_in_range(n, 1, RECORD_MAX);
		if (n > piece)
			n = piece;
		if (n > size - pos)
			n = size - pos;
		memcpy(room, bytes + pos, n);
		pos += n;
		verdict = record_add(reader, n);
	}
	*used = pos;
	return verdict;
}

static void every_size(void **state)
{
	static const size_t pieces[] = { 1, 2, 3, 1000, 2000 };
	unsigned char record[RECORD_MAX + 8], tls[RECORD_TLS_MAX];
	struct record_reader reader;
	size_t size, i, used, got;

	(void)state;
	for (i = 0; i < sizeof(tls); i++)
		tls[i] = i * 7;
	for (size = RECORD_TLS_MIN; size <= RECORD_TLS_MAX; size++) {
		for (i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
			memset(record, 0xee, sizeof(record));
			memcpy(record + 3, tls, size);
			assert_int_equal(record_head(record, size), size + 3);
			record_reader_init(&reader);
			/* there is more, and it stays where it is */
			assert_int_equal(feed(&reader, record, sizeof(record),
					      pieces[i], &used), RECORD_WHOLE);
			assert_int_equal(used, size + 3);
			assert_memory_equal(record_tls(&reader, &got), tls,
					    size);
			assert_int_equal(got, size);
		}
	}
}

/* Whatever is split, the module believes each part. */
static void split(void **state)
{
	unsigned char record[RECORD_MAX];
	size_t pending, left, part, size;
	struct ovpn_frame frame;

	(void)state;
	for (pending = 0; pending < RECORD_TLS_MIN; pending++)
		assert_int_equal(record_split(pending), 0);
	for (; pending < 4 * RECORD_TLS_MAX; pending++) {
		for (left = pending; left; left -= part) {
			part = record_split(left);
			assert_in_range(part, RECORD_TLS_MIN, RECORD_TLS_MAX);
			assert_in_range(part, RECORD_TLS_MIN, left);
			size = record_head(record, part);
			assert_int_equal(ovpn_frame_next(record, size,
							 STRICT_MAX, true,
							 &frame),
					 OVPN_FRAME_CONTROL);
			assert_int_equal(frame.len, size - RECORD_PREFIX);
		}
	}
}

static void every_length(void **state)
{
	struct record_reader reader;
	unsigned char record[3];
	size_t size, used;

	(void)state;
	for (size = 0; size < 65536; size++) {
		enum record_verdict verdict;

		record[0] = size >> 8;
		record[1] = size & 0xff;
		record_reader_init(&reader);
		verdict = feed(&reader, record, 2, 2, &used);
		if (size >= RECORD_BODY_MIN && size <= RECORD_BODY_MAX) {
			assert_int_equal(verdict, RECORD_MORE);
		} else {
			assert_int_equal(verdict, RECORD_BROKEN);
			assert_non_null(strstr(reader.error, "of 4 to 1200 bytes"));
		}
	}
}

static void every_first_byte(void **state)
{
	unsigned char record[RECORD_MAX] = { 0, 4 };
	struct record_reader reader;
	unsigned int first;
	size_t used, n;
	void *room;

	(void)state;
	for (first = 0; first < 256; first++) {
		enum record_verdict verdict;

		record[2] = first;
		record_reader_init(&reader);
		verdict = feed(&reader, record, 3, 1, &used);
		if (first == RECORD_FIRST) {
			assert_int_equal(verdict, RECORD_MORE);
			continue;
		}
		/* at once, and for good */
		assert_int_equal(verdict, RECORD_BROKEN);
		assert_non_null(strstr(reader.error, "expected a control record"));
		n = record_room(&reader, &room);
		assert_int_equal(n, 0);
		assert_int_equal(record_add(&reader, 1), RECORD_BROKEN);
	}
}

static void foreign(void **state)
{
	static const struct {
		const char *bytes;
		const char *text;
	} callers[] = {
		{ "GET / HTTP/1.1\r\n", "not of 18245: the other end speaks something else" },
		{ "SSH-2.0-x\r\n", "speaks something else" },
		{ "\x16\x03\x01\x02\x00", "speaks something else" },
		/* a stock OpenVPN begins with CONTROL_HARD_RESET_CLIENT_V2 */
		{ "\x01\x0e\x38\x11\x22\x33", "not opcode 7 of OpenVPN: the other end is no attach" },
		{ "\x01\x0e\xff\x11\x22\x33", "0xff: the other end speaks something else" },
	};
	struct record_reader reader;
	size_t i, piece, used;

	(void)state;
	for (i = 0; i < sizeof(callers) / sizeof(*callers); i++) {
		for (piece = 1; piece < 6; piece++) {
			record_reader_init(&reader);
			assert_int_equal(feed(&reader,
					      (const void *)callers[i].bytes,
					      5, piece, &used), RECORD_BROKEN);
			if (!strstr(reader.error, callers[i].text))
				fail_msg("%s", reader.error);
		}
	}
}

static void more_than_there_is_room_for(void **state)
{
	struct record_reader reader;

	(void)state;
	record_reader_init(&reader);
	assert_int_equal(record_add(&reader, 3), RECORD_BROKEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_size),
		cmocka_unit_test(split),
		cmocka_unit_test(every_length),
		cmocka_unit_test(every_first_byte),
		cmocka_unit_test(foreign),
		cmocka_unit_test(more_than_there_is_room_for),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
