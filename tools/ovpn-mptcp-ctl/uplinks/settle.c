// SPDX-License-Identifier: GPL-2.0-or-later
/* Makes what is missing until nothing is. */

#include <stdlib.h>
#include <string.h>

#include "uplinks/settle.h"

/* Where packets go is seen when there are tables and rules: only then whether
 * the reverse path filter is in the way.
 */
#define ROUNDS 3

/**
 * struct count - what a report is counted in
 * @outcome: here
 * @round: number of it
 * @report: told, too
 * @arg: for that
 */
struct count {
	struct uplinks_outcome *outcome;
	int round;
	uplinks_reporter report;
	void *arg;
};

static void count(const struct uplinks_result *result, void *arg)
{
	struct count *count = arg;

	if (result->change->how == UPLINKS_LEAVE) {
		/* the same in each round */
		if (count->round)
			return;
		count->outcome->left++;
	} else if (result->error) {
		count->outcome->refused++;
	} else {
		count->outcome->done++;
	}
	count->report(result, count->arg);
}

static void count_uplinks(struct uplinks_outcome *outcome,
			  const struct uplinks_world *world,
			  const struct uplinks_conf *conf,
			  const struct uplinks_made *made)
{
	struct uplinks uplinks;
	size_t i;

	uplinks_find(&uplinks, world, conf, made);
	outcome->uplinks = 0;
	for (i = 0; i < uplinks.count; i++)
		outcome->uplinks += uplinks.items[i].role != UPLINKS_NEVER;
	outcome->never = uplinks.count - outcome->uplinks;
	free(uplinks.items);
}

enum status uplinks_settle(struct uplinks_outcome *outcome,
			   const struct uplinks_store *store,
			   const struct uplinks_conf *conf,
			   struct uplinks_made *made, uplinks_reporter report,
			   void *arg)
{
	struct count counter = { outcome, 0, report, arg };
	struct uplinks_changes changes;
	struct uplinks_world world;
	enum status status;
	size_t before;

	memset(outcome, 0, sizeof(*outcome));
	do {
		before = outcome->done;
		status = uplinks_world_load(&world, NULL);
		if (status)
			break;
		uplinks_plan(&changes, &world, conf, made);
		status = uplinks_apply(&changes, &world, store, made, count,
				       &counter);
		count_uplinks(outcome, &world, conf, made);
		free(changes.items);
		uplinks_world_free(&world);
	} while (!status && outcome->done > before && !outcome->refused &&
		 ++counter.round < ROUNDS);
	return status;
}

enum status uplinks_unsettle(struct uplinks_outcome *outcome,
			     const struct uplinks_store *store,
			     struct uplinks_made *made,
			     uplinks_reporter report, void *arg)
{
	struct count counter = { outcome, 0, report, arg };
	struct uplinks_changes changes;
	struct uplinks_world world;
	enum status status;

	memset(outcome, 0, sizeof(*outcome));
	status = uplinks_world_load(&world, NULL);
	if (status)
		return status;
	uplinks_plan_undo(&changes, &world, made);
	status = uplinks_apply(&changes, &world, store, made, count, &counter);
	/* what could not be taken back is to be remembered */
	if (!status && !outcome->refused)
		status = uplinks_store_remove(store);
	free(changes.items);
	uplinks_world_free(&world);
	return status;
}
