// SPDX-License-Identifier: GPL-2.0-or-later
/* What setup decides, one thing after the other. */

#include "uplinks_world.h"

static void nothing_without_a_way_out(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	REMOVE_IF(&machine.world.routes, !item->length);
	plan(&machine);
	assert_int_equal(machine.changes.count, 0);
	machine_free(&machine);
}

/* A server: others open the paths. */
static void all_left_alone(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	add_choice(&machine, "*", UPLINKS_NEVER);
	plan(&machine);
	assert_int_equal(count_of(&machine, UPLINKS_LIMITS, UPLINKS_MAKE), 1);
	assert_int_equal(machine.changes.count, 1);
	set_up(&machine);
	undo(&machine, 8, 0, 0);
	assert_int_equal(machine.world.limits.subflows, 2);
	machine_free(&machine);
}

static void two_uplinks(void **state)
{
	struct machine machine;
	const struct uplinks_route *route;

	(void)state;
	machine_new(&machine);
	plan(&machine);
	assert_int_equal(count_of(&machine, UPLINKS_LIMITS, UPLINKS_MAKE), 1);
	assert_int_equal(machine.changes.items[0].limits.subflows, 8);
	assert_int_equal(machine.changes.items[0].limits.accepted, 8);
	assert_int_equal(count_of(&machine, UPLINKS_RULE, UPLINKS_MAKE), 3);
	assert_int_equal(count_of(&machine, UPLINKS_ENDPOINT, UPLINKS_MAKE), 3);
	/* wan1: both networks of IPv4, the default; its own of IPv6, the default. wan2: three */
	assert_int_equal(count_of(&machine, UPLINKS_ROUTE, UPLINKS_MAKE), 8);
	assert_int_equal(count_of(&machine, UPLINKS_FILTER, UPLINKS_MAKE), 0);
	assert_int_equal(machine.changes.count, 15);
	set_up(&machine);
	assert_int_equal(table_from(&machine, "10.1.1.2"), TABLE(2));
	assert_int_equal(table_from(&machine, "2001:db8:1::2"), TABLE(2));
	assert_int_equal(table_from(&machine, "10.1.2.2"), TABLE(3));
	assert_int_equal(table_from(&machine, "192.168.7.1"), 0);
	route = route_in(&machine, TABLE(3), NULL);
	assert_non_null(route);
	assert_true(address_same_ip(&route->gateway, &(struct address){ .family = AF_INET, .ip = { 10, 1, 2, 1 } }));
	assert_int_equal(route->metric, 0);
	assert_int_equal(endpoint_at(&machine, "10.1.2.2")->ifindex, 3);
	assert_int_equal(endpoint_at(&machine, "10.1.2.2")->flags, SUBFLOW);
	undo(&machine, 8, 0, 0);
	assert_int_equal(machine.world.limits.subflows, 2);
	assert_int_equal(machine.world.limits.accepted, 0);
	machine_free(&machine);
}

/* No path loses its way: what is made comes before what is taken away. */
static void order(void **state)
{
	static const enum uplinks_what makes[] = {
		UPLINKS_LIMITS, UPLINKS_ROUTE, UPLINKS_RULE, UPLINKS_FILTER, UPLINKS_ENDPOINT,
	};
	static const enum uplinks_what takes[] = {
		UPLINKS_ENDPOINT, UPLINKS_FILTER, UPLINKS_RULE, UPLINKS_ROUTE, UPLINKS_LIMITS,
	};
	struct machine machine;
	size_t i, at = 0;

	(void)state;
	machine_new(&machine);
	plan(&machine);
	for (i = 0; i < machine.changes.count; i++) {
		while (at < ARRAY_SIZE(makes) && makes[at] != machine.changes.items[i].what)
			at++;
		assert_true(at < ARRAY_SIZE(makes));
	}
	set_up(&machine);
	plan_undo(&machine);
	for (i = 0, at = 0; i < machine.changes.count; i++) {
		while (at < ARRAY_SIZE(takes) && takes[at] != machine.changes.items[i].what)
			at++;
		assert_true(at < ARRAY_SIZE(takes));
	}
	machine_free(&machine);
}

