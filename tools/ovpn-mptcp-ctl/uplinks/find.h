/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which interfaces are uplinks, and what of them is used. No system call is made
 * here.
 */
#ifndef UPLINKS_FIND_H
#define UPLINKS_FIND_H

#include "uplinks/conf.h"
#include "uplinks/made.h"
#include "uplinks/world.h"

#define UPLINKS_FAMILIES 2

/**
 * struct uplink_side - what an uplink has of one family
 * @family: AF_INET or AF_INET6
 * @route: its best one that leads everywhere, NULL: none
 * @source: the address for an endpoint, NULL: none that is good for it
 */
struct uplink_side {
	int family;
	const struct uplinks_route *route;
	const struct local *source;
};

/**
 * struct uplink - an interface that leads out
 * @device: which
 * @role: what it is for
 * @why: it is never used, and that is not the wish of the configuration; or NULL
 * @sides: by family
 */
struct uplink {
	const struct device *device;
	enum uplinks_role role;
	const char *why;
	struct uplink_side sides[UPLINKS_FAMILIES];
};

struct uplinks {
	struct uplink *items;
	size_t count;
};

/* In the order of the interfaces. What comes out points into @world. */
void uplinks_find(struct uplinks *uplinks, const struct uplinks_world *world,
		  const struct uplinks_conf *conf,
		  const struct uplinks_made *made);
/* The uplink that an interface is, or NULL. */
const struct uplink *uplinks_by_index(const struct uplinks *uplinks, int index);

/* An address of an interface that packets may come from. */
bool uplinks_local_is_usable(const struct local *local);
bool uplinks_in_prefix(const struct address *address,
		       const struct address *prefix, uint8_t length);
/* The interface is a tunnel, of whatever sort. */
bool uplinks_is_tunnel(const struct device *device);

#endif /* UPLINKS_FIND_H */
