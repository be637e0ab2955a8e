// SPDX-License-Identifier: GPL-2.0-or-later
/* Which interfaces are uplinks, and which of their addresses and routes are used. */

#include "uplinks_world.h"

static void deprecated_address(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	set_up(&machine);
	local_at(&machine, "2001:db8:1::2")->deprecated = true;
	/* the only one: what is there stays */
	plan(&machine);
	assert_int_equal(machine.changes.count, 0);
	add_local(&machine, 2, "2001:db8:2::2", 64);
	set_up(&machine);
	assert_null(endpoint_at(&machine, "2001:db8:1::2"));
	assert_non_null(endpoint_at(&machine, "2001:db8:2::2"));
	/* connections that were begun from there still go on */
	assert_int_equal(table_from(&machine, "2001:db8:1::2"), TABLE(2));
	machine_free(&machine);

	machine_new(&machine);
	local_at(&machine, "2001:db8:1::2")->deprecated = true;
	set_up(&machine);
	assert_null(endpoint_at(&machine, "2001:db8:1::2"));
	machine_free(&machine);
}

static void privacy_addresses(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	add_local(&machine, 2, "2001:db8:1::aaaa", 64)->second = true;
	set_up(&machine);
	assert_non_null(endpoint_at(&machine, "2001:db8:1::2"));
	assert_null(endpoint_at(&machine, "2001:db8:1::aaaa"));
	machine_free(&machine);

	/* an interface that prefers them */
	machine_new(&machine);
	machine.world.links.all.items[1].use_tempaddr = 2;
	add_local(&machine, 2, "2001:db8:1::aaaa", 64)->second = true;
	set_up(&machine);
	assert_non_null(endpoint_at(&machine, "2001:db8:1::aaaa"));
	/* the next one is there before the last one is deprecated: it waits */
	add_local(&machine, 2, "2001:db8:1::bbbb", 64)->second = true;
	plan(&machine);
	assert_int_equal(machine.changes.count, 1);
	assert_int_equal(machine.changes.items[0].what, UPLINKS_RULE);
	local_at(&machine, "2001:db8:1::aaaa")->deprecated = true;
	set_up(&machine);
	assert_null(endpoint_at(&machine, "2001:db8:1::aaaa"));
	assert_non_null(endpoint_at(&machine, "2001:db8:1::bbbb"));
	machine_free(&machine);
}

static void addresses_not_to_be_used(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	local_at(&machine, "2001:db8:1::2")->tentative = true;
	add_local(&machine, 2, "fd00::2", 64);
	set_up(&machine);
	/* good inside a site, and there is nothing else */
	assert_non_null(endpoint_at(&machine, "fd00::2"));
	assert_int_equal(table_from(&machine, "2001:db8:1::2"), 0);
	assert_int_equal(table_from(&machine, "fe80::2"), 0);
	local_at(&machine, "2001:db8:1::2")->tentative = false;
	set_up(&machine);
	assert_non_null(endpoint_at(&machine, "2001:db8:1::2"));
	assert_null(endpoint_at(&machine, "fd00::2"));
	machine_free(&machine);
}

/* The address that the route names, then that of the gateway's network. */
static void several_addresses(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	local_at(&machine, "10.1.2.2")->address = address("172.20.0.1");
	add_local(&machine, 3, "10.1.2.3", 24);
	add_local(&machine, 3, "10.1.2.4", 24)->second = true;
	set_up(&machine);
	assert_non_null(endpoint_at(&machine, "10.1.2.3"));
	assert_int_equal(machine.world.endpoints.count, 3);
	assert_int_equal(table_from(&machine, "172.20.0.1"), TABLE(3));
	assert_int_equal(table_from(&machine, "10.1.2.4"), TABLE(3));
	undo(&machine, 8, 0, 0);
	machine.world.routes.items[5].source = address("172.20.0.1");
	set_up(&machine);
	assert_non_null(endpoint_at(&machine, "172.20.0.1"));
	machine_free(&machine);
}

