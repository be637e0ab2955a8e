/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine without a kernel for the decisions of uplinks: two uplinks, a LAN,
 * and what a kernel would do with the changes.
 */
#ifndef UPLINKS_TEST_WORLD_H
#define UPLINKS_TEST_WORLD_H

#include <linux/mptcp.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "uplinks/plan.h"

#define SUBFLOW	MPTCP_PM_ADDR_FLAG_SUBFLOW
#define BACKUP	MPTCP_PM_ADDR_FLAG_BACKUP

struct machine {
	struct uplinks_world world;
	struct uplinks_conf conf;
	struct uplinks_made made;
	struct uplinks_changes changes;
	uint8_t last_id;
};

static inline struct address address(const char *text)
{
	struct address address;

	assert_true(address_parse(&address, text));
	return address;
}

static inline struct device *add_device(struct machine *machine, int index, const char *name,
					const char *kind)
{
	struct device *device = LIST_ADD(&machine->world.links.all);

	device->index = index;
	device->up = true;
	device->carrier = true;
	strcpy(device->name, name);
	strcpy(device->kind, kind);
	return device;
}

static inline struct local *add_local(struct machine *machine, int index, const char *text,
				      uint8_t length)
{
	struct local *local = LIST_ADD(&machine->world.links.locals);

	local->address = address(text);
	local->index = index;
	local->length = length;
	return local;
}

/* @to, @gateway: NULL for none */
static inline struct uplinks_route *add_route(struct machine *machine, int index, const char *to,
					      uint8_t length, const char *gateway)
{
	struct uplinks_route *route = LIST_ADD(&machine->world.routes);
	const char *any = to ? to : gateway;

	route->index = index;
	route->table = RT_TABLE_MAIN;
	route->protocol = RTPROT_DHCP;
	route->rank = 1;
	route->length = length;
	if (to)
		route->to = address(to);
	if (gateway)
		route->gateway = address(gateway);
	route->family = any ? address(any).family : AF_INET;
	if (route->family == AF_INET6)
		route->metric = 1024;
	return route;
}

static inline struct uplinks_rule *add_rule(struct machine *machine, uint32_t preference,
					    const char *from, uint32_t table)
{
	struct uplinks_rule *rule = LIST_ADD(&machine->world.rules);

	rule->preference = preference;
	rule->from = address(from);
	rule->family = rule->from.family;
	rule->length = uplinks_bits(rule->family);
	rule->table = table;
	return rule;
}

static inline struct endpoint *add_endpoint(struct machine *machine, const char *text, int index,
					    uint32_t flags)
{
	struct endpoint *endpoint = LIST_ADD(&machine->world.endpoints);

	endpoint->id = ++machine->last_id;
	endpoint->address = address(text);
	endpoint->ifindex = index;
	endpoint->flags = flags;
	return endpoint;
}

static inline void add_choice(struct machine *machine, const char *pattern, enum uplinks_role role)
{
	struct uplinks_choice *choice = LIST_ADD(&machine->conf);

	strcpy(choice->pattern, pattern);
	choice->role = role;
}

/* wan1 with both families, wan2 with IPv4, a LAN */
static inline void machine_new(struct machine *machine)
{
	memset(machine, 0, sizeof(*machine));
	machine->world.limits = (struct limits){ true, 2, 0 };
	add_device(machine, 1, "lo", "")->loopback = true;
	add_device(machine, 2, "wan1", "");
	add_device(machine, 3, "wan2", "");
	add_device(machine, 4, "lan0", "bridge");
	add_local(machine, 1, "127.0.0.1", 8)->scope = RT_SCOPE_HOST;
	add_local(machine, 2, "10.1.1.2", 24);
	add_local(machine, 2, "2001:db8:1::2", 64);
	add_local(machine, 2, "fe80::2", 64)->scope = RT_SCOPE_LINK;
	add_local(machine, 3, "10.1.2.2", 24);
	add_local(machine, 4, "192.168.7.1", 24);
	add_route(machine, 2, NULL, 0, "10.1.1.1")->metric = 100;
	add_route(machine, 2, "10.1.1.0", 24, NULL)->protocol = RTPROT_KERNEL;
	add_route(machine, 2, NULL, 0, "fe80::1")->protocol = RTPROT_RA;
	add_route(machine, 2, "2001:db8:1::", 64, NULL)->protocol = RTPROT_KERNEL;
	add_route(machine, 2, "fe80::", 64, NULL)->protocol = RTPROT_KERNEL;
	add_route(machine, 3, NULL, 0, "10.1.2.1")->metric = 200;
	add_route(machine, 3, "10.1.2.0", 24, NULL)->protocol = RTPROT_KERNEL;
	add_route(machine, 4, "192.168.7.0", 24, NULL)->protocol = RTPROT_KERNEL;
}

