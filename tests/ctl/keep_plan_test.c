// SPDX-License-Identifier: GPL-2.0-or-later
/* The decisions of keep, one after the other. */

#include "keep_world.h"

static void all_is_well(void **state)
{
	struct world world;
	int i;

	(void)state;
	world_new(&world);
	for (i = 0; i < 100; i++) {
		look(&world, 5000);
		assert_nothing(&world);
	}
	world_free(&world);
}

/* A world that loses its second path. */
static void world_new_lost(struct world *world)
{
	world_new(world);
	look(world, 0);
	world->paths.count = 1;
	look(world, 1000);
}

static void lost_and_brought_back(void **state)
{
	const struct keep_event *renew;
	struct world world;

	(void)state;
	world_new_lost(&world);
	assert_only(&world, KEEP_LOST);
	assert_string_equal(world.events.items[0].tunnel, "tun0");
	assert_int_equal(world.events.items[0].peer, 5);
	assert_int_equal(world.next, world.now + KEEP_TRY_FIRST_MS);
	look(&world, 999);
	assert_nothing(&world);
	look(&world, 1);
	assert_only(&world, KEEP_RENEW);
	renew = event(&world, KEEP_RENEW);
	assert_int_equal(renew->endpoint.id, 2);
	assert_int_equal(renew->endpoint.ifindex, 2);
	assert_int_equal(renew->endpoint.flags, SUBFLOW);
	assert_int_equal(renew->tries, 1);
	assert_int_equal(renew->next_ms, 2000);
	world.paths.count = 2;
	look(&world, 100);
	assert_only(&world, KEEP_BACK);
	assert_int_equal(world.events.items[0].after_ms, 1100);
	world_free(&world);
}

/* Waits as long as it says each time. Returns the time of the next announcement. */
static uint64_t next_renewal(struct world *world)
{
	uint64_t begin = world->now;

	do {
		look(world, world->next - world->now);
		assert_true(world->now < begin + 120000);
	} while (!event(world, KEEP_RENEW));
	return world->now;
}

static void backs_off(void **state)
{
	static const unsigned int gaps[] = { 1, 2, 4, 8, 16, 32, 60, 60, 60 };
	struct world world;
	uint64_t before;
	size_t i;

	(void)state;
	world_new(&world);
	look(&world, 0);
	world.paths.count = 1;
	look(&world, 40000);
	before = world.now;
	for (i = 0; i < ARRAY_SIZE(gaps); i++) {
		uint64_t at = next_renewal(&world);

		assert_int_equal(at - before, gaps[i] * 1000);
		before = at;
	}
	/* years */
	for (i = 0; i < 1000; i++) {
		uint64_t at = next_renewal(&world);

		assert_int_equal(at - before, 60000);
		before = at;
	}
	world_free(&world);
}

static void short_life_goes_on_backing_off(void **state)
{
	struct world world;
	uint64_t before;

	(void)state;
	world_new(&world);
	look(&world, 0);
	world.paths.count = 1;
	look(&world, 40000);
	next_renewal(&world);
	next_renewal(&world);
	world.paths.count = 2;
	look(&world, 100);
	assert_only(&world, KEEP_BACK);
	world.paths.count = 1;
	look(&world, 29000);
	assert_only(&world, KEEP_LOST);
	before = world.now;
	assert_int_equal(next_renewal(&world) - before, 4000);
	world.paths.count = 2;
	look(&world, 100);
	look(&world, KEEP_STEADY_MS);
	world.paths.count = 1;
	look(&world, 100);
	before = world.now;
	assert_int_equal(next_renewal(&world) - before, 1000);
	world_free(&world);
}

static void waits_for_link(void **state)
{
	struct world world;
	int i;

	(void)state;
	world_new(&world);
	look(&world, 0);
	world.paths.count = 1;
	world.devices[1].carrier = false;
	look(&world, 40000);
	assert_int_equal(world.events.count, 2);
	assert_non_null(event(&world, KEEP_LOST));
	assert_string_equal(event(&world, KEEP_WAIT)->reason, "wan2 has no link");
	for (i = 0; i < 1000; i++) {
		look(&world, 5000);
		assert_nothing(&world);
	}
	world.devices[1].carrier = true;
	keep_plan_touch(&world.plan, "wan2", world.now);
	look(&world, 100);
	assert_nothing(&world);
	look(&world, 900);
	assert_only(&world, KEEP_RENEW);
	world_free(&world);
}

static void waits_for(struct world *world, const char *reason)
{
	world->paths.count = 1;
	look(world, 0);
	assert_string_equal(event(world, KEEP_WAIT)->reason, reason);
	look(world, 60000);
	assert_nothing(world);
	world_free(world);
}

