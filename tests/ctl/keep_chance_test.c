// SPDX-License-Identifier: GPL-2.0-or-later
/* The decisions of keep in a world where anything may happen. */

#include "keep_world.h"

/* Whatever happens in whatever order: nobody's working or last path is closed,
 * and no endpoint is announced twice within a second.
 */
static void whatever_happens(void **state)
{
	uint64_t renewed[3] = { 0 };
	struct world world;
	int round;
	size_t i;

	(void)state;
	srandom(4711);
	world_new(&world);
	world.paths.count = 4;
	for (round = 0; round < 20000; round++) {
		static const char *const from[] = { "10.0.1.2", "10.0.2.2" };
		static const uint8_t states[] = { TCP_ESTABLISHED, TCP_SYN_SENT,
						  TCP_FIN_WAIT1, TCP_CLOSE_WAIT };

		for (i = 0; i < 4; i++) {
			if (random() % 4)
				continue;
			world.path[i] = path(random() % 3 ? TOKEN : 99, from[random() % 2],
					     states[random() % 4]);
			world.path[i].retries = random() % 2 ? 0 : 5;
			world.path[i].ack_ms = random() % 40000;
		}
		world.paths.count = random() % 5;
		world.endpoints.count = random() % 20 ? 2 : 1;
		world.devices[1].carrier = random() % 3;
		if (!(random() % 10))
			keep_plan_touch(&world.plan, "wan2", world.now);
		look(&world, random() % 3000);
		for (i = 0; i < world.events.count; i++) {
			const struct keep_event *renew = &world.events.items[i];
			size_t j, k;

			if (renew->type != KEEP_RENEW)
				continue;
			assert_true(world.now >= renewed[renew->endpoint.id] + KEEP_TRY_FIRST_MS);
			renewed[renew->endpoint.id] = world.now;
			assert_true(renew->endpoint.id != 2 || world.devices[1].carrier);
			for (j = 0; j < world.paths.count; j++) {
				const struct path *one = &world.path[j];
				bool other = false;

				if (!address_same_ip(&one->local, &renew->endpoint.address) ||
				    one->state != TCP_ESTABLISHED)
					continue;
				assert_true(one->retries && one->ack_ms >= KEEP_SILENT_MS);
				for (k = 0; k < world.paths.count; k++)
					other |= world.path[k].token == one->token &&
						 world.path[k].state == TCP_ESTABLISHED &&
						 !(world.path[k].retries && world.path[k].ack_ms >= KEEP_SILENT_MS);
				assert_true(other);
			}
		}
	}
	world_free(&world);
}

/* Anybody may change flags as well: what is a backup and was not made one by
 * keep stays so, and nothing stays one because of keep.
 */
static void flags_are_given_back(void **state)
{
	static const uint32_t rtts[] = { 0, 5000, 20000, 300000, 900000 };
	bool theirs[2] = { false, false };
	unsigned int made = 0, tested = 0;
	struct world world;
	int round;
	size_t i;

	(void)state;
	srandom(815);
	world_new(&world);
	for (round = 0; round < 20000; round++) {
		struct keep_view now = view(&world, random() % 20000);

		for (i = 0; i < 2; i++) {
			struct endpoint *endpoint = &world.endpoint[i];

			if (!(random() % 30))
				world.path[i].min_rtt_us = rtts[random() % 5];
			if (!(random() % 50)) {
				endpoint->flags ^= BACKUP;
				theirs[i] = endpoint->flags & BACKUP;
			}
			world.path[i].backup = endpoint->flags & BACKUP;
		}
		world.paths.count = 1 + !!(random() % 20);
		keep_slow_step(&world.slow, &now, world.now, &world.events);
		for (i = 0; i < world.events.count; i++) {
			const struct keep_event *one = &world.events.items[i];
			struct endpoint *endpoint = &world.endpoint[one->endpoint.id - 1];

			made += one->type == KEEP_SLOW;
			tested += one->type == KEEP_TEST;
			assert_false(theirs[one->endpoint.id - 1]);
			endpoint->flags &= ~BACKUP;
			if (one->type == KEEP_SLOW || one->type == KEEP_TESTED)
				endpoint->flags |= BACKUP;
		}
		for (i = 0; i < 2; i++)
			assert_int_equal(keep_slow_made(&world.slow, &world.endpoint[i]),
					 !!(world.endpoint[i].flags & BACKUP) && !theirs[i]);
	}
	assert_true(made > 50 && tested > 50);
	world_free(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_happens),
		cmocka_unit_test(flags_are_given_back),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
