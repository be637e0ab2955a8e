/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes changes, and writes down first what the kernel does not remember. */
#ifndef UPLINKS_APPLY_H
#define UPLINKS_APPLY_H

#include "uplinks/plan.h"

/**
 * struct uplinks_result - what became of a change
 * @change: which
 * @error: errno of the kernel, 0: it is done
 * @text: what the kernel said about it, or empty
 */
struct uplinks_result {
	const struct uplinks_change *change;
	int error;
	char text[128];
};

typedef void (*uplinks_reporter)(const struct uplinks_result *result, void *arg);

/* Makes all of @changes that can be made, in their order, and calls @report for
 * each. @made: what is in @store; changed with it. What goes wrong with @store
 * is said, and nothing is made then.
 */
enum status uplinks_apply(const struct uplinks_changes *changes,
			  const struct uplinks_world *world,
			  const struct uplinks_store *store,
			  struct uplinks_made *made, uplinks_reporter report,
			  void *arg);

#endif /* UPLINKS_APPLY_H */
