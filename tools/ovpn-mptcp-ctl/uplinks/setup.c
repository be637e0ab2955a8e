// SPDX-License-Identifier: GPL-2.0-or-later
/* The verbs uplinks setup and uplinks undo. */

#include <stdlib.h>
#include <string.h>

#include "show/print.h"
#include "show/view.h"
#include "uplinks/print_change.h"
#include "uplinks/service.h"
#include "uplinks/settle.h"
#include "uplinks/setup.h"

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

static void print_planned(struct out *out, const struct uplinks_change *change)
{
	out_object(out, NULL);
	uplinks_print_planned(out, change);
	out_end(out);
}

/* @conf: NULL to undo all */
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
	for (i = 0; i < changes.count; i++)
		print_planned(out, &changes.items[i]);
	free(changes.items);
	uplinks_world_free(&world);
	return STATUS_OK;
}

/**
 * struct job - setup or undo
 * @out: where the answer goes
 * @conf: the configuration; NULL to undo all
 * @outcome: what came of it
 */
struct job {
	struct out *out;
	const struct uplinks_conf *conf;
	struct uplinks_outcome outcome;
};

static enum status change_all(struct job *job)
{
	struct uplinks_made made = { 0 };
	struct uplinks_store store;
	enum status status;
	bool found = false;

	status = uplinks_store_open(&store);
	if (!status)
		status = uplinks_store_load(&store, &made, &found);
	/* the service knows by it that setup was not undone */
	if (!status && job->conf && !found)
		status = uplinks_store_save(&store, &made);
	if (!status)
		status = job->conf ?
			 uplinks_settle(&job->outcome, &store, job->conf, &made,
					report, job->out) :
			 uplinks_unsettle(&job->outcome, &store, &made, report,
					  job->out);
	uplinks_store_close(&store);
	uplinks_made_free(&made);
	return status;
}

/* By systemd, if it is for this network namespace. */
static bool is_service_to_be_switched(bool on)
{
	return uplinks_service_state() ==
	       (on ? UPLINKS_SERVICE_OFF : UPLINKS_SERVICE_ON);
}

static const struct uplinks_change *service_change(bool on)
{
	static const struct uplinks_change enable = {
		.what = UPLINKS_SERVICE, .how = UPLINKS_MAKE,
	};
	static const struct uplinks_change disable = {
		.what = UPLINKS_SERVICE, .how = UPLINKS_TAKE,
	};

	return on ? &enable : &disable;
}

/* The service waits for the store, so it must be free then. */
static void switch_service(struct job *job, bool on)
{
	struct uplinks_result result = { .change = service_change(on) };

	if (!is_service_to_be_switched(on))
		return;
	result.error = uplinks_service_switch(on);
	if (result.error)
		job->outcome.refused++;
	else
		job->outcome.done++;
	report(&result, job->out);
}

static void conclude(const struct job *job)
{
	const struct uplinks_outcome *outcome = &job->outcome;
	struct uplinks_store store;
	bool kept;

	if (!outcome->done && !outcome->refused && !outcome->left)
		out_text(job->out, job->conf ? "Nothing is missing.\n" :
			 "There is nothing to take back.\n");
	if (!job->conf)
		return;
	if (!outcome->uplinks)
		out_text(job->out, outcome->never ?
			 "Each interface with a default route is left alone: see " PROGRAM " uplinks\n" :
			 "No interface has a default route: there is no uplink.\n");
	uplinks_store_find(&store);
	kept = uplinks_store_is_claimed(&store);
	out_text(job->out, kept ? "" : "No program follows what changes from here on: "
		 PROGRAM " uplinks keep does\n");
}

static enum status do_it(struct job *job)
{
	enum status status;

	/* what follows changes must not make again what is taken back */
	if (!job->conf)
		switch_service(job, false);
	status = change_all(job);
	if (!status && job->conf)
		switch_service(job, true);
	if (status)
		return status;
	conclude(job);
	return job->outcome.refused ? STATUS_REFUSED : STATUS_OK;
}

/* What would be done, from what there was at some time. */
static enum status do_dry(struct job *job)
{
	struct uplinks_made made = { 0 };
	enum status status = STATUS_OK;
	struct uplinks_store store;
	bool on = job->conf, found;

	uplinks_store_find(&store);
	if (uplinks_store_is_readable(&store))
		status = uplinks_store_load(&store, &made, &found);
	if (!status && !on && is_service_to_be_switched(on))
		print_planned(job->out, service_change(on));
	if (!status)
		status = print_plan(job->out, job->conf, &made);
	if (!status && on && is_service_to_be_switched(on))
		print_planned(job->out, service_change(on));
	uplinks_made_free(&made);
	return status;
}

static enum status run(const struct request *request,
		       const struct uplinks_conf *conf)
{
	bool dry = request_value(request, "dry-run")->given;
	struct job job = { .out = request->out, .conf = conf };
	enum status status;

	print_begin(job.out);
	out_array(job.out, "changes");
	status = dry ? do_dry(&job) : do_it(&job);
	out_end(job.out);
	out_end(job.out);
	return status;
}

enum status uplinks_expect_mptcp(const struct request *request)
{
	const char *mptcp = view_mptcp();

	if (!strcmp(mptcp, "available"))
		return STATUS_OK;
	say("%s: expected MPTCP, and it is %s: see " PROGRAM " doctor",
	    request->command->name, strcmp(mptcp, "disabled") ?
	    "not in this kernel" :
	    "switched off in this network namespace (net.mptcp.enabled=0)");
	return STATUS_NO_MPTCP;
}

enum status uplinks_setup(const struct request *request)
{
	enum status status = uplinks_expect_mptcp(request);
	struct uplinks_conf conf;

	if (status)
		return status;
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
