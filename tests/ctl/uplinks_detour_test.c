// SPDX-License-Identifier: GPL-2.0-or-later
/* When a destination is led by another uplink, and for how long. */

#include <netinet/tcp.h>

#include "uplinks/detour.h"
#include "uplinks_world.h"

#define SERVER	"203.0.113.5"

/* A machine whose connections and clock the test sets. */
struct scene {
	struct machine machine;
	struct uplinks_detours detours;
	struct uplinks_turn turn;
	struct paths paths;
	struct neighbours lost;
	uint64_t now;
	uint64_t last_cookie;
};

static void scene_new(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	machine_new(&scene->machine);
	set_up(&scene->machine);
	scene->now = 1000000;
}

static void scene_free(struct scene *scene)
{
	uplinks_turn_free(&scene->turn);
	uplinks_detours_free(&scene->detours);
	free(scene->paths.items);
	free(scene->lost.items);
	machine_free(&scene->machine);
}

static struct path *add_path(struct scene *scene, const char *from, const char *to, uint8_t state)
{
	struct path *path = LIST_ADD(&scene->paths);

	path->local = address(from);
	path->remote = address(to);
	path->remote.port = 1194;
	path->state = state;
	path->is_subflow = true;
	path->cookie = ++scene->last_cookie;
	path->ack_ms = UINT32_MAX;
	return path;
}

static struct path *connects(struct scene *scene, const char *from)
{
	return add_path(scene, from, SERVER, TCP_SYN_SENT);
}

/* One that is established, and got something so long ago. */
static struct path *heard(struct scene *scene, const char *from, uint32_t ago)
{
	struct path *path = add_path(scene, from, SERVER, TCP_ESTABLISHED);

	path->ack_ms = ago;
	return path;
}

static void none(struct scene *scene)
{
	scene->paths.count = 0;
}

/* A look so many milliseconds after the last one; the kernel does what is decided. */
static void look(struct scene *scene, uint64_t after)
{
	struct machine *machine = &scene->machine;
	struct uplinks_scene what = {
		&machine->world, NULL, &scene->paths, &scene->lost, scene->now + after,
	};
	struct uplinks uplinks;

	scene->now += after;
	uplinks_turn_free(&scene->turn);
	uplinks_find(&uplinks, &machine->world, &machine->conf, &machine->made);
	what.uplinks = &uplinks;
	uplinks_detours_turn(&scene->detours, &scene->turn, &what);
	free(uplinks.items);
	free(machine->changes.items);
	machine->changes = scene->turn.changes;
	memset(&scene->turn.changes, 0, sizeof(scene->turn.changes));
	apply(machine);
}

/* The interface that a detour leads by, 0: there is none. */
static int detour_to(const struct scene *scene, const char *to)
{
	const struct uplinks_routes *routes = &scene->machine.world.routes;
	struct address wanted = address(to);
	int index = 0;
	size_t i;

	for (i = 0; i < routes->count; i++) {
		if (!uplinks_route_is_detour(&routes->items[i]) ||
		    !address_same_ip(&routes->items[i].to, &wanted))
			continue;
		assert_int_equal(index, 0);
		index = routes->items[i].index;
	}
	return index;
}

static void assert_reason(const struct scene *scene, size_t number, const char *reason)
{
	assert_true(scene->machine.changes.count > number);
	assert_string_equal(scene->machine.changes.items[number].reason, reason);
}

/* wan1 is the usual way, and wan2 the other one. */
static void by_the_other_uplink(void **state)
{
	struct scene scene;
	const struct uplinks_change *change;

	(void)state;
	scene_new(&scene);
	connects(&scene, "10.1.1.2");
	look(&scene, 0);
	assert_true(scene.turn.soon);
	look(&scene, UPLINKS_ANSWER_MS - 1);
	assert_true(scene.turn.soon);
	assert_int_equal(scene.machine.changes.count, 0);
	assert_int_equal(scene.turn.ended.count, 0);
	look(&scene, 1);
	assert_int_equal(scene.machine.changes.count, 1);
	change = scene.machine.changes.items;
	assert_int_equal(change->what, UPLINKS_DETOUR);
	assert_int_equal(change->how, UPLINKS_MAKE);
	assert_string_equal(change->device, "wan2");
	assert_string_equal(change->by, "wan2");
	assert_reason(&scene, 0, "no answer by wan1");
	assert_int_equal(change->route.index, 3);
	assert_int_equal(change->route.length, 32);
	assert_int_equal(change->route.metric, 0);
	assert_int_equal(change->route.protocol, UPLINKS_PROTOCOL);
	assert_true(address_same_ip(&change->route.gateway, &(struct address){ AF_INET, { 10, 1, 2, 1 }, 0, 0 }));
	assert_int_equal(scene.turn.ended.count, 1);
	assert_ptr_equal(scene.turn.ended.items[0], &scene.paths.items[0]);
	assert_int_equal(detour_to(&scene, SERVER), 3);
	/* setup leaves it alone, undo does not */
	plan(&scene.machine);
	assert_int_equal(count_done(&scene.machine), 0);
	plan_undo(&scene.machine);
	assert_int_equal(count_of(&scene.machine, UPLINKS_DETOUR, UPLINKS_TAKE), 1);
	apply(&scene.machine);
	assert_int_equal(detour_to(&scene, SERVER), 0);
	scene_free(&scene);
}

