// SPDX-License-Identifier: GPL-2.0-or-later
/* How uplinks are shown. */

#include <linux/mptcp.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "show/print.h"
#include "uplinks/print_uplinks.h"
#include "uplinks/usual.h"

/**
 * struct columns - how wide the parts of a line are
 * @local: address
 * @gateway: address
 */
struct columns {
	int local;
	int gateway;
};

static void widen(int *column, const struct address *address)
{
	char text[ADDRESS_SIZE];
	int width;

	if (!address->family)
		return;
	width = (int)strlen(address_text(address, text));
	if (width > *column)
		*column = width;
}

static bool is_of(const struct local *local, const struct uplink *uplink,
		  int family)
{
	return local->index == uplink->device->index &&
	       local->address.family == family &&
	       local->scope < RT_SCOPE_LINK;
}

static struct columns columns_of(const struct uplinks_view *view)
{
	const struct locals *locals = &view->world->links.locals;
	struct columns columns = { 0 };
	size_t i, j, k;

	for (i = 0; i < view->uplinks->count; i++) {
		const struct uplink *uplink = &view->uplinks->items[i];

		for (j = 0; j < UPLINKS_FAMILIES; j++) {
			if (!uplink->sides[j].route)
				continue;
			widen(&columns.gateway,
			      &uplink->sides[j].route->gateway);
			for (k = 0; k < locals->count; k++) {
				if (is_of(&locals->items[k], uplink,
					  uplink->sides[j].family))
					widen(&columns.local,
					      &locals->items[k].address);
			}
		}
	}
	return columns;
}

static void print_route(struct out *out, const struct uplinks_route *route,
			const struct columns *columns)
{
	char text[ADDRESS_SIZE], gap[ADDRESS_SIZE + 8];

	if (route->gateway.family) {
		out_string(out, "gateway",
			   LOOK("  via ", "", STYLE_PLAIN, columns->gateway),
			   address_text(&route->gateway, text));
	} else {
		snprintf(gap, sizeof(gap), "  %*s",
			 columns->gateway ? columns->gateway + 4 : 0, "");
		out_text(out, gap);
	}
	out_number(out, "metric", NULL, UNIT_NONE, route->metric);
	out_number(out, "protocol", NULL, UNIT_NONE, route->protocol);
	out_number(out, "route_table", NULL, UNIT_NONE, route->table);
}

static void print_rule(struct out *out, const struct uplinks_view *view,
		       const struct local *local)
{
	const struct uplinks_rule *rule = uplinks_rule_from(view->world,
							    &local->address);

	if (!rule)
		return;
	out_number(out, "table", LOOK(.before = "  table "), UNIT_NONE,
		   rule->table);
	out_number(out, "rule", NULL, UNIT_NONE, rule->preference);
	out_flag(out, "rule_ours", NULL, NULL, uplinks_rule_is_ours(rule));
}

/* Where packets from the address go. */
static void print_way(struct out *out, const struct uplinks_view *view,
		      const struct local *local)
{
	const struct uplinks_way *way = NULL;
	const struct device *device;
	size_t i;

	for (i = 0; i < view->world->ways.count && !way; i++) {
		if (address_same_ip(&view->world->ways.items[i].address,
				    &local->address))
			way = &view->world->ways.items[i];
	}
	if (!way)
		return;
	out_flag(out, "leaves", LOOK(.before = "  "), "leaves here",
		 way->index == local->index);
	if (way->index == local->index)
		return;
	device = links_by_index(&view->world->links, way->index);
	if (device)
		out_string(out, "leaves_by",
			   LOOK("  leaves by ", "", STYLE_TROUBLE, 0),
			   device->name);
	else
		out_string(out, "leaves_error",
			   LOOK("  leaves nowhere: ", "", STYLE_TROUBLE, 0),
			   errno_text(way->error));
}

static void print_endpoint(struct out *out, const struct uplinks_view *view,
			   const struct local *local,
			   const struct device *device)
{
	const struct endpoint *endpoint = NULL;
	const char *maker;
	size_t i;

	for (i = 0; i < view->world->endpoints.count && !endpoint; i++) {
		if (address_same_ip(&view->world->endpoints.items[i].address,
				    &local->address))
			endpoint = &view->world->endpoints.items[i];
	}
	if (!endpoint)
		return;
	maker = uplinks_endpoint_maker(view->managers, view->made, endpoint,
				       device);
	out_number(out, "endpoint_id", LOOK(.before = "  endpoint "), UNIT_NONE,
		   endpoint->id);
	out_string(out, "endpoint_by", strcmp(maker, "setup") ?
		   LOOK(.before = " by ") : NULL, maker);
	out_flag(out, "backup", LOOK(.before = " "), "backup",
		 endpoint->flags & MPTCP_PM_ADDR_FLAG_BACKUP);
	out_flag(out, "signal", LOOK(.before = " "), "signal",
		 endpoint->flags & MPTCP_PM_ADDR_FLAG_SIGNAL);
}

