// SPDX-License-Identifier: GPL-2.0-or-later
/* What the decisions of keep have in common. */

#include <linux/mptcp.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "keep/keep_view.h"

struct keep_event *keep_event_add(struct keep_events *events,
				  enum keep_event_type type,
				  const struct endpoint *endpoint, size_t peers,
				  const struct peer *first, const char *tunnel)
{
	struct keep_event *event = LIST_ADD(events);

	event->type = type;
	event->endpoint = *endpoint;
	event->peers = peers;
	if (peers) {
		event->peer = first->id;
		snprintf(event->tunnel, sizeof(event->tunnel), "%s", tunnel);
	}
	return event;
}

bool keep_is_from(const struct path *path, const struct endpoint *endpoint)
{
	return path->is_subflow &&
	       address_same_ip(&path->local, &endpoint->address);
}

static bool is_silent(const struct path *path)
{
	return path->retries >= KEEP_SILENT_RETRIES &&
	       path->ack_ms >= KEEP_SILENT_MS;
}

bool keep_is_live(const struct path *path)
{
	return path->state == TCP_ESTABLISHED && !is_silent(path);
}

/* An address may be written in several ways. */
static bool in_list(const char *list, const struct endpoint *endpoint)
{
	char word[INET6_ADDRSTRLEN];
	struct address address;
	size_t length;

	for (; list; list = strchr(list, ',')) {
		list += *list == ',';
		length = strcspn(list, ",");
		snprintf(word, sizeof(word), "%.*s", (int)length, list);
		if ((*word && !strcmp(word, endpoint->device)) ||
		    (address_parse(&address, word) &&
		     address_same_ip(&address, &endpoint->address)))
			return true;
	}
	return false;
}

bool keep_manages(const char *manage, const struct endpoint *endpoint)
{
	/* implicit ones are the kernel's own; one with a port has a listening
	 * socket, which may not be had again while old connections are there
	 */
	if (endpoint->flags & MPTCP_PM_ADDR_FLAG_IMPLICIT ||
	    endpoint->address.port ||
	    !(endpoint->flags & (MPTCP_PM_ADDR_FLAG_SIGNAL |
				 MPTCP_PM_ADDR_FLAG_SUBFLOW)))
		return false;
	return !manage || in_list(manage, endpoint);
}

static bool is_kept(const struct peer *peer)
{
	return peer->has_token && !peer->elsewhere &&
	       !strcmp(peer->transport, "mptcp");
}

const struct peer *keep_next_peer(const struct devices *devices,
				  struct keep_cursor *at)
{
	for (; at->device < devices->count; at->device++, at->peer = 0) {
		at->tunnel = &devices->items[at->device];
		while (at->peer < at->tunnel->peers.count) {
			const struct peer *peer =
				&at->tunnel->peers.items[at->peer++];

			if (is_kept(peer))
				return peer;
		}
	}
	return NULL;
}