static void roles(void **state)
{
	struct machine machine;
	const struct uplinks_change *change;

	(void)state;
	machine_new(&machine);
	add_choice(&machine, "wan2", UPLINKS_BACKUP);
	set_up(&machine);
	assert_int_equal(endpoint_at(&machine, "10.1.2.2")->flags, SUBFLOW | BACKUP);
	assert_int_equal(endpoint_at(&machine, "10.1.1.2")->flags, SUBFLOW);
	/* keep has made a slow one a backup: that stays */
	((struct endpoint *)endpoint_at(&machine, "10.1.1.2"))->flags |= BACKUP;
	plan(&machine);
	assert_int_equal(machine.changes.count, 0);
	machine.conf.items[0].role = UPLINKS_NORMAL;
	plan(&machine);
	assert_int_equal(machine.changes.count, 1);
	change = change_of(&machine, UPLINKS_ENDPOINT, UPLINKS_SET, "wan2");
	assert_non_null(change);
	assert_int_equal(change->endpoint.flags, SUBFLOW);
	set_up(&machine);
	machine.conf.items[0].role = UPLINKS_NEVER;
	set_up(&machine);
	assert_null(endpoint_at(&machine, "10.1.2.2"));
	assert_int_equal(table_from(&machine, "10.1.2.2"), 0);
	assert_null(route_in(&machine, TABLE(3), NULL));
	machine_free(&machine);
}

/* The first line that fits counts. */
static void patterns(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	add_choice(&machine, "wan[2-9]", UPLINKS_NORMAL);
	add_choice(&machine, "*", UPLINKS_NEVER);
	set_up(&machine);
	assert_int_equal(machine.world.endpoints.count, 1);
	assert_non_null(endpoint_at(&machine, "10.1.2.2"));
	machine_free(&machine);
}

static void tunnels_are_left_out(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	add_device(&machine, 7, "wg0", "wireguard");
	add_local(&machine, 7, "10.66.0.2", 32);
	add_route(&machine, 7, NULL, 0, NULL)->table = 51820;
	add_device(&machine, 8, "tun0", "ovpn-dco");
	add_local(&machine, 8, "10.8.0.2", 24);
	add_route(&machine, 8, NULL, 0, "10.8.0.1");
	set_up(&machine);
	assert_null(endpoint_at(&machine, "10.66.0.2"));
	assert_null(endpoint_at(&machine, "10.8.0.2"));
	/* not by a pattern that fits everything either */
	add_choice(&machine, "*", UPLINKS_NORMAL);
	plan(&machine);
	assert_int_equal(machine.changes.count, 0);
	machine.conf.count = 0;
	add_choice(&machine, "wg0", UPLINKS_NORMAL);
	add_choice(&machine, "tun0", UPLINKS_NORMAL);
	set_up(&machine);
	assert_non_null(endpoint_at(&machine, "10.66.0.2"));
	assert_int_equal(table_from(&machine, "10.66.0.2"), TABLE(7));
	assert_null(endpoint_at(&machine, "10.8.0.2"));
	machine_free(&machine);
}

static void vrf_is_left_out(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	add_device(&machine, 6, "blue", "vrf");
	machine.world.links.all.items[2].master = 6;
	machine.world.routes.items[5].table = 66;
	set_up(&machine);
	assert_null(endpoint_at(&machine, "10.1.2.2"));
	/* part of something else */
	strcpy(machine.world.links.all.items[4].kind, "bridge");
	set_up(&machine);
	assert_non_null(endpoint_at(&machine, "10.1.2.2"));
	machine_free(&machine);
}

/* A point-to-point link has no gateway. */
static void ppp(void **state)
{
	struct machine machine;

	(void)state;
	machine_new(&machine);
	add_device(&machine, 6, "ppp0", "ppp");
	add_local(&machine, 6, "100.64.3.4", 32);
	add_route(&machine, 6, NULL, 0, NULL);
	add_route(&machine, 6, "100.64.0.1", 32, NULL)->protocol = RTPROT_KERNEL;
	set_up(&machine);
	assert_non_null(endpoint_at(&machine, "100.64.3.4"));
	assert_int_equal(route_in(&machine, TABLE(6), NULL)->gateway.family, 0);
	assert_non_null(route_in(&machine, TABLE(6), "100.64.0.1"));
	machine_free(&machine);
}