static void print_trip(struct out *out, const struct uplinks_view *view,
		       const struct local *local)
{
	size_t i;

	for (i = 0; i < view->trips->count; i++) {
		const struct uplinks_trip *trip = &view->trips->items[i];

		if (!address_same_ip(&trip->address, &local->address))
			continue;
		if (trip->error)
			out_string(out, "rtt_error",
				   LOOK("  ", "", STYLE_TROUBLE, 0),
				   errno_text(trip->error));
		else
			out_number(out, "rtt_us", LOOK(.before = "  rtt "),
				   UNIT_MICROSECONDS, trip->rtt_us);
	}
}

static void print_local(struct out *out, const struct uplinks_view *view,
			const struct uplink *uplink,
			const struct uplink_side *side,
			const struct local *local,
			const struct columns *columns)
{
	char text[ADDRESS_SIZE];

	out_object(out, NULL);
	out_string(out, "local", LOOK("  ", "", STYLE_PLAIN, columns->local),
		   address_text(&local->address, text));
	print_route(out, side->route, columns);
	out_flag(out, "deprecated", LOOK(.before = "  "), "deprecated",
		 local->deprecated);
	out_flag(out, "privacy", LOOK(.before = "  "), "privacy address",
		 side->family == AF_INET6 && local->second);
	out_flag(out, "tentative", LOOK(.before = "  "), "not confirmed",
		 local->tentative);
	print_rule(out, view, local);
	print_way(out, view, local);
	print_endpoint(out, view, local, uplink->device);
	print_trip(out, view, local);
	out_text(out, "\n");
	out_end(out);
}

static void print_side(struct out *out, const struct uplinks_view *view,
		       const struct uplink *uplink,
		       const struct uplink_side *side,
		       const struct columns *columns)
{
	const struct locals *locals = &view->world->links.locals;
	size_t i;

	for (i = 0; side->route && i < locals->count; i++) {
		if (is_of(&locals->items[i], uplink, side->family))
			print_local(out, view, uplink, side, &locals->items[i],
				    columns);
	}
}

/* @device: of the changes, or empty for those of the whole machine. Each sort
 * is named once. Returns whether there is one.
 */
static bool print_missing(struct out *out, const struct uplinks_view *view,
			  const char *device, const char *before)
{
	const char *last = "";
	bool any = false;
	size_t i;

	out_array(out, "missing");
	for (i = 0; i < view->changes->count; i++) {
		const struct uplinks_change *change = &view->changes->items[i];
		const char *what = uplinks_what_names[change->what];

		if (strcmp(change->device, device) || !strcmp(what, last) ||
		    (change->how != UPLINKS_MAKE && change->how != UPLINKS_MOVE &&
		     change->how != UPLINKS_SET))
			continue;
		out_string(out, NULL, LOOK(any ? ", " : before, "",
					   STYLE_TROUBLE, 0), what);
		last = what;
		any = true;
	}
	out_text(out, any ? "\n" : "");
	out_end(out);
	return any;
}

static void print_left(struct out *out, const struct uplinks_view *view,
		       const char *device)
{
	size_t i;

	out_array(out, "left");
	for (i = 0; i < view->changes->count; i++) {
		const struct uplinks_change *change = &view->changes->items[i];

		if (change->how == UPLINKS_LEAVE &&
		    !strcmp(change->device, device))
			out_string(out, NULL, LOOK("  left: ", "\n",
						   STYLE_TROUBLE, 0),
				   change->why);
	}
	out_end(out);
}

