// SPDX-License-Identifier: GPL-2.0-or-later
/* What is to be changed so that there is what there should be. */

#include <linux/mptcp.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/rp_filter.h"
#include "uplinks/plan.h"

/* The kernel takes no more. A path that is about to go counts for a while, and
 * must not keep a new one away.
 */
#define LIMIT 8

const char *const uplinks_what_names[] = {
	[UPLINKS_LIMITS] = "limits",
	[UPLINKS_ROUTE] = "table",
	[UPLINKS_RULE] = "rule",
	[UPLINKS_FILTER] = "rp_filter",
	[UPLINKS_ENDPOINT] = "endpoint",
	[UPLINKS_DETOUR] = "detour",
	[UPLINKS_SERVICE] = "service",
};

/**
 * struct plan - what there is, what there should be, what is done about it
 * @world: what there is
 * @made: what of that is ours
 * @wanted: what there should be; nothing to undo all
 * @changes: to be made
 */
struct plan {
	const struct uplinks_world *world;
	const struct uplinks_made *made;
	struct uplinks_wanted wanted;
	struct uplinks_changes *changes;
};

static struct uplinks_change *add(struct plan *plan, enum uplinks_what what,
				  enum uplinks_how how,
				  const struct device *device)
{
	struct uplinks_change *change = LIST_ADD(plan->changes);

	change->what = what;
	change->how = how;
	if (device) {
		memcpy(change->device, device->name, sizeof(change->device));
		change->index = device->index;
	}
	return change;
}

/* The interface that a table of ours is for, or NULL. */
static const struct device *device_of_table(const struct plan *plan,
					    uint32_t table)
{
	return links_by_index(&plan->world->links,
			      (int)(table - UPLINKS_TABLE));
}

static bool same_route(const struct uplinks_route *a,
		       const struct uplinks_route *b)
{
	return uplinks_same_place(a, b) && a->index == b->index &&
	       a->protocol == b->protocol && a->mtu == b->mtu &&
	       a->onlink == b->onlink &&
	       address_same_ip(&a->gateway, &b->gateway);
}

static bool has_route(const struct uplinks_routes *routes,
		      const struct uplinks_route *wanted,
		      bool (*same)(const struct uplinks_route *a,
				   const struct uplinks_route *b))
{
	size_t i;

	for (i = 0; i < routes->count; i++) {
		if (same(&routes->items[i], wanted))
			return true;
	}
	return false;
}

static bool same_rule(const struct uplinks_rule *a,
		      const struct uplinks_rule *b)
{
	return a->family == b->family && a->preference == b->preference &&
	       a->length == b->length && a->table == b->table &&
	       a->protocol == b->protocol && a->narrow == b->narrow &&
	       address_same_ip(&a->from, &b->from);
}

static bool has_rule(const struct uplinks_rules *rules,
		     const struct uplinks_rule *wanted)
{
	size_t i;

	for (i = 0; i < rules->count; i++) {
		if (same_rule(&rules->items[i], wanted))
			return true;
	}
	return false;
}

static void make_limits(struct plan *plan)
{
	const struct limits *limits = &plan->world->limits;
	struct limits wanted = { true, LIMIT, LIMIT };

	if (!limits->known || (limits->subflows >= LIMIT &&
			       limits->accepted >= LIMIT))
		return;
	add(plan, UPLINKS_LIMITS, UPLINKS_MAKE, NULL)->limits = wanted;
}

/* The table is the uplink's, but what is in it may lead to another network. */
static void add_route(struct plan *plan, enum uplinks_how how,
		      const struct uplinks_route *route)
{
	const struct device *by = links_by_index(&plan->world->links,
						 route->index);
	bool detour = uplinks_route_is_detour(route);
	struct uplinks_change *change;

	change = add(plan, detour ? UPLINKS_DETOUR : UPLINKS_ROUTE, how,
		     detour ? by : device_of_table(plan, route->table));
	change->route = *route;
	if (by)
		memcpy(change->by, by->name, sizeof(change->by));
}