/* Answers to machines in other networks of this one do not go to the provider. */
static void routes_of_other_networks(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	add_route(&machine, 4, "172.16.0.0", 12, "192.168.7.9")->protocol = RTPROT_STATIC;
	add_route(&machine, 4, "10.9.9.9", 32, NULL)->protocol = RTPROT_BOOT;
	add_route(&machine, 4, "10.64.0.0", 10, "192.168.7.9")->protocol = 12 /* bird */;
	add_device(&machine, 9, "tun0", "ovpn-dco");
	add_route(&machine, 9, "10.8.0.0", 24, NULL)->protocol = RTPROT_KERNEL;
	add_route(&machine, 9, "0.0.0.0", 1, "10.8.0.1");
	add_route(&machine, 9, "198.18.0.0", 15, "10.8.0.1")->protocol = RTPROT_BOOT;
	add_device(&machine, 10, "wg0", "wireguard");
	add_route(&machine, 10, "192.168.50.0", 24, NULL)->protocol = RTPROT_BOOT;
	add_route(&machine, 10, NULL, 0, NULL)->table = 51820;
	add_route(&machine, 10, "128.0.0.0", 1, NULL)->protocol = RTPROT_BOOT;
	/* the way to the server that OpenVPN keeps open, good for wan1 only */
	add_route(&machine, 2, "203.0.113.5", 32, "10.1.1.1")->protocol = RTPROT_BOOT;
	set_up(&machine);
	assert_non_null(route_in(&machine, TABLE(2), "192.168.7.0"));
	assert_non_null(route_in(&machine, TABLE(2), "172.16.0.0"));
	assert_non_null(route_in(&machine, TABLE(3), "172.16.0.0"));
	assert_null(route_in(&machine, TABLE(2), "10.9.9.9"));
	assert_null(route_in(&machine, TABLE(2), "10.64.0.0"));
	assert_non_null(route_in(&machine, TABLE(2), "10.8.0.0"));
	assert_null(route_in(&machine, TABLE(2), "198.18.0.0"));
	assert_non_null(route_in(&machine, TABLE(2), "192.168.50.0"));
	assert_null(route_in(&machine, TABLE(2), "128.0.0.0"));
	assert_null(route_in(&machine, TABLE(2), "0.0.0.0"));
	assert_null(route_in(&machine, TABLE(3), "203.0.113.5"));
	assert_null(route_in(&machine, TABLE(3), "10.1.1.0"));
	assert_null(route_in(&machine, TABLE(2), "fe80::"));
	machine_free(&machine);
}

/* Two interfaces in one network: its own way wins in the table of each. */
static void one_network_twice(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	add_route(&machine, 4, "10.1.1.0", 24, NULL)->protocol = RTPROT_KERNEL;
	set_up(&machine);
	assert_int_equal(route_in(&machine, TABLE(2), "10.1.1.0")->index, 2);
	assert_int_equal(route_in(&machine, TABLE(3), "10.1.1.0")->index, 4);
	machine_free(&machine);
}

static void address_changes(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	set_up(&machine);
	local_at(&machine, "10.1.2.2")->address = address("10.1.2.77");
	plan(&machine);
	assert_int_equal(machine.changes.count, 4);
	assert_int_equal(machine.changes.items[0].what, UPLINKS_RULE);
	assert_int_equal(machine.changes.items[1].what, UPLINKS_ENDPOINT);
	assert_int_equal(machine.changes.items[2].how, UPLINKS_TAKE);
	assert_int_equal(machine.changes.items[3].how, UPLINKS_TAKE);
	set_up(&machine);
	assert_null(endpoint_at(&machine, "10.1.2.2"));
	assert_int_equal(endpoint_at(&machine, "10.1.2.77")->ifindex, 3);
	assert_int_equal(table_from(&machine, "10.1.2.2"), 0);
	assert_int_equal(table_from(&machine, "10.1.2.77"), TABLE(3));
	undo(&machine, 8, 0, 0);
	machine_free(&machine);
}

static void gateway_changes(void **state)
{
	struct machine machine;
	struct address other = address("10.1.2.254");

	(void)state;
	machine_new(&machine);
	set_up(&machine);
	machine.world.routes.items[5].gateway = other;
	plan(&machine);
	assert_int_equal(machine.changes.count, 1);
	assert_int_equal(machine.changes.items[0].what, UPLINKS_ROUTE);
	assert_int_equal(machine.changes.items[0].how, UPLINKS_MAKE);
	set_up(&machine);
	assert_true(address_same_ip(&route_in(&machine, TABLE(3), NULL)->gateway, &other));
	undo(&machine, 8, 0, 0);
	machine_free(&machine);
}