static inline void machine_free(struct machine *machine)
{
	free(machine->changes.items);
	free(machine->world.links.all.items);
	free(machine->world.links.locals.items);
	free(machine->world.routes.items);
	free(machine->world.rules.items);
	free(machine->world.ways.items);
	free(machine->world.endpoints.items);
	uplinks_conf_free(&machine->conf);
	uplinks_made_free(&machine->made);
}

static inline void plan(struct machine *machine)
{
	free(machine->changes.items);
	uplinks_plan(&machine->changes, &machine->world, &machine->conf, &machine->made);
}

static inline void plan_undo(struct machine *machine)
{
	free(machine->changes.items);
	uplinks_plan_undo(&machine->changes, &machine->world, &machine->made);
}

#define REMOVE_IF(list, condition) do {						\
	size_t at, kept = 0;							\
										\
	for (at = 0; at < (list)->count; at++) {				\
		__typeof__((list)->items) item = &(list)->items[at];		\
										\
		if (!(condition))						\
			(list)->items[kept++] = *item;				\
	}									\
	(list)->count = kept;							\
} while (0)

static inline bool is_same_rule(const struct uplinks_rule *a, const struct uplinks_rule *b)
{
	return address_same_ip(&a->from, &b->from) && a->table == b->table &&
	       a->preference == b->preference && a->protocol == b->protocol;
}

static inline void kernel_route(struct machine *machine, const struct uplinks_change *change)
{
	size_t before = machine->world.routes.count;

	REMOVE_IF(&machine->world.routes, uplinks_same_place(item, &change->route));
	/* what is taken away is there */
	assert_true(change->how == UPLINKS_MAKE || machine->world.routes.count + 1 == before);
	if (change->how == UPLINKS_MAKE)
		*LIST_ADD(&machine->world.routes) = change->route;
}

/* It comes before what others have at its place, and takes nothing from there. */
static inline void kernel_detour(struct machine *machine, const struct uplinks_change *change)
{
	size_t before = machine->world.routes.count;

	if (change->how == UPLINKS_MAKE) {
		*LIST_ADD(&machine->world.routes) = change->route;
		return;
	}
	REMOVE_IF(&machine->world.routes, item->protocol == change->route.protocol &&
		  item->index == change->route.index && uplinks_same_place(item, &change->route));
	assert_int_equal(machine->world.routes.count + 1, before);
}

static inline void kernel_rule(struct machine *machine, const struct uplinks_change *change)
{
	size_t before = machine->world.rules.count;

	REMOVE_IF(&machine->world.rules, is_same_rule(item, &change->rule));
	assert_int_equal(machine->world.rules.count, before - (change->how == UPLINKS_TAKE));
	if (change->how == UPLINKS_MAKE)
		*LIST_ADD(&machine->world.rules) = change->rule;
}

static inline void kernel_endpoint(struct machine *machine, const struct uplinks_change *change)
{
	struct endpoint endpoint = change->endpoint;
	struct uplinks_made_endpoint *made;
	size_t before = machine->world.endpoints.count;

	REMOVE_IF(&machine->world.endpoints, address_same_ip(&item->address, &endpoint.address));
	assert_int_equal(machine->world.endpoints.count, before - (change->how != UPLINKS_MAKE));
	made = uplinks_made_endpoint(&machine->made, &endpoint.address);
	if (change->how == UPLINKS_TAKE) {
		assert_non_null(made);
		REMOVE_IF(&machine->made.endpoints, address_same_ip(&item->address, &endpoint.address));
		return;
	}
	if (!made)
		made = LIST_ADD(&machine->made.endpoints);
	made->address = endpoint.address;
	made->backup = endpoint.flags & BACKUP;
	if (!endpoint.id)
		endpoint.id = ++machine->last_id;
	*LIST_ADD(&machine->world.endpoints) = endpoint;
}

static inline void kernel_filter(struct machine *machine, const struct uplinks_change *change)
{
	struct device *device = (void *)links_by_index(&machine->world.links, change->index);

	assert_non_null(device);
	device->rp_filter = change->how == UPLINKS_TAKE ? change->filter.had : change->filter.set;
	if (change->how == UPLINKS_MAKE)
		*LIST_ADD(&machine->made.filters) = change->filter;
}

static inline void kernel_limits(struct machine *machine, const struct uplinks_change *change)
{
	if (change->how == UPLINKS_MAKE && !machine->made.limits_had.known)
		machine->made.limits_had = machine->world.limits;
	if (change->how == UPLINKS_MAKE)
		machine->made.limits_set = change->limits;
	machine->world.limits = change->limits;
}

