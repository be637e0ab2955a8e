// SPDX-License-Identifier: GPL-2.0-or-later
/* Which interfaces are uplinks, and what of them is used. */

#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "uplinks/find.h"

bool uplinks_is_tunnel(const struct device *device)
{
	static const char *const kinds[] = {
		"tun", "wireguard", "amneziawg", "gre", "gretap", "erspan",
		"ip6gre", "ip6gretap", "ip6erspan", "ipip", "sit", "ip6tnl",
		"vti", "vti6", "xfrm", "vxlan", "geneve", "l2tp", "bareudp",
		"gtp",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!strcmp(device->kind, kinds[i]))
			return true;
	}
	return device_is_tunnel(device);
}

bool uplinks_local_is_usable(const struct local *local)
{
	return local->scope < RT_SCOPE_LINK && !local->tentative;
}

/* It has routes and sockets of its own. */
static bool is_in_vrf(const struct uplinks_world *world,
		      const struct device *device)
{
	const struct device *master = links_by_index(&world->links,
						     device->master);

	return !strcmp(device->kind, "vrf") ||
	       (master && !strcmp(master->kind, "vrf"));
}

/* Sets what an interface is for. A tunnel of ours cannot lead out by itself. */
static void choose_role(struct uplink *uplink,
			const struct uplinks_world *world,
			const struct uplinks_conf *conf)
{
	const struct uplinks_choice *choice;

	choice = uplinks_conf_find(conf, uplink->device->name);
	uplink->role = choice ? choice->role : UPLINKS_NORMAL;
	if (uplink->device->loopback)
		uplink->why = "this machine itself";
	else if (device_is_tunnel(uplink->device))
		uplink->why = "a tunnel that needs uplinks itself";
	else if (is_in_vrf(world, uplink->device))
		uplink->why = "in a VRF";
	else if (uplinks_is_tunnel(uplink->device) &&
		 (!choice || strcmp(choice->pattern, uplink->device->name) != 0))
		uplink->why = "a tunnel, and not named in " UPLINKS_CONF;
	if (uplink->why)
		uplink->role = UPLINKS_NEVER;
}

/* Whether @a is used rather than @b. The main table is what hosts use that
 * no other ones were named.
 */
static bool is_better(const struct uplinks_route *a,
		      const struct uplinks_route *b)
{
	bool a_main = a->table == RT_TABLE_MAIN, b_main = b->table == RT_TABLE_MAIN;

	if (a_main != b_main)
		return a_main;
	if (a->metric != b->metric)
		return a->metric < b->metric;
	return a->rank > b->rank;
}

/* The one that setup has copied last stays as long as it is as good as others. */
static bool is_copied(const struct uplinks_world *world,
		      const struct uplinks_route *route)
{
	size_t i;

	for (i = 0; i < world->routes.count; i++) {
		const struct uplinks_route *copy = &world->routes.items[i];

		if (uplinks_route_is_ours(copy) && !copy->length &&
		    copy->index == route->index &&
		    copy->family == route->family &&
		    address_same_ip(&copy->gateway, &route->gateway))
			return true;
	}
	return false;
}

static const struct uplinks_route *best_route(const struct uplinks_world *world,
					      int index, int family)
{
	const struct uplinks_route *best = NULL;
	size_t i;

	for (i = 0; i < world->routes.count; i++) {
		const struct uplinks_route *route = &world->routes.items[i];

		if (route->index != index || route->family != family ||
		    !uplinks_route_leads_out(route))
			continue;
		if (!best || is_better(route, best) ||
		    (!is_better(best, route) && is_copied(world, route) &&
		     !is_copied(world, best)))
			best = route;
	}
	return best;
}

static bool is_local_only(const struct address *address)
{
	/* RFC 4193: good inside a site */
	return address->family == AF_INET6 && (address->ip[0] & 0xfe) == 0xfc;
}

bool uplinks_in_prefix(const struct address *address,
		       const struct address *prefix, uint8_t length)
{
	uint8_t i;

	if (address->family != prefix->family)
		return false;
	for (i = 0; i < length; i++) {
		if ((address->ip[i / 8] ^ prefix->ip[i / 8]) >> (7 - i % 8) & 1)
			return false;
	}
	return true;
}

/* How good an address is to make new connections from; 0: not at all. One that
 * has an endpoint of ours stays as long as no other is better by more than taste.
 */
static unsigned int rank_source(const struct uplink *uplink,
				const struct uplink_side *side,
				const struct local *local,
				const struct uplinks_made *made)
{
	bool had = uplinks_made_endpoint(made, &local->address);
	bool wants_second = side->family == AF_INET6 &&
			    uplink->device->use_tempaddr >= 2;
	unsigned int rank = 1;

	if (local->index != uplink->device->index ||
	    local->address.family != side->family ||
	    !uplinks_local_is_usable(local))
		return 0;
	if (local->deprecated)
		return had;
	rank += is_local_only(&local->address) ? 1 : 32;
	if (address_same_ip(&local->address, &side->route->source))
		rank += 16;
	rank += had ? 8 : 0;
	if (uplinks_in_prefix(&side->route->gateway, &local->address,
			      local->length))
		rank += 4;
	rank += local->second == wants_second ? 2 : 0;
	return rank;
}

static const struct local *best_source(const struct uplinks_world *world,
				       const struct uplink *uplink,
				       const struct uplink_side *side,
				       const struct uplinks_made *made)
{
	const struct local *best = NULL;
	unsigned int most = 0, rank;
	size_t i;

	for (i = 0; side->route && i < world->links.locals.count; i++) {
		rank = rank_source(uplink, side, &world->links.locals.items[i],
				   made);
		if (rank > most) {
			most = rank;
			best = &world->links.locals.items[i];
		}
	}
	return best;
}

void uplinks_find(struct uplinks *uplinks, const struct uplinks_world *world,
		  const struct uplinks_conf *conf,
		  const struct uplinks_made *made)
{
	static const int families[UPLINKS_FAMILIES] = { AF_INET, AF_INET6 };
	size_t i, j;

	memset(uplinks, 0, sizeof(*uplinks));
	for (i = 0; i < world->links.all.count; i++) {
		struct uplink uplink = { .device = &world->links.all.items[i] };
		bool leads = false;

		for (j = 0; j < UPLINKS_FAMILIES; j++) {
			struct uplink_side *side = &uplink.sides[j];

			side->family = families[j];
			side->route = best_route(world, uplink.device->index,
						 side->family);
			side->source = best_source(world, &uplink, side, made);
			if (side->route)
				leads = true;
		}
		if (!leads)
			continue;
		choose_role(&uplink, world, conf);
		*LIST_ADD(uplinks) = uplink;
	}
}

const struct uplink *uplinks_by_index(const struct uplinks *uplinks, int index)
{
	size_t i;

	for (i = 0; i < uplinks->count; i++) {
		if (uplinks->items[i].device->index == index)
			return &uplinks->items[i];
	}
	return NULL;
}
