// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Machines to which anything happens in any order. Whatever it was: one plan is
 * enough, each address of an uplink is led to where it belongs, and undo leaves
 * what others have.
 */

#include <stdio.h>

#include "uplinks_world.h"

#define MACHINES	300
#define STEPS		60

static uint32_t seed;

static uint32_t chance(uint32_t count)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % count;
}

static const char *any_address(bool six)
{
	static char text[32];

	if (six)
		snprintf(text, sizeof(text), "2001:db8:%u::%u", chance(3), 1 + chance(5));
	else
		snprintf(text, sizeof(text), "10.1.%u.%u", chance(3), 1 + chance(5));
	return text;
}

static bool has_local(const struct machine *machine, int index, const struct address *address)
{
	size_t i;

	for (i = 0; i < machine->world.links.locals.count; i++) {
		const struct local *local = &machine->world.links.locals.items[i];

		if (local->index == index && address_same_ip(&local->address, address))
			return true;
	}
	return false;
}

static void new_local(struct machine *machine, int index)
{
	const char *text = any_address(chance(2));
	struct address wanted = address(text);
	struct local *local;

	if (has_local(machine, index, &wanted))
		return;
	local = add_local(machine, index, text, 24);
	local->deprecated = !chance(4);
	local->tentative = !chance(5);
	local->second = chance(2);
}

static void new_route(struct machine *machine, int index)
{
	bool six = chance(2);
	struct uplinks_route *route;

	if (chance(3))
		route = add_route(machine, index, NULL, 0, chance(4) ? any_address(six) : NULL);
	else
		route = add_route(machine, index, six ? "2001:db8:77::" : "192.168.0.0", six ? 64 : 16, NULL);
	route->table = chance(4) ? RT_TABLE_MAIN : 200 + chance(3);
	route->metric = chance(3) * 100;
	route->protocol = RTPROT_STATIC;
	route->rank = chance(3);
}

static void new_endpoint(struct machine *machine)
{
	const char *text = any_address(chance(2));

	if (!endpoint_at(machine, text))
		add_endpoint(machine, text, chance(2) ? 0 : 2 + (int)chance(3), SUBFLOW);
}

static void plug(struct machine *machine)
{
	static const char *const kinds[] = { "", "", "", "ppp", "wireguard", "ovpn-dco" };
	int index = 10 + (int)chance(200);
	char name[IFNAMSIZ];

	if (links_by_index(&machine->world.links, index))
		return;
	snprintf(name, sizeof(name), "wan%d", index);
	add_device(machine, index, name, kinds[chance(ARRAY_SIZE(kinds))]);
	new_local(machine, index);
	new_route(machine, index);
}

static int any_index(const struct machine *machine)
{
	return machine->world.links.all.items[chance(machine->world.links.all.count)].index;
}

static void happen(struct machine *machine)
{
	size_t routes = machine->world.routes.count, locals = machine->world.links.locals.count;
	uint32_t which;

	switch (chance(10)) {
	case 0:
		plug(machine);
		break;
	case 1:
		if (machine->world.links.all.count > 2)
			unplug(machine, any_index(machine));
		break;
	case 2:
		new_local(machine, any_index(machine));
		break;
	case 3:
		which = chance(locals ? locals : 1);
		REMOVE_IF(&machine->world.links.locals, item && at == which);
		break;
	case 4:
		new_route(machine, any_index(machine));
		break;
	case 5:
		which = chance(routes ? routes : 1);
		REMOVE_IF(&machine->world.routes, item && at == which);
		break;
	case 6:
		new_endpoint(machine);
		break;
	case 7:
		add_rule(machine, 1 + chance(30000), any_address(false), 200 + chance(3));
		break;
	case 8:
		machine->conf.count = 0;
		add_choice(machine, "wan*", chance(3));
		break;
	case 9:
		if (locals)
			machine->world.links.locals.items[chance(locals)].deprecated ^= true;
		break;
	}
}

/* Each address of an uplink has a table in which all leads out by that uplink,
 * unless another one has the same.
 */
static void assert_led(const struct machine *machine)
{
	const struct locals *locals = &machine->world.links.locals;
	struct uplinks uplinks;
	size_t i, j;

	uplinks_find(&uplinks, &machine->world, &machine->conf, &machine->made);
	for (i = 0; i < locals->count; i++) {
		const struct uplink *uplink = uplinks_by_index(&uplinks, locals->items[i].index);
		const struct address *from = &locals->items[i].address;
		const struct uplinks_rule *rule;
		bool leads = false;

		if (!uplink || uplink->role == UPLINKS_NEVER || !uplinks_local_is_usable(&locals->items[i]) ||
		    !uplink->sides[from->family == AF_INET6].route)
			continue;
		for (j = 0; j < locals->count; j++)
			leads |= j != i && address_same_ip(&locals->items[j].address, from);
		rule = uplinks_rule_from(&machine->world, from);
		assert_true(leads || rule);
		/* somebody wants it otherwise, and comes first */
		if (rule && !uplinks_rule_is_ours(rule) && rule->preference <= UPLINKS_PREFERENCE)
			continue;
		for (j = 0; rule && j < machine->world.routes.count; j++) {
			const struct uplinks_route *route = &machine->world.routes.items[j];

			leads |= route->table == rule->table && route->family == from->family && !route->length &&
				 (route->index == uplink->device->index || !uplinks_rule_is_ours(rule));
		}
		assert_true(leads);
	}
	free(uplinks.items);
}

static void assert_undone(struct machine *machine)
{
	size_t i, others = 0;

	for (i = 0; i < machine->world.endpoints.count; i++)
		others += !uplinks_made_endpoint(&machine->made, &machine->world.endpoints.items[i].address);
	plan_undo(machine);
	apply(machine);
	for (i = 0; i < machine->world.routes.count; i++)
		assert_false(uplinks_route_is_ours(&machine->world.routes.items[i]));
	for (i = 0; i < machine->world.rules.count; i++)
		assert_false(uplinks_rule_is_ours(&machine->world.rules.items[i]));
	assert_int_equal(machine->world.endpoints.count, others);
	assert_int_equal(machine->world.limits.subflows, 2);
}

static void run(bool each)
{
	struct machine machine;
	int i, j;

	for (i = 0; i < MACHINES; i++) {
		machine_new(&machine);
		for (j = 0; j < STEPS; j++) {
			happen(&machine);
			if (!each && chance(8))
				continue;
			set_up(&machine);
			assert_led(&machine);
			if (!chance(30))
				assert_undone(&machine);
		}
		assert_undone(&machine);
		machine_free(&machine);
	}
}

static void looked_at_after_each(void **state)
{
	(void)state;
	seed = 1;
	run(true);
}

static void looked_at_now_and_then(void **state)
{
	(void)state;
	seed = 2;
	run(false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looked_at_after_each),
		cmocka_unit_test(looked_at_now_and_then),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