/* A modem that comes back with another name and number. */
static void replugged(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	set_up(&machine);
	unplug(&machine, 3);
	plan(&machine);
	assert_int_equal(count_of(&machine, UPLINKS_ENDPOINT, UPLINKS_TAKE), 1);
	assert_int_equal(count_of(&machine, UPLINKS_RULE, UPLINKS_TAKE), 1);
	/* the way to the LAN does not go with the interface */
	assert_int_equal(count_of(&machine, UPLINKS_ROUTE, UPLINKS_TAKE), 1);
	assert_int_equal(machine.changes.count, 3);
	set_up(&machine);
	add_device(&machine, 12, "usb1", "");
	add_local(&machine, 12, "10.1.2.2", 24);
	add_route(&machine, 12, NULL, 0, "10.1.2.1");
	set_up(&machine);
	assert_int_equal(endpoint_at(&machine, "10.1.2.2")->ifindex, 12);
	assert_int_equal(table_from(&machine, "10.1.2.2"), TABLE(12));
	machine_free(&machine);
}

/* The same between two looks: the endpoint is bound to the new interface. */
static void replugged_unseen(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	set_up(&machine);
	unplug(&machine, 3);
	add_device(&machine, 12, "usb1", "");
	add_local(&machine, 12, "10.1.2.2", 24);
	add_route(&machine, 12, NULL, 0, "10.1.2.1");
	plan(&machine);
	assert_int_equal(count_of(&machine, UPLINKS_ENDPOINT, UPLINKS_MOVE), 1);
	assert_int_equal(count_of(&machine, UPLINKS_ENDPOINT, UPLINKS_MAKE), 0);
	set_up(&machine);
	assert_int_equal(endpoint_at(&machine, "10.1.2.2")->ifindex, 12);
	assert_int_equal(machine.world.rules.count, 3);
	machine_free(&machine);
}

static void renamed(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	set_up(&machine);
	strcpy(machine.world.links.all.items[2].name, "lte0");
	plan(&machine);
	assert_int_equal(machine.changes.count, 0);
	machine_free(&machine);
}

static void way_out_lost(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	set_up(&machine);
	REMOVE_IF(&machine.world.routes, !item->length && item->index == 3 && item->table == RT_TABLE_MAIN);
	set_up(&machine);
	assert_null(endpoint_at(&machine, "10.1.2.2"));
	assert_null(route_in(&machine, TABLE(3), NULL));
	assert_non_null(endpoint_at(&machine, "10.1.1.2"));
	machine_free(&machine);
}

static void default_in_another_table(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	machine.world.routes.items[5].table = 200;
	add_rule(&machine, 1000, "10.1.2.2", 200);
	set_up(&machine);
	/* somebody leads it already: no table, no rule, but an endpoint */
	assert_int_equal(table_from(&machine, "10.1.2.2"), 200);
	assert_null(route_in(&machine, TABLE(3), NULL));
	assert_null(route_in(&machine, TABLE(3), "10.1.2.0"));
	assert_non_null(endpoint_at(&machine, "10.1.2.2"));
	/* ... until not any more */
	machine.world.rules.count = 0;
	set_up(&machine);
	assert_int_equal(table_from(&machine, "10.1.2.2"), TABLE(3));
	undo(&machine, 8, 0, 0);
	machine_free(&machine);
}

static void rule_that_leads_elsewhere(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	add_rule(&machine, 20000, "10.1.2.2", 200);
	add_rule(&machine, 20001, "10.1.1.2", RT_TABLE_MAIN);
	add_rule(&machine, 100, "10.1.1.2", 200)->narrow = true;
	set_up(&machine);
	assert_int_equal(table_from(&machine, "10.1.2.2"), TABLE(3));
	assert_int_equal(table_from(&machine, "10.1.1.2"), TABLE(2));
	undo(&machine, 8, 3, 0);
	/* one that comes before ours is told */
	machine.world.rules.items[0].preference = 5;
	plan(&machine);
	assert_non_null(change_of(&machine, UPLINKS_RULE, UPLINKS_LEAVE, "wan2"));
	machine_free(&machine);
}

