// SPDX-License-Identifier: GPL-2.0-or-later
/* Which endpoint keep makes a backup, and when not any more. */

#include "keep_world.h"

#define MS 1000u

/* a third path, with endpoint 3; round trips of 20, 80 and 600 ms */
static void slow_world(struct world *world)
{
	world_new(world);
	world->path[2] = path(TOKEN, "10.0.3.2", TCP_ESTABLISHED);
	world->paths.count = 3;
	world->path[0].min_rtt_us = 20 * MS;
	world->path[1].min_rtt_us = 80 * MS;
	world->path[2].min_rtt_us = 600 * MS;
	world->endpoint[2] = (struct endpoint){ .id = 3, .address = address("10.0.3.2"), .device = "sat",
						.flags = SUBFLOW };
	world->endpoints.count = 3;
}

/* what the kernel does at both ends when it is told */
static void apply(struct world *world, const struct keep_event *event)
{
	bool backup = event->type == KEEP_SLOW || event->type == KEEP_TESTED;
	size_t i;

	for (i = 0; i < world->endpoints.count; i++) {
		if (world->endpoint[i].id != event->endpoint.id)
			continue;
		/* only what changes something is asked for */
		assert_true(backup == !(world->endpoint[i].flags & BACKUP) ||
			    event->type == KEEP_FAST);
		world->endpoint[i].flags &= ~BACKUP;
		world->endpoint[i].flags |= backup ? BACKUP : 0;
	}
	for (i = 0; i < world->paths.count; i++) {
		if (keep_is_from(&world->path[i], &event->endpoint))
			world->path[i].backup = backup;
	}
}

static void look_slow(struct world *world, uint64_t ms)
{
	struct keep_view now = view(world, ms);
	size_t i;

	world->next = keep_slow_step(&world->slow, &now, world->now, &world->events);
	assert_true(world->next > world->now);
	for (i = 0; i < world->events.count; i++)
		apply(world, &world->events.items[i]);
}

static bool is_backup(const struct world *world, int index)
{
	return world->endpoint[index].flags & BACKUP;
}

static void becomes_slow(struct world *world)
{
	slow_world(world);
	look_slow(world, 0);
	assert_only(world, KEEP_SLOW);
	assert_int_equal(world->events.items[0].endpoint.id, 3);
	assert_true(is_backup(world, 2));
}

static void slow_is_made_a_backup(void **state)
{
	const struct keep_event *slow;
	struct world world;
	int i;

	(void)state;
	becomes_slow(&world);
	slow = event(&world, KEEP_SLOW);
	assert_int_equal(slow->min_rtt_us, 600 * MS);
	assert_int_equal(slow->best_rtt_us, 20 * MS);
	assert_string_equal(slow->tunnel, "tun0");
	assert_int_equal(slow->peer, 5);
	assert_int_equal(slow->peers, 1);
	for (i = 0; i < 11; i++) {
		look_slow(&world, 5000);
		assert_nothing(&world);
	}
	world_free(&world);
}

/* own and best round trip in ms */
static bool is_made(unsigned int own, unsigned int best)
{
	struct world world;
	bool is;

	slow_world(&world);
	world.path[0].min_rtt_us = best * MS;
	world.path[1].min_rtt_us = best * MS;
	world.path[2].min_rtt_us = own * MS;
	look_slow(&world, 0);
	is = is_backup(&world, 2);
	world_free(&world);
	return is;
}

static bool is_undone(unsigned int own, unsigned int best)
{
	struct world world;
	bool is;

	becomes_slow(&world);
	world.path[0].min_rtt_us = best * MS;
	world.path[1].min_rtt_us = best * MS;
	world.path[2].min_rtt_us = own * MS;
	look_slow(&world, 5000);
	is = !is_backup(&world, 2);
	world_free(&world);
	return is;
}

static void bounds(void **state)
{
	(void)state;
	assert_false(is_made(60, 15));
	assert_false(is_made(80, 20));
	assert_false(is_made(220, 20));
	assert_true(is_made(221, 20));
	assert_false(is_made(400, 100));
	assert_true(is_made(401, 100));
	assert_false(is_undone(221, 20));
	assert_false(is_undone(170, 20));
	assert_true(is_undone(169, 20));
	assert_false(is_undone(300, 100));
	assert_true(is_undone(299, 100));
	assert_true(is_undone(600, 600));
}

