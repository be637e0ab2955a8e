// SPDX-License-Identifier: GPL-2.0
/* The MSS of TCP inside the tunnel, lowered. */
#include "testing.h"
#include "mss.h"

/* 1500 less IPv4, UDP and what OpenVPN adds */
#define FITS	(1500 - 20 - 8 - 24)

/* a SYN, in memory of just its size */
struct syn {
	u8 *bytes;
	unsigned int ip_len;
	unsigned int len;
};

static u16 tcp_sum(const struct syn *s)
{
	const u8 *tcp = s->bytes + s->ip_len, *at;
	unsigned int n = s->len - s->ip_len, i;
	u32 sum = 6 + n;

	for (at = s->bytes + (s->ip_len == 20 ? 12 : 8); at < tcp; at += 2)
		sum += get_unaligned_be16(at);
	for (i = 0; i + 1 < n; i += 2)
		sum += get_unaligned_be16(tcp + i);
	if (n & 1)
		sum += tcp[n - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static bool sum_is_right(const struct syn *s)
{
	return tcp_sum(s) == 0xffff;
}

/* with these bytes of options, @payload bytes behind them, and a right checksum */
static struct syn syn(int version, const void *options, unsigned int count,
		      unsigned int payload)
{
	struct syn s = { .ip_len = version == 4 ? 20 : 40 };
	unsigned int i;
	u8 *tcp;

	s.len = s.ip_len + 20 + count + payload;
	s.bytes = malloc(s.len);
	for (i = 0; i < s.len; i++)
		s.bytes[i] = random_next();
	tcp = s.bytes + s.ip_len;
	if (version == 4) {
		s.bytes[0] = 0x45;
		put_unaligned_be16(0x4000, s.bytes + 6);
		s.bytes[9] = 6;
	} else {
		s.bytes[0] = 0x60;
		s.bytes[6] = 6;
	}
	tcp[12] = (20 + count) / 4 << 4;
	tcp[13] = OVPN_MSS_SYN;
	memcpy(tcp + 20, options, count);
	put_unaligned_be16(0, tcp + 16);
	put_unaligned_be16(~tcp_sum(&s), tcp + 16);
	return s;
}

static const int versions[] = { 4, 6 };
#define each_version(v) (v = versions; v < versions + 2; v++)

static void lowered_to_what_fits(void **state)
{
	/* with SACK, timestamps and window scale, as Linux sends it */
	static const u8 options[] = { 2, 4, 0x05, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4,
				      0, 0, 0, 0, 1, 3, 3, 7 };
	const int *v;

	(void)state;
	for each_version(v) {
		struct syn s = syn(*v, options, sizeof(options), 0);
		u8 *tcp = s.bytes + s.ip_len;

		assert_true(sum_is_right(&s));
		assert_true(ovpn_mss_lower(s.bytes, s.len, FITS));
		assert_int_equal(get_unaligned_be16(tcp + 22),
				 *v == 4 ? 1408 : 1388);
		assert_true(sum_is_right(&s));
		assert_memory_equal(tcp + 24, options + 4, sizeof(options) - 4);
		/* what fits stays as it is */
		assert_false(ovpn_mss_lower(s.bytes, s.len, FITS));
		assert_false(ovpn_mss_lower(s.bytes, s.len, 9000));
		free(s.bytes);
	}
}

static void no_lower_than_tcp_takes(void **state)
{
	static const u8 options[] = { 2, 4, 0x05, 0xb4 };
	const int *v;

	(void)state;
	for each_version(v) {
		unsigned int longest;

		for (longest = 1; longest <= 200; longest++) {
			struct syn s = syn(*v, options, sizeof(options), 0);
			u8 *tcp = s.bytes + s.ip_len;
			unsigned int headers = s.ip_len + 20;

			assert_true(ovpn_mss_lower(s.bytes, s.len, longest));
			assert_int_equal(get_unaligned_be16(tcp + 22),
					 longest > headers + 88 ?
					 longest - headers : 88);
			assert_true(sum_is_right(&s));
			free(s.bytes);
		}
	}
}

/* behind any number of options without a meaning, and any rest of the packet */
static void wherever_it_is(void **state)
{
	const int *v;

	(void)state;
	for each_version(v) {
		unsigned int before, payload;

		for (before = 0; before <= 36; before++) {
			u8 options[40];
			struct syn s;

			payload = random_below(10);
			memset(options, OVPN_MSS_OPTION_NOP, sizeof(options));
			options[before] = OVPN_MSS_OPTION;
			options[before + 1] = OVPN_MSS_OPTION_LEN;
			put_unaligned_be16(FITS + random_below(60000),
					   options + before + 2);
			s = syn(*v, options, sizeof(options), payload);
			assert_true(ovpn_mss_lower(s.bytes, s.len, FITS));
			assert_int_equal(get_unaligned_be16(s.bytes + s.ip_len +
							    22 + before),
					 FITS - s.ip_len - 20);
			assert_true(sum_is_right(&s));
			free(s.bytes);
		}
	}
}

static void the_rest_stays(void **state)
{
	static const u8 mss[] = { 2, 4, 0xff, 0xff }, none[] = { 1, 1, 1, 1 },
			ended[] = { 0, 0, 0, 0, 2, 4, 0xff, 0xff },
			empty[] = { 3, 0, 2, 4, 0xff, 0xff, 0, 0 },
			beyond[] = { 3, 9, 2, 4, 0xff, 0xff, 0, 0 },
			wide[] = { 2, 6, 0xff, 0xff, 0xff, 0xff, 0, 0 },
			cut[] = { 1, 1, 1, 2 },
			signed_before[] = { 29, 4, 1, 2, 2, 4, 0xff, 0xff },
			signed_behind[] = { 2, 4, 0xff, 0xff, 29, 4, 1, 2 };
	const int *v;

	(void)state;
	for each_version(v) {
		struct syn s[] = {
			syn(*v, none, sizeof(none), 0),
			syn(*v, ended, sizeof(ended), 0),
			syn(*v, empty, sizeof(empty), 0),
			syn(*v, beyond, sizeof(beyond), 0),
			syn(*v, wide, sizeof(wide), 0),
			syn(*v, cut, sizeof(cut), 0),
			syn(*v, signed_before, sizeof(signed_before), 0),
			syn(*v, signed_behind, sizeof(signed_behind), 0),
			syn(*v, mss, sizeof(mss), 0),	/* no SYN */
			syn(*v, mss, sizeof(mss), 0),	/* not TCP */
			syn(*v, mss, sizeof(mss), 0),	/* header too long */
			syn(*v, mss, sizeof(mss), 0),	/* header too short */
			syn(*v, mss, sizeof(mss), 0),	/* no limit */
		};
		unsigned int i, count = sizeof(s) / sizeof(*s);

		s[8].bytes[s[8].ip_len + 13] = OVPN_FOLLOW_ACK;
		s[9].bytes[*v == 4 ? 9 : 6] = 17;
		s[10].bytes[s[10].ip_len + 12] = 0xf0;
		s[11].bytes[s[11].ip_len + 12] = 0x50;
		for (i = 0; i < count; i++) {
			u8 *before = malloc(s[i].len);

			memcpy(before, s[i].bytes, s[i].len);
			assert_false(ovpn_mss_lower(s[i].bytes, s[i].len,
						    i == count - 1 ? 0 : 200));
			assert_memory_equal(before, s[i].bytes, s[i].len);
			free(before);
			free(s[i].bytes);
		}
	}
}

/* The sanitizer sees what is read or written beyond; TCP's checksum, if it was
 * right, stays right.
 */
static void anything(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 200000; i++) {
		u8 options[40];
		unsigned int n, count = 4 * random_below(11);
		struct syn s;
		bool right;

		for (n = 0; n < sizeof(options); n++)
			options[n] = random_below(2) ? random_below(5) : random_next();
		s = syn(random_below(2) ? 4 : 6, options, count, random_below(4));
		if (!random_below(4))
			s.bytes[s.ip_len + 12] = random_next();
		right = sum_is_right(&s);
		if (!random_below(4)) {
			u8 *whole = s.bytes;

			s.len -= random_below(s.len);
			s.bytes = malloc(s.len);
			memcpy(s.bytes, whole, s.len);
			free(whole);
			ovpn_mss_lower(s.bytes, s.len, random_below(3000));
		} else if (ovpn_mss_lower(s.bytes, s.len, random_below(3000))) {
			assert_true(!right || sum_is_right(&s));
		}
		free(s.bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lowered_to_what_fits),
		cmocka_unit_test(no_lower_than_tcp_takes),
		cmocka_unit_test(wherever_it_is),
		cmocka_unit_test(the_rest_stays),
		cmocka_unit_test(anything),
	};

	random_start("mss_test");
	return RUN_TESTS(tests);
}
