// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What there should be so that every uplink is used.
 *
 * Each uplink gets a routing table of its own, and a rule for each of its
 * addresses leads packets from there to that table. It has what the main table
 * has, but for what leads to other uplinks and into tunnels.
 */

#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "uplinks/want.h"

/* what the kernel takes for no metric in IPv6: IP6_RT_PRIO_USER */
#define METRIC_IP6 1024
/* an entry with a shorter prefix is no network: OpenVPN's 0.0.0.0/1, 2000::/3 */
#define NETWORK_BITS 8

static bool has_default(const struct uplinks_world *world, uint32_t table,
			int family, int index)
{
	size_t i;

	for (i = 0; i < world->routes.count; i++) {
		const struct uplinks_route *route = &world->routes.items[i];

		if (route->table == table && route->family == family &&
		    route->index == index && !route->length)
			return true;
	}
	return false;
}

/* @foreign: those of others only */
static const struct uplinks_rule *first_rule(const struct uplinks_world *world,
					     const struct address *address,
					     bool foreign)
{
	const struct uplinks_rule *first = NULL;
	size_t i;

	for (i = 0; i < world->rules.count; i++) {
		const struct uplinks_rule *rule = &world->rules.items[i];

		if (rule->narrow || !rule->length ||
		    (foreign && uplinks_rule_is_ours(rule)) ||
		    !uplinks_in_prefix(address, &rule->from, rule->length))
			continue;
		if (!first || rule->preference < first->preference)
			first = rule;
	}
	return first;
}

const struct uplinks_rule *uplinks_rule_from(const struct uplinks_world *world,
					     const struct address *address)
{
	return first_rule(world, address, false);
}

/* Somebody else sees to it that packets from there leave by this uplink. */
static bool is_led_by_others(const struct uplinks_world *world,
			     const struct address *address, int index)
{
	const struct uplinks_rule *rule = first_rule(world, address, true);

	return rule && rule->table != RT_TABLE_MAIN &&
	       has_default(world, rule->table, address->family, index);
}

/* It is led elsewhere, whatever setup makes. */
static bool is_misled_by_others(const struct uplinks_world *world,
				const struct address *address)
{
	const struct uplinks_rule *rule = first_rule(world, address, true);

	return rule && rule->preference <= UPLINKS_PREFERENCE;
}

static bool is_table_of_others(const struct uplinks_world *world,
			       uint32_t table)
{
	size_t i;

	for (i = 0; i < world->routes.count; i++) {
		if (world->routes.items[i].table == table &&
		    !uplinks_route_is_ours(&world->routes.items[i]))
			return true;
	}
	for (i = 0; i < world->rules.count; i++) {
		if (world->rules.items[i].table == table &&
		    !uplinks_rule_is_ours(&world->rules.items[i]))
			return true;
	}
	return false;
}

/* An uplink before this one has the address: modems of one sort often do. */
static bool is_had_before(const struct uplinks_wanted *wanted,
			  const struct uplink *uplink,
			  const struct address *address)
{
	const struct locals *locals = &wanted->world->links.locals;
	const struct uplink *other;
	size_t i;

	for (other = wanted->uplinks.items; other < uplink; other++) {
		if (other->role == UPLINKS_NEVER)
			continue;
		for (i = 0; i < locals->count; i++) {
			if (locals->items[i].index == other->device->index &&
			    address_same_ip(&locals->items[i].address, address))
				return true;
		}
	}
	return false;
}

static bool is_used(const struct uplinks_wanted *wanted, int index)
{
	const struct uplink *uplink = uplinks_by_index(&wanted->uplinks, index);

	return uplink && uplink->role != UPLINKS_NEVER;
}

/* Its other end is somewhere behind the uplinks. */
static bool is_tunnel_of_openvpn(const struct device *device)
{
	return device_is_tunnel(device) || !strcmp(device->kind, "tun");
}

/* Whether an entry of the main table is good for packets from this uplink, too:
 * an answer to somebody in another network of this machine must not go to the
 * provider. Not so when it leads to a single host, where there may be very many,
 * or when it is to catch nearly everything; nor to what is behind a tunnel of
 * OpenVPN, whose own packets would be led back into it.
 */
static bool is_worth_copying(const struct uplinks_wanted *wanted,
			     const struct uplink *uplink, int family,
			     const struct uplinks_route *route)
{
	const struct device *device;

	if (route->table != RT_TABLE_MAIN || route->family != family ||
	    !route->length || !uplinks_is_of_machine(route->protocol))
		return false;
	/* each interface of IPv6 has its own of these */
	if (family == AF_INET6 && route->to.ip[0] == 0xfe &&
	    (route->to.ip[1] & 0xc0) == 0x80)
		return false;
	if (route->index == uplink->device->index)
		return true;
	device = links_by_index(&wanted->world->links, route->index);
	if (!device || route->length < NETWORK_BITS ||
	    route->length == uplinks_bits(family) ||
	    is_used(wanted, route->index))
		return false;
	return route->protocol == RTPROT_KERNEL ||
	       !is_tunnel_of_openvpn(device);
}

