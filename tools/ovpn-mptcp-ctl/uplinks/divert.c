// SPDX-License-Identifier: GPL-2.0-or-later
/* Makes ways around an uplink that is silently dead, and takes them away. */

#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/paths.h"
#include "uplinks/divert.h"

/* The devices of the paths are looked up elsewhere. */
static const struct links no_links;

static bool any_waits(const struct paths *paths)
{
	size_t i;

	for (i = 0; i < paths->count; i++) {
		if (uplinks_path_waits(&paths->items[i]))
			return true;
	}
	return false;
}

/* Those that are established may be very many, and are rarely wanted. Sets
 * @wanted: there is something to decide.
 */
static enum status load_paths(struct uplinks_divert *divert,
			      struct paths *paths, bool *wanted)
{
	enum status status = paths_load_some(paths, &no_links,
					     1 << TCP_SYN_SENT);

	*wanted = !status && (!divert->begun || divert->detours.count ||
			      any_waits(paths));
	if (!*wanted)
		return status;
	free(paths->items);
	return paths_load_some(paths, &no_links,
			       1 << TCP_SYN_SENT | 1 << TCP_ESTABLISHED);
}

/**
 * struct listen - what hears of changes, and whether one was refused
 * @report: hears of them
 * @arg: for that
 * @refused: by the kernel
 */
struct listen {
	uplinks_reporter report;
	void *arg;
	bool refused;
};

static void listen_to(const struct uplinks_result *result, void *arg)
{
	struct listen *listen = arg;

	listen->refused |= result->error;
	listen->report(result, listen->arg);
}

static enum status turn_paths(struct uplinks_divert *divert,
			      const struct uplinks_scene *scene,
			      const struct uplinks_store *store,
			      struct uplinks_made *made,
			      struct listen *listen)
{
	enum status status = STATUS_OK;
	struct uplinks_turn turn;
	size_t i;

	uplinks_detours_turn(&divert->detours, &turn, scene);
	divert->soon = turn.soon;
	if (turn.changes.count)
		status = uplinks_apply(&turn.changes, scene->world, store, made,
				       listen_to, listen);
	/* one that has ended by itself or has its answer now is no trouble */
	for (i = 0; !status && !listen->refused && i < turn.ended.count; i++)
		path_end(turn.ended.items[i]);
	uplinks_turn_free(&turn);
	return status;
}

enum status uplinks_divert(struct uplinks_divert *divert,
			   const struct uplinks_store *store,
			   const struct uplinks_conf *conf,
			   struct uplinks_made *made, uint64_t now,
			   uplinks_reporter report, void *arg)
{
	struct listen listen = { .report = report, .arg = arg };
	struct uplinks_world world;
	struct neighbours lost;
	struct uplinks uplinks;
	struct paths paths;
	enum status status;
	bool wanted;

	divert->soon = false;
	status = load_paths(divert, &paths, &wanted);
	if (status || !wanted) {
		free(paths.items);
		return status;
	}
	status = uplinks_world_load(&world, NULL);
	if (!status)
		status = neighbours_load_lost(&lost);
	if (!status) {
		const struct uplinks_scene scene = {
			&world, &uplinks, &paths, &lost, now,
		};

		uplinks_find(&uplinks, &world, conf, made);
		status = turn_paths(divert, &scene, store, made, &listen);
		divert->begun = true;
		free(uplinks.items);
		free(lost.items);
	}
	uplinks_world_free(&world);
	free(paths.items);
	return status;
}