/* The kernel tells for how long: 1 s each, or 1, 2, 4 s. */
static void told_by_the_kernel(void **state)
{
	static const struct {
		uint32_t retries, rto_ms;
		bool enough;
	} cases[] = {
		{ 0, 1000, false }, { 1, 1000, false }, { 1, 2000, false }, { 2, 1000, false }, { 3, 1000, true },
		{ 2, 4000, true }, { 3, 8000, true }, { 0, 60000, false },
	};
	struct scene scene;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		scene_new(&scene);
		connects(&scene, "10.1.1.2")->retries = cases[i].retries;
		scene.paths.items[0].rto_ms = cases[i].rto_ms;
		look(&scene, 0);
		assert_int_equal(detour_to(&scene, SERVER), cases[i].enough ? 3 : 0);
		scene_free(&scene);
	}
}

/* Connections that are answered are many, one after the other. */
static void answered_ones_are_left(void **state)
{
	struct scene scene;
	int i;

	(void)state;
	scene_new(&scene);
	for (i = 0; i < 20; i++) {
		none(&scene);
		connects(&scene, "10.1.1.2")->retries = 1;
		look(&scene, 2000);
		assert_int_equal(scene.machine.changes.count + scene.turn.ended.count, 0);
	}
	scene_free(&scene);
}

/* Not of an uplink, a further path, no MPTCP, the uplink of others, a network with a route of its own. */
static void strangers_are_left(void **state)
{
	struct scene scene;

	(void)state;
	scene_new(&scene);
	add_choice(&scene.machine, "wan2", UPLINKS_NEVER);
	add_route(&scene.machine, 2, "198.51.100.0", 24, "10.1.1.9");
	connects(&scene, "192.168.7.1");
	connects(&scene, "10.1.1.2")->joined = true;
	connects(&scene, "10.1.1.2")->is_subflow = false;
	connects(&scene, "10.1.2.2");
	add_path(&scene, "10.1.1.2", "198.51.100.7", TCP_SYN_SENT);
	add_path(&scene, "10.1.1.2", "10.1.1.9", TCP_SYN_SENT);
	add_route(&scene.machine, 2, "10.9.9.9", 32, NULL)->protocol = RTPROT_KERNEL;
	add_path(&scene, "10.1.1.2", "10.9.9.9", TCP_SYN_SENT);
	look(&scene, 0);
	look(&scene, 2 * UPLINKS_ANSWER_MS);
	assert_int_equal(scene.machine.changes.count + scene.turn.ended.count, 0);
	/* nor is there a way by what is never used */
	connects(&scene, "10.1.1.2")->retries = 5;
	look(&scene, 0);
	assert_int_equal(scene.machine.changes.count + scene.turn.ended.count, 0);
	scene_free(&scene);
}

/* attach tries all of them. */
static void one_that_tries_both(void **state)
{
	struct scene scene;

	(void)state;
	scene_new(&scene);
	connects(&scene, "10.1.1.2");
	connects(&scene, "10.1.2.2");
	look(&scene, 0);
	look(&scene, UPLINKS_ANSWER_MS);
	assert_int_equal(scene.machine.changes.count + scene.turn.ended.count, 0);
	/* another program of the same server does not */
	scene.paths.items[1].remote.port = 443;
	look(&scene, 1000);
	assert_int_equal(detour_to(&scene, SERVER), 3);
	scene_free(&scene);
}

