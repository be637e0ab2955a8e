// SPDX-License-Identifier: GPL-2.0-or-later
/* The verb uplinks: every way out of this machine. */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "uplinks/print_uplinks.h"
#include "view.h"

static enum status show_all(const struct request *request,
			    const struct uplinks_far *far,
			    const struct uplinks_conf *conf,
			    const struct uplinks_made *made, bool conf_unseen)
{
	static const struct host host = { .root = "" };
	struct uplinks_managers managers;
	struct uplinks_changes changes;
	struct uplinks_trips trips = { 0 };
	struct uplinks_world world;
	struct uplinks uplinks;
	const struct uplinks_view view = {
		&world, &uplinks, made, &changes, &managers, &trips,
		conf_unseen,
	};
	enum status status = uplinks_world_load(&world, far);

	if (status)
		return status;
	uplinks_managers_load(&managers, &host);
	uplinks_find(&uplinks, &world, conf, made);
	uplinks_plan(&changes, &world, conf, made);
	if (far)
		uplinks_measure(&trips, &uplinks, far);
	uplinks_print(request->out, &view, view_mptcp());
	free(trips.items);
	free(changes.items);
	free(uplinks.items);
	uplinks_world_free(&world);
	return STATUS_OK;
}

enum status uplinks_show(const struct request *request)
{
	const struct value *probe = request_value(request, "probe");
	bool unseen = access(UPLINKS_CONF, R_OK) && errno == EACCES, found;
	struct uplinks_made made = { 0 };
	struct uplinks_conf conf = { 0 };
	struct uplinks_store store;
	struct uplinks_far far;
	enum status status;

	status = unseen ? STATUS_OK : uplinks_conf_load(&conf, UPLINKS_CONF);
	if (status)
		return status;
	uplinks_store_find(&store);
	if (uplinks_store_is_readable(&store))
		status = uplinks_store_load(&store, &made, &found);
	if (!status && probe->given)
		status = uplinks_resolve(&far, &probe->target);
	if (!status)
		status = show_all(request, probe->given ? &far : NULL, &conf,
				  &made, unseen);
	uplinks_made_free(&made);
	uplinks_conf_free(&conf);
	return status;
}
