/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which endpoint is to be a backup because its paths are hopelessly slow. No
 * system call is made here: what there is comes in, what is to be done goes out.
 */
#ifndef KEEP_SLOW_H
#define KEEP_SLOW_H

#include "keep/keep_view.h"

/* Slow: the least round trip is so many times the best path's and so much above. */
#define KEEP_SLOW_TIMES		4
#define KEEP_SLOW_MORE_US	200000
/* Not slow any more: less than so many times, or less than so much above. */
#define KEEP_FAST_TIMES		3
#define KEEP_FAST_MORE_US	150000
/* A backup is tested after this, then after twice as long each time. */
#define KEEP_TEST_FIRST_MS	60000
#define KEEP_TEST_MOST_MS	600000
/* A test ends when something was sent, which is looked for so often, or now. */
#define KEEP_TEST_POLL_MS	200
#define KEEP_TEST_END_MS	2000
/* A new path is looked at again after this, until the other end has confirmed it. */
#define KEEP_JOIN_POLL_MS	500
/* So long may an endpoint have no path, and be a backup all the same. */
#define KEEP_UNUSED_MS		600000

/**
 * enum keep_pace - what is known of an endpoint
 * @KEEP_PACE_NORMAL: whether it is a backup is none of our business
 * @KEEP_PACE_BACKUP: it is a backup, because of us
 * @KEEP_PACE_TEST: it was, and is normal for a moment
 * @KEEP_PACE_LEFT: it is slow, and somebody else has decided what it shall be
 */
enum keep_pace {
	KEEP_PACE_NORMAL,
	KEEP_PACE_BACKUP,
	KEEP_PACE_TEST,
	KEEP_PACE_LEFT,
};

/**
 * struct keep_slow_entry - what is remembered of an endpoint
 * @id: of it
 * @address: of it
 * @seen: it is there
 * @made: it was a backup because of us when this look began
 * @pace: as above
 * @tests: so many were begun
 * @next: when the next test begins, or this one ends
 * @used: when it had a path last
 * @sent: bytes its paths had sent when the test began
 */
struct keep_slow_entry {
	uint8_t id;
	struct address address;
	bool seen;
	bool made;
	enum keep_pace pace;
	unsigned int tests;
	uint64_t next;
	uint64_t used;
	uint64_t sent;
};

/**
 * struct keep_slow - what is remembered between looks
 * @manage: addresses and interfaces with commas between, or NULL for all
 * @items: endpoints
 * @count: how many
 */
struct keep_slow {
	const char *manage;
	struct keep_slow_entry *items;
	size_t count;
};

/* Compares the paths. Events are added in their order. Returns when to look
 * again, at the latest; KEEP_NEVER when other things tell.
 */
uint64_t keep_slow_step(struct keep_slow *slow, const struct keep_view *view,
			uint64_t now, struct keep_events *events);

/* Whether an endpoint that is a backup is one because of us. */
bool keep_slow_made(const struct keep_slow *slow,
		    const struct endpoint *endpoint);

void keep_slow_free(struct keep_slow *slow);

#endif /* KEEP_SLOW_H */
