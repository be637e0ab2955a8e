// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which endpoint is to be announced again, and when.
 *
 * To announce an endpoint again is to remove and to add it, and to remove it
 * closes every subflow that any connection of the namespace has from it. So
 * that is done only when there is none that works.
 */

#include <linux/mptcp.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "keep/keep_plan.h"

/**
 * struct need - who misses an endpoint
 * @first: the first peer that does
 * @tunnel: its device
 * @missing: how many do
 * @full: how many of these may have no more subflows
 * @connecting: how many of these are about to get theirs
 * @live: how many have what they need
 */
struct need {
	const struct peer *first;
	const char *tunnel;
	size_t missing;
	size_t full;
	size_t connecting;
	size_t live;
};

static bool is_connecting(const struct path *path)
{
	return path->state == TCP_SYN_SENT || path->state == TCP_SYN_RECV;
}

static struct keep_trace *trace_find(struct keep_plan *plan, uint32_t token,
				     const struct address *address)
{
	size_t i;

	for (i = 0; i < plan->traces.count; i++) {
		struct keep_trace *trace = &plan->traces.items[i];

		if (trace->token == token &&
		    address_same_ip(&trace->address, address))
			return trace;
	}
	return NULL;
}

static void trace_path(struct keep_plan *plan, const struct path *path)
{
	struct keep_trace *trace = trace_find(plan, path->token, &path->local);

	if (!keep_is_live(path))
		return;
	if (!trace) {
		trace = LIST_ADD(&plan->traces);
		trace->token = path->token;
		trace->address = path->local;
		trace->address.port = 0;
	}
	if (path->device[0])
		memcpy(trace->device, path->device, sizeof(trace->device));
	trace->live = true;
	trace->told = false;
}

static const struct peer *peer_by_token(const struct devices *devices,
					uint32_t token, const char **tunnel)
{
	struct keep_cursor at = { 0 };
	const struct peer *peer;

	while ((peer = keep_next_peer(devices, &at))) {
		if (peer->token == token) {
			*tunnel = at.tunnel->name;
			break;
		}
	}
	return peer;
}

static void traces_update(struct keep_plan *plan, const struct keep_view *view)
{
	const char *tunnel;
	size_t i, kept = 0;

	for (i = 0; i < plan->traces.count; i++) {
		struct keep_trace *trace = &plan->traces.items[i];

		trace->live = false;
		if (peer_by_token(view->devices, trace->token, &tunnel))
			plan->traces.items[kept++] = *trace;
	}
	plan->traces.count = kept;
	for (i = 0; i < view->paths->count; i++) {
		const struct path *path = &view->paths->items[i];

		if (path->is_subflow &&
		    peer_by_token(view->devices, path->token, &tunnel))
			trace_path(plan, path);
	}
}

/* Whether a connection has a path that answers, and not from this address. */
static bool lives_elsewhere(const struct paths *paths, uint32_t token,
			    const struct address *address)
{
	size_t i;

	for (i = 0; i < paths->count; i++) {
		const struct path *path = &paths->items[i];

		if (path->is_subflow && path->token == token && keep_is_live(path) &&
		    !address_same_ip(&path->local, address))
			return true;
	}
	return false;
}

/**
 * struct had - what a connection has from an endpoint
 * @live: subflows that work
 * @connecting: subflows that may work soon
 * @joined: subflows in any state that have joined the connection
 * @joined_all: the same, from wherever
 * @any: it has subflows, from wherever
 * @family: one of them is of the endpoint's family
 */
struct had {
	size_t live;
	size_t connecting;
	size_t joined;
	size_t joined_all;
	bool any;
	bool family;
};

static struct had paths_from(const struct keep_view *view, uint32_t token,
			     const struct endpoint *endpoint)
{
	struct had had = { 0 };
	size_t i;

	for (i = 0; i < view->paths->count; i++) {
		const struct path *path = &view->paths->items[i];

		if (!path->is_subflow || path->token != token)
			continue;
		had.any = true;
		had.joined_all += path->joined;
		had.family |= path->local.family == endpoint->address.family;
		if (!keep_is_from(path, endpoint))
			continue;
		had.joined += path->joined;
		had.live += keep_is_live(path);
		had.connecting += is_connecting(path);
	}
	return had;
}