static void print_head(struct out *out, const struct uplinks_view *view,
		       const struct uplink *uplink)
{
	const struct device *device = uplink->device;
	const char *manager = uplinks_manager(view->managers, device);

	out_string(out, "dev", LOOK("", "", STYLE_DEVICE, 0), device->name);
	out_number(out, "ifindex", NULL, UNIT_NONE, device->index);
	if (device->kind[0])
		out_string(out, "kind", NULL, device->kind);
	out_string(out, "role", LOOK(.before = "  "),
		   uplinks_role_names[uplink->role]);
	if (uplink->why)
		out_string(out, "why", LOOK(.before = ": "), uplink->why);
	if (manager)
		out_string(out, "manager", LOOK(.before = "  "), manager);
	out_flag(out, "up", NULL, NULL, device->up);
	out_flag(out, "carrier", NULL, NULL, device->carrier);
	if (!device->carrier)
		out_text(out, device->up ? "  no link" : "  down");
	out_number(out, "rp_filter", NULL, UNIT_NONE,
		   device->rp_filter > view->world->rp_filter ?
		   device->rp_filter : view->world->rp_filter);
	out_text(out, "\n");
}

static bool print_uplink(struct out *out, const struct uplinks_view *view,
			 const struct uplink *uplink,
			 const struct columns *columns)
{
	bool missing;
	size_t i;

	out_object(out, NULL);
	print_head(out, view, uplink);
	out_array(out, "ways");
	for (i = 0; i < UPLINKS_FAMILIES; i++)
		print_side(out, view, uplink, &uplink->sides[i], columns);
	out_end(out);
	missing = print_missing(out, view, uplink->device->name,
				"  missing: ");
	print_left(out, view, uplink->device->name);
	out_end(out);
	return missing;
}

static void print_detour(struct out *out, const struct uplinks_view *view,
			 const struct uplinks_route *route)
{
	const struct uplinks_route *usual = uplinks_usual_way(view->world,
							      &route->to);
	const struct links *links = &view->world->links;
	const struct device *device = links_by_index(links, route->index);
	char text[ADDRESS_SIZE];

	out_object(out, NULL);
	out_string(out, "to", LOOK("detour to ", "", STYLE_TROUBLE, 0),
		   address_text(&route->to, text));
	if (device)
		out_string(out, "dev", LOOK(.before = " by "), device->name);
	if (route->gateway.family)
		out_string(out, "gateway", LOOK(.before = " via "),
			   address_text(&route->gateway, text));
	device = usual ? links_by_index(links, usual->index) : NULL;
	if (device)
		out_string(out, "usual_dev", LOOK(.before = ": no answer by "),
			   device->name);
	out_text(out, "\n");
	out_end(out);
}

static void print_detours(struct out *out, const struct uplinks_view *view)
{
	const struct uplinks_routes *routes = &view->world->routes;
	size_t i;

	out_array(out, "detours");
	for (i = 0; i < routes->count; i++) {
		if (uplinks_route_is_detour(&routes->items[i]))
			print_detour(out, view, &routes->items[i]);
	}
	out_end(out);
}

void uplinks_print(struct out *out, const struct uplinks_view *view,
		   const char *mptcp)
{
	const struct limits *limits = &view->world->limits;
	struct columns columns = columns_of(view);
	bool missing = false;
	size_t i;

	print_begin(out);
	out_string(out, "mptcp", NULL, mptcp);
	out_flag(out, "endpoints_unseen", LOOK(.after = "\n"),
		 "endpoints cannot be seen without root", view->world->unseen);
	out_flag(out, "conf_unseen", LOOK(.after = "\n"), UPLINKS_CONF
		 " cannot be seen without root", view->conf_unseen);
	if (limits->known) {
		out_object(out, "limits");
		out_number(out, "subflows", NULL, UNIT_NONE, limits->subflows);
		out_number(out, "accepted", NULL, UNIT_NONE, limits->accepted);
		out_end(out);
	}
	out_array(out, "uplinks");
	for (i = 0; i < view->uplinks->count; i++)
		missing |= print_uplink(out, view, &view->uplinks->items[i],
					&columns);
	out_end(out);
	print_detours(out, view);
	if (!view->uplinks->count)
		out_text(out, "No way out: no interface has a default route.\n");
	missing |= print_missing(out, view, "", "missing: ");
	out_text(out, missing ? "What is missing is made by: " PROGRAM
		 " uplinks setup\n" : "");
	out_flag(out, "set_up", NULL, NULL, view->set_up);
	out_flag(out, "kept", NULL, NULL, view->kept);
	out_text(out, view->set_up && !view->kept ?
		 "No program follows what changes: " PROGRAM
		 " uplinks keep does\n" : "");
	out_end(out);
}
