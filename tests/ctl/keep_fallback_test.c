// SPDX-License-Identifier: GPL-2.0-or-later
/* keep and connections that became TCP. */

#include "keep/keep_fallback.h"
#include "keep_world.h"

struct fallen {
	struct keep_fallback fallback;
	struct keep_events events;
	struct peer peer[2];
	struct device items[2];
	struct devices devices;
};

/* tun0 with two peers over MPTCP */
static void fallen_new(struct fallen *fallen)
{
	memset(fallen, 0, sizeof(*fallen));
	fallen->peer[0] = (struct peer){ .id = 5, .transport = "mptcp", .local_port = 40000 };
	fallen->peer[1] = (struct peer){ .id = 6, .transport = "mptcp", .local_port = 40001 };
	fallen->items[0] = (struct device){ .index = 3, .name = "tun0", .peers = { fallen->peer, 2 } };
	fallen->devices = (struct devices){ fallen->items, 1 };
}

static void fallen_free(struct fallen *fallen)
{
	keep_fallback_free(&fallen->fallback);
	free(fallen->events.items);
}

static void step(struct fallen *fallen)
{
	free(fallen->events.items);
	memset(&fallen->events, 0, sizeof(fallen->events));
	keep_fallback_step(&fallen->fallback, &fallen->devices, &fallen->events);
}

static void a_connection_is_told_once(void **state)
{
	struct fallen fallen;
	int i;

	(void)state;
	fallen_new(&fallen);
	step(&fallen);
	assert_nothing(&fallen);
	strcpy(fallen.peer[1].transport, "mptcp-fallback");
	step(&fallen);
	assert_only(&fallen, KEEP_FALLBACK);
	assert_string_equal(fallen.events.items[0].tunnel, "tun0");
	assert_int_equal(fallen.events.items[0].peer, 6);
	assert_int_equal(fallen.events.items[0].peers, 1);
	assert_true(fallen.events.items[0].reason[0]);
	for (i = 0; i < 10; i++) {
		step(&fallen);
		assert_nothing(&fallen);
	}
	/* beside it, another one */
	strcpy(fallen.peer[0].transport, "mptcp-fallback");
	step(&fallen);
	assert_only(&fallen, KEEP_FALLBACK);
	assert_int_equal(fallen.events.items[0].peer, 5);
	fallen_free(&fallen);
}

static void another_connection_is_told_again(void **state)
{
	struct fallen fallen;

	(void)state;
	fallen_new(&fallen);
	strcpy(fallen.peer[0].transport, "mptcp-fallback");
	step(&fallen);
	assert_only(&fallen, KEEP_FALLBACK);
	/* of the same peer, from another port */
	fallen.peer[0].local_port = 40002;
	step(&fallen);
	assert_only(&fallen, KEEP_FALLBACK);
	/* after one that was MPTCP */
	strcpy(fallen.peer[0].transport, "mptcp");
	step(&fallen);
	assert_nothing(&fallen);
	strcpy(fallen.peer[0].transport, "mptcp-fallback");
	step(&fallen);
	assert_only(&fallen, KEEP_FALLBACK);
	/* of a device that has the name of one that has gone */
	fallen.items[0].index = 4;
	step(&fallen);
	assert_only(&fallen, KEEP_FALLBACK);
	fallen_free(&fallen);
}

static void tcp_is_no_fallback(void **state)
{
	static const char *const others[] = { "tcp", "udp", "mptcp", "" };
	struct fallen fallen;
	size_t i;

	(void)state;
	fallen_new(&fallen);
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		strcpy(fallen.peer[0].transport, others[i]);
		step(&fallen);
		assert_nothing(&fallen);
	}
	fallen_free(&fallen);
}

static void attach_speaks_for_itself(void **state)
{
	struct fallen fallen;

	(void)state;
	fallen_new(&fallen);
	strcpy(fallen.peer[0].transport, "mptcp-fallback");
	fallen.items[0].attached = true;
	step(&fallen);
	assert_nothing(&fallen);
	fallen_free(&fallen);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_is_told_once),
		cmocka_unit_test(another_connection_is_told_again),
		cmocka_unit_test(tcp_is_no_fallback),
		cmocka_unit_test(attach_speaks_for_itself),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
