// SPDX-License-Identifier: GPL-2.0-or-later
/* keep and the kernel's limit of subflows. */

#include "keep_world.h"

static void limit_is_told_once(void **state)
{
	struct world world;
	int i;

	(void)state;
	world_new(&world);
	world.limit = 1;
	look(&world, 0);
	/* a second one from there takes the place of ours */
	world.path[1].local = address("10.0.1.2");
	look(&world, 40000);
	assert_non_null(event(&world, KEEP_LIMIT));
	for (i = 0; i < 100; i++) {
		look(&world, 5000);
		assert_nothing(&world);
	}
	world.paths.count = 1;
	look(&world, 5000);
	assert_only(&world, KEEP_RENEW);
	world_free(&world);
}

/* of two paths one is left */
static void renewed_within_the_limit(struct world *world)
{
	world->paths.count = 1;
	world->peer[0].subflows = 1;
	look(world, 40000);
	assert_null(event(world, KEEP_LIMIT));
	look(world, 1000);
	assert_only(world, KEEP_RENEW);
}

/* the limit is one of further paths: the first one needs no room */
static void limit_leaves_room_for_what_it_allows(void **state)
{
	struct world world;

	(void)state;
	world_new(&world);
	world.limit = 1;
	look(&world, 0);
	renewed_within_the_limit(&world);
	world_free(&world);
}

/* when the first one is gone, both others have joined */
static void the_first_path_comes_back_in_its_turn(void **state)
{
	struct world world;

	(void)state;
	world_new(&world);
	world.limit = 2;
	look(&world, 0);
	world.path[0] = world.path[1];
	renewed_within_the_limit(&world);
	world_free(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limit_is_told_once),
		cmocka_unit_test(limit_leaves_room_for_what_it_allows),
		cmocka_unit_test(the_first_path_comes_back_in_its_turn),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
