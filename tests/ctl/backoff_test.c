// SPDX-License-Identifier: GPL-2.0-or-later
/* How long attach waits between its attempts. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "attach/backoff.h"

/* the middle of what chance can make of a wait */
static uint32_t middle(struct backoff *backoff)
{
	struct backoff copy = *backoff;
	uint32_t least = backoff_next(&copy, 0);

	backoff_next(backoff, 0);
	return least / 3 * 4;
}

static void doubles_up_to_a_bound(void **state)
{
	static const uint32_t expected[] = {
		1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000,
	};
	struct backoff backoff = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		assert_int_equal(middle(&backoff), expected[i]);
	backoff_reset(&backoff);
	assert_int_equal(middle(&backoff), 1000);
}

static void chance_spreads(void **state)
{
	uint32_t least = UINT32_MAX, most = 0, i;

	(void)state;
	for (i = 0; i < 100000; i++) {
		struct backoff backoff = { .wait_ms = BACKOFF_MAX_MS };
		uint32_t wait = backoff_next(&backoff, i);

		if (wait < least)
			least = wait;
		if (wait > most)
			most = wait;
	}
	assert_int_equal(least, BACKOFF_MAX_MS * 3 / 4);
	assert_int_equal(most, BACKOFF_MAX_MS * 5 / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(doubles_up_to_a_bound),
		cmocka_unit_test(chance_spreads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
