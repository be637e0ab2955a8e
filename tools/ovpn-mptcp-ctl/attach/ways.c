// SPDX-License-Identifier: GPL-2.0-or-later
/* The ways by which the first path of a connection can leave this machine. */

#include <linux/mptcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "attach/ways.h"
#include "kernel/egress.h"
#include "kernel/endpoints.h"

static struct way *add(struct ways *ways)
{
	struct way *way;

	if (ways->count == WAYS_MAX)
		return NULL;
	way = &ways->items[ways->count++];
	memset(way, 0, sizeof(*way));
	return way;
}

static bool may_carry(const struct links *links, int index, int tunnel)
{
	const struct device *device = links_by_index(links, index);

	return device && device->up && device->carrier && index != tunnel &&
	       !device_is_tunnel(device);
}

static void add_endpoint(struct ways *ways, const struct links *links,
			 const struct endpoint *endpoint, int tunnel)
{
	const struct device *owner = links_by_address(links,
						      &endpoint->address);
	struct way *way;

	if (!(endpoint->flags & MPTCP_PM_ADDR_FLAG_SUBFLOW) ||
	    endpoint->address.port || !owner ||
	    !may_carry(links, endpoint->ifindex ? endpoint->ifindex :
			      owner->index, tunnel))
		return;
	way = add(ways);
	if (!way)
		return;
	way->from = endpoint->address;
	way->ifindex = endpoint->ifindex;
	memcpy(way->device, endpoint->device, sizeof(way->device));
}

/* @backup: those that are, rather than those that are not */
static void add_endpoints(struct ways *ways, const struct links *links,
			  int family, int tunnel, bool backup)
{
	struct endpoints endpoints;
	size_t i;

	/* where there is no MPTCP, there are none */
	endpoints_read(&endpoints, links);
	for (i = 0; i < endpoints.count; i++) {
		const struct endpoint *endpoint = &endpoints.items[i];

		if (!(endpoint->flags & MPTCP_PM_ADDR_FLAG_BACKUP) == !backup &&
		    (!family || endpoint->address.family == family))
			add_endpoint(ways, links, endpoint, tunnel);
	}
	free(endpoints.items);
}

void ways_usual(struct ways *ways, int family, int tunnel)
{
	struct links links;

	ways->count = 0;
	add(ways);
	if (links_load(&links))
		return;
	add_endpoints(ways, &links, family, tunnel, false);
	links_free(&links);
}

void ways_local(struct ways *ways, const struct config_local *local)
{
	struct way *way;

	ways->count = 0;
	way = add(ways);
	way->from = local->address;
	/* it may be a new one of that name */
	if (local->device[0])
		way->from.scope = if_nametoindex(local->device);
}

static bool has_address(const struct links *links, int index, int family)
{
	size_t i;

	for (i = 0; i < links->locals.count; i++) {
		const struct local *local = &links->locals.items[i];

		if (local->index == index && !local->tentative &&
		    local->address.family == family)
			return true;
	}
	return false;
}

static bool is_used(const struct links *links, int index,
		    const struct address *used, size_t used_count)
{
	size_t i;

	for (i = 0; i < used_count; i++) {
		const struct device *owner = links_by_address(links, &used[i]);

		if (owner && owner->index == index)
			return true;
	}
	return false;
}

static bool has_way(const struct ways *ways, const char *device)
{
	size_t i;

	for (i = 0; i < ways->count; i++) {
		if (!strcmp(ways->items[i].device, device))
			return true;
	}
	return false;
}

static bool has_route(const struct address *to, int index)
{
	struct address any = { .family = to->family };
	struct egress egress;

	return egress_ask(&egress, to, &any, index) && !egress.error &&
	       egress.index == index;
}

static bool is_own(const struct links *links, const struct address *address)
{
	static const struct in6_addr loopback = IN6ADDR_LOOPBACK_INIT;

	if (address->family == AF_INET ? address->ip[0] == IN_LOOPBACKNET :
	    !memcmp(address->ip, &loopback, sizeof(loopback)))
		return true;
	return links_by_address(links, address);
}

void ways_other(struct ways *ways, const struct address *to, int tunnel,
		const struct address *used, size_t used_count)
{
	struct links links;
	struct way *way;
	size_t i;

	ways->count = 0;
	if (links_load(&links))
		return;
	add_endpoints(ways, &links, to->family, tunnel, true);
	/* what stays on this machine needs no other way */
	for (i = 0; i < links.all.count; i++) {
		const struct device *device = &links.all.items[i];

		if (is_own(&links, to) ||
		    !may_carry(&links, device->index, tunnel) ||
		    is_used(&links, device->index, used, used_count) ||
		    has_way(ways, device->name) ||
		    !has_address(&links, device->index, to->family) ||
		    !has_route(to, device->index))
			continue;
		way = add(ways);
		if (!way)
			break;
		way->ifindex = device->index;
		memcpy(way->device, device->name, sizeof(way->device));
	}
	links_free(&links);
}
