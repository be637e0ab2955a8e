/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How uplinks are shown. The JSON is documented in docs/json.md. */
#ifndef UPLINKS_PRINT_UPLINKS_H
#define UPLINKS_PRINT_UPLINKS_H

#include "base/output.h"
#include "uplinks/managers.h"
#include "uplinks/measure.h"
#include "uplinks/plan.h"

/**
 * struct uplinks_view - what is shown
 * @world: what there is
 * @uplinks: of @world
 * @made: what of it is ours
 * @changes: that setup would make: what is missing
 * @managers: other programs
 * @trips: round trips to a server, if there is one
 * @conf_unseen: this user may not read the configuration
 * @set_up: setup was run, and not undone
 * @kept: a program follows what changes
 */
struct uplinks_view {
	const struct uplinks_world *world;
	const struct uplinks *uplinks;
	const struct uplinks_made *made;
	const struct uplinks_changes *changes;
	const struct uplinks_managers *managers;
	const struct uplinks_trips *trips;
	bool conf_unseen;
	bool set_up;
	bool kept;
};

/* @mptcp: available, disabled or missing */
void uplinks_print(struct out *out, const struct uplinks_view *view,
		   const char *mptcp);

#endif /* UPLINKS_PRINT_UPLINKS_H */
