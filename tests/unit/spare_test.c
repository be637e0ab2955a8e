// SPDX-License-Identifier: GPL-2.0
/* Which path makes way for others. */
#include "testing.h"
#include "spare.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))
#define PATHS_MAX	16

/* Both lines were replaced: the path that is silent for the longest time goes. */
static void a_path_that_was_replaced(void **state)
{
	const struct ovpn_spare_path path[] = {
		{ .silent_ms = 2500, .age_ms = 60000 },
		{ .silent_ms = 2600, .age_ms = 50000 },
		{ .silent_ms = 0, .age_ms = 1500 },
	};

	(void)state;
	assert_int_equal(ovpn_spare_find(path, COUNT(path), false), 1);
	assert_int_equal(ovpn_spare_find(path, COUNT(path), true), 1);
}

static void a_path_that_was_silent_for_a_moment(void **state)
{
	const struct ovpn_spare_path path[] = {
		{ .silent_ms = OVPN_SPARE_REPLACED_MS - 1, .age_ms = 60000 },
		{ .silent_ms = 0, .age_ms = 500 },
	};

	(void)state;
	assert_int_equal(ovpn_spare_find(path, COUNT(path), true), -1);
}

/* No path has come since: the line is down, and may come back. */
static void a_line_that_is_down(void **state)
{
	const struct ovpn_spare_path path[] = {
		{ .silent_ms = 100000, .age_ms = 600000 },
		{ .silent_ms = 0, .age_ms = 500000 },
	};
	/* found together, when the tunnel had something to send again */
	const struct ovpn_spare_path together[] = {
		{ .silent_ms = 100000, .age_ms = 3000 },
		{ .silent_ms = 0, .age_ms = 3000 },
	};

	(void)state;
	assert_int_equal(ovpn_spare_find(path, COUNT(path), true), -1);
	assert_int_equal(ovpn_spare_find(together, COUNT(together), true), -1);
}

/* The newer path does not answer either. */
static void a_path_whose_successor_is_dead(void **state)
{
	const struct ovpn_spare_path path[] = {
		{ .silent_ms = 9000, .age_ms = 60000 },
		{ .silent_ms = 3000, .age_ms = 4000 },
		{ .silent_ms = 0, .age_ms = 50000 },
	};

	(void)state;
	assert_int_equal(ovpn_spare_find(path, COUNT(path), true), -1);
}

static void all_are_silent(void **state)
{
	struct ovpn_spare_path path[] = {
		{ .silent_ms = OVPN_SPARE_LOST_MS, .age_ms = 60000 },
		{ .silent_ms = OVPN_SPARE_LOST_MS + 1, .age_ms = 50000 },
	};

	(void)state;
	assert_int_equal(ovpn_spare_find(path, 2, true), 1);
	/* there is room for those that come */
	assert_int_equal(ovpn_spare_find(path, 2, false), -1);
	path[0].silent_ms--;
	assert_int_equal(ovpn_spare_find(path, 2, true), -1);
}

static void the_only_one(void **state)
{
	const struct ovpn_spare_path path = {
		.silent_ms = UINT32_MAX, .age_ms = UINT32_MAX,
	};

	(void)state;
	assert_int_equal(ovpn_spare_find(&path, 1, true), -1);
	assert_int_equal(ovpn_spare_find(&path, 0, true), -1);
}

/* Of any paths: never one that answers, never the last one. */
static void any_paths(void **state)
{
	unsigned int round;

	(void)state;
	for (round = 0; round < 200000; round++) {
		struct ovpn_spare_path path[PATHS_MAX];
		unsigned int i, count = 1 + random_below(PATHS_MAX);
		bool is_full = random_below(2), answers = false;
		int spare;

		for (i = 0; i < count; i++) {
			path[i].age_ms = random_below(10000);
			path[i].silent_ms = random_below(2) ?
					    random_below(10000) : 0;
			answers |= !path[i].silent_ms;
		}
		spare = ovpn_spare_find(path, count, is_full);
		if (spare < 0)
			continue;
		assert_true((unsigned int)spare < count);
		assert_true(count > 1);
		assert_true(path[spare].silent_ms >= OVPN_SPARE_REPLACED_MS);
		assert_true(answers || is_full);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_that_was_replaced),
		cmocka_unit_test(a_path_that_was_silent_for_a_moment),
		cmocka_unit_test(a_line_that_is_down),
		cmocka_unit_test(a_path_whose_successor_is_dead),
		cmocka_unit_test(all_are_silent),
		cmocka_unit_test(the_only_one),
		cmocka_unit_test(any_paths),
	};

	random_start("spare_test");
	return RUN_TESTS(tests);
}