static void waits_for_everything_it_needs(void **state)
{
	struct world world;

	(void)state;
	world_new(&world);
	world.devices[1].up = false;
	waits_for(&world, "wan2 is down");
	world_new(&world);
	world.locals[1].address = address("10.0.2.99");
	waits_for(&world, "no interface has the address");
	world_new(&world);
	world.locals[1].tentative = true;
	waits_for(&world, "the address is not confirmed yet");
	world_new(&world);
	world.endpoint[1].ifindex = 9;
	waits_for(&world, "its interface, number 9, is gone: add the endpoint again, for another one");
}

/* a modem that was unplugged and plugged in again, and others that have its address */
static void an_interface_made_anew_is_followed(void **state)
{
	struct world world;

	(void)state;
	world_new(&world);
	look(&world, 0);
	world.devices[1].index = 7;
	world.locals[1].index = 7;
	world.paths.count = 1;
	look(&world, 1000);
	assert_only(&world, KEEP_LOST);
	look(&world, 1000);
	assert_only(&world, KEEP_RENEW);
	assert_int_equal(world.events.items[0].endpoint.ifindex, 7);
	/* announced again, it has the number */
	world.endpoint[1].ifindex = 7;
	world.paths.count = 2;
	look(&world, 100);
	assert_only(&world, KEEP_BACK);
	world_free(&world);
	world_new(&world);
	look(&world, 0);
	world.devices[1].index = 7;
	world.locals[1].index = 7;
	strcpy(world.devices[1].name, "wan3");
	world.paths.count = 1;
	look(&world, 1000);
	assert_string_equal(event(&world, KEEP_WAIT)->reason, "its interface, number 2, is gone: add the endpoint again, for another one");
	world_free(&world);
}

static void an_event_starts_over(void **state)
{
	struct world world;
	int i;

	(void)state;
	world_new(&world);
	look(&world, 0);
	world.paths.count = 1;
	look(&world, 40000);
	for (i = 0; i < 7; i++)
		next_renewal(&world);
	keep_plan_touch(&world.plan, "wan1", world.now);
	look(&world, 1000);
	assert_nothing(&world);
	keep_plan_touch(&world.plan, "wan2", world.now);
	look(&world, 1000);
	assert_only(&world, KEEP_RENEW);
	assert_int_equal(world.events.items[0].tries, 1);
	world_free(&world);
}

static void others_are_left_alone(void **state)
{
	struct world world;
	int i;

	(void)state;
	world_new(&world);
	look(&world, 0);
	world.path[1].token = 1234;
	look(&world, 40000);
	assert_only(&world, KEEP_LOST);
	look(&world, 1000);
	assert_only(&world, KEEP_SHARED);
	assert_string_equal(world.events.items[0].reason, "would close 1 path of other connections from it");
	for (i = 0; i < 100; i++) {
		look(&world, 5000);
		assert_nothing(&world);
	}
	/* a connection that is not MPTCP is none of the endpoint's */
	world.path[1].is_subflow = false;
	look(&world, 5000);
	assert_only(&world, KEEP_RENEW);
	world_free(&world);
}

static void silent_is_dead_when_another_answers(void **state)
{
	struct world world;

	(void)state;
	world_new(&world);
	look(&world, 0);
	world.path[1].retries = KEEP_SILENT_RETRIES;
	world.path[1].ack_ms = KEEP_SILENT_MS - 1;
	look(&world, 40000);
	assert_nothing(&world);
	world.path[1].ack_ms = KEEP_SILENT_MS;
	look(&world, 1);
	assert_only(&world, KEEP_LOST);
	look(&world, 1000);
	assert_only(&world, KEEP_RENEW);
	/* it answers after all */
	world.path[1].retries = 0;
	look(&world, 1000);
	assert_only(&world, KEEP_BACK);
	world_free(&world);
}

static void last_paths_are_never_closed(void **state)
{
	struct world world;
	int i;

	(void)state;
	world_new(&world);
	look(&world, 0);
	for (i = 0; i < 2; i++) {
		world.path[i].retries = 9;
		world.path[i].ack_ms = 20000;
	}
	look(&world, 40000);
	assert_int_equal(world.events.count, 2);
	look(&world, 1000);
	assert_int_equal(world.events.count, 2);
	assert_int_equal(world.events.items[0].type, KEEP_LAST);
	assert_int_equal(world.events.items[1].type, KEEP_LAST);
	for (i = 0; i < 100; i++) {
		look(&world, 5000);
		assert_nothing(&world);
	}
	world.path[0].retries = 0;
	look(&world, 5000);
	assert_int_equal(world.events.count, 2);
	assert_int_equal(event(&world, KEEP_BACK)->endpoint.id, 1);
	assert_int_equal(event(&world, KEEP_RENEW)->endpoint.id, 2);
	world_free(&world);
}