static void endpoints_of_others(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	add_endpoint(&machine, "10.1.2.2", 3, SUBFLOW);
	add_endpoint(&machine, "2001:db8:1::77", 2, SUBFLOW);
	add_endpoint(&machine, "10.1.1.2", 2, MPTCP_PM_ADDR_FLAG_SIGNAL);
	set_up(&machine);
	/* a family of one interface where somebody has made one gets none: the
	 * second of these is of nobody's address
	 */
	assert_int_equal(machine.made.endpoints.count, 1);
	assert_non_null(endpoint_at(&machine, "2001:db8:1::2"));
	undo(&machine, 8, 0, 3);
	machine_free(&machine);

	/* the kernel's own gives way, and one with a port is another one */
	machine_new(&machine);
	add_endpoint(&machine, "10.1.2.2", 3, MPTCP_PM_ADDR_FLAG_IMPLICIT);
	add_endpoint(&machine, "10.1.1.2", 2, MPTCP_PM_ADDR_FLAG_SIGNAL)->address.port = 1194;
	plan(&machine);
	assert_int_equal(count_of(&machine, UPLINKS_ENDPOINT, UPLINKS_MAKE), 3);
	machine_free(&machine);

	/* as mptcpd makes them */
	machine_new(&machine);
	add_endpoint(&machine, "10.1.2.2", 3, 0);
	plan(&machine);
	assert_non_null(change_of(&machine, UPLINKS_ENDPOINT, UPLINKS_LEAVE, "wan2"));
	assert_int_equal(count_of(&machine, UPLINKS_ENDPOINT, UPLINKS_MAKE), 2);
	machine_free(&machine);
}

/* Somebody comes later: ours stays. */
static void endpoints_of_others_later(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	set_up(&machine);
	add_local(&machine, 3, "10.1.2.9", 24)->second = true;
	set_up(&machine);
	add_endpoint(&machine, "10.1.2.9", 3, SUBFLOW);
	plan(&machine);
	assert_int_equal(machine.changes.count, 0);
	undo(&machine, 8, 0, 1);
	assert_non_null(endpoint_at(&machine, "10.1.2.9"));
	machine_free(&machine);
}

/* Two modems of one sort have one address. */
static void same_address(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	add_device(&machine, 6, "wan3", "");
	add_local(&machine, 6, "10.1.2.2", 24);
	add_route(&machine, 6, NULL, 0, "10.1.2.1");
	plan(&machine);
	assert_non_null(change_of(&machine, UPLINKS_RULE, UPLINKS_LEAVE, "wan3"));
	assert_null(change_of(&machine, UPLINKS_RULE, UPLINKS_LEAVE, "wan2"));
	set_up(&machine);
	assert_int_equal(endpoint_at(&machine, "10.1.2.2")->ifindex, 3);
	assert_int_equal(table_from(&machine, "10.1.2.2"), TABLE(3));
	assert_int_equal(machine.world.endpoints.count, 3);
	machine_free(&machine);
}

static void table_of_others(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	add_route(&machine, 4, NULL, 0, "192.168.7.9")->table = TABLE(3);
	plan(&machine);
	assert_non_null(change_of(&machine, UPLINKS_ROUTE, UPLINKS_LEAVE, "wan2"));
	set_up(&machine);
	assert_int_equal(table_from(&machine, "10.1.2.2"), 0);
	assert_int_equal(table_from(&machine, "10.1.1.2"), TABLE(2));
	undo(&machine, 9, 0, 0);
	machine_free(&machine);
}

static void add_way(struct machine *machine, const char *text, int index)
{
	struct uplinks_way *way = LIST_ADD(&machine->world.ways);

	way->address = address(text);
	way->index = index;
}

