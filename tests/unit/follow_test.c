// SPDX-License-Identifier: GPL-2.0
/* Which TCP segment follows another one. */
#include "testing.h"
#include "follow.h"

#define SIZE_MAX_TESTED	1460

/* a segment as a sender cuts it: what a test changes in it, it changes afterwards */
struct segment {
	u8 bytes[OVPN_FOLLOW_HEAD_MAX + SIZE_MAX_TESTED];
	unsigned int ip_len;
	unsigned int head_len;
	unsigned int len;
};

static void put_sum(struct segment *s)
{
	u32 sum = 0;
	unsigned int i;

	if (s->ip_len != OVPN_FOLLOW_IP4)
		return;
	put_unaligned_be16(0, s->bytes + 10);
	for (i = 0; i < OVPN_FOLLOW_IP4; i += 2)
		sum += get_unaligned_be16(s->bytes + i);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	put_unaligned_be16(~sum, s->bytes + 10);
}

/* the @n-th of a flow; @options in words */
static struct segment segment(int version, unsigned int options, unsigned int n,
			      unsigned int size, unsigned int payload)
{
	struct segment s = { 0 };
	u8 *tcp;

	s.ip_len = version == 4 ? OVPN_FOLLOW_IP4 : OVPN_FOLLOW_IP6;
	s.head_len = s.ip_len + OVPN_FOLLOW_TCP_MIN + 4 * options;
	s.len = s.head_len + payload;
	memset(s.bytes, 0x5a, s.head_len);
	if (version == 4) {
		s.bytes[0] = 0x45;
		put_unaligned_be16(s.len, s.bytes + 2);
		put_unaligned_be16(0xfffe + n, s.bytes + 4);
		put_unaligned_be16(0x4000, s.bytes + 6);
		s.bytes[9] = 6;
		put_sum(&s);
	} else {
		s.bytes[0] = 0x60;
		put_unaligned_be16(s.len - OVPN_FOLLOW_IP6, s.bytes + 4);
		s.bytes[6] = 6;
	}
	tcp = s.bytes + s.ip_len;
	/* sequence numbers wrap on the way */
	put_unaligned_be32(0xfffffff0 + n * size, tcp + 4);
	tcp[12] = (5 + options) << 4;
	tcp[13] = OVPN_FOLLOW_ACK;
	put_unaligned_be16(random_next(), tcp + 16);
	return s;
}

/* in memory of just its size, so that the address sanitizer sees every read behind */
static bool begins(struct ovpn_follow *follow, const struct segment *s)
{
	u8 *copy = malloc(s->len);
	bool result;

	memcpy(copy, s->bytes, s->len);
	result = ovpn_follow_begin(follow, copy, s->len);
	free(copy);
	return result;
}

static bool follows(struct ovpn_follow *follow, const struct segment *s)
{
	u8 *copy = malloc(s->len);
	bool result;

	memcpy(copy, s->bytes, s->len);
	result = ovpn_follow_next(follow, copy, s->len);
	free(copy);
	return result;
}

static const int versions[] = { 4, 6 };
#define each_version(v) (v = versions; v < versions + 2; v++)

static void a_flow_is_one(void **state)
{
	const int *v;

	(void)state;
	for each_version(v) {
		unsigned int options;

		for (options = 0; options <= 10; options++) {
			unsigned int size = 1 + random_below(SIZE_MAX_TESTED), n;
			struct segment s = segment(*v, options, 0, size, size);
			struct ovpn_follow follow;

			assert_true(begins(&follow, &s));
			assert_int_equal(follow.size, size);
			assert_int_equal(follow.head_len, s.head_len);
			for (n = 1; n < 45; n++) {
				s = segment(*v, options, n, size, size);
				assert_true(follows(&follow, &s));
			}
			assert_int_equal(follow.ip_len, s.ip_len);
		}
	}
}

static void short_or_pushed_is_the_last(void **state)
{
	const int *v;

	(void)state;
	for each_version(v) {
		struct segment first = segment(*v, 3, 0, 1000, 1000);
		struct segment last = segment(*v, 3, 1, 1000, 999);
		struct ovpn_follow follow;

		assert_true(begins(&follow, &first));
		assert_true(follows(&follow, &last));
		assert_int_equal(follow.ip_len, 0);
		assert_false(follow.push);

		assert_true(begins(&follow, &first));
		last = segment(*v, 3, 1, 1000, 1000);
		last.bytes[last.ip_len + OVPN_FOLLOW_FLAGS] |= OVPN_FOLLOW_PSH;
		assert_true(follows(&follow, &last));
		assert_int_equal(follow.ip_len, 0);
		assert_true(follow.push);
	}
}

