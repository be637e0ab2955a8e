// SPDX-License-Identifier: GPL-2.0-or-later
/* The verb uplinks: every way out of this machine. */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/command.h"
#include "show/view.h"
#include "uplinks/print_uplinks.h"

static enum status show_all(struct uplinks_view *view, struct out *out,
			    const struct uplinks_far *far,
			    const struct uplinks_conf *conf)
{
	static const struct host host = { .root = "" };
	struct uplinks_managers managers;
	struct uplinks_changes changes;
	struct uplinks_trips trips = { 0 };
	struct uplinks_world world;
	struct uplinks uplinks;
	enum status status = uplinks_world_load(&world, far);

	if (status)
		return status;
	view->world = &world;
	view->uplinks = &uplinks;
	view->changes = &changes;
	view->managers = &managers;
	view->trips = &trips;
	uplinks_managers_load(&managers, &host);
	uplinks_find(&uplinks, &world, conf, view->made);
	uplinks_plan(&changes, &world, conf, view->made);
	if (far)
		uplinks_measure(&trips, &uplinks, far);
	uplinks_print(out, view, view_mptcp());
	free(trips.items);
	free(changes.items);
	free(uplinks.items);
	uplinks_world_free(&world);
	return STATUS_OK;
}

enum status uplinks_show(const struct request *request)
{
	const struct value *probe = request_value(request, "probe");
	struct uplinks_made made = { 0 };
	struct uplinks_view view = {
		.made = &made,
		.conf_unseen = access(UPLINKS_CONF, R_OK) && errno == EACCES,
	};
	struct uplinks_conf conf = { 0 };
	enum status status = STATUS_OK;
	struct uplinks_store store;
	struct uplinks_far far;

	if (!view.conf_unseen)
		status = uplinks_conf_load(&conf, UPLINKS_CONF);
	if (status)
		return status;
	uplinks_store_find(&store);
	if (uplinks_store_is_readable(&store))
		status = uplinks_store_load(&store, &made, &view.set_up);
	view.kept = uplinks_store_is_claimed(&store);
	if (!status && probe->given)
		status = uplinks_resolve(&far, &probe->target);
	if (!status)
		status = show_all(&view, request->out, probe->given ? &far :
				  NULL, &conf);
	uplinks_made_free(&made);
	uplinks_conf_free(&conf);
	return status;
}