/* The router that is preferred, then the one that is there already. */
static void several_routers(void **state)
{
	struct machine machine;
	struct address second = address("fe80::9");

	(void)state;
	machine_new(&machine);
	add_route(&machine, 2, NULL, 0, "fe80::9")->rank = 2;
	set_up(&machine);
	assert_true(address_same_ip(&default_of(&machine, AF_INET6, TABLE(2))->gateway, &second));
	machine.world.routes.items[8].rank = 1;
	/* both are as good: no change */
	plan(&machine);
	assert_int_equal(machine.changes.count, 0);
	machine.world.routes.items[8].rank = 0;
	set_up(&machine);
	assert_false(address_same_ip(&default_of(&machine, AF_INET6, TABLE(2))->gateway, &second));
	machine_free(&machine);
}

/* The smaller metric, and the main table before others. */
static void several_routes(void **state)
{
	struct machine machine;
	struct address usual = address("10.1.2.1");

	(void)state;
	machine_new(&machine);
	add_route(&machine, 3, NULL, 0, "10.1.2.3")->metric = 300;
	add_route(&machine, 3, NULL, 0, "10.1.2.4")->table = 77;
	set_up(&machine);
	assert_true(address_same_ip(&default_of(&machine, AF_INET, TABLE(3))->gateway, &usual));
	machine_free(&machine);
}

struct sample {
	const char *text;
	unsigned int line;
	const char *error;
};

static void configuration(void **state)
{
	static const char good[] = "# comment\n\n  wan* backup # behind\r\nlan0\tnever\n* normal";
	static const struct sample bad[] = {
		{ "wan0", 1, "expected normal, backup or never behind wan0, not ''" },
		{ "\nwan0 fast\n", 2, "expected normal, backup or never behind wan0, not 'fast'" },
		{ "wan0 normal wan1", 1, "expected nothing more behind wan0 normal, not 'wan1'" },
		{ "a/b normal", 1, "expected the name of an interface or a pattern, not 'a/b'" },
		{ "wan0 Normal", 1, "expected normal, backup or never behind wan0, not 'Normal'" },
		{ "0123456789abcdef0123456789abcdef normal", 1, "expected the name of an interface or a pattern, not '0123456789abcdef0123456789abcdef'" },
	};
	struct uplinks_conf conf;
	char error[160];
	size_t i;

	(void)state;
	assert_int_equal(uplinks_conf_parse(&conf, good, strlen(good), error, sizeof(error)), 0);
	assert_int_equal(conf.count, 3);
	assert_int_equal(uplinks_conf_find(&conf, "wan7")->role, UPLINKS_BACKUP);
	assert_int_equal(uplinks_conf_find(&conf, "lan0")->role, UPLINKS_NEVER);
	assert_int_equal(uplinks_conf_find(&conf, "eth0")->role, UPLINKS_NORMAL);
	uplinks_conf_free(&conf);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(uplinks_conf_parse(&conf, bad[i].text, strlen(bad[i].text), error, sizeof(error)),
				 bad[i].line);
		assert_string_equal(error, bad[i].error);
		assert_int_equal(conf.count, 0);
	}
	assert_int_equal(uplinks_conf_parse(&conf, "a\0b", 3, error, sizeof(error)), 1);
	assert_int_equal(uplinks_conf_parse(&conf, "", 0, error, sizeof(error)), 0);
	assert_null(uplinks_conf_find(&conf, "eth0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deprecated_address),
		cmocka_unit_test(privacy_addresses),
		cmocka_unit_test(addresses_not_to_be_used),
		cmocka_unit_test(several_addresses),
		cmocka_unit_test(roles),
		cmocka_unit_test(patterns),
		cmocka_unit_test(tunnels_are_left_out),
		cmocka_unit_test(vrf_is_left_out),
		cmocka_unit_test(ppp),
		cmocka_unit_test(several_routers),
		cmocka_unit_test(several_routes),
		cmocka_unit_test(configuration),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
