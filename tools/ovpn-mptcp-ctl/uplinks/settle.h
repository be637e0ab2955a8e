/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes what is missing until nothing is. */
#ifndef UPLINKS_SETTLE_H
#define UPLINKS_SETTLE_H

#include "uplinks/apply.h"

/**
 * struct uplinks_outcome - what came of it
 * @done: changes that were made
 * @refused: changes that the kernel refused
 * @left: what cannot be done
 * @uplinks: that are used
 * @never: that are left alone
 */
struct uplinks_outcome {
	size_t done;
	size_t refused;
	size_t left;
	size_t uplinks;
	size_t never;
};

/* @store: is locked. @report may be NULL. Says what went wrong with the store,
 * and when the kernel does not tell what there is.
 */
enum status uplinks_settle(struct uplinks_outcome *outcome,
			   const struct uplinks_store *store,
			   const struct uplinks_conf *conf,
			   struct uplinks_made *made, uplinks_reporter report,
			   void *arg);
/* Takes back all. The same holds. */
enum status uplinks_unsettle(struct uplinks_outcome *outcome,
			     const struct uplinks_store *store,
			     struct uplinks_made *made,
			     uplinks_reporter report, void *arg);

#endif /* UPLINKS_SETTLE_H */
