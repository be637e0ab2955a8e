// SPDX-License-Identifier: GPL-2.0-or-later
/* The verbs uplinks setup and uplinks undo. */

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "print.h"
#include "uplinks/print_change.h"
#include "uplinks/settle.h"
#include "view.h"

static void report(const struct uplinks_result *result, void *arg)
{
	struct out *out = arg;

	out_object(out, NULL);
	uplinks_print_result(out, result);
	out_end(out);
	/* what was done is said also when we are killed with the next one */
	if (out->format == OUT_TEXT)
		out_flush();
}

/* What would be done, from what there was at some time. */
static enum status print_plan(struct out *out, const struct uplinks_conf *conf,
			      const struct uplinks_made *made)
{
	struct uplinks_changes changes;
	struct uplinks_world world;
	enum status status;
	size_t i;

	status = uplinks_world_load(&world, NULL);
	if (status)
		return status;
	if (conf)
		uplinks_plan(&changes, &world, conf, made);
	else
		uplinks_plan_undo(&changes, &world, made);
	for (i = 0; i < changes.count; i++) {
		out_object(out, NULL);
		uplinks_print_planned(out, &changes.items[i]);
		out_end(out);
	}
	free(changes.items);
	uplinks_world_free(&world);
	return STATUS_OK;
}

/* @conf: NULL to undo all */
static enum status do_dry(struct out *out, const struct uplinks_conf *conf)
{
	struct uplinks_made made = { 0 };
	enum status status = STATUS_OK;
	struct uplinks_store store;
	bool found;

	uplinks_store_find(&store);
	if (uplinks_store_is_readable(&store))
		status = uplinks_store_load(&store, &made, &found);
	if (!status)
		status = print_plan(out, conf, &made);
	uplinks_made_free(&made);
	return status;
}

/* @conf: NULL to undo all */
static enum status do_it(struct out *out, const struct uplinks_conf *conf)
{
	struct uplinks_outcome outcome = { 0 };
	struct uplinks_made made = { 0 };
	struct uplinks_store store;
	enum status status;
	bool found;

	status = uplinks_store_open(&store);
	if (!status)
		status = uplinks_store_load(&store, &made, &found);
	if (!status)
		status = conf ? uplinks_settle(&outcome, &store, conf, &made,
					       report, out) :
			 uplinks_unsettle(&outcome, &store, &made, report, out);
	uplinks_store_close(&store);
	uplinks_made_free(&made);
	if (!status && !outcome.done && !outcome.refused && !outcome.left)
		out_text(out, conf ? "Nothing is missing.\n" :
			 "There is nothing to take back.\n");
	if (!status && conf && !outcome.uplinks)
		out_text(out, "No interface has a default route: there is no uplink.\n");
	return status ? status : outcome.refused ? STATUS_REFUSED : STATUS_OK;
}

static enum status run(const struct request *request,
		       const struct uplinks_conf *conf)
{
	bool dry = request_value(request, "dry-run")->given;
	struct out *out = request->out;
	enum status status;

	print_begin(out);
	out_array(out, "changes");
	status = dry ? do_dry(out, conf) : do_it(out, conf);
	out_end(out);
	out_end(out);
	return status;
}

enum status uplinks_setup(const struct request *request)
{
	const char *mptcp = view_mptcp();
	struct uplinks_conf conf;
	enum status status;

	if (strcmp(mptcp, "available") != 0) {
		say("uplinks setup: expected MPTCP, and it is %s: see " PROGRAM " doctor",
		    strcmp(mptcp, "disabled") ? "not in this kernel" :
		    "switched off in this network namespace (net.mptcp.enabled=0)");
		return STATUS_NO_MPTCP;
	}
	status = uplinks_conf_load(&conf, UPLINKS_CONF);
	if (!status)
		status = run(request, &conf);
	uplinks_conf_free(&conf);
	return status;
}

enum status uplinks_undo(const struct request *request)
{
	return run(request, NULL);
}
