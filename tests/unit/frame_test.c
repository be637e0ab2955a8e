// SPDX-License-Identifier: GPL-2.0
/* Cutting a byte stream into records. */
#include "testing.h"
#include "frame.h"

#define CONTROL_V1	(4 << 3)
#define DATA_V2		(9 << 3)

/* what the module believes of a first record when the interface has MTU 1500 */
#define FIRST_LONGEST	2048

/*
 * Bytes that end where their memory ends, so that the address sanitizer sees
 * every read behind them.
 */
static u8 *block;
#define BLOCK_SIZE	(OVPN_LEN_PREFIX + OVPN_RECORD_MAX + 1)

static u8 *record(unsigned int len, u8 first, unsigned int avail)
{
	u8 *at = block + BLOCK_SIZE - avail;

	if (avail > 0)
		at[0] = len >> 8;
	if (avail > 1)
		at[1] = len;
	if (avail > 2)
		at[2] = first;
	return at;
}

static enum ovpn_frame_verdict judge(unsigned int len, u8 first,
				     unsigned int avail, unsigned int longest,
				     bool strict)
{
	struct ovpn_frame frame = { 0 };
	u8 *at = record(len, first, avail);
	enum ovpn_frame_verdict verdict;

	verdict = ovpn_frame_next(at, avail, longest, strict, &frame);
	if (verdict != OVPN_FRAME_PARTIAL && verdict != OVPN_FRAME_BROKEN) {
		assert_true(frame.body == at + OVPN_LEN_PREFIX);
		assert_int_equal(frame.len, len);
	}
	return verdict;
}

static void needs_two_bytes(void **state)
{
	unsigned int strict;

	(void)state;
	for (strict = 0; strict < 2; strict++) {
		assert_int_equal(judge(0, 0, 0, OVPN_RECORD_MAX, strict),
				 OVPN_FRAME_PARTIAL);
		assert_int_equal(judge(0, 0, 1, OVPN_RECORD_MAX, strict),
				 OVPN_FRAME_PARTIAL);
		assert_int_equal(judge(0xff00, 0, 1, 1, strict),
				 OVPN_FRAME_PARTIAL);
	}
}

static void length_zero_is_broken(void **state)
{
	unsigned int avail, strict;

	(void)state;
	for (strict = 0; strict < 2; strict++)
		for (avail = 2; avail < 30; avail++)
			assert_int_equal(judge(0, DATA_V2, avail,
					       OVPN_RECORD_MAX, strict),
					 OVPN_FRAME_BROKEN);
}

static void every_length(unsigned int shortest, bool strict)
{
	unsigned int len, avail;

	for (len = shortest; len <= OVPN_RECORD_MAX; len++) {
		unsigned int whole = len + OVPN_LEN_PREFIX;
		unsigned int early[] = { 2, 3, whole / 2, whole - 1 };
		unsigned int i;

		for (i = 0; i < sizeof(early) / sizeof(early[0]); i++) {
			if (early[i] < 2 || early[i] >= whole)
				continue;
			assert_int_equal(judge(len, CONTROL_V1, early[i],
					       OVPN_RECORD_MAX, strict),
					 OVPN_FRAME_PARTIAL);
			assert_int_equal(judge(len, DATA_V2, early[i],
					       OVPN_RECORD_MAX, strict),
					 OVPN_FRAME_PARTIAL);
		}
		for (avail = whole; avail <= whole + 1; avail++) {
			assert_int_equal(judge(len, CONTROL_V1, avail,
					       OVPN_RECORD_MAX, strict),
					 OVPN_FRAME_CONTROL);
			assert_int_equal(judge(len, DATA_V2, avail,
					       OVPN_RECORD_MAX, strict),
					 len < 24 ? OVPN_FRAME_RUNT :
						    OVPN_FRAME_DATA);
		}
	}
}

static void every_length_is_a_record(void **state)
{
	(void)state;
	every_length(1, false);
}

static void every_length_from_four_is_a_first_record(void **state)
{
	unsigned int len;

	(void)state;
	for (len = 1; len < 4; len++)
		assert_int_equal(judge(len, CONTROL_V1, 2, OVPN_RECORD_MAX, true),
				 OVPN_FRAME_BROKEN);
	every_length(4, true);
}

