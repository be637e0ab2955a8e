/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which tunnels have been without a peer for long. Decides, and does nothing:
 * what there is and the time come from the caller.
 */
#ifndef KEEP_ALONE_H
#define KEEP_ALONE_H

#include "keep/keep_view.h"

/* OpenVPN that has noticed is connected again by then */
#define KEEP_ALONE_MS	10000

/**
 * struct keep_alone_entry - what is remembered of a device without a peer
 * @index: of the interface
 * @name: ... its name; another name makes it another device
 * @since: when it was first seen so
 * @told: KEEP_NO_PEER was told
 */
struct keep_alone_entry {
	int index;
	char name[IFNAMSIZ];
	uint64_t since;
	bool told;
};

/* struct keep_alone - what is remembered between looks */
struct keep_alone {
	struct keep_alone_entry *items;
	size_t count;
};

/* Looks at @devices, adds events. Returns when to look again, at the latest;
 * KEEP_NEVER when other things tell.
 */
uint64_t keep_alone_step(struct keep_alone *alone,
			 const struct devices *devices, uint64_t now,
			 struct keep_events *events);

void keep_alone_free(struct keep_alone *alone);

#endif /* KEEP_ALONE_H */
