/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What there should be so that every uplink is used. No system call is made
 * here.
 */
#ifndef UPLINKS_WANT_H
#define UPLINKS_WANT_H

#include "uplinks/find.h"

/**
 * struct uplinks_note - what cannot be had
 * @uplink: of which one
 * @rule: of its rules, else of its table
 * @why: in words
 */
struct uplinks_note {
	const struct uplink *uplink;
	bool rule;
	const char *why;
};

/**
 * struct uplinks_start - where a path should begin
 * @uplink: at which one
 * @address: of it
 */
struct uplinks_start {
	const struct uplink *uplink;
	struct address address;
};

/**
 * struct uplinks_wanted - what there should be
 * @world: what there is
 * @uplinks: of @world
 * @routes: in the uplinks' tables
 * @rules: that lead there
 * @starts: that should have an endpoint, unless others have seen to it
 * @notes: what cannot be had
 */
struct uplinks_wanted {
	const struct uplinks_world *world;
	struct uplinks uplinks;
	struct uplinks_routes routes;
	struct uplinks_rules rules;
	struct {
		struct uplinks_start *items;
		size_t count;
	} starts;
	struct {
		struct uplinks_note *items;
		size_t count;
	} notes;
};

/* What comes out points into @world. */
void uplinks_want(struct uplinks_wanted *wanted,
		  const struct uplinks_world *world,
		  const struct uplinks_conf *conf,
		  const struct uplinks_made *made);
void uplinks_wanted_free(struct uplinks_wanted *wanted);

/* One of the two can be in a table, the other one takes its place. */
bool uplinks_same_place(const struct uplinks_route *a,
			const struct uplinks_route *b);
/* The rule that decides about packets from an address of an uplink: the first
 * that names the address, or NULL.
 */
const struct uplinks_rule *uplinks_rule_from(const struct uplinks_world *world,
					     const struct address *address);

#endif /* UPLINKS_WANT_H */