static void make_routes(struct plan *plan)
{
	const struct uplinks_routes *routes = &plan->wanted.routes;
	size_t i;

	for (i = 0; i < routes->count; i++) {
		const struct uplinks_route *route = &routes->items[i];

		if (!has_route(&plan->world->routes, route, same_route))
			add_route(plan, UPLINKS_MAKE, route);
	}
}

static void make_rules(struct plan *plan)
{
	const struct uplinks_rules *rules = &plan->wanted.rules;
	size_t i;

	for (i = 0; i < rules->count; i++) {
		const struct uplinks_rule *rule = &rules->items[i];

		if (!has_rule(&plan->world->rules, rule))
			add(plan, UPLINKS_RULE, UPLINKS_MAKE,
			    device_of_table(plan, rule->table))->rule = *rule;
	}
}

static bool goes_elsewhere(const struct uplinks_world *world,
			   const struct address *address, int index)
{
	size_t i;

	for (i = 0; i < world->ways.count; i++) {
		if (address_same_ip(&world->ways.items[i].address, address))
			return world->ways.items[i].index != index;
	}
	return false;
}

/* With its rule, the kernel looks for the way back in the uplink's own table,
 * and is satisfied; unless somebody's rule comes before that one.
 */
static void make_filter(struct plan *plan, const struct uplink *uplink)
{
	const struct uplinks_world *world = plan->world;
	uint32_t own = uplink->device->rp_filter;
	struct uplinks_change *change;
	size_t i;

	if (uplink->role == UPLINKS_NEVER ||
	    (own > world->rp_filter ? own : world->rp_filter) !=
	    RP_FILTER_STRICT)
		return;
	for (i = 0; i < world->links.locals.count; i++) {
		const struct local *local = &world->links.locals.items[i];

		if (local->index == uplink->device->index &&
		    local->address.family == AF_INET &&
		    uplinks_local_is_usable(local) &&
		    uplinks_rule_from(world, &local->address) &&
		    goes_elsewhere(world, &local->address, local->index))
			break;
	}
	if (i == world->links.locals.count)
		return;
	change = add(plan, UPLINKS_FILTER, UPLINKS_MAKE, uplink->device);
	change->filter.index = uplink->device->index;
	change->filter.had = own;
	change->filter.set = RP_FILTER_LOOSE;
}

static const struct endpoint *find_endpoint(const struct uplinks_world *world,
					    const struct address *address)
{
	size_t i;

	for (i = 0; i < world->endpoints.count; i++) {
		const struct endpoint *endpoint = &world->endpoints.items[i];

		/* the kernel gives way with its own, and one with a port is
		 * another one
		 */
		if (!endpoint->address.port &&
		    !(endpoint->flags & MPTCP_PM_ADDR_FLAG_IMPLICIT) &&
		    address_same_ip(&endpoint->address, address))
			return endpoint;
	}
	return NULL;
}

bool uplinks_endpoint_is_of(const struct endpoint *endpoint,
			    const struct uplinks_world *world,
			    const struct uplink *uplink, int family)
{
	size_t i;

	if (endpoint->address.family != family ||
	    !(endpoint->flags & MPTCP_PM_ADDR_FLAG_SUBFLOW))
		return false;
	for (i = 0; i < world->links.locals.count; i++) {
		const struct local *local = &world->links.locals.items[i];

		if (local->index == uplink->device->index &&
		    address_same_ip(&local->address, &endpoint->address))
			return true;
	}
	return false;
}

/* Somebody else sees to it that a path begins at this uplink. */
static bool is_begun_by_others(const struct plan *plan,
			       const struct uplink *uplink, int family)
{
	size_t i;

	for (i = 0; i < plan->world->endpoints.count; i++) {
		const struct endpoint *endpoint =
			&plan->world->endpoints.items[i];

		if (!uplinks_made_endpoint(plan->made, &endpoint->address) &&
		    uplinks_endpoint_is_of(endpoint, plan->world, uplink,
					   family))
			return true;
	}
	return false;
}