/* The line lives, and the program at the other end does not. */
static void line_lives(void **state)
{
	struct scene scene;

	(void)state;
	scene_new(&scene);
	connects(&scene, "10.1.1.2");
	heard(&scene, "10.1.1.2", 9000);
	look(&scene, 0);
	look(&scene, UPLINKS_ANSWER_MS);
	assert_int_equal(detour_to(&scene, SERVER), 0);
	scene.paths.items[1].ack_ms = 60000;
	look(&scene, 1000);
	assert_int_equal(detour_to(&scene, SERVER), 3);
	scene_free(&scene);
}

static void led(struct scene *scene)
{
	scene_new(scene);
	connects(scene, "10.1.1.2");
	look(scene, 0);
	look(scene, UPLINKS_ANSWER_MS);
	assert_int_equal(detour_to(scene, SERVER), 3);
	none(scene);
}

static void until_the_usual_way_answers(void **state)
{
	struct scene scene;
	int i;

	(void)state;
	led(&scene);
	heard(&scene, "10.1.2.2", 0);
	/* one of before, which has heard nothing since */
	heard(&scene, "10.1.1.2", 20000);
	for (i = 0; i < 10; i++) {
		look(&scene, 5000);
		scene.paths.items[1].ack_ms += 5000;
		assert_int_equal(detour_to(&scene, SERVER), 3);
		assert_false(scene.turn.soon);
	}
	scene.paths.items[1].ack_ms = 100;
	look(&scene, 5000);
	assert_int_equal(detour_to(&scene, SERVER), 0);
	assert_reason(&scene, 0, "wan1 answers again");
	assert_int_equal(scene.turn.ended.count, 0);
	scene_free(&scene);
}

static void until_nothing_connects(void **state)
{
	struct scene scene;
	int i;

	(void)state;
	led(&scene);
	/* OpenVPN waits for five minutes between two attempts */
	for (i = 0; i < 3; i++) {
		look(&scene, 300000);
		assert_int_equal(detour_to(&scene, SERVER), 3);
		connects(&scene, "10.1.2.2");
		look(&scene, 1000);
		none(&scene);
	}
	look(&scene, 600001);
	assert_int_equal(detour_to(&scene, SERVER), 0);
	assert_reason(&scene, 0, "nothing connects there by wan2");
	assert_int_equal(scene.detours.count, 0);
	scene_free(&scene);
}

static void until_its_uplink_goes(void **state)
{
	struct scene scene;

	(void)state;
	led(&scene);
	((struct device *)links_by_index(&scene.machine.world.links, 3))->carrier = false;
	look(&scene, 1000);
	assert_int_equal(detour_to(&scene, SERVER), 0);
	assert_reason(&scene, 0, "wan2 does not lead out in this way any more");
	scene_free(&scene);

	led(&scene);
	unplug(&scene.machine, 3);
	look(&scene, 1000);
	assert_int_equal(scene.machine.changes.count, 0);
	assert_int_equal(scene.detours.items[0].index, 0);
	scene_free(&scene);

	/* what is usual has changed */
	led(&scene);
	REMOVE_IF(&scene.machine.world.routes, item->table == RT_TABLE_MAIN && !item->length && item->index == 2);
	look(&scene, 1000);
	assert_int_equal(detour_to(&scene, SERVER), 0);
	assert_reason(&scene, 0, "wan2 is the usual way");
	scene_free(&scene);
}

/* A program that was told to have the address of wan1 is not helped by a route, and left alone. */
static void bound_ones_are_left(void **state)
{
	struct scene scene;
	int i;

	(void)state;
	led(&scene);
	look(&scene, 5000);
	connects(&scene, "10.1.1.2");
	for (i = 0; i < 200; i++) {
		look(&scene, 1000);
		assert_int_equal(scene.machine.changes.count + scene.turn.ended.count, 0);
	}
	scene_free(&scene);
}

/* One that began before the route was there waits for nothing, though it did not wait for long then. */
static void late_ones_are_ended(void **state)
{
	struct scene scene;

	(void)state;
	scene_new(&scene);
	connects(&scene, "10.1.1.2");
	look(&scene, 0);
	connects(&scene, "10.1.1.2");
	look(&scene, UPLINKS_ANSWER_MS);
	assert_int_equal(scene.turn.ended.count, 1);
	scene.paths.items[0] = scene.paths.items[1];
	scene.paths.count = 1;
	look(&scene, 1000);
	assert_int_equal(scene.turn.ended.count, 0);
	assert_true(scene.turn.soon);
	look(&scene, 2000);
	assert_int_equal(scene.turn.ended.count, 1);
	assert_int_equal(scene.machine.changes.count, 0);
	scene_free(&scene);
}

