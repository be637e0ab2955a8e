/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which connections began as MPTCP and go on as TCP, with one path. Decides, and
 * does nothing: what there is comes from the caller.
 */
#ifndef KEEP_FALLBACK_H
#define KEEP_FALLBACK_H

#include "keep/keep_view.h"

/**
 * struct keep_fallback_entry - a connection that was told
 * @index: interface index of the tunnel
 * @peer: id
 * @port: own port of the socket; a client has another one for each connection
 */
struct keep_fallback_entry {
	int index;
	uint32_t peer;
	uint16_t port;
};

/* struct keep_fallback - what is remembered between looks */
struct keep_fallback {
	struct keep_fallback_entry *items;
	size_t count;
};

/* Looks at @devices, adds an event for each connection that is new. attach says
 * by itself what its own became.
 */
void keep_fallback_step(struct keep_fallback *fallback,
			const struct devices *devices,
			struct keep_events *events);

void keep_fallback_free(struct keep_fallback *fallback);

#endif /* KEEP_FALLBACK_H */