/* A peer counts that needs the endpoint: always the one that is to connect
 * from it; the one that is only told of it when it has used it before, for it
 * need not.
 */
static void need_add(struct keep_plan *plan, const struct keep_view *view,
		     const struct device *tunnel, const struct peer *peer,
		     const struct endpoint *endpoint, struct need *need)
{
	struct had had = paths_from(view, peer->token, endpoint);
	struct keep_trace *trace = trace_find(plan, peer->token,
					      &endpoint->address);

	if (had.live) {
		need->live++;
		return;
	}
	/* a tunnel cannot be a path of itself, nor IPv6 one of IPv4 */
	if (!strcmp(endpoint->device, tunnel->name) ||
	    (!trace && had.any && !had.family) ||
	    (!trace && !(endpoint->flags & MPTCP_PM_ADDR_FLAG_SUBFLOW)))
		return;
	if (!need->missing) {
		need->first = peer;
		need->tunnel = tunnel->name;
	}
	need->missing++;
	need->connecting += !!had.connecting;
	/* what is dead goes when the endpoint goes; the first one has no limit */
	if (had.joined_all - had.joined >= view->subflows_max)
		need->full++;
}

static struct need need_of(struct keep_plan *plan, const struct keep_view *view,
			   const struct endpoint *endpoint)
{
	struct need need = { 0 };
	struct keep_cursor at = { 0 };
	const struct peer *peer;

	while ((peer = keep_next_peer(view->devices, &at)))
		need_add(plan, view, at.tunnel, peer, endpoint, &need);
	return need;
}

/* An interface that was removed and made anew, as a modem that was unplugged, has
 * another number. When it has the name and the address, it is the one that was
 * meant: the endpoint is announced again with that number.
 */
static void follow(struct keep_entry *entry, const struct links *links)
{
	struct endpoint *endpoint = &entry->endpoint;
	const struct device *device;

	if (!endpoint->ifindex)
		return;
	device = links_by_index(links, endpoint->ifindex);
	if (device) {
		memcpy(entry->home, device->name, sizeof(entry->home));
		return;
	}
	device = links_by_address(links, &endpoint->address);
	if (device && !strcmp(device->name, entry->home))
		endpoint->ifindex = device->index;
}

/* An interface that could carry packets from the endpoint; says why not. */
static bool is_usable(const struct links *links, const struct endpoint *endpoint,
		      char *reason, size_t size)
{
	const struct device *device;
	size_t i;

	for (i = 0; i < links->locals.count; i++) {
		if (address_same_ip(&links->locals.items[i].address,
				    &endpoint->address))
			break;
	}
	device = endpoint->ifindex ?
		 links_by_index(links, endpoint->ifindex) :
		 links_by_address(links, &endpoint->address);
	if (!device && endpoint->ifindex)
		snprintf(reason, size, "its interface, number %d, is gone: add the endpoint again, for another one",
			 endpoint->ifindex);
	else if (device && !device->up)
		snprintf(reason, size, "%s is down", device->name);
	else if (device && !device->carrier)
		snprintf(reason, size, "%s has no link", device->name);
	else if (i == links->locals.count)
		snprintf(reason, size, "no interface has the address");
	else if (links->locals.items[i].tentative)
		snprintf(reason, size, "the address is not confirmed yet");
	else
		return true;
	return false;
}

/* What would be hurt if the endpoint went; KEEP_RENEW when nothing would. */
static enum keep_event_type obstacle(const struct keep_view *view,
				     const struct endpoint *endpoint,
				     char *reason, size_t size)
{
	size_t i, living = 0, last = 0;

	for (i = 0; i < view->paths->count; i++) {
		const struct path *path = &view->paths->items[i];

		if (!keep_is_from(path, endpoint))
			continue;
		if (keep_is_live(path))
			living++;
		else if (path->state == TCP_ESTABLISHED &&
			 !lives_elsewhere(view->paths, path->token,
					  &endpoint->address))
			last++;
	}
	if (living) {
		snprintf(reason, size, "would close %zu path%s of other connections from it",
			 living, living == 1 ? "" : "s");
		return KEEP_SHARED;
	}
	if (last) {
		snprintf(reason, size, "no other path answers either");
		return KEEP_LAST;
	}
	return KEEP_RENEW;
}