static struct uplinks_change *add_endpoint(struct plan *plan,
					   enum uplinks_how how,
					   const struct uplink *uplink,
					   const struct endpoint *endpoint)
{
	struct uplinks_change *change = add(plan, UPLINKS_ENDPOINT, how,
					    uplink->device);

	change->endpoint = *endpoint;
	change->endpoint.ifindex = uplink->device->index;
	memcpy(change->endpoint.device, uplink->device->name,
	       sizeof(change->endpoint.device));
	return change;
}

/* One that is there keeps its flags, which keep may have changed for a while,
 * unless the configuration has another role for it than at the last time.
 */
static void change_endpoint(struct plan *plan, const struct uplink *uplink,
			    const struct endpoint *endpoint)
{
	const struct uplinks_made_endpoint *made =
		uplinks_made_endpoint(plan->made, &endpoint->address);
	bool backup = uplink->role == UPLINKS_BACKUP;
	struct uplinks_change *change;

	if (!made) {
		/* mptcpd makes such ones, unless it is told otherwise */
		if (!(endpoint->flags & (MPTCP_PM_ADDR_FLAG_SUBFLOW |
					 MPTCP_PM_ADDR_FLAG_SIGNAL)))
			add(plan, UPLINKS_ENDPOINT, UPLINKS_LEAVE,
			    uplink->device)->why =
				"its endpoint is somebody else's and has not the flag subflow, so no path begins there";
		return;
	}
	if (endpoint->ifindex != uplink->device->index)
		add_endpoint(plan, UPLINKS_MOVE, uplink, endpoint);
	if (made->backup == backup)
		return;
	change = add_endpoint(plan, UPLINKS_SET, uplink, endpoint);
	change->endpoint.flags &= ~MPTCP_PM_ADDR_FLAG_BACKUP;
	if (backup)
		change->endpoint.flags |= MPTCP_PM_ADDR_FLAG_BACKUP;
}

static void make_endpoint(struct plan *plan, const struct uplinks_start *start)
{
	struct endpoint made = {
		.address = start->address, .flags = MPTCP_PM_ADDR_FLAG_SUBFLOW,
	};
	const struct endpoint *endpoint;

	endpoint = find_endpoint(plan->world, &start->address);
	if (endpoint) {
		change_endpoint(plan, start->uplink, endpoint);
		return;
	}
	if (is_begun_by_others(plan, start->uplink, start->address.family))
		return;
	if (start->uplink->role == UPLINKS_BACKUP)
		made.flags |= MPTCP_PM_ADDR_FLAG_BACKUP;
	add_endpoint(plan, UPLINKS_MAKE, start->uplink, &made);
}

static bool is_wanted(const struct plan *plan, const struct address *address)
{
	size_t i;

	for (i = 0; i < plan->wanted.starts.count; i++) {
		if (address_same_ip(&plan->wanted.starts.items[i].address,
				    address))
			return true;
	}
	return false;
}

static void take_endpoints(struct plan *plan)
{
	const struct uplinks_world *world = plan->world;
	size_t i;

	for (i = 0; i < plan->made->endpoints.count; i++) {
		const struct address *address =
			&plan->made->endpoints.items[i].address;
		const struct endpoint *endpoint = find_endpoint(world, address);

		if (endpoint && !is_wanted(plan, address))
			add(plan, UPLINKS_ENDPOINT, UPLINKS_TAKE,
			    links_by_index(&world->links, endpoint->ifindex))
				->endpoint = *endpoint;
	}
}

static void take_rules(struct plan *plan)
{
	const struct uplinks_world *world = plan->world;
	size_t i;

	for (i = 0; i < world->rules.count; i++) {
		const struct uplinks_rule *rule = &world->rules.items[i];

		if (uplinks_rule_is_ours(rule) &&
		    !has_rule(&plan->wanted.rules, rule))
			add(plan, UPLINKS_RULE, UPLINKS_TAKE,
			    device_of_table(plan, rule->table))->rule = *rule;
	}
}

/* What gets another one in its place is replaced, not taken away. */
static void take_routes(struct plan *plan)
{
	const struct uplinks_world *world = plan->world;
	size_t i;

	for (i = 0; i < world->routes.count; i++) {
		const struct uplinks_route *route = &world->routes.items[i];

		if (uplinks_route_is_ours(route) &&
		    !has_route(&plan->wanted.routes, route, uplinks_same_place))
			add_route(plan, UPLINKS_TAKE, route);
	}
}

