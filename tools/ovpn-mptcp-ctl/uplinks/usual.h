/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way that a destination has without a detour. No system call is made here. */
#ifndef UPLINKS_USUAL_H
#define UPLINKS_USUAL_H

#include "uplinks/world.h"

/* The entry of the main table that leads there, or NULL. */
const struct uplinks_route *uplinks_usual_way(const struct uplinks_world *world,
					      const struct address *to);
/* The interface that it leads by. Of two routers that are as good the kernel takes
 * either, as IPv6 does with those that are advertised on two links: 0 then.
 */
int uplinks_usual_index(const struct uplinks_world *world,
			const struct address *to);

#endif /* UPLINKS_USUAL_H */
