// SPDX-License-Identifier: GPL-2.0-or-later
/* Which tunnels have been without a peer for long. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "keep/keep_alone.h"

static bool is_of(const struct keep_alone_entry *entry,
		  const struct device *device)
{
	return entry->index == device->index &&
	       !strcmp(entry->name, device->name);
}

static const struct device *find_device(const struct devices *devices,
					const struct keep_alone_entry *entry)
{
	size_t i;

	for (i = 0; i < devices->count; i++) {
		if (is_of(entry, &devices->items[i]))
			return &devices->items[i];
	}
	return NULL;
}

static struct keep_alone_entry *entry_of(struct keep_alone *alone,
					 const struct device *device,
					 uint64_t now)
{
	struct keep_alone_entry *entry;
	size_t i;

	for (i = 0; i < alone->count; i++) {
		if (is_of(&alone->items[i], device))
			return &alone->items[i];
	}
	entry = LIST_ADD(alone);
	entry->index = device->index;
	memcpy(entry->name, device->name, sizeof(entry->name));
	entry->since = now;
	return entry;
}

static void tell(struct keep_events *events, enum keep_event_type type,
		 const struct keep_alone_entry *entry, uint64_t now)
{
	const struct endpoint none = { 0 };
	struct keep_event *event;

	event = keep_event_add(events, type, &none, 0, NULL, NULL);
	memcpy(event->tunnel, entry->name, sizeof(event->tunnel));
	event->after_ms = now - entry->since;
}

/* A device that has gone is told before one of the same name that has come. */
static void forget(struct keep_alone *alone, const struct devices *devices,
		   uint64_t now, struct keep_events *events)
{
	size_t i, kept = 0;

	for (i = 0; i < alone->count; i++) {
		struct keep_alone_entry *entry = &alone->items[i];
		const struct device *device = find_device(devices, entry);

		if (device && device_awaits_peer(device)) {
			alone->items[kept++] = *entry;
			continue;
		}
		if (entry->told)
			tell(events, device ? KEEP_PEER : KEEP_NO_DEVICE, entry,
			     now);
	}
	alone->count = kept;
}

uint64_t keep_alone_step(struct keep_alone *alone,
			 const struct devices *devices, uint64_t now,
			 struct keep_events *events)
{
	uint64_t next = KEEP_NEVER;
	size_t i;

	forget(alone, devices, now, events);
	for (i = 0; i < devices->count; i++) {
		struct keep_alone_entry *entry;

		if (!device_awaits_peer(&devices->items[i]))
			continue;
		entry = entry_of(alone, &devices->items[i], now);
		if (entry->told)
			continue;
		if (now - entry->since >= KEEP_ALONE_MS) {
			entry->told = true;
			tell(events, KEEP_NO_PEER, entry, now);
		} else if (entry->since + KEEP_ALONE_MS < next) {
			next = entry->since + KEEP_ALONE_MS;
		}
	}
	return next;
}

void keep_alone_free(struct keep_alone *alone)
{
	free(alone->items);
	memset(alone, 0, sizeof(*alone));
}
