/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the decisions of keep are made of, and what comes out of them. */
#ifndef KEEP_VIEW_H
#define KEEP_VIEW_H

#include "base/model.h"
#include "kernel/links.h"

/* All times are milliseconds of one clock that never goes back. */

/* So many repetitions in a row and so long without an acknowledgement: silent. */
#define KEEP_SILENT_RETRIES	3
#define KEEP_SILENT_MS		15000

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
 * enum keep_event_type - what happens to an endpoint, or to a tunnel
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
 * @KEEP_SLOW: its paths are slow: it is to be made a backup now
 * @KEEP_FAST: they are not any more: it is to be made normal again now
 * @KEEP_TEST: it is to be made normal for a moment, to see; not told
 * @KEEP_TESTED: it is to be made a backup again after that; not told
 * @KEEP_NO_PEER: a tunnel has been without a peer for long
 * @KEEP_PEER: such a tunnel has one again
 * @KEEP_NO_DEVICE: such a tunnel is not there any more; not told
 * @KEEP_FALLBACK: a connection began as MPTCP and goes on as TCP
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
	KEEP_SLOW,
	KEEP_FAST,
	KEEP_TEST,
	KEEP_TESTED,
	KEEP_NO_PEER,
	KEEP_PEER,
	KEEP_NO_DEVICE,
	KEEP_FALLBACK,
};

/**
 * struct keep_event - one line of the log, or one thing to do
 * @type: which
 * @endpoint: of which endpoint; for KEEP_STRAY only address and device; nothing
 *	for those of a tunnel
 * @tunnel: name of the tunnel device, of the first peer that is concerned
 * @peer: its id
 * @peers: how many are concerned; 0: @peer means nothing, and @tunnel means
 *	something for the events of a tunnel alone
 * @tries: announcements in a row, this one included
 * @next_ms: until the next one, at the earliest
 * @after_ms: since the path was lost, or the peer
 * @min_rtt_us: of KEEP_SLOW and KEEP_FAST: least round trip of the first peer's
 *	path from it, 0 when there is nothing to compare
 * @best_rtt_us: ... and of the best other path of that peer
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
	uint32_t min_rtt_us;
	uint32_t best_rtt_us;
	char reason[96];
};

struct keep_events {
	struct keep_event *items;
	size_t count;
};

/* Adds an event. @peers: how many are concerned; if there are any, @first is the
 * first one and @tunnel the name of its device
 */
struct keep_event *keep_event_add(struct keep_events *events,
				  enum keep_event_type type,
				  const struct endpoint *endpoint, size_t peers,
				  const struct peer *first, const char *tunnel);

/* Whether an endpoint is one to be kept. @manage: addresses and interfaces with
 * commas between, or NULL for all
 */
bool keep_manages(const char *manage, const struct endpoint *endpoint);

/**
 * struct keep_cursor - a walk over the peers that have paths to be kept
 * @tunnel: device of the peer that was found last
 * @device: number of it
 * @peer: number of its next peer
 */
struct keep_cursor {
	const struct device *tunnel;
	size_t device;
	size_t peer;
};

/* The next one, or NULL. All of @at is 0 to begin with. */
const struct peer *keep_next_peer(const struct devices *devices,
				  struct keep_cursor *at);
/* Whether a path of MPTCP begins at the endpoint. */
bool keep_is_from(const struct path *path, const struct endpoint *endpoint);
/* Whether a path works, as far as anybody knows. */
bool keep_is_live(const struct path *path);

#endif /* KEEP_VIEW_H */