static inline void apply(struct machine *machine)
{
	size_t i;

	for (i = 0; i < machine->changes.count; i++) {
		const struct uplinks_change *change = &machine->changes.items[i];

		if (change->how == UPLINKS_LEAVE)
			continue;
		switch (change->what) {
		case UPLINKS_LIMITS:
			kernel_limits(machine, change);
			break;
		case UPLINKS_DETOUR:
			kernel_detour(machine, change);
			break;
		case UPLINKS_ROUTE:
			kernel_route(machine, change);
			break;
		case UPLINKS_RULE:
			kernel_rule(machine, change);
			break;
		case UPLINKS_FILTER:
			kernel_filter(machine, change);
			break;
		case UPLINKS_ENDPOINT:
			kernel_endpoint(machine, change);
			break;
		case UPLINKS_SERVICE:
			fail();
		}
	}
}

/* How many changes there are of a sort. */
static inline size_t count_of(const struct machine *machine, enum uplinks_what what,
			      enum uplinks_how how)
{
	size_t i, n = 0;

	for (i = 0; i < machine->changes.count; i++)
		n += machine->changes.items[i].what == what && machine->changes.items[i].how == how;
	return n;
}

static inline size_t count_done(const struct machine *machine)
{
	size_t i, n = 0;

	for (i = 0; i < machine->changes.count; i++)
		n += machine->changes.items[i].how != UPLINKS_LEAVE;
	return n;
}

/* Sets up; a second time changes nothing. */
static inline void set_up(struct machine *machine)
{
	plan(machine);
	apply(machine);
	plan(machine);
	assert_int_equal(count_done(machine), 0);
}

/* Everything of ours is gone, and nothing else. */
static inline void undo(struct machine *machine, size_t routes, size_t rules, size_t endpoints)
{
	plan_undo(machine);
	apply(machine);
	assert_int_equal(machine->world.routes.count, routes);
	assert_int_equal(machine->world.rules.count, rules);
	assert_int_equal(machine->world.endpoints.count, endpoints);
	plan_undo(machine);
	assert_int_equal(machine->changes.count, 0);
}

static inline const struct uplinks_change *change_of(const struct machine *machine,
						     enum uplinks_what what, enum uplinks_how how,
						     const char *device)
{
	size_t i;

	for (i = 0; i < machine->changes.count; i++) {
		const struct uplinks_change *change = &machine->changes.items[i];

		if (change->what == what && change->how == how && !strcmp(change->device, device))
			return change;
	}
	return NULL;
}

static inline const struct endpoint *endpoint_at(const struct machine *machine, const char *text)
{
	struct address wanted = address(text);
	size_t i;

	for (i = 0; i < machine->world.endpoints.count; i++) {
		if (address_same_ip(&machine->world.endpoints.items[i].address, &wanted))
			return &machine->world.endpoints.items[i];
	}
	return NULL;
}

/* The table that an address is led to, 0: none. */
static inline uint32_t table_from(const struct machine *machine, const char *text)
{
	struct address wanted = address(text);
	const struct uplinks_rule *rule = uplinks_rule_from(&machine->world, &wanted);

	return rule ? rule->table : 0;
}

/* What is in a table; @to: NULL for what leads everywhere */
static inline const struct uplinks_route *route_in(const struct machine *machine, uint32_t table,
						   const char *to)
{
	size_t i;

	for (i = 0; i < machine->world.routes.count; i++) {
		const struct uplinks_route *route = &machine->world.routes.items[i];
		struct address wanted;

		if (route->table != table || !route->length != !to)
			continue;
		if (!to)
			return route;
		wanted = address(to);
		if (address_same_ip(&route->to, &wanted))
			return route;
	}
	return NULL;
}

static inline const struct uplinks_route *default_of(const struct machine *machine, int family,
					      uint32_t table)
{
	size_t i;

	for (i = 0; i < machine->world.routes.count; i++) {
		const struct uplinks_route *route = &machine->world.routes.items[i];

		if (route->family == family && route->table == table && !route->length)
			return route;
	}
	return NULL;
}

static inline struct local *local_at(struct machine *machine, const char *text)
{
	struct address wanted = address(text);
	size_t i;

	for (i = 0; i < machine->world.links.locals.count; i++) {
		if (address_same_ip(&machine->world.links.locals.items[i].address, &wanted))
			return &machine->world.links.locals.items[i];
	}
	fail();
	return NULL;
}

/* An interface goes with all that the kernel takes along. */
static inline void unplug(struct machine *machine, int index)
{
	REMOVE_IF(&machine->world.links.all, item->index == index);
	REMOVE_IF(&machine->world.links.locals, item->index == index);
	REMOVE_IF(&machine->world.routes, item->index == index);
}

/* Table of the interface of this number. */
#define TABLE(index) (UPLINKS_TABLE + (index))

#endif /* UPLINKS_TEST_WORLD_H */