/* Only where a rule does not help. */
static void reverse_path_filter(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	machine.world.rp_filter = 1;
	add_way(&machine, "10.1.2.2", 2);
	add_way(&machine, "10.1.1.2", 2);
	plan(&machine);
	assert_int_equal(count_of(&machine, UPLINKS_FILTER, UPLINKS_MAKE), 0);
	apply(&machine);
	/* somebody's rule comes before ours */
	plan(&machine);
	assert_int_equal(machine.changes.count, 1);
	assert_non_null(change_of(&machine, UPLINKS_FILTER, UPLINKS_MAKE, "wan2"));
	set_up(&machine);
	assert_int_equal(links_by_name(&machine.world.links, "wan2")->rp_filter, 2);
	undo(&machine, 8, 0, 0);
	assert_int_equal(links_by_name(&machine.world.links, "wan2")->rp_filter, 0);
	machine_free(&machine);

	machine_new(&machine);
	add_way(&machine, "10.1.2.2", 2);
	machine.world.rp_filter = 2;
	machine.world.links.all.items[2].rp_filter = 1;
	set_up(&machine);
	machine_free(&machine);
}

/* What somebody else has set since is not taken back. */
static void changed_by_others_since(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	machine.world.rp_filter = 1;
	add_way(&machine, "10.1.2.2", 2);
	plan(&machine);
	apply(&machine);
	set_up(&machine);
	machine.world.limits.subflows = 5;
	((struct device *)links_by_name(&machine.world.links, "wan2"))->rp_filter = 1;
	plan_undo(&machine);
	assert_int_equal(count_of(&machine, UPLINKS_LIMITS, UPLINKS_LEAVE), 1);
	assert_int_equal(count_of(&machine, UPLINKS_FILTER, UPLINKS_LEAVE), 1);
	assert_int_equal(count_of(&machine, UPLINKS_ENDPOINT, UPLINKS_TAKE), 3);
	machine_free(&machine);
}

static void limits_that_are_enough(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	machine.world.limits = (struct limits){ true, 8, 8 };
	plan(&machine);
	assert_int_equal(count_of(&machine, UPLINKS_LIMITS, UPLINKS_MAKE), 0);
	machine.world.limits.known = false;
	plan(&machine);
	assert_int_equal(count_of(&machine, UPLINKS_LIMITS, UPLINKS_MAKE), 0);
	machine_free(&machine);
}

static void route_is_copied_whole(void **state)
{
	const struct uplinks_route *copy;
	struct uplinks_route *route;
	struct machine machine;

	(void)state;
	machine_new(&machine);
	route = &machine.world.routes.items[5];
	route->gateway = address("fe80::1");
	route->mtu = 1400;
	route->onlink = true;
	set_up(&machine);
	copy = default_of(&machine, AF_INET, TABLE(3));
	assert_int_equal(copy->gateway.family, AF_INET6);
	assert_int_equal(copy->mtu, 1400);
	assert_true(copy->onlink);
	assert_int_equal(copy->protocol, UPLINKS_PROTOCOL);
	machine_free(&machine);
}

/* Without root, what cannot be seen is not missing. */
static void endpoints_unseen(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	machine.world.unseen = true;
	machine.world.limits.known = false;
	plan(&machine);
	assert_int_equal(count_of(&machine, UPLINKS_ENDPOINT, UPLINKS_MAKE), 0);
	assert_int_equal(count_of(&machine, UPLINKS_RULE, UPLINKS_MAKE), 3);
	machine_free(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_without_a_way_out),
		cmocka_unit_test(all_left_alone),
		cmocka_unit_test(two_uplinks),
		cmocka_unit_test(order),
		cmocka_unit_test(routes_of_other_networks),
		cmocka_unit_test(one_network_twice),
		cmocka_unit_test(address_changes),
		cmocka_unit_test(gateway_changes),
		cmocka_unit_test(replugged),
		cmocka_unit_test(replugged_unseen),
		cmocka_unit_test(renamed),
		cmocka_unit_test(way_out_lost),
		cmocka_unit_test(default_in_another_table),
		cmocka_unit_test(rule_that_leads_elsewhere),
		cmocka_unit_test(endpoints_of_others),
		cmocka_unit_test(endpoints_of_others_later),
		cmocka_unit_test(same_address),
		cmocka_unit_test(table_of_others),
		cmocka_unit_test(reverse_path_filter),
		cmocka_unit_test(changed_by_others_since),
		cmocka_unit_test(limits_that_are_enough),
		cmocka_unit_test(route_is_copied_whole),
		cmocka_unit_test(endpoints_unseen),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