/* the silent path of somebody else, who has no other, counts as well */
static void last_paths_of_others_neither(void **state)
{
	struct world world;

	(void)state;
	world_new(&world);
	look(&world, 0);
	world.path[1] = path(1234, "10.0.2.2", TCP_ESTABLISHED);
	world.path[1].retries = 9;
	world.path[1].ack_ms = 20000;
	look(&world, 40000);
	look(&world, 1000);
	assert_only(&world, KEEP_LAST);
	world.path[2] = path(1234, "10.0.1.2", TCP_ESTABLISHED);
	world.paths.count = 3;
	look(&world, 1000);
	assert_only(&world, KEEP_RENEW);
	world_free(&world);
}

static void everything_gone_is_tried_everywhere(void **state)
{
	struct world world;

	(void)state;
	world_new(&world);
	look(&world, 0);
	world.paths.count = 0;
	world.peer[0].subflows = 0;
	look(&world, 40000);
	look(&world, 1000);
	assert_int_equal(world.events.count, 2);
	assert_int_equal(world.events.items[0].type, KEEP_RENEW);
	assert_int_equal(world.events.items[1].type, KEEP_RENEW);
	world_free(&world);
}

static void a_new_connection_has_time(void **state)
{
	struct world world;

	(void)state;
	world_new(&world);
	world.path[1].state = TCP_SYN_SENT;
	look(&world, 0);
	assert_only(&world, KEEP_LOST);
	look(&world, KEEP_CONNECT_MS - 1);
	assert_nothing(&world);
	look(&world, 1);
	assert_only(&world, KEEP_RENEW);
	world_free(&world);
}

static void announced_only_is_missed_after_use(void **state)
{
	struct world world;

	(void)state;
	world_new(&world);
	world.endpoint[1].flags = SIGNAL;
	world.paths.count = 1;
	look(&world, 0);
	look(&world, 60000);
	assert_nothing(&world);
	world.paths.count = 2;
	look(&world, 1000);
	world.paths.count = 1;
	look(&world, 1000);
	assert_only(&world, KEEP_LOST);
	look(&world, 1000);
	assert_only(&world, KEEP_RENEW);
	/* another connection under the same peer has not used it */
	world.peer[0].token = 78;
	world.path[0].token = 78;
	look(&world, 1000);
	assert_nothing(&world);
	look(&world, 60000);
	assert_nothing(&world);
	world_free(&world);
}

static void only_what_may_be_managed(void **state)
{
	struct endpoint endpoint = { .id = 2, .device = "wan2", .flags = SUBFLOW };

	(void)state;
	endpoint.address = address("10.0.2.2");
	assert_true(keep_manages(NULL, &endpoint));
	assert_true(keep_manages("wan2", &endpoint));
	assert_true(keep_manages("wan1,wan2", &endpoint));
	assert_true(keep_manages("10.0.2.2,wan1", &endpoint));
	assert_true(keep_manages("wan20,10.0.2.2", &endpoint));
	assert_false(keep_manages("wan20", &endpoint));
	assert_false(keep_manages("wan", &endpoint));
	assert_false(keep_manages("10.0.2.20,10.0.2", &endpoint));
	assert_true(keep_manages("wan1,::ffff:10.0.2.2", &endpoint));
	endpoint.address = address("2001:db8::5");
	assert_true(keep_manages("2001:DB8:0::5", &endpoint));
	assert_false(keep_manages("2001:db8::50", &endpoint));
	endpoint.address = address("10.0.2.2");
	endpoint.device[0] = '\0';
	assert_false(keep_manages("wan1,wan2", &endpoint));
	assert_true(keep_manages(NULL, &endpoint));
	endpoint.flags = SUBFLOW | MPTCP_PM_ADDR_FLAG_IMPLICIT;
	assert_false(keep_manages(NULL, &endpoint));
	endpoint.flags = MPTCP_PM_ADDR_FLAG_BACKUP;
	assert_false(keep_manages(NULL, &endpoint));
	endpoint.flags = SIGNAL;
	assert_true(keep_manages(NULL, &endpoint));
	endpoint.address.port = 1194;
	assert_false(keep_manages(NULL, &endpoint));
}

