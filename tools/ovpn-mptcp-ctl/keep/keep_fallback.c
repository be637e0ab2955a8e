// SPDX-License-Identifier: GPL-2.0-or-later
/* Which connections began as MPTCP and go on as TCP. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "keep/keep_fallback.h"

static bool was_told(const struct keep_fallback *fallback,
		     const struct keep_fallback_entry *wanted)
{
	size_t i;

	for (i = 0; i < fallback->count; i++) {
		const struct keep_fallback_entry *entry = &fallback->items[i];

		if (entry->index == wanted->index &&
		    entry->peer == wanted->peer && entry->port == wanted->port)
			return true;
	}
	return false;
}

static void tell(struct keep_events *events, const struct device *device,
		 const struct peer *peer)
{
	const struct endpoint none = { 0 };
	struct keep_event *event;

	event = keep_event_add(events, KEEP_FALLBACK, &none, 1, peer,
			       device->name);
	snprintf(event->reason, sizeof(event->reason),
		 "one path over TCP: the other end, or something between, does not speak MPTCP");
}

void keep_fallback_step(struct keep_fallback *fallback,
			const struct devices *devices,
			struct keep_events *events)
{
	struct keep_fallback now = { 0 };
	size_t i, j;

	for (i = 0; i < devices->count; i++) {
		const struct device *device = &devices->items[i];

		for (j = 0; !device->attached && j < device->peers.count; j++) {
			const struct peer *peer = &device->peers.items[j];
			struct keep_fallback_entry entry = {
				.index = device->index, .peer = peer->id,
				.port = peer->local_port,
			};

			if (strcmp(peer->transport, "mptcp-fallback"))
				continue;
			if (!was_told(fallback, &entry))
				tell(events, device, peer);
			*LIST_ADD(&now) = entry;
		}
	}
	free(fallback->items);
	*fallback = now;
}

void keep_fallback_free(struct keep_fallback *fallback)
{
	free(fallback->items);
	memset(fallback, 0, sizeof(*fallback));
}
