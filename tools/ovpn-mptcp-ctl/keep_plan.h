/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which endpoint is to be announced again, and when. No system call is made
 * here: what there is comes in, what is to be done goes out.
 */
#ifndef KEEP_PLAN_H
#define KEEP_PLAN_H

#include "links.h"
#include "model.h"

/* All times are milliseconds of one clock that never goes back. */

/* The first try after a loss, then twice as long each time, up to the most. */
#define KEEP_TRY_FIRST_MS	1000
#define KEEP_TRY_MOST_MS	60000
/* A new connection opens its subflows by itself: so long may that take. */
#define KEEP_CONNECT_MS		3000
/* A path that lived so long is as good as new: the next loss starts over. */
#define KEEP_STEADY_MS		30000
/* So many repetitions in a row and so long without an acknowledgement: silent. */
#define KEEP_SILENT_RETRIES	3
#define KEEP_SILENT_MS		15000
/* What nothing announces is seen so late at most. */
#define KEEP_POLL_MS		5000

#define KEEP_NEVER		UINT64_MAX

/**
 * struct keep_view - what there is now
 * @links: interfaces and their addresses
 * @paths: all TCP connections of the namespace, not only the peers'
 * @endpoints: all of the namespace
 * @devices: tunnels and their peers
 * @subflows_max: limit of the namespace, UINT32_MAX when not known
 */
struct keep_view {
	const struct links *links;
	const struct paths *paths;
	const struct endpoints *endpoints;
	const struct devices *devices;
	uint32_t subflows_max;
};

/**
 * enum keep_event_type - what happens to an endpoint
 * @KEEP_LOST: a peer has no path from it any more
 * @KEEP_RENEW: it is to be announced again now
 * @KEEP_BACK: all peers have their path again
 * @KEEP_WAIT: its interface or address is not there; nothing can be done
 * @KEEP_SHARED: another path lives on it, which announcing it would kill
 * @KEEP_LAST: the connection has no other path that answers
 * @KEEP_LIMIT: the kernel allows no more subflows
 * @KEEP_REMOVED: somebody removed it while a path was missing
 * @KEEP_STRAY: a path is lost whose address is no endpoint
 * @KEEP_REFUSED: the kernel refused; the endpoint is as it was
 * @KEEP_DROPPED: the kernel removed it and refused to add it; tried again
 */
enum keep_event_type {
	KEEP_LOST,
	KEEP_RENEW,
	KEEP_BACK,
	KEEP_WAIT,
	KEEP_SHARED,
	KEEP_LAST,
	KEEP_LIMIT,
	KEEP_REMOVED,
	KEEP_STRAY,
	KEEP_REFUSED,
	KEEP_DROPPED,
};

/**
 * struct keep_event - one line of the log, or one thing to do
 * @type: which
 * @endpoint: of which endpoint; for KEEP_STRAY only address and device
 * @tunnel: name of the tunnel device of the first peer that is concerned
 * @peer: its id
 * @peers: how many are concerned; 0: @tunnel and @peer mean nothing
 * @tries: announcements in a row, this one included
 * @next_ms: until the next one, at the earliest
 * @after_ms: since the path was lost
 * @reason: what is waited for, or in the way; may be empty
 */
struct keep_event {
	enum keep_event_type type;
	struct endpoint endpoint;
	char tunnel[IFNAMSIZ];
	uint32_t peer;
	size_t peers;
	unsigned int tries;
	uint64_t next_ms;
	uint64_t after_ms;
	char reason[96];
};

struct keep_events {
	struct keep_event *items;
	size_t count;
};

/**
 * struct keep_entry - what is remembered of an endpoint
 * @endpoint: which
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

/* Whether an endpoint is one to be kept; @manage as in struct keep_plan. */
bool keep_manages(const char *manage, const struct endpoint *endpoint);

/* Compares what there is with what there should be. Events are added in their
 * order. Returns when to look again, at the latest.
 */
uint64_t keep_plan_step(struct keep_plan *plan, const struct keep_view *view,
			uint64_t now, struct keep_events *events);

/* Something changed at an interface: what belongs to it is tried at once. */
void keep_plan_touch(struct keep_plan *plan, const char *device, uint64_t now);

void keep_plan_free(struct keep_plan *plan);

#endif /* KEEP_PLAN_H */
