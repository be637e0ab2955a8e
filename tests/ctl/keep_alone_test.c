// SPDX-License-Identifier: GPL-2.0-or-later
/* keep and tunnels without a peer. */

#include "keep/keep_alone.h"
#include "keep_world.h"

struct tunnels {
	struct keep_alone alone;
	struct keep_events events;
	struct peer peer[1];
	struct device items[2];
	struct devices devices;
	uint64_t now;
	uint64_t next;
};

/* tun0 of OpenVPN 2.6, with its peer */
static void tunnels_new(struct tunnels *tunnels)
{
	memset(tunnels, 0, sizeof(*tunnels));
	tunnels->items[0] = (struct device){ .index = 3, .name = "tun0", .kind = "ovpn-dco",
					     .mode = OVPN_MPTCP_MODE_P2P, .peers = { tunnels->peer, 1 } };
	tunnels->devices = (struct devices){ tunnels->items, 1 };
	tunnels->now = 1000000;
}

static void tunnels_free(struct tunnels *tunnels)
{
	keep_alone_free(&tunnels->alone);
	free(tunnels->events.items);
}

static void step(struct tunnels *tunnels, uint64_t ms)
{
	tunnels->now += ms;
	free(tunnels->events.items);
	memset(&tunnels->events, 0, sizeof(tunnels->events));
	tunnels->next = keep_alone_step(&tunnels->alone, &tunnels->devices, tunnels->now, &tunnels->events);
}

static void a_tunnel_is_told_once(void **state)
{
	struct tunnels tunnels;
	int i;

	(void)state;
	tunnels_new(&tunnels);
	step(&tunnels, 0);
	assert_int_equal(tunnels.next, KEEP_NEVER);
	tunnels.items[0].peers.count = 0;
	step(&tunnels, 5000);
	assert_nothing(&tunnels);
	assert_int_equal(tunnels.next, tunnels.now + KEEP_ALONE_MS);
	step(&tunnels, KEEP_ALONE_MS - 1);
	assert_nothing(&tunnels);
	assert_int_equal(tunnels.next, tunnels.now + 1);
	step(&tunnels, 1);
	assert_only(&tunnels, KEEP_NO_PEER);
	assert_string_equal(tunnels.events.items[0].tunnel, "tun0");
	assert_int_equal(tunnels.events.items[0].after_ms, KEEP_ALONE_MS);
	assert_int_equal(tunnels.events.items[0].peers, 0);
	for (i = 0; i < 100; i++) {
		assert_int_equal(tunnels.next, KEEP_NEVER);
		step(&tunnels, 5000);
		assert_nothing(&tunnels);
	}
	tunnels.items[0].peers.count = 1;
	step(&tunnels, 5000);
	assert_only(&tunnels, KEEP_PEER);
	assert_string_equal(tunnels.events.items[0].tunnel, "tun0");
	step(&tunnels, 5000);
	assert_nothing(&tunnels);
	tunnels_free(&tunnels);
}

static void a_short_absence_is_not_told(void **state)
{
	struct tunnels tunnels;
	int i;

	(void)state;
	tunnels_new(&tunnels);
	for (i = 0; i < 20; i++) {
		tunnels.items[0].peers.count = i % 2;
		step(&tunnels, KEEP_ALONE_MS - 1);
		assert_nothing(&tunnels);
	}
	tunnels_free(&tunnels);
}

static void a_device_that_goes_takes_its_mark_with_it(void **state)
{
	struct tunnels tunnels;

	(void)state;
	tunnels_new(&tunnels);
	tunnels.items[0].peers.count = 0;
	step(&tunnels, 0);
	step(&tunnels, KEEP_ALONE_MS);
	assert_only(&tunnels, KEEP_NO_PEER);
	/* the next one of that name has all the time again */
	tunnels.items[0].index = 4;
	step(&tunnels, 5000);
	assert_only(&tunnels, KEEP_NO_DEVICE);
	assert_string_equal(tunnels.events.items[0].tunnel, "tun0");
	step(&tunnels, KEEP_ALONE_MS - 1);
	assert_nothing(&tunnels);
	step(&tunnels, 1);
	assert_only(&tunnels, KEEP_NO_PEER);
	/* another name: another file */
	strcpy(tunnels.items[0].name, "tun1");
	step(&tunnels, 5000);
	assert_only(&tunnels, KEEP_NO_DEVICE);
	assert_string_equal(tunnels.events.items[0].tunnel, "tun0");
	step(&tunnels, KEEP_ALONE_MS);
	assert_only(&tunnels, KEEP_NO_PEER);
	assert_string_equal(tunnels.events.items[0].tunnel, "tun1");
	tunnels.devices.count = 0;
	step(&tunnels, 0);
	assert_only(&tunnels, KEEP_NO_DEVICE);
	assert_string_equal(tunnels.events.items[0].tunnel, "tun1");
	step(&tunnels, 0);
	assert_nothing(&tunnels);
	tunnels_free(&tunnels);
}

static void each_tunnel_has_its_own_time(void **state)
{
	struct tunnels tunnels;

	(void)state;
	tunnels_new(&tunnels);
	tunnels.items[1] = tunnels.items[0];
	strcpy(tunnels.items[1].name, "tun1");
	tunnels.items[1].index = 4;
	tunnels.devices.count = 2;
	tunnels.items[0].peers.count = 0;
	step(&tunnels, 0);
	tunnels.items[1].peers.count = 0;
	step(&tunnels, 4000);
	assert_int_equal(tunnels.next, tunnels.now + KEEP_ALONE_MS - 4000);
	step(&tunnels, KEEP_ALONE_MS - 4000);
	assert_only(&tunnels, KEEP_NO_PEER);
	assert_string_equal(tunnels.events.items[0].tunnel, "tun0");
	assert_int_equal(tunnels.next, tunnels.now + 4000);
	step(&tunnels, 4000);
	assert_only(&tunnels, KEEP_NO_PEER);
	assert_string_equal(tunnels.events.items[0].tunnel, "tun1");
	tunnels_free(&tunnels);
}

/* A server waits for clients, 2.7 notices, and the rest is none of ours. */
static void other_tunnels_are_not_told(void **state)
{
	static const struct device others[] = {
		{ .name = "tun0", .index = 3, .kind = "ovpn-dco", .mode = OVPN_MPTCP_MODE_MP },
		{ .name = "tun0", .index = 3, .kind = "ovpn-dco", .foreign = true },
		{ .name = "tun0", .index = 3, .kind = "ovpn" },
		{ .name = "tun0", .index = 3, .kind = "ovpn-dco-mptcp" },
	};
	struct tunnels tunnels;
	size_t i;

	(void)state;
	tunnels_new(&tunnels);
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		tunnels.items[0] = others[i];
		step(&tunnels, 0);
		step(&tunnels, KEEP_ALONE_MS);
		assert_nothing(&tunnels);
		assert_int_equal(tunnels.next, KEEP_NEVER);
	}
	tunnels_free(&tunnels);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tunnel_is_told_once),
		cmocka_unit_test(a_short_absence_is_not_told),
		cmocka_unit_test(a_device_that_goes_takes_its_mark_with_it),
		cmocka_unit_test(each_tunnel_has_its_own_time),
		cmocka_unit_test(other_tunnels_are_not_told),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