static uint64_t delay(const struct keep_entry *entry)
{
	if (entry->tries > 6)
		return KEEP_TRY_MOST_MS;
	return (KEEP_TRY_FIRST_MS << entry->tries) > KEEP_TRY_MOST_MS ?
	       KEEP_TRY_MOST_MS : KEEP_TRY_FIRST_MS << entry->tries;
}

static struct keep_event *tell(struct keep_events *events,
			       enum keep_event_type type,
			       const struct keep_entry *entry,
			       const struct need *need, uint64_t now)
{
	struct keep_event *event = keep_event_add(events, type, &entry->endpoint,
						  need->missing, need->first,
						  need->tunnel);

	event->tries = entry->tries;
	event->after_ms = now - entry->since;
	return event;
}

static void tell_once(struct keep_events *events, enum keep_event_type type,
		      struct keep_entry *entry, const struct need *need,
		      uint64_t now, const char *reason)
{
	struct keep_event *event;

	if (entry->told == type)
		return;
	entry->told = type;
	event = tell(events, type, entry, need, now);
	snprintf(event->reason, sizeof(event->reason), "%s", reason);
}

static void entry_found(struct keep_entry *entry, const struct need *need,
			const struct keep_view *view, uint64_t now,
			struct keep_events *events)
{
	if (entry->missing) {
		/* a peer that went away does not miss anything either */
		if (paths_from(view, entry->token, &entry->endpoint).live)
			tell(events, KEEP_BACK, entry, need, now);
		entry->missing = false;
		entry->told = KEEP_BACK;
		entry->since = now;
	}
	if (now - entry->since >= KEEP_STEADY_MS)
		entry->tries = 0;
}

static uint64_t entry_missed(struct keep_entry *entry, const struct need *need,
			     const struct keep_view *view, uint64_t now,
			     struct keep_events *events)
{
	char reason[sizeof(events->items->reason)] = "";
	enum keep_event_type what;
	struct keep_event *event;

	if (!entry->missing) {
		if (now - entry->since >= KEEP_STEADY_MS)
			entry->tries = 0;
		entry->missing = true;
		entry->token = need->first->token;
		entry->since = now;
		entry->next = now + delay(entry);
		if (!entry->tries && need->connecting)
			entry->next = now + KEEP_CONNECT_MS;
		tell_once(events, KEEP_LOST, entry, need, now, "");
	}
	if (!is_usable(view->links, &entry->endpoint, reason, sizeof(reason))) {
		/* as soon as it is there again, but not in the same moment */
		entry->tries = 0;
		entry->next = now + KEEP_TRY_FIRST_MS;
		tell_once(events, KEEP_WAIT, entry, need, now, reason);
		return KEEP_NEVER;
	}
	if (need->full == need->missing) {
		snprintf(reason, sizeof(reason), "the limit of %u subflows is reached: ip mptcp limits set subflows %u",
			 view->subflows_max, view->subflows_max + 1);
		tell_once(events, KEEP_LIMIT, entry, need, now, reason);
		return KEEP_NEVER;
	}
	if (now < entry->next)
		return entry->next;
	what = obstacle(view, &entry->endpoint, reason, sizeof(reason));
	if (what != KEEP_RENEW) {
		tell_once(events, what, entry, need, now, reason);
		return KEEP_NEVER;
	}
	entry->tries++;
	entry->next = now + delay(entry);
	entry->told = KEEP_LOST;
	event = tell(events, KEEP_RENEW, entry, need, now);
	event->next_ms = entry->next - now;
	return entry->next;
}

static struct keep_entry *entry_find(struct keep_plan *plan,
				     const struct endpoint *endpoint)
{
	size_t i;

	for (i = 0; i < plan->entries.count; i++) {
		struct keep_entry *entry = &plan->entries.items[i];

		if (entry->endpoint.id == endpoint->id &&
		    address_same_ip(&entry->endpoint.address,
				    &endpoint->address))
			return entry;
	}
	return NULL;
}

static struct keep_entry *entry_of(struct keep_plan *plan,
				   const struct endpoint *endpoint, uint64_t now)
{
	struct keep_entry *entry = entry_find(plan, endpoint);

	if (entry) {
		/* flags may have been changed, or a name */
		entry->endpoint = *endpoint;
		return entry;
	}
	entry = LIST_ADD(&plan->entries);
	entry->endpoint = *endpoint;
	entry->told = KEEP_BACK;
	entry->since = now;
	return entry;
}