/* The server is down: each uplink has its turn, ever more rarely. An OpenVPN that begins anew a second after its end. */
static void nobody_answers(void **state)
{
	size_t changed[4] = { 0 }, ended[4] = { 0 };
	struct scene scene;
	uint64_t begin;
	size_t quarter;

	(void)state;
	scene_new(&scene);
	begin = scene.now;
	while (scene.now < begin + 600000) {
		if (!scene.paths.count)
			connects(&scene, detour_to(&scene, SERVER) ? "10.1.2.2" : "10.1.1.2");
		look(&scene, 1000);
		quarter = (scene.now - begin) / 150001;
		changed[quarter] += scene.machine.changes.count;
		ended[quarter] += scene.turn.ended.count;
		if (scene.turn.ended.count)
			none(&scene);
	}
	/* 3, 11, 27, 59 and 123 s after the begin, about, then every 64 s */
	assert_in_range(changed[0], 4, 6);
	assert_in_range(changed[1], 2, 3);
	assert_in_range(changed[3], 2, 3);
	for (quarter = 0; quarter < 4; quarter++)
		assert_int_equal(ended[quarter], changed[quarter]);
	none(&scene);
	heard(&scene, detour_to(&scene, SERVER) ? "10.1.2.2" : "10.1.1.2", 0);
	look(&scene, 5000);
	assert_int_equal(scene.detours.items[0].rounds, 0);
	scene_free(&scene);
}

/* With one uplink there is nothing to do; as soon as another one comes, there is. */
static void another_one_comes(void **state)
{
	struct scene scene;
	struct device *wan2;
	int i;

	(void)state;
	scene_new(&scene);
	wan2 = (struct device *)links_by_index(&scene.machine.world.links, 3);
	wan2->carrier = false;
	connects(&scene, "10.1.1.2");
	for (i = 0; i < 60; i++) {
		look(&scene, 1000);
		assert_int_equal(scene.machine.changes.count + scene.turn.ended.count, 0);
	}
	wan2->carrier = true;
	look(&scene, 1000);
	assert_int_equal(detour_to(&scene, SERVER), 3);
	assert_int_equal(scene.turn.ended.count, 1);
	scene_free(&scene);
}

/* Three of them, of which one is a backup. */
static void order_of_turns(void **state)
{
	struct scene scene;

	(void)state;
	scene_new(&scene);
	add_device(&scene.machine, 5, "wwan0", "");
	add_local(&scene.machine, 5, "10.1.3.2", 24);
	add_route(&scene.machine, 5, NULL, 0, "10.1.3.1")->metric = 300;
	add_choice(&scene.machine, "wan2", UPLINKS_BACKUP);
	connects(&scene, "10.1.1.2");
	look(&scene, 0);
	look(&scene, UPLINKS_ANSWER_MS);
	assert_int_equal(detour_to(&scene, SERVER), 5);
	none(&scene);
	connects(&scene, "10.1.3.2");
	look(&scene, 1000);
	look(&scene, UPLINKS_ANSWER_MS);
	assert_int_equal(detour_to(&scene, SERVER), 3);
	assert_int_equal(scene.machine.changes.count, 2);
	assert_int_equal(scene.machine.changes.items[0].how, UPLINKS_TAKE);
	assert_reason(&scene, 0, "no answer by wwan0");
	assert_reason(&scene, 1, "no answer by wwan0");
	assert_int_equal(scene.turn.ended.count, 1);
	scene_free(&scene);
}

/* What OpenVPN has made with redirect-gateway stays, and ours comes before it. */
static void host_route_of_openvpn(void **state)
{
	struct scene scene;

	(void)state;
	scene_new(&scene);
	add_route(&scene.machine, 9, "0.0.0.0", 1, "10.8.0.1")->protocol = RTPROT_BOOT;
	add_route(&scene.machine, 2, SERVER, 32, "10.1.1.1")->protocol = RTPROT_BOOT;
	connects(&scene, "10.1.1.2");
	look(&scene, 0);
	look(&scene, UPLINKS_ANSWER_MS);
	assert_int_equal(detour_to(&scene, SERVER), 3);
	none(&scene);
	heard(&scene, "10.1.2.2", 0);
	look(&scene, 5000);
	assert_int_equal(detour_to(&scene, SERVER), 3);
	/* it makes another one by the way that it has come */
	add_route(&scene.machine, 3, SERVER, 32, "10.1.2.1")->protocol = RTPROT_BOOT;
	REMOVE_IF(&scene.machine.world.routes, item->length == 32 && item->index == 2);
	look(&scene, 5000);
	assert_int_equal(detour_to(&scene, SERVER), 0);
	scene_free(&scene);
}