static void removed_by_somebody_stays_away(void **state)
{
	struct world world;
	int i;

	(void)state;
	world_new_lost(&world);
	world.endpoints.count = 1;
	look(&world, 500);
	assert_int_equal(world.events.items[0].type, KEEP_REMOVED);
	for (i = 0; i < 100; i++) {
		look(&world, 5000);
		assert_null(event(&world, KEEP_RENEW));
	}
	world.endpoints.count = 2;
	look(&world, 1000);
	assert_only(&world, KEEP_LOST);
	world_free(&world);
}

/* ... and one that could not be added again is told once, by whoever tried */
static void what_is_gone_is_not_told_twice(void **state)
{
	struct world world;

	(void)state;
	world_new_lost(&world);
	assert_only(&world, KEEP_LOST);
	keep_plan_gone(&world.plan, &world.endpoint[1]);
	world.endpoints.count = 1;
	look(&world, 500);
	assert_nothing(&world);
	world_free(&world);
}

/* the kernel closes the path in the same moment: that is no loss */
static void path_that_goes_with_its_endpoint(void **state)
{
	struct world world;

	(void)state;
	world_new(&world);
	look(&world, 0);
	world.endpoints.count = 1;
	world.paths.count = 1;
	look(&world, 1000);
	assert_nothing(&world);
	look(&world, 5000);
	assert_nothing(&world);
	world_free(&world);
}

static void no_peer_no_need(void **state)
{
	struct world world;

	(void)state;
	world_new_lost(&world);
	world.tunnel[0].peers.count = 0;
	look(&world, 1000);
	assert_nothing(&world);
	world.tunnel[0].peers.count = 1;
	strcpy(world.peer[0].transport, "mptcp-fallback");
	look(&world, 1000);
	look(&world, 5000);
	assert_nothing(&world);
	strcpy(world.peer[0].transport, "mptcp");
	world.peer[0].elsewhere = true;
	look(&world, 1000);
	look(&world, 5000);
	assert_nothing(&world);
	world_free(&world);
}

/* a tunnel's own address, and another family, are no paths to miss */
static void not_every_endpoint_is_for_every_peer(void **state)
{
	struct world world;

	(void)state;
	world_new(&world);
	world.endpoint[2] = (struct endpoint){ .id = 3, .address = address("10.8.0.2"),
					       .device = "tun0", .flags = SUBFLOW };
	world.endpoint[3] = (struct endpoint){ .id = 4, .address = address("fd00::2"),
					       .device = "wan2", .flags = SUBFLOW };
	world.endpoints.count = 4;
	look(&world, 0);
	look(&world, 5000);
	assert_nothing(&world);
	world_free(&world);
}

static void stray_is_told_once(void **state)
{
	struct world world;

	(void)state;
	world_new(&world);
	world.endpoints.count = 1;
	look(&world, 0);
	world.paths.count = 1;
	look(&world, 1000);
	assert_only(&world, KEEP_STRAY);
	assert_memory_equal(world.events.items[0].endpoint.address.ip, "\x0a\x00\x02\x02", 4);
	look(&world, 1000);
	assert_nothing(&world);
	world.paths.count = 2;
	look(&world, 1000);
	world.paths.count = 1;
	look(&world, 1000);
	assert_only(&world, KEEP_STRAY);
	world_free(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_well),
		cmocka_unit_test(lost_and_brought_back),
		cmocka_unit_test(backs_off),
		cmocka_unit_test(short_life_goes_on_backing_off),
		cmocka_unit_test(waits_for_link),
		cmocka_unit_test(waits_for_everything_it_needs),
		cmocka_unit_test(an_interface_made_anew_is_followed),
		cmocka_unit_test(an_event_starts_over),
		cmocka_unit_test(others_are_left_alone),
		cmocka_unit_test(silent_is_dead_when_another_answers),
		cmocka_unit_test(last_paths_are_never_closed),
		cmocka_unit_test(last_paths_of_others_neither),
		cmocka_unit_test(everything_gone_is_tried_everywhere),
		cmocka_unit_test(a_new_connection_has_time),
		cmocka_unit_test(announced_only_is_missed_after_use),
		cmocka_unit_test(only_what_may_be_managed),
		cmocka_unit_test(removed_by_somebody_stays_away),
		cmocka_unit_test(what_is_gone_is_not_told_twice),
		cmocka_unit_test(path_that_goes_with_its_endpoint),
		cmocka_unit_test(no_peer_no_need),
		cmocka_unit_test(not_every_endpoint_is_for_every_peer),
		cmocka_unit_test(stray_is_told_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
