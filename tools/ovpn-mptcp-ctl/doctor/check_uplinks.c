// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor: ways out of this machine that MPTCP does not use. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/check_uplinks.h"
#include "uplinks/service.h"

static size_t count_used(const struct uplinks *uplinks)
{
	size_t i, used = 0;

	for (i = 0; i < uplinks->count; i++)
		used += uplinks->items[i].role != UPLINKS_NEVER;
	return used;
}

/* Names each sort of what is missing once. Returns whether there is any. */
static bool list_missing(const struct uplinks_changes *changes, char *text,
			 size_t size)
{
	bool seen[UPLINKS_SERVICE + 1] = { false };
	size_t i, length = 0;

	text[0] = '\0';
	for (i = 0; i < changes->count; i++) {
		const struct uplinks_change *change = &changes->items[i];

		if (change->how != UPLINKS_MAKE || seen[change->what] ||
		    length >= size)
			continue;
		seen[change->what] = true;
		length += snprintf(text + length, size - length, "%s%s",
				   length ? ", " : "",
				   uplinks_what_names[change->what]);
	}
	return length;
}

static void judge_left(const struct uplinks_view *view,
		       struct findings *findings)
{
	size_t i;

	for (i = 0; i < view->changes->count; i++) {
		const struct uplinks_change *change = &view->changes->items[i];

		if (change->how != UPLINKS_LEAVE)
			continue;
		finding_add(findings, LEVEL_PROBLEM, "uplinks-left",
			    "MPTCP does not use %s as it should: %s",
			    change->device, change->why);
		if (change->what == UPLINKS_ENDPOINT && view->managers->mptcpd)
			finding_fix(findings,
				    "addr-flags=subflow in /etc/mptcpd/mptcpd.conf, and systemctl restart mptcp.service; or without mptcpd: systemctl disable --now mptcp.service, ip mptcp endpoint flush, " PROGRAM " uplinks setup");
	}
}

/* Both want to be the first to make an endpoint of a new address, and mptcpd
 * makes the limits small.
 */
static void judge_mptcpd(const struct uplinks_view *view,
			 struct findings *findings)
{
	if (!view->managers->mptcpd)
		return;
	finding_add(findings, LEVEL_ADVICE, "uplinks-mptcpd",
		    "mptcpd runs, and makes endpoints of new addresses, too: they are left to it, with the flags that it gives them");
	finding_fix(findings,
		    "systemctl disable --now mptcp.service: uplinks setup needs no help");
}

/* It takes away what it has not made, whenever it configures a link. */
static void judge_networkd(const struct uplinks_view *view,
			   struct findings *findings)
{
	const char *manager;
	size_t i;

	for (i = 0; i < view->uplinks->count; i++) {
		const struct device *device = view->uplinks->items[i].device;

		manager = uplinks_manager(view->managers, device);
		if (!manager || strcmp(manager, "systemd-networkd") != 0)
			continue;
		finding_add(findings, LEVEL_NOTE, "uplinks-networkd",
			    "systemd-networkd, which minds %s, removes rules and routes of others when it starts: %s",
			    device->name, view->kept ?
			    "they are made again at once" :
			    "nobody makes them again");
		finding_fix(findings,
			    "ManageForeignRoutingPolicyRules=no and ManageForeignRoutes=no in [Network] of a file in /etc/systemd/networkd.conf.d");
		return;
	}
}

void uplinks_judge(const struct uplinks_view *view, struct findings *findings)
{
	size_t used = count_used(view->uplinks);
	char missing[64];

	judge_left(view, findings);
	/* one way out needs no help */
	if (used < 2 && !view->set_up)
		return;
	if (list_missing(view->changes, missing, sizeof(missing))) {
		finding_add(findings, LEVEL_ADVICE, "uplinks-missing",
			    "%zu interface%s out, and for MPTCP to use %s there is missing: %s",
			    used, used == 1 ? " leads" : "s lead",
			    used == 1 ? "it" : "all of them", missing);
		finding_fix(findings, PROGRAM " uplinks setup");
	} else {
		finding_add(findings, LEVEL_GOOD, "uplinks",
			    "%zu interface%s out, and MPTCP can use %s", used,
			    used == 1 ? " leads" : "s lead",
			    used == 1 ? "it" : "all of them");
	}
	if (!view->set_up)
		return;
	if (!view->kept) {
		finding_add(findings, LEVEL_PROBLEM, "uplinks-not-kept",
			    "uplinks setup was run, and no program follows what changes: a link that gets another address is lost");
		finding_fix(findings, "systemctl enable --now " UPLINKS_UNIT
			    ", or " PROGRAM " uplinks keep");
	}
	judge_networkd(view, findings);
	judge_mptcpd(view, findings);
}

void check_uplinks(const struct host *host, struct findings *findings)
{
	struct uplinks_made made = { 0 };
	struct uplinks_view view = { .made = &made };
	struct uplinks_managers managers;
	struct uplinks_changes changes;
	struct uplinks_store store;
	struct uplinks_world world;
	struct uplinks_conf conf;
	struct uplinks uplinks;

	/* both say what is wrong */
	if (uplinks_conf_load(&conf, UPLINKS_CONF))
		return;
	uplinks_store_find(&store);
	if (!uplinks_store_load(&store, &made, &view.set_up) &&
	    !uplinks_world_load(&world, NULL)) {
		uplinks_managers_load(&managers, host);
		uplinks_find(&uplinks, &world, &conf, &made);
		uplinks_plan(&changes, &world, &conf, &made);
		view.world = &world;
		view.uplinks = &uplinks;
		view.changes = &changes;
		view.managers = &managers;
		view.kept = uplinks_store_is_claimed(&store);
		uplinks_judge(&view, findings);
		free(changes.items);
		free(uplinks.items);
		uplinks_world_free(&world);
	}
	uplinks_made_free(&made);
	uplinks_conf_free(&conf);
}