/* Routers that both links advertise are equal, and the kernel takes either. */
static void equal_routers(void **state)
{
	static const char server[] = "2001:db8::5";
	struct scene scene;

	(void)state;
	scene_new(&scene);
	add_local(&scene.machine, 3, "2001:db8:2::2", 64);
	add_route(&scene.machine, 3, NULL, 0, "fe80::1")->protocol = RTPROT_RA;
	add_path(&scene, "2001:db8:2::2", server, TCP_SYN_SENT);
	look(&scene, 0);
	look(&scene, UPLINKS_ANSWER_MS);
	assert_int_equal(detour_to(&scene, server), 2);
	assert_int_equal(scene.turn.ended.count, 1);
	none(&scene);
	add_path(&scene, "2001:db8:1::2", server, TCP_ESTABLISHED)->ack_ms = 0;
	look(&scene, 5000);
	assert_int_equal(detour_to(&scene, server), 2);
	add_path(&scene, "2001:db8:2::2", server, TCP_ESTABLISHED)->ack_ms = 0;
	look(&scene, 5000);
	assert_int_equal(detour_to(&scene, server), 0);
	assert_reason(&scene, 0, "wan2 answers again");
	none(&scene);
	/* the other one */
	add_path(&scene, "2001:db8:1::2", server, TCP_SYN_SENT);
	look(&scene, 60000);
	look(&scene, UPLINKS_ANSWER_MS);
	assert_int_equal(detour_to(&scene, server), 3);
	scene_free(&scene);
}

/* A gateway that is not there: the kernel ends each connection after 3 s. */
static void gateway_is_lost(void **state)
{
	struct scene scene;
	struct neighbour *neighbour;

	(void)state;
	scene_new(&scene);
	neighbour = LIST_ADD(&scene.lost);
	neighbour->index = 2;
	neighbour->address = address("10.1.1.1");
	connects(&scene, "10.1.1.2")->retries = 1;
	look(&scene, 1000);
	look(&scene, 1000);
	none(&scene);
	look(&scene, 1000);
	assert_true(scene.turn.soon);
	connects(&scene, "10.1.1.2");
	look(&scene, 1000);
	assert_int_equal(detour_to(&scene, SERVER), 0);
	scene.paths.items[0].retries = 1;
	look(&scene, 1000);
	assert_int_equal(detour_to(&scene, SERVER), 3);
	assert_int_equal(scene.turn.ended.count, 1);
	scene_free(&scene);
}

/* The program was started again: the kernel remembers. */
static void started_again(void **state)
{
	struct scene scene;

	(void)state;
	led(&scene);
	uplinks_detours_free(&scene.detours);
	heard(&scene, "10.1.2.2", 0);
	heard(&scene, "10.1.1.2", 20000);
	look(&scene, 1000);
	assert_int_equal(detour_to(&scene, SERVER), 3);
	scene.paths.items[1].ack_ms = 100;
	look(&scene, 5000);
	assert_int_equal(detour_to(&scene, SERVER), 0);
	scene_free(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_the_other_uplink),
		cmocka_unit_test(told_by_the_kernel),
		cmocka_unit_test(answered_ones_are_left),
		cmocka_unit_test(strangers_are_left),
		cmocka_unit_test(one_that_tries_both),
		cmocka_unit_test(line_lives),
		cmocka_unit_test(until_the_usual_way_answers),
		cmocka_unit_test(until_nothing_connects),
		cmocka_unit_test(until_its_uplink_goes),
		cmocka_unit_test(bound_ones_are_left),
		cmocka_unit_test(late_ones_are_ended),
		cmocka_unit_test(nobody_answers),
		cmocka_unit_test(another_one_comes),
		cmocka_unit_test(order_of_turns),
		cmocka_unit_test(host_route_of_openvpn),
		cmocka_unit_test(equal_routers),
		cmocka_unit_test(gateway_is_lost),
		cmocka_unit_test(started_again),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