/* Every bit of the headers, but the checksum of TCP and PSH, must be as it is. */
static void every_other_bit_counts(void **state)
{
	const int *v;

	(void)state;
	for each_version(v) {
		struct segment first = segment(*v, 3, 0, 1000, 1000), next;
		struct ovpn_follow follow, fresh;
		unsigned int bit, resum;

		assert_true(begins(&fresh, &first));
		for (bit = 0; bit < 8 * first.head_len; bit++) {
			unsigned int in_tcp = bit / 8 - first.ip_len;
			bool free = bit / 8 >= first.ip_len &&
				    (in_tcp == 16 || in_tcp == 17 ||
				     (in_tcp == OVPN_FOLLOW_FLAGS &&
				      1 << bit % 8 == OVPN_FOLLOW_PSH));

			for (resum = 0; resum < 2; resum++) {
				/* a sum that is made right again does not help;
				 * but what is wrong in the sum alone, it mends
				 */
				if (resum && (bit / 8 == 10 || bit / 8 == 11))
					continue;
				next = segment(*v, 3, 1, 1000, 1000);
				next.bytes[bit / 8] ^= 1 << bit % 8;
				if (resum)
					put_sum(&next);
				follow = fresh;
				assert_int_equal(follows(&follow, &next), free);
				if (!free)
					assert_memory_equal(&follow, &fresh,
							    sizeof(follow));
			}
		}
	}
}

static void other_places_in_the_flow(void **state)
{
	const int *v;
	unsigned int n;

	(void)state;
	for each_version(v) {
		struct segment s = segment(*v, 3, 5, 1000, 1000);
		struct ovpn_follow follow;

		assert_true(begins(&follow, &s));
		for (n = 0; n < 12; n++) {
			if (n == 6)
				continue;
			s = segment(*v, 3, n, 1000, 1000);
			assert_false(follows(&follow, &s));
		}
	}
}

/* Nothing may follow what GRO would not join, either. */
static void poor_beginnings(void **state)
{
	const int *v;

	(void)state;
	for each_version(v) {
		struct segment s = segment(*v, 3, 0, 1000, 1000);
		struct ovpn_follow follow;
		unsigned int len, bit;

		for (len = 0; len < s.head_len + 1; len++) {
			struct segment cut = s;

			cut.len = len;
			assert_false(begins(&follow, &cut));
			assert_int_equal(follow.ip_len, 0);
		}
		/* padding behind the packet */
		s.len--;
		assert_false(begins(&follow, &s));
		/* no acknowledgement */
		s = segment(*v, 3, 0, 1000, 0);
		assert_false(begins(&follow, &s));
		/* any flag, or bit that is reserved */
		for (bit = 0; bit < 8; bit++) {
			s = segment(*v, 3, 0, 1000, 1000);
			s.bytes[s.ip_len + OVPN_FOLLOW_FLAGS] ^= 1 << bit;
			assert_false(begins(&follow, &s));
		}
		for (bit = 0; bit < 4; bit++) {
			s = segment(*v, 3, 0, 1000, 1000);
			s.bytes[s.ip_len + 12] ^= 1 << bit;
			assert_false(begins(&follow, &s));
		}
		/* headers longer than the packet, or shorter than any */
		s = segment(*v, 0, 0, 1000, 8);
		s.bytes[s.ip_len + 12] = 0xf0;
		assert_false(begins(&follow, &s));
		s.bytes[s.ip_len + 12] = 0x40;
		assert_false(begins(&follow, &s));
	}
}

static void not_tcp_right_behind_ip(void **state)
{
	struct ovpn_follow follow;
	struct segment s;
	unsigned int i;
	const struct {
		int version;
		unsigned int at;
		u8 value;
	} changes[] = {
		{ 4, 0, 0x46 }, { 4, 0, 0x44 }, { 4, 0, 0x55 }, { 4, 9, 17 },
		{ 4, 6, 0x20 }, { 4, 6, 0x60 }, { 4, 7, 1 }, { 4, 6, 0xc0 },
		{ 6, 0, 0x50 }, { 6, 6, 0 }, { 6, 6, 44 }, { 6, 6, 17 },
	};

	(void)state;
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		s = segment(changes[i].version, 3, 0, 1000, 1000);
		assert_true(begins(&follow, &s));
		s.bytes[changes[i].at] = changes[i].value;
		put_sum(&s);
		assert_false(begins(&follow, &s));
	}
	s = segment(4, 3, 0, 1000, 1000);
	s.bytes[11] ^= 1;
	assert_false(begins(&follow, &s));
}

static void noise(void **state)
{
	struct ovpn_follow follow;
	unsigned int round, i;

	(void)state;
	for (round = 0; round < 20000; round++) {
		struct segment s = segment(round & 1 ? 4 : 6, 3, 0, 1000, 1000);

		s.len = random_below(300);
		for (i = 0; i < s.len; i++)
			if (round & 2 || !random_below(8))
				s.bytes[i] = random_next();
		if (begins(&follow, &s))
			assert_int_equal(follow.head_len + follow.size, s.len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flow_is_one),
		cmocka_unit_test(short_or_pushed_is_the_last),
		cmocka_unit_test(every_other_bit_counts),
		cmocka_unit_test(other_places_in_the_flow),
		cmocka_unit_test(poor_beginnings),
		cmocka_unit_test(not_tcp_right_behind_ip),
		cmocka_unit_test(noise),
	};

	random_start("follow_test");
	return RUN_TESTS(tests);
}