static void too_long_is_broken_at_once(void **state)
{
	static const unsigned int limits[] = { 4, 23, 24, 2048, 65534, 65535 };
	unsigned int i, len, strict;

	(void)state;
	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		for (len = 4; len <= OVPN_RECORD_MAX; len++)
			for (strict = 0; strict < 2; strict++)
				assert_int_equal(judge(len, 0, 2, limits[i],
						       strict),
						 len > limits[i] ?
						 OVPN_FRAME_BROKEN :
						 OVPN_FRAME_PARTIAL);
}

static void every_first_byte(void **state)
{
	unsigned int first;

	(void)state;
	for (first = 0; first < 256; first++) {
		bool data = (first & 0xf8) == 0x48;
		enum ovpn_frame_verdict verdict = data ? OVPN_FRAME_DATA :
							 OVPN_FRAME_CONTROL;

		assert_int_equal(judge(24, first, 26, OVPN_RECORD_MAX, false),
				 verdict);
		/* the next OpenVPN may have opcodes that we do not know */
		assert_int_equal(judge(24, first, 26, OVPN_RECORD_MAX, true),
				 verdict);
	}
}

/* noise that announces 60 KB must not make a tunnel wait for them */
static void unknown_opcode_is_judged_by_its_first_byte(void **state)
{
	unsigned int first;

	(void)state;
	for (first = 0; first < 256; first++) {
		bool known = first >= 0x18 && first < 0x60;

		assert_int_equal(judge(60000, first, 2, OVPN_RECORD_MAX, true),
				 OVPN_FRAME_PARTIAL);
		assert_int_equal(judge(60000, first, 3, OVPN_RECORD_MAX, true),
				 known ? OVPN_FRAME_PARTIAL : OVPN_FRAME_BROKEN);
		assert_int_equal(judge(60000, first, 3, OVPN_RECORD_MAX, false),
				 OVPN_FRAME_PARTIAL);
		assert_int_equal(judge(2049, first, 3, OVPN_RECORD_MAX, true),
				 known ? OVPN_FRAME_PARTIAL : OVPN_FRAME_BROKEN);
		assert_int_equal(judge(2048, first, 3, OVPN_RECORD_MAX, true),
				 OVPN_FRAME_PARTIAL);
	}
}

static void runts(void **state)
{
	unsigned int len, key;

	(void)state;
	for (key = 0; key <= OVPN_KEY_ID_MAX; key++) {
		for (len = 1; len < 24; len++)
			assert_int_equal(judge(len, DATA_V2 | key, len + 2,
					       OVPN_RECORD_MAX, false),
					 OVPN_FRAME_RUNT);
		for (len = 4; len < 24; len++)
			assert_int_equal(judge(len, DATA_V2 | key, len + 2,
					       OVPN_RECORD_MAX, true),
					 OVPN_FRAME_RUNT);
		assert_int_equal(judge(24, DATA_V2 | key, 26, OVPN_RECORD_MAX,
				       true),
				 OVPN_FRAME_DATA);
	}
}

static enum ovpn_frame_verdict first_record(const void *bytes, size_t n,
					    unsigned int longest)
{
	u8 *at = block + BLOCK_SIZE - n;
	struct ovpn_frame frame;

	memcpy(at, bytes, n);
	return ovpn_frame_next(at, n, longest, true, &frame);
}

