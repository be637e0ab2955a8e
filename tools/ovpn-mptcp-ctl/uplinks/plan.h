/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is to be changed so that every uplink is used. No system call is made
 * here: what there is comes in, what is to be done goes out.
 */
#ifndef UPLINKS_PLAN_H
#define UPLINKS_PLAN_H

#include "uplinks/want.h"

/**
 * enum uplinks_what - what a change is of
 * @UPLINKS_LIMITS: those of MPTCP
 * @UPLINKS_ROUTE: an entry of an uplink's table
 * @UPLINKS_RULE: that leads packets to it
 * @UPLINKS_FILTER: the sysctl rp_filter
 * @UPLINKS_ENDPOINT: of MPTCP
 * @UPLINKS_DETOUR: a host of the main table that is led there by another uplink
 *	than usual; only taken away here, see detour.h
 * @UPLINKS_SERVICE: the unit of systemd that follows what changes; not planned
 *	here
 */
enum uplinks_what {
	UPLINKS_LIMITS,
	UPLINKS_ROUTE,
	UPLINKS_RULE,
	UPLINKS_FILTER,
	UPLINKS_ENDPOINT,
	UPLINKS_DETOUR,
	UPLINKS_SERVICE,
};

/* by number */
extern const char *const uplinks_what_names[];

/**
 * enum uplinks_how - what a change does
 * @UPLINKS_MAKE: what was not there is made, or a number set
 * @UPLINKS_MOVE: of an endpoint: it is bound to the interface that has its
 *	address now
 * @UPLINKS_SET: of an endpoint: it is made a backup or normal
 * @UPLINKS_TAKE: what was made is taken away, or a number put back
 * @UPLINKS_LEAVE: it cannot be done; @why in the change says why
 */
enum uplinks_how {
	UPLINKS_MAKE,
	UPLINKS_MOVE,
	UPLINKS_SET,
	UPLINKS_TAKE,
	UPLINKS_LEAVE,
};

/**
 * struct uplinks_change - one thing to do
 * @what: it is of
 * @how: what is done
 * @device: name of the uplink that it is for, or empty
 * @index: of that
 * @by: of a route: name of the interface that it leads by, or empty
 * @why: it cannot be done, or NULL
 * @reason: it is done, or empty where that is told by what it does
 * @limits: to be set
 * @route: to be made or taken away
 * @rule: to be made or taken away
 * @endpoint: to be made, changed or taken away
 * @filter: to be set
 */
struct uplinks_change {
	enum uplinks_what what;
	enum uplinks_how how;
	char device[IFNAMSIZ];
	int index;
	char by[IFNAMSIZ];
	const char *why;
	char reason[80];
	union {
		struct limits limits;
		struct uplinks_route route;
		struct uplinks_rule rule;
		struct endpoint endpoint;
		struct uplinks_made_filter filter;
	};
};

struct uplinks_changes {
	struct uplinks_change *items;
	size_t count;
};

/* In an order in which no path loses its way: first what is made, then what is
 * taken away.
 */
void uplinks_plan(struct uplinks_changes *changes,
		  const struct uplinks_world *world,
		  const struct uplinks_conf *conf,
		  const struct uplinks_made *made);

/* Takes back everything that setup has made, and nothing else. */
void uplinks_plan_undo(struct uplinks_changes *changes,
		       const struct uplinks_world *world,
		       const struct uplinks_made *made);

/* Whether an endpoint is of this uplink and family, and a path may begin there. */
bool uplinks_endpoint_is_of(const struct endpoint *endpoint,
			    const struct uplinks_world *world,
			    const struct uplink *uplink, int family);

#endif /* UPLINKS_PLAN_H */
