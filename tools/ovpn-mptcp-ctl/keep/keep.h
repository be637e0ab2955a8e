/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Brings lost paths back, spares slow ones, and tells of tunnels without a peer:
 * looks, decides (keep_plan.h, keep_slow.h, keep_alone.h), and acts.
 */
#ifndef KEEP_H
#define KEEP_H

#include <poll.h>

#include "keep/keep_alone.h"
#include "keep/keep_fallback.h"
#include "keep/keep_plan.h"
#include "keep/keep_slow.h"
#include "kernel/native.h"

struct out;

typedef void (*keep_reporter)(const struct keep_event *event, void *arg);

/**
 * struct keep_options - what is to be kept
 * @device: name of the only tunnel device, or NULL for all
 * @manage: addresses and interfaces with commas between, or NULL for all
 * @no_backup: slow paths are used like others
 * @report: called for every event; when it is one to be done, after that
 * @arg: for @report
 */
struct keep_options {
	const char *device;
	const char *manage;
	bool no_backup;
	keep_reporter report;
	void *arg;
};

/**
 * struct keep - a keeper at work
 * @options: what for
 * @plan: its memory of lost paths
 * @slow: ... and of slow ones
 * @alone: ... and of tunnels without a peer
 * @fallback: ... and of connections that became TCP
 * @links: as they were at the last look
 * @native: the module; @native.netlink.sock is NULL when it is not there
 * @mptcp_events: what MPTCP tells of connections
 * @link_events: what the kernel tells of interfaces and addresses
 * @has_endpoints: the last look has seen some
 * @lost: endpoints that the kernel has removed and refused to add
 * @tunnels: how many devices of the module the last look has seen, of those
 *	that were asked for
 * @next: when to look again
 * @not_before: no earlier look, whatever is told, so that events that come
 *	without end do not take all the time there is
 */
struct keep {
	struct keep_options options;
	struct keep_plan plan;
	struct keep_slow slow;
	struct keep_alone alone;
	struct keep_fallback fallback;
	struct links links;
	struct native native;
	struct netlink mptcp_events;
	struct netlink link_events;
	bool has_endpoints;
	struct endpoints lost;
	size_t tunnels;
	uint64_t next;
	uint64_t not_before;
};

#define KEEP_FDS 2

/* The strings of @options must live as long as @keep. Says what failed. */
enum status keep_open(struct keep *keep, const struct keep_options *options);
/* What to wait for until the next keep_step(). */
void keep_fds(const struct keep *keep, struct pollfd fds[KEEP_FDS]);
/* Milliseconds of CLOCK_MONOTONIC. */
uint64_t keep_now(void);
/* Takes what was told, looks when it is time to, acts. It may be called at any
 * time. Returns when to call it again, at the latest.
 */
uint64_t keep_step(struct keep *keep, uint64_t now);
/* The same, and looks in any case. Returns how many tunnel devices there are. */
size_t keep_count_tunnels(struct keep *keep, uint64_t now);
void keep_close(struct keep *keep);

/* One line, or one object; the caller has begun neither. */
void keep_print(struct out *out, const struct keep_event *event);

#endif /* KEEP_H */