static void fast_is_normal_again(void **state)
{
	const struct keep_event *fast;
	struct world world;

	(void)state;
	becomes_slow(&world);
	world.path[2].min_rtt_us = 48 * MS;
	look_slow(&world, 5000);
	assert_only(&world, KEEP_FAST);
	fast = event(&world, KEEP_FAST);
	assert_int_equal(fast->min_rtt_us, 48 * MS);
	assert_int_equal(fast->best_rtt_us, 20 * MS);
	assert_string_equal(fast->reason, "");
	assert_false(is_backup(&world, 2));
	look_slow(&world, 5000);
	assert_nothing(&world);
	world_free(&world);
}

static void what_is_not_measured_is_not_slow(void **state)
{
	struct world world;

	(void)state;
	slow_world(&world);
	world.path[2].min_rtt_us = 0;
	look_slow(&world, 0);
	assert_nothing(&world);
	world.path[2].min_rtt_us = 600 * MS;
	world.path[0].min_rtt_us = 0;
	world.path[1].min_rtt_us = 0;
	look_slow(&world, 1000);
	assert_nothing(&world);
	/* nor is it fast */
	world.path[0].min_rtt_us = 20 * MS;
	look_slow(&world, 1000);
	assert_only(&world, KEEP_SLOW);
	world.path[2].min_rtt_us = 0;
	look_slow(&world, 1000);
	assert_nothing(&world);
	world_free(&world);
}

static void the_first_path_may_be_no_endpoint(void **state)
{
	struct world world;

	(void)state;
	slow_world(&world);
	world.endpoint[0] = world.endpoint[2];
	world.endpoints.count = 1;
	look_slow(&world, 0);
	assert_only(&world, KEEP_SLOW);
	world_free(&world);
	/* and stays as it is when it is the slow one */
	slow_world(&world);
	world.endpoints.count = 2;
	look_slow(&world, 0);
	assert_nothing(&world);
	world_free(&world);
}

static void without_a_better_path_it_is_normal(void **state)
{
	struct world world;
	int i;

	(void)state;
	becomes_slow(&world);
	world.path[0].state = TCP_CLOSE_WAIT;
	look_slow(&world, 1000);
	assert_nothing(&world);
	/* silent */
	world.path[1].retries = KEEP_SILENT_RETRIES;
	world.path[1].ack_ms = KEEP_SILENT_MS;
	look_slow(&world, 1000);
	assert_only(&world, KEEP_FAST);
	assert_int_equal(world.events.items[0].best_rtt_us, 0);
	assert_string_equal(world.events.items[0].reason, "no other path to be used first");
	for (i = 0; i < 10; i++) {
		look_slow(&world, 5000);
		assert_nothing(&world);
	}
	world.path[0].state = TCP_ESTABLISHED;
	look_slow(&world, 1000);
	assert_only(&world, KEEP_SLOW);
	world_free(&world);
}

/* a slow path and a very slow one: the first is normal when it is the best */
static void backups_of_ours_are_compared(void **state)
{
	struct world world;

	(void)state;
	slow_world(&world);
	world.path[1].min_rtt_us = 300 * MS;
	world.path[2].min_rtt_us = 1500 * MS;
	look_slow(&world, 0);
	assert_int_equal(world.events.count, 2);
	world.path[0].state = TCP_CLOSE_WAIT;
	look_slow(&world, 1000);
	assert_only(&world, KEEP_FAST);
	assert_int_equal(world.events.items[0].endpoint.id, 2);
	assert_true(is_backup(&world, 2));
	look_slow(&world, 1000);
	assert_nothing(&world);
	world_free(&world);
}

/* what somebody wants to spare is left alone, and no reason to spare others */
static void backups_of_others_are_theirs(void **state)
{
	struct world world;
	int i;

	(void)state;
	slow_world(&world);
	world.endpoint[2].flags |= BACKUP;
	world.path[2].backup = true;
	for (i = 0; i < 300; i++) {
		look_slow(&world, 5000);
		assert_nothing(&world);
	}
	assert_false(keep_slow_made(&world.slow, &world.endpoint[2]));
	world_free(&world);
	/* a second path of it, of which the kernel has not told the other end */
	slow_world(&world);
	world.endpoint[2].flags |= BACKUP;
	look_slow(&world, 0);
	assert_nothing(&world);
	world_free(&world);
	/* the other end has asked for it */
	slow_world(&world);
	world.path[2].backup = true;
	look_slow(&world, 0);
	assert_nothing(&world);
	world_free(&world);
	slow_world(&world);
	/* one that is to be spared, and a slow one */
	world.path[0] = world.path[2];
	world.path[1].backup = true;
	world.paths.count = 2;
	look_slow(&world, 0);
	assert_nothing(&world);
	world_free(&world);
}

