// SPDX-License-Identifier: GPL-2.0-or-later
/* The way that a destination has without a detour. No system call is made here. */

#include "uplinks/find.h"
#include "uplinks/usual.h"
#include "uplinks/want.h"

const struct uplinks_route *uplinks_usual_way(const struct uplinks_world *world,
					      const struct address *to)
{
	const struct uplinks_route *best = NULL;
	size_t i;

	for (i = 0; i < world->routes.count; i++) {
		const struct uplinks_route *route = &world->routes.items[i];

		if (route->table != RT_TABLE_MAIN ||
		    route->family != to->family ||
		    uplinks_route_is_detour(route) ||
		    !uplinks_in_prefix(to, route->length ? &route->to : to,
				       route->length))
			continue;
		if (!best || route->length > best->length ||
		    (route->length == best->length &&
		     (route->metric < best->metric ||
		      (route->metric == best->metric &&
		       route->rank > best->rank))))
			best = route;
	}
	return best;
}

int uplinks_usual_index(const struct uplinks_world *world,
			const struct address *to)
{
	const struct uplinks_routes *routes = &world->routes;
	const struct uplinks_route *best = uplinks_usual_way(world, to);
	size_t i;

	for (i = 0; best && i < routes->count; i++) {
		const struct uplinks_route *route = &routes->items[i];

		if (route->index != best->index &&
		    !uplinks_route_is_detour(route) &&
		    route->rank == best->rank &&
		    uplinks_same_place(route, best))
			return 0;
	}
	return best ? best->index : 0;
}