/* A path that went with its endpoint is not lost. */
static void traces_forget(struct keep_plan *plan, const struct address *address)
{
	size_t i, kept = 0;

	for (i = 0; i < plan->traces.count; i++) {
		if (!address_same_ip(&plan->traces.items[i].address, address))
			plan->traces.items[kept++] = plan->traces.items[i];
	}
	plan->traces.count = kept;
}

/* Whoever removed an endpoint had a reason: it is forgotten. */
static void entries_forget(struct keep_plan *plan, uint64_t now,
			   struct keep_events *events)
{
	const struct need nobody = { 0 };
	size_t i, kept = 0;

	for (i = 0; i < plan->entries.count; i++) {
		struct keep_entry *entry = &plan->entries.items[i];

		if (entry->seen) {
			plan->entries.items[kept++] = *entry;
			continue;
		}
		traces_forget(plan, &entry->endpoint.address);
		if (entry->missing)
			tell(events, KEEP_REMOVED, entry, &nobody, now);
	}
	plan->entries.count = kept;
}

static bool is_planned(const struct keep_plan *plan,
		       const struct address *address)
{
	size_t i;

	for (i = 0; i < plan->entries.count; i++) {
		if (address_same_ip(&plan->entries.items[i].endpoint.address,
				    address))
			return true;
	}
	return false;
}

/* A path that is lost and will not be opened again. A connection that has
 * lost everything has other troubles.
 */
static void strays(struct keep_plan *plan, const struct keep_view *view,
		   struct keep_events *events)
{
	size_t i;

	for (i = 0; i < plan->traces.count; i++) {
		struct keep_trace *trace = &plan->traces.items[i];
		struct endpoint stray = { .address = trace->address };
		struct keep_event *event;
		const struct peer *peer;
		const char *tunnel;

		if (trace->live || trace->told ||
		    is_planned(plan, &trace->address) ||
		    !lives_elsewhere(view->paths, trace->token, &trace->address))
			continue;
		peer = peer_by_token(view->devices, trace->token, &tunnel);
		if (!peer)
			continue;
		trace->told = true;
		memcpy(stray.device, trace->device, sizeof(trace->device));
		event = keep_event_add(events, KEEP_STRAY, &stray, 1, peer, tunnel);
		snprintf(event->reason, sizeof(event->reason),
			 "its address is not an endpoint that is kept");
	}
}

uint64_t keep_plan_step(struct keep_plan *plan, const struct keep_view *view,
			uint64_t now, struct keep_events *events)
{
	uint64_t next = now + KEEP_POLL_MS;
	size_t i;

	traces_update(plan, view);
	for (i = 0; i < plan->entries.count; i++)
		plan->entries.items[i].seen = false;
	for (i = 0; i < view->endpoints->count; i++) {
		const struct endpoint *endpoint = &view->endpoints->items[i];
		struct keep_entry *entry;
		uint64_t wanted = KEEP_NEVER;
		struct need need;

		if (!keep_manages(plan->manage, endpoint))
			continue;
		entry = entry_of(plan, endpoint, now);
		entry->seen = true;
		follow(entry, view->links);
		need = need_of(plan, view, endpoint);
		if (need.missing)
			wanted = entry_missed(entry, &need, view, now, events);
		else
			entry_found(entry, &need, view, now, events);
		if (wanted < next)
			next = wanted;
	}
	entries_forget(plan, now, events);
	strays(plan, view, events);
	return next;
}

void keep_plan_gone(struct keep_plan *plan, const struct endpoint *endpoint)
{
	struct keep_entry *entry = entry_find(plan, endpoint);

	if (entry)
		entry->missing = false;
}

void keep_plan_touch(struct keep_plan *plan, const char *device, uint64_t now)
{
	size_t i;

	for (i = 0; i < plan->entries.count; i++) {
		struct keep_entry *entry = &plan->entries.items[i];

		if (!entry->missing || strcmp(entry->endpoint.device, device))
			continue;
		entry->tries = 0;
		entry->next = now + KEEP_TRY_FIRST_MS;
	}
}

void keep_plan_free(struct keep_plan *plan)
{
	free(plan->entries.items);
	free(plan->traces.items);
	memset(plan, 0, sizeof(*plan));
}