static void only_what_is_managed(void **state)
{
	struct world world;

	(void)state;
	slow_world(&world);
	world.slow.manage = "wan1,wan2";
	look_slow(&world, 0);
	assert_nothing(&world);
	world_free(&world);
}

static void whoever_changes_it_decides(void **state)
{
	struct world world;
	int i;

	(void)state;
	becomes_slow(&world);
	world.endpoint[2].flags &= ~BACKUP;
	world.path[2].backup = false;
	for (i = 0; i < 300; i++) {
		look_slow(&world, 5000);
		assert_nothing(&world);
	}
	/* until it is another path */
	world.path[2].state = TCP_SYN_SENT;
	look_slow(&world, 1000);
	world.path[2].state = TCP_ESTABLISHED;
	look_slow(&world, 1000);
	assert_only(&world, KEEP_SLOW);
	world_free(&world);
}

static void removed_is_forgotten(void **state)
{
	struct world world;

	(void)state;
	becomes_slow(&world);
	world.endpoints.count = 2;
	look_slow(&world, 1000);
	assert_nothing(&world);
	/* somebody adds it as a backup */
	world.endpoints.count = 3;
	world.path[2].min_rtt_us = 20 * MS;
	look_slow(&world, 1000);
	assert_nothing(&world);
	assert_false(keep_slow_made(&world.slow, &world.endpoint[2]));
	world_free(&world);
}

/* Returns when the test began. */
static uint64_t next_test(struct world *world)
{
	uint64_t begin = world->now;

	do {
		look_slow(world, 5000);
		assert_true(world->now < begin + 2 * KEEP_TEST_MOST_MS);
	} while (!event(world, KEEP_TEST));
	assert_false(is_backup(world, 2));
	assert_int_equal(world->next, world->now + KEEP_TEST_POLL_MS);
	return world->now;
}

static void tested_from_time_to_time(void **state)
{
	static const unsigned int gaps[] = { 60, 120, 240, 480, 600, 600, 600 };
	struct world world;
	uint64_t before;
	size_t i;

	(void)state;
	becomes_slow(&world);
	for (i = 0; i < ARRAY_SIZE(gaps); i++) {
		before = world.now;
		assert_int_equal(next_test(&world) - before, gaps[i] * 1000);
		/* nothing is sent */
		look_slow(&world, KEEP_TEST_END_MS - 1);
		assert_nothing(&world);
		look_slow(&world, 1);
		assert_only(&world, KEEP_TESTED);
		assert_true(is_backup(&world, 2));
	}
	world_free(&world);
}

static void a_test_ends_when_something_was_sent(void **state)
{
	struct world world;

	(void)state;
	becomes_slow(&world);
	world.path[2].tx_bytes = 5000;
	next_test(&world);
	look_slow(&world, KEEP_TEST_POLL_MS);
	assert_nothing(&world);
	world.path[2].tx_bytes = 6400;
	look_slow(&world, KEEP_TEST_POLL_MS);
	assert_only(&world, KEEP_TESTED);
	/* the answer */
	world.path[2].min_rtt_us = 30 * MS;
	look_slow(&world, 5000);
	assert_only(&world, KEEP_FAST);
	assert_false(is_backup(&world, 2));
	world_free(&world);
}

static void a_test_may_be_over_at_once(void **state)
{
	struct world world;

	(void)state;
	becomes_slow(&world);
	next_test(&world);
	world.path[2].min_rtt_us = 30 * MS;
	look_slow(&world, KEEP_TEST_POLL_MS);
	assert_only(&world, KEEP_FAST);
	assert_false(is_backup(&world, 2));
	world_free(&world);
	/* the path dies */
	becomes_slow(&world);
	next_test(&world);
	world.paths.count = 2;
	look_slow(&world, KEEP_TEST_POLL_MS);
	assert_only(&world, KEEP_TESTED);
	world_free(&world);
	/* somebody makes it a backup: it is theirs */
	becomes_slow(&world);
	next_test(&world);
	world.endpoint[2].flags |= BACKUP;
	world.path[2].backup = true;
	look_slow(&world, KEEP_TEST_POLL_MS);
	assert_nothing(&world);
	assert_false(keep_slow_made(&world.slow, &world.endpoint[2]));
	world_free(&world);
}

