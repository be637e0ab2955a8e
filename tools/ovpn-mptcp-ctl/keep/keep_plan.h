/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which endpoint is to be announced again, and when. No system call is made
 * here: what there is comes in, what is to be done goes out.
 */
#ifndef KEEP_PLAN_H
#define KEEP_PLAN_H

#include "keep/keep_view.h"

/* The first try after a loss, then twice as long each time, up to the most. */
#define KEEP_TRY_FIRST_MS	1000
#define KEEP_TRY_MOST_MS	60000
/* A new connection opens its subflows by itself: so long may that take. */
#define KEEP_CONNECT_MS		3000
/* A path that lived so long is as good as new: the next loss starts over. */
#define KEEP_STEADY_MS		30000
/* What nothing announces is seen so late at most. */
#define KEEP_POLL_MS		5000

/**
 * struct keep_entry - what is remembered of an endpoint
 * @endpoint: which
 * @home: name of the interface that it is bound to, empty when it is to none,
 *	or when none of its number was ever seen
 * @seen: it was there at the last look
 * @missing: a peer has no path from it
 * @token: of that peer's connection
 * @told: the last event but KEEP_RENEW
 * @tries: announcements in a row
 * @next: no announcement before
 * @since: when @missing changed
 */
struct keep_entry {
	struct endpoint endpoint;
	char home[IFNAMSIZ];
	bool seen;
	bool missing;
	uint32_t token;
	enum keep_event_type told;
	unsigned int tries;
	uint64_t next;
	uint64_t since;
};

/**
 * struct keep_trace - a connection had a path from here
 * @token: of the connection
 * @address: local, without port
 * @device: that had it
 * @live: at the last look
 * @told: its loss was told
 */
struct keep_trace {
	uint32_t token;
	struct address address;
	char device[IFNAMSIZ];
	bool live;
	bool told;
};

/**
 * struct keep_plan - what is remembered between looks
 * @manage: addresses and interfaces with commas between, or NULL for all
 * @entries: endpoints
 * @traces: of paths
 */
struct keep_plan {
	const char *manage;
	struct {
		struct keep_entry *items;
		size_t count;
	} entries;
	struct {
		struct keep_trace *items;
		size_t count;
	} traces;
};

/* Compares what there is with what there should be. Events are added in their
 * order. Returns when to look again, at the latest.
 */
uint64_t keep_plan_step(struct keep_plan *plan, const struct keep_view *view,
			uint64_t now, struct keep_events *events);

/* What was to be announced again is not there any more, and that was told. */
void keep_plan_gone(struct keep_plan *plan, const struct endpoint *endpoint);

/* Something changed at an interface: what belongs to it is tried at once. */
void keep_plan_touch(struct keep_plan *plan, const char *device, uint64_t now);

void keep_plan_free(struct keep_plan *plan);

#endif /* KEEP_PLAN_H */
