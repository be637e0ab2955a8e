/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ways around an uplink that is silently dead, for programs that connect by the
 * main table and know no other way, as OpenVPN does. No system call is made
 * here: what there is comes in, what is to be done goes out.
 */
#ifndef UPLINKS_DETOUR_H
#define UPLINKS_DETOUR_H

#include "kernel/neighbours.h"
#include "uplinks/plan.h"

/* An answer that comes within this time is waited for. */
#define UPLINKS_ANSWER_MS	3000

/**
 * struct uplinks_detour - a destination that did not answer
 * @to: its address
 * @index: interface that a host route leads there by, 0: there is none
 * @turned: when that was decided
 * @used: when something connected there, or was connected
 * @not_before: the next turn
 * @rounds: in a row in which no uplink had an answer
 * @silent: interfaces without an answer in this round
 * @lost: socket of the first connection that met a gateway which is not there,
 *	0: none
 * @lost_index: interface that leads to that
 */
struct uplinks_detour {
	struct address to;
	int index;
	uint64_t turned;
	uint64_t used;
	uint64_t not_before;
	unsigned int rounds;
	struct {
		int *items;
		size_t count;
	} silent;
	uint64_t lost;
	int lost_index;
};

/**
 * struct uplinks_wait - a connection without an answer
 * @cookie: of its socket
 * @since: when it was seen first
 */
struct uplinks_wait {
	uint64_t cookie;
	uint64_t since;
};

/**
 * struct uplinks_detours - what is remembered from one look to the next
 * @items: destinations
 * @count: of @items
 * @waits: of the last look
 */
struct uplinks_detours {
	struct uplinks_detour *items;
	size_t count;
	struct {
		struct uplinks_wait *items;
		size_t count;
	} waits;
};

/**
 * struct uplinks_scene - what there is
 * @world: interfaces, routes
 * @uplinks: of @world
 * @paths: TCP connections, established and about to be
 * @lost: neighbours that are not there
 * @now: milliseconds
 */
struct uplinks_scene {
	const struct uplinks_world *world;
	const struct uplinks *uplinks;
	const struct paths *paths;
	const struct neighbours *lost;
	uint64_t now;
};

/**
 * struct uplinks_turn - what is to be done
 * @changes: routes to take away and to make
 * @ended: connections that wait for an answer by another way, to be ended so
 *	that their program tries again; they point into the paths
 * @soon: a connection may be without an answer for long enough in a second
 */
struct uplinks_turn {
	struct uplinks_changes changes;
	struct {
		const struct path **items;
		size_t count;
	} ended;
	bool soon;
};

/* The first subflow of an MPTCP connection, to which nothing has answered. */
bool uplinks_path_waits(const struct path *path);
void uplinks_detours_turn(struct uplinks_detours *detours,
			  struct uplinks_turn *turn,
			  const struct uplinks_scene *scene);
void uplinks_turn_free(struct uplinks_turn *turn);
void uplinks_detours_free(struct uplinks_detours *detours);

#endif /* UPLINKS_DETOUR_H */