bool uplinks_same_place(const struct uplinks_route *a,
			const struct uplinks_route *b)
{
	return a->family == b->family && a->table == b->table &&
	       a->length == b->length && a->metric == b->metric &&
	       address_same_ip(&a->to, &b->to);
}

/* @of: of the main table. What leads by the uplink itself wins. */
static void want_route(struct uplinks_wanted *wanted,
		       const struct uplink *uplink,
		       const struct uplinks_route *of)
{
	struct uplinks_route route = *of;
	size_t i;

	memset(&route.source, 0, sizeof(route.source));
	route.table = UPLINKS_TABLE + uplink->device->index;
	route.protocol = UPLINKS_PROTOCOL;
	route.metric = route.family == AF_INET6 ? METRIC_IP6 : 0;
	for (i = 0; i < wanted->routes.count; i++) {
		struct uplinks_route *other = &wanted->routes.items[i];

		if (!uplinks_same_place(other, &route))
			continue;
		if (route.index == uplink->device->index &&
		    other->index != route.index)
			*other = route;
		return;
	}
	*LIST_ADD(&wanted->routes) = route;
}

/* First what says who is a neighbour, then what leads to others by these. */
static void want_routes(struct uplinks_wanted *wanted,
			const struct uplink *uplink,
			const struct uplink_side *side)
{
	const struct uplinks_routes *routes = &wanted->world->routes;
	int by_gateway;
	size_t i;

	for (by_gateway = 0; by_gateway < 2; by_gateway++) {
		for (i = 0; i < routes->count; i++) {
			if (!!routes->items[i].gateway.family == by_gateway &&
			    is_worth_copying(wanted, uplink, side->family,
					     &routes->items[i]))
				want_route(wanted, uplink, &routes->items[i]);
		}
	}
	want_route(wanted, uplink, side->route);
}

static void note(struct uplinks_wanted *wanted, const struct uplink *uplink,
		 bool rule, const char *why)
{
	struct uplinks_note *added = LIST_ADD(&wanted->notes);

	added->uplink = uplink;
	added->rule = rule;
	added->why = why;
}

/* Returns whether there is one that is to be made, so that a table is needed. */
static bool want_rules(struct uplinks_wanted *wanted,
		       const struct uplink *uplink,
		       const struct uplink_side *side)
{
	const struct locals *locals = &wanted->world->links.locals;
	bool any = false;
	size_t i;

	for (i = 0; i < locals->count; i++) {
		const struct local *local = &locals->items[i];
		struct uplinks_rule *rule;

		if (local->index != uplink->device->index ||
		    local->address.family != side->family ||
		    !uplinks_local_is_usable(local) ||
		    is_led_by_others(wanted->world, &local->address,
				     local->index))
			continue;
		if (is_had_before(wanted, uplink, &local->address)) {
			note(wanted, uplink, true,
			     "another uplink has the same address: give one of the two another");
			continue;
		}
		if (is_misled_by_others(wanted->world, &local->address))
			note(wanted, uplink, true,
			     "a rule of others comes before that of setup, and leads packets from there elsewhere: see ip rule");
		rule = LIST_ADD(&wanted->rules);
		rule->family = side->family;
		rule->preference = UPLINKS_PREFERENCE;
		rule->from = local->address;
		rule->length = uplinks_bits(side->family);
		rule->table = UPLINKS_TABLE + uplink->device->index;
		rule->protocol = UPLINKS_PROTOCOL;
		any = true;
	}
	return any;
}

static void want_side(struct uplinks_wanted *wanted,
		      const struct uplink *uplink,
		      const struct uplink_side *side)
{
	uint32_t table = UPLINKS_TABLE + uplink->device->index;

	if (is_table_of_others(wanted->world, table))
		note(wanted, uplink, false,
		     "others use the table that it would get");
	else if (want_rules(wanted, uplink, side))
		want_routes(wanted, uplink, side);
	if (side->source &&
	    !is_had_before(wanted, uplink, &side->source->address))
		*LIST_ADD(&wanted->starts) = (struct uplinks_start){
			uplink, side->source->address,
		};
}

void uplinks_want(struct uplinks_wanted *wanted,
		  const struct uplinks_world *world,
		  const struct uplinks_conf *conf,
		  const struct uplinks_made *made)
{
	size_t i, j;

	memset(wanted, 0, sizeof(*wanted));
	wanted->world = world;
	uplinks_find(&wanted->uplinks, world, conf, made);
	for (i = 0; i < wanted->uplinks.count; i++) {
		const struct uplink *uplink = &wanted->uplinks.items[i];

		for (j = 0; j < UPLINKS_FAMILIES; j++) {
			if (uplink->role != UPLINKS_NEVER &&
			    uplink->sides[j].route)
				want_side(wanted, uplink, &uplink->sides[j]);
		}
	}
}

void uplinks_wanted_free(struct uplinks_wanted *wanted)
{
	free(wanted->uplinks.items);
	free(wanted->routes.items);
	free(wanted->rules.items);
	free(wanted->starts.items);
	free(wanted->notes.items);
	memset(wanted, 0, sizeof(*wanted));
}