static void a_path_on_its_way_back_is_a_backup(void **state)
{
	struct world world;

	(void)state;
	becomes_slow(&world);
	world.paths.count = 2;
	look_slow(&world, 5000);
	assert_nothing(&world);
	assert_true(keep_slow_made(&world.slow, &world.endpoint[2]));
	world.paths.count = 3;
	look_slow(&world, 5000);
	assert_nothing(&world);
	assert_true(is_backup(&world, 2));
	/* for ever: nobody uses it any more */
	world.paths.count = 2;
	look_slow(&world, KEEP_UNUSED_MS - 1);
	assert_nothing(&world);
	look_slow(&world, 1);
	assert_only(&world, KEEP_FAST);
	assert_int_equal(world.events.items[0].peers, 0);
	assert_string_equal(world.events.items[0].reason, "no path from it for 10 minutes");
	assert_false(is_backup(&world, 2));
	world_free(&world);
}

/* a second peer with a path from the same endpoint */
static void slow_for_all_or_not_at_all(void **state)
{
	struct world world;

	(void)state;
	slow_world(&world);
	world.peer[1] = (struct peer){ .id = 6, .transport = "mptcp", .has_token = true, .token = 78 };
	world.tunnel[0].peers.count = 2;
	world.path[3] = path(78, "10.0.1.2", TCP_ESTABLISHED);
	world.path[4] = path(78, "10.0.3.2", TCP_ESTABLISHED);
	world.path[3].min_rtt_us = 500 * MS;
	world.path[4].min_rtt_us = 600 * MS;
	world.paths.count = 5;
	look_slow(&world, 0);
	assert_nothing(&world);
	world.path[3].min_rtt_us = 20 * MS;
	look_slow(&world, 1000);
	assert_only(&world, KEEP_SLOW);
	assert_int_equal(world.events.items[0].peers, 2);
	world.path[4].min_rtt_us = 40 * MS;
	look_slow(&world, 1000);
	assert_only(&world, KEEP_FAST);
	assert_int_equal(world.events.items[0].peer, 6);
	assert_int_equal(world.events.items[0].min_rtt_us, 40 * MS);
	/* one without a path from there has no say, nor has another program's connection */
	world.path[4].token = 99;
	look_slow(&world, 1000);
	assert_only(&world, KEEP_SLOW);
	assert_int_equal(world.events.items[0].peers, 1);
	world_free(&world);
}

/* what the kernel would not change is looked at soon again */
static void a_new_path_must_be_confirmed(void **state)
{
	struct world world;

	(void)state;
	slow_world(&world);
	world.path[2].joining = true;
	look_slow(&world, 0);
	assert_nothing(&world);
	assert_int_equal(world.next, world.now + KEEP_JOIN_POLL_MS);
	world.path[2].joining = false;
	look_slow(&world, KEEP_JOIN_POLL_MS);
	assert_only(&world, KEEP_SLOW);
	world_free(&world);
	becomes_slow(&world);
	world.path[2].joining = true;
	world.path[2].min_rtt_us = 20 * MS;
	look_slow(&world, 1000);
	assert_nothing(&world);
	world.path[2].joining = false;
	look_slow(&world, 1000);
	assert_only(&world, KEEP_FAST);
	world_free(&world);
}

/* several paths from one endpoint: the best one counts */
static void the_best_path_of_an_endpoint(void **state)
{
	struct world world;

	(void)state;
	slow_world(&world);
	world.path[3] = path(TOKEN, "10.0.3.2", TCP_ESTABLISHED);
	world.path[3].min_rtt_us = 30 * MS;
	world.paths.count = 4;
	look_slow(&world, 0);
	assert_nothing(&world);
	world_free(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slow_is_made_a_backup),
		cmocka_unit_test(bounds),
		cmocka_unit_test(fast_is_normal_again),
		cmocka_unit_test(what_is_not_measured_is_not_slow),
		cmocka_unit_test(the_first_path_may_be_no_endpoint),
		cmocka_unit_test(without_a_better_path_it_is_normal),
		cmocka_unit_test(backups_of_ours_are_compared),
		cmocka_unit_test(backups_of_others_are_theirs),
		cmocka_unit_test(only_what_is_managed),
		cmocka_unit_test(whoever_changes_it_decides),
		cmocka_unit_test(removed_is_forgotten),
		cmocka_unit_test(tested_from_time_to_time),
		cmocka_unit_test(a_test_ends_when_something_was_sent),
		cmocka_unit_test(a_test_may_be_over_at_once),
		cmocka_unit_test(a_path_on_its_way_back_is_a_backup),
		cmocka_unit_test(slow_for_all_or_not_at_all),
		cmocka_unit_test(a_new_path_must_be_confirmed),
		cmocka_unit_test(the_best_path_of_an_endpoint),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