static void undo_detours(struct plan *plan)
{
	const struct uplinks_routes *routes = &plan->world->routes;
	size_t i;

	for (i = 0; i < routes->count; i++) {
		if (uplinks_route_is_detour(&routes->items[i]))
			add_route(plan, UPLINKS_TAKE, &routes->items[i]);
	}
}

static void leave_what_cannot_be(struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->wanted.notes.count; i++) {
		const struct uplinks_note *note = &plan->wanted.notes.items[i];

		add(plan, note->rule ? UPLINKS_RULE : UPLINKS_ROUTE,
		    UPLINKS_LEAVE, note->uplink->device)->why = note->why;
	}
}

/* A server, to which others open the paths, has all of its own left alone. */
static bool is_to_have_paths(const struct uplinks_wanted *wanted)
{
	size_t i;

	for (i = 0; i < wanted->uplinks.count; i++) {
		const struct uplink *uplink = &wanted->uplinks.items[i];

		if (uplink->role == UPLINKS_NEVER && !uplink->why)
			return true;
	}
	return wanted->starts.count;
}

void uplinks_plan(struct uplinks_changes *changes,
		  const struct uplinks_world *world,
		  const struct uplinks_conf *conf,
		  const struct uplinks_made *made)
{
	struct plan plan = { .world = world, .made = made, .changes = changes };
	size_t i;

	memset(changes, 0, sizeof(*changes));
	uplinks_want(&plan.wanted, world, conf, made);
	if (is_to_have_paths(&plan.wanted))
		make_limits(&plan);
	make_routes(&plan);
	make_rules(&plan);
	for (i = 0; i < plan.wanted.uplinks.count; i++)
		make_filter(&plan, &plan.wanted.uplinks.items[i]);
	/* what cannot be seen is not missing */
	for (i = 0; !world->unseen && i < plan.wanted.starts.count; i++)
		make_endpoint(&plan, &plan.wanted.starts.items[i]);
	take_endpoints(&plan);
	take_rules(&plan);
	take_routes(&plan);
	leave_what_cannot_be(&plan);
	uplinks_wanted_free(&plan.wanted);
}

/* Not what somebody else has set since. */
static void undo_limits(struct plan *plan)
{
	const struct limits *had = &plan->made->limits_had;
	const struct limits *set = &plan->made->limits_set;
	const struct limits *is = &plan->world->limits;
	struct uplinks_change *change;

	if (!set->known || !is->known || (is->subflows == had->subflows &&
					  is->accepted == had->accepted))
		return;
	change = add(plan, UPLINKS_LIMITS, UPLINKS_TAKE, NULL);
	change->limits = *had;
	if (is->subflows == set->subflows && is->accepted == set->accepted)
		return;
	change->how = UPLINKS_LEAVE;
	change->why = "somebody else has changed them since";
}

static void undo_filters(struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->made->filters.count; i++) {
		const struct uplinks_made_filter *filter =
			&plan->made->filters.items[i];
		const struct device *device =
			links_by_index(&plan->world->links, filter->index);
		struct uplinks_change *change;

		/* that of a new interface is a new one, too */
		if (!device || device->rp_filter == filter->had)
			continue;
		change = add(plan, UPLINKS_FILTER, UPLINKS_TAKE, device);
		change->filter = *filter;
		if (device->rp_filter == filter->set)
			continue;
		change->how = UPLINKS_LEAVE;
		change->why = "somebody else has changed it since";
	}
}

void uplinks_plan_undo(struct uplinks_changes *changes,
		       const struct uplinks_world *world,
		       const struct uplinks_made *made)
{
	struct plan plan = { .world = world, .made = made, .changes = changes };

	memset(changes, 0, sizeof(*changes));
	take_endpoints(&plan);
	undo_filters(&plan);
	undo_detours(&plan);
	take_rules(&plan);
	take_routes(&plan);
	undo_limits(&plan);
}
