// SPDX-License-Identifier: GPL-2.0
/* What is left of a time. */
#include "testing.h"
#include "clock.h"

static void it_passes(void **state)
{
	(void)state;
	assert_int_equal(ovpn_clock_left(1000, 1000, 2), 2000);
	assert_int_equal(ovpn_clock_left(1001, 1000, 2), 1999);
	assert_int_equal(ovpn_clock_left(2999, 1000, 2), 1);
	assert_int_equal(ovpn_clock_left(3000, 1000, 2), 0);
	assert_int_equal(ovpn_clock_left(4000, 1000, 2), 0);
	assert_int_equal(ovpn_clock_left(4000, 1000, 0), 0);
}

/* 2^32 ms are 49 days */
static void the_clock_goes_round(void **state)
{
	(void)state;
	assert_int_equal(ovpn_clock_left(5, UINT32_MAX - 4, 2), 1990);
	assert_int_equal(ovpn_clock_left(1995, UINT32_MAX - 4, 2), 0);
	assert_int_equal(ovpn_clock_left(UINT32_MAX - 40000, 0, 86400), 0);
}

/* a packet that another processor has stamped since this one read the clock */
static void it_began_after_now(void **state)
{
	(void)state;
	assert_int_equal(ovpn_clock_left(1000, 1004, 2), 2000);
	assert_int_equal(ovpn_clock_left(UINT32_MAX, 3, 2), 2000);
	assert_int_equal(ovpn_clock_left(0, OVPN_CLOCKS_APART - 1, 2), 2000);
	assert_int_equal(ovpn_clock_left(0, OVPN_CLOCKS_APART, 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_passes),
		cmocka_unit_test(the_clock_goes_round),
		cmocka_unit_test(it_began_after_now),
	};

	return RUN_TESTS(tests);
}
