// SPDX-License-Identifier: GPL-2.0-or-later
/* The verb doctor: what is wrong on this host, and what to do about it. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "cli/command.h"
#include "doctor/check_uplinks.h"
#include "doctor/checks.h"
#include "doctor/probe.h"
#include "kernel/native.h"
#include "kernel/process.h"
#include "show/print.h"

/* number of a bit in CapEff of /proc/self/status */
#define CAP_NET_ADMIN	12

static void see_family(const char *name, void *arg)
{
	struct families *families = arg;

	families->native |= !strcmp(name, OVPN_MPTCP_NAME);
	families->v2 |= !strcmp(name, doors[DOOR_V2].family);
	families->ovpn |= !strcmp(name, doors[DOOR_OVPN].family);
}

static void load_families(struct families *families)
{
	struct netlink nl;

	memset(families, 0, sizeof(*families));
	if (netlink_open(&nl, NETLINK_GENERIC))
		return;
	families->known = !netlink_families(&nl, see_family, families);
	netlink_close(&nl);
}

static bool may_administrate(const struct host *host)
{
	char text[4096];
	const char *line;

	host_text(host, text, sizeof(text), "/proc/self/status");
	line = strstr(text, "CapEff:");
	return line && strtoull(line + strlen("CapEff:"), NULL, 16) >>
		       CAP_NET_ADMIN & 1;
}

/* What can be seen of tunnels, paths and endpoints; the module may be absent. */
static enum status load_view(struct view *view, const struct families *families,
			     bool admin)
{
	enum status status;

	memset(view, 0, sizeof(*view));
	if (!families->native || !admin) {
		status = links_load(&view->links);
		if (!status)
			endpoints_read(&view->endpoints, &view->links);
		return status;
	}
	status = native_open(&view->native);
	if (status)
		return status;
	status = view_load(view, "doctor", NULL, NULL);
	native_close(&view->native);
	return status;
}

/* @attached: those of attach, too, which needs neither OpenVPN nor keep */
static size_t count_tunnels(const struct view *view, bool attached)
{
	size_t i, n = 0;

	for (i = 0; i < view->links.all.count; i++) {
		const struct device *device = &view->links.all.items[i];

		n += device_is_tunnel(device) && (attached || !device->attached);
	}
	return n;
}

static bool has_peers(const struct view *view)
{
	size_t i;

	for (i = 0; i < view->devices.count; i++) {
		if (view->devices.items[i].peers.count)
			return true;
	}
	return false;
}

static void check_paths_and_tunnels(const struct host *host,
				    const struct families *families, bool admin,
				    const struct view *view,
				    struct findings *findings)
{
	static const struct timespec second = { .tv_sec = 1 };
	struct limits limits;
	struct view later;

	if (endpoints_limits(&limits))
		finding_add(findings, LEVEL_UNSEEN, "limits",
			    "limits and endpoints of MPTCP cannot be seen%s",
			    admin ? "" : " without root");
	else
		check_limits(&limits, &view->endpoints, findings);
	check_endpoints(view, host, process_runs(host, "NetworkManager"), findings);
	if (!admin) {
		finding_add(findings, LEVEL_UNSEEN, "tunnels",
			    "peers and their paths cannot be seen without root");
		return;
	}
	check_uplinks(host, findings);
	check_waiting(host, view, findings);
	if (!has_peers(view)) {
		check_tunnels(view, view, findings);
		return;
	}
	/* counters tell something when they are read twice */
	nanosleep(&second, NULL);
	if (!load_view(&later, families, admin))
		check_tunnels(view, &later, findings);
	view_free(&later);
}

static enum status examine(const struct request *request,
			   struct findings *findings)
{
	const struct value *target = request_value(request, "probe");
	enum door_state states[DOOR_COUNT];
	struct families families;
	struct utsname uts;
	struct host host = { "", uts.release };
	enum status status;
	struct view view;
	bool admin;

	uname(&uts);
	admin = may_administrate(&host);
	load_families(&families);
	status = load_view(&view, &families, admin);
	if (!status) {
		check_module(&host, findings);
		check_doors(&host, &families, states, findings);
		check_openvpn(&host, getenv("PATH"), states,
			      count_tunnels(&view, true), findings);
		check_congestion(&host, findings);
		if (check_mptcp(&host, findings)) {
			check_paths_and_tunnels(&host, &families, admin, &view,
						findings);
			check_keep(&host, count_tunnels(&view, false), findings);
			check_managers(&host, findings);
			check_buffers(&host, findings);
			if (target->given)
				probe(&target->target, &view.endpoints, findings);
		}
	}
	view_free(&view);
	return status;
}

enum status doctor(const struct request *request)
{
	struct findings findings = { 0 };
	enum status status = examine(request, &findings);

	if (!status) {
		print_findings(request->out, &findings);
		status = findings_status(&findings);
	}
	free(findings.items);
	return status;
}