static void noise_is_not_a_first_record(void **state)
{
	static const u8 tls_hello[] = { 0x16, 0x03, 0x01, 0x02, 0x00, 0x01 };
	static const u8 zeros[16];
	static const u8 ones[] = { 0xff, 0xff, 0xff, 0xff };
	static const char *const text[] = {
		"GET / HTTP/1.1\r\n", "POST /x HTTP/1.1\r\n", "HTTP/1.1 200 OK\r\n",
		"SSH-2.0-OpenSSH_9.2\r\n", "EHLO mail\r\n", "\r\n\r\n",
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		assert_int_equal(first_record(text[i], strlen(text[i]),
					      FIRST_LONGEST),
				 OVPN_FRAME_BROKEN);
	/* 0x01 is opcode 0, which has no control packet of 5635 bytes */
	assert_int_equal(first_record(tls_hello, sizeof(tls_hello),
				      OVPN_RECORD_MAX), OVPN_FRAME_BROKEN);
	assert_int_equal(first_record(zeros, sizeof(zeros), OVPN_RECORD_MAX),
			 OVPN_FRAME_BROKEN);
	assert_int_equal(first_record(ones, sizeof(ones), OVPN_RECORD_MAX),
			 OVPN_FRAME_BROKEN);
}

/* why the caller has to set a limit: capital letters are opcodes 8 to 11 */
static void capital_letters_pass_without_a_limit(void **state)
{
	(void)state;
	assert_int_equal(first_record("GET / HTTP/1.1", 14, OVPN_RECORD_MAX),
			 OVPN_FRAME_PARTIAL);
}

/* the far end may have a larger MTU; its data has the right peer id, or none */
static void long_data_is_believed_by_its_peer_id(void **state)
{
	u8 packet[] = { 0x75, 0x30, DATA_V2, 0, 0, 7 };
	size_t avail;

	(void)state;
	for (avail = 0; avail < sizeof(packet); avail++)
		assert_int_equal(ovpn_frame_first_max(packet, avail, 2048, 7),
				 OVPN_RECORD_MAX);
	assert_int_equal(ovpn_frame_first_max(packet, sizeof(packet), 2048, 7),
			 OVPN_RECORD_MAX);
	assert_int_equal(ovpn_frame_first_max(packet, sizeof(packet), 2048, 8),
			 2048);
	memset(packet + 3, 0xff, 3);
	assert_int_equal(ovpn_frame_first_max(packet, sizeof(packet), 2048, 8),
			 OVPN_RECORD_MAX);
	/* a control packet, whatever follows its opcode */
	packet[2] = 4 << 3;
	for (avail = 3; avail < sizeof(packet); avail++)
		assert_int_equal(ovpn_frame_first_max(packet, avail, 2048, 8),
				 2048);
	/* the letter H is an opcode of data, with a key id of 0 */
	assert_int_equal(ovpn_frame_first_max((const u8 *)"SSH-2.0", 7, 2048, 0),
			 2048);
}

/* a stream, and the log that a correct reader of it writes */
struct stream {
	u8 *bytes, *log;
	size_t len, log_len;
};

static void append(u8 **to, size_t *len, const void *from, size_t n)
{
	*to = realloc(*to, *len + n);
	assert_true(*to != NULL);
	memcpy(*to + *len, from, n);
	*len += n;
}

static void log_record(u8 **log, size_t *log_len, u8 verdict, const u8 *body,
		       u32 len)
{
	append(log, log_len, &verdict, 1);
	append(log, log_len, &len, sizeof(len));
	if (len)
		append(log, log_len, body, len);
}

static void stream_add(struct stream *s, u8 first, unsigned int len)
{
	u8 prefix[] = { len >> 8, len };
	u8 *body = malloc(len);
	unsigned int i;

	assert_true(body != NULL);
	body[0] = first;
	for (i = 1; i < len; i++)
		body[i] = random_next();
	append(&s->bytes, &s->len, prefix, sizeof(prefix));
	append(&s->bytes, &s->len, body, len);
	log_record(&s->log, &s->log_len,
		   first >> 3 != 9 ? OVPN_FRAME_CONTROL :
		   len < 24 ? OVPN_FRAME_RUNT : OVPN_FRAME_DATA, body, len);
	free(body);
}

static void stream_add_random(struct stream *s, unsigned int records,
			      unsigned int longest)
{
	while (records--)
		stream_add(s, random_below(2) ? DATA_V2 | random_below(8) :
						0x18 + random_below(0x48),
			   4 + random_below(longest - 3));
}

static void stream_break(struct stream *s)
{
	append(&s->bytes, &s->len, "\0\0 more", 7);
	log_record(&s->log, &s->log_len, OVPN_FRAME_BROKEN, NULL, 0);
}

static void stream_free(struct stream *s)
{
	free(s->bytes);
	free(s->log);
}

/* keeps what is not a record yet, as the module does */
struct reader {
	u8 *buf, *log;
	size_t have, log_len;
	bool strict, broken;
};

static void reader_feed(struct reader *r, const u8 *bytes, size_t n)
{
	size_t pos = 0;
	u8 *rest;

	if (r->broken || !n)
		return;
	append(&r->buf, &r->have, bytes, n);
	for (;;) {
		struct ovpn_frame frame;
		enum ovpn_frame_verdict verdict;

		verdict = ovpn_frame_next(r->buf + pos, r->have - pos,
					  OVPN_RECORD_MAX, r->strict, &frame);
		if (verdict == OVPN_FRAME_PARTIAL)
			break;
		r->broken = verdict == OVPN_FRAME_BROKEN;
		if (r->broken) {
			log_record(&r->log, &r->log_len, verdict, NULL, 0);
			break;
		}
		log_record(&r->log, &r->log_len, verdict, frame.body, frame.len);
		pos += OVPN_LEN_PREFIX + frame.len;
	}
	/* a new block, as tight as the rest: reads behind it are seen */
	rest = malloc(r->have - pos);
	assert_true(rest != NULL);
	memcpy(rest, r->buf + pos, r->have - pos);
	free(r->buf);
	r->buf = rest;
	r->have -= pos;
}

static void reader_end(struct reader *r, const struct stream *s)
{
	assert_int_equal(r->log_len, s->log_len);
	assert_memory_equal(r->log, s->log, s->log_len);
	assert_true(r->broken || !r->have);
	free(r->buf);
	free(r->log);
}

static void cut_everywhere(const struct stream *s, bool strict)
{
	size_t cut;

	for (cut = 0; cut <= s->len; cut++) {
		struct reader r = { .strict = strict };

		reader_feed(&r, s->bytes, cut);
		reader_feed(&r, s->bytes + cut, s->len - cut);
		reader_end(&r, s);
	}
}

static void cut_after_every_byte(const struct stream *s, bool strict)
{
	struct reader r = { .strict = strict };
	size_t i;

	for (i = 0; i < s->len; i++)
		reader_feed(&r, s->bytes + i, 1);
	reader_end(&r, s);
}

static void any_cut_gives_the_same_records(void **state)
{
	unsigned int round;

	(void)state;
	for (round = 0; round < 4; round++) {
		struct stream s = { 0 };

		/* 1 to 3 bytes are records once the stream is trusted */
		if (!(round & 1)) {
			stream_add(&s, CONTROL_V1, 1);
			stream_add(&s, DATA_V2, 3);
			stream_add(&s, 0xff, 2);
		}
		stream_add_random(&s, 40, 60);
		if (round & 2)
			stream_break(&s);
		cut_everywhere(&s, round & 1);
		cut_after_every_byte(&s, round & 1);
		stream_free(&s);
	}
}

static void random_pieces_give_the_same_records(void **state)
{
	unsigned int round;

	(void)state;
	for (round = 0; round < 60; round++) {
		static const unsigned int piece_max[] = { 3, 1500, 9000, 200000 };
		struct reader r = { .strict = round & 1 };
		struct stream s = { 0 };
		size_t at = 0;

		stream_add_random(&s, 10, 2000);
		stream_add(&s, DATA_V2, OVPN_RECORD_MAX);
		stream_add_random(&s, 10, 2000);
		while (at < s.len) {
			size_t n = 1 + random_below(piece_max[1 + round % 3]);

			/* small pieces at the start: the big one would take long */
			if (at < 1000)
				n = 1 + random_below(piece_max[0]);
			if (n > s.len - at)
				n = s.len - at;
			reader_feed(&r, s.bytes + at, n);
			at += n;
		}
		reader_end(&r, &s);
		stream_free(&s);
	}
}

/* bytes that come later cannot change what was said about the earlier ones */
static void a_verdict_is_final(void **state)
{
	unsigned int round;

	(void)state;
	for (round = 0; round < 20000; round++) {
		unsigned int longest = 1 + random_below(40);
		bool strict = random_below(2);
		enum ovpn_frame_verdict last = OVPN_FRAME_PARTIAL;
		unsigned int len = random_below(44);
		u8 first = random_next();
		unsigned int avail;

		for (avail = 0; avail <= 48; avail++) {
			enum ovpn_frame_verdict now;

			now = judge(len, first, avail, longest, strict);
			if (last != OVPN_FRAME_PARTIAL)
				assert_int_equal(now, last);
			last = now;
		}
		assert_true(last != OVPN_FRAME_PARTIAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(needs_two_bytes),
		cmocka_unit_test(length_zero_is_broken),
		cmocka_unit_test(every_length_is_a_record),
		cmocka_unit_test(every_length_from_four_is_a_first_record),
		cmocka_unit_test(too_long_is_broken_at_once),
		cmocka_unit_test(every_first_byte),
		cmocka_unit_test(unknown_opcode_is_judged_by_its_first_byte),
		cmocka_unit_test(runts),
		cmocka_unit_test(noise_is_not_a_first_record),
		cmocka_unit_test(capital_letters_pass_without_a_limit),
		cmocka_unit_test(long_data_is_believed_by_its_peer_id),
		cmocka_unit_test(any_cut_gives_the_same_records),
		cmocka_unit_test(random_pieces_give_the_same_records),
		cmocka_unit_test(a_verdict_is_final),
	};
	int failed;

	random_start("frame_test");
	block = calloc(1, BLOCK_SIZE);
	if (!block)
		return 1;
	failed = RUN_TESTS(tests);
	free(block);
	return failed;
}
