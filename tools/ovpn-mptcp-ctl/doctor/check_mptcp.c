// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor: MPTCP of this kernel and network namespace, as its sysctls tell. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "doctor/checks.h"
#include "kernel/process.h"
#include "kernel/sdunit.h"

#define SYSCTL		"/proc/sys/net/mptcp/"

/* 100 Mbit/s with a round trip of 150 ms, the usual LTE link under load */
#define BUFFER_WANTED	(2u << 20)

static void check_path_manager(const struct host *host,
			       struct findings *findings)
{
	char type[8];

	if (host_text(host, type, sizeof(type), SYSCTL "pm_type") ||
	    strcmp(type, "1") || process_runs(host, "mptcpd"))
		return;
	finding_add(findings, LEVEL_PROBLEM, "mptcp-pm",
		    "paths are left to a daemon (net.mptcp.pm_type=1), and mptcpd does not run: endpoints have no effect");
	finding_fix(findings, "sysctl -w net.mptcp.pm_type=0, or start mptcpd");
}

bool check_mptcp(const struct host *host, struct findings *findings)
{
	char enabled[8], scheduler[32];
	int err = host_text(host, enabled, sizeof(enabled), SYSCTL "enabled");

	if (err && err != ENOENT) {
		finding_add(findings, LEVEL_UNSEEN, "mptcp",
			    "whether MPTCP is on cannot be seen: " SYSCTL "enabled: %s",
			    errno_text(err));
		return true;
	}
	if (err) {
		finding_problem(findings, STATUS_NO_MPTCP, "mptcp-missing",
				"this kernel, %s, has no MPTCP", host->release);
		finding_fix(findings,
			    "use a kernel with CONFIG_MPTCP=y, as those of Debian and Fedora are");
		return false;
	}
	if (!strcmp(enabled, "0")) {
		finding_problem(findings, STATUS_NO_MPTCP, "mptcp-off",
				"MPTCP is switched off in this network namespace (net.mptcp.enabled=0)");
		finding_fix(findings,
			    "sysctl -w net.mptcp.enabled=1; to keep it: echo net.mptcp.enabled=1 >/etc/sysctl.d/90-mptcp.conf");
		return false;
	}
	if (host_text(host, scheduler, sizeof(scheduler), SYSCTL "scheduler"))
		finding_add(findings, LEVEL_GOOD, "mptcp", "MPTCP is on");
	else
		finding_add(findings, LEVEL_GOOD, "mptcp",
			    "MPTCP is on, with the scheduler %s", scheduler);
	check_path_manager(host, findings);
	return true;
}

void check_buffers(const struct host *host, struct findings *findings)
{
	static const char *const names[] = { "tcp_rmem", "tcp_wmem" };
	char text[96], size[UNITS_SIZE], wanted[UNITS_SIZE];
	uint64_t largest;
	int i;

	for (i = 0; i < 2; i++) {
		if (host_text(host, text, sizeof(text),
			      "/proc/sys/net/ipv4/%s", names[i]) ||
		    sscanf(text, "%*u %*u %" SCNu64, &largest) != 1 ||
		    largest >= BUFFER_WANTED)
			continue;
		units_format(size, UNIT_BYTES, largest);
		units_format(wanted, UNIT_BYTES, BUFFER_WANTED);
		finding_add(findings, LEVEL_ADVICE, "buffers",
			    "a connection may buffer no more than %s (net.ipv4.%s): two fast links with long round trips need more",
			    size, names[i]);
		finding_fix(findings,
			    "sysctl -w net.ipv4.%s=\"4096 %s 16777216\"; %s is the least for 100 Mbit/s and 150 ms",
			    names[i], i ? "16384" : "131072", wanted);
	}
}

void check_keep(const struct host *host, size_t tunnels,
		struct findings *findings)
{
	static const char unit[] = "ovpn-mptcp-keep.service";

	if (!tunnels || !sdunit_is_masked(host, unit))
		return;
	finding_add(findings, LEVEL_NOTE, "keep-off",
		    "lost paths do not come back by themselves, and slow ones are not spared: %s is masked",
		    unit);
	finding_fix(findings, "systemctl unmask %s, then systemctl start %s",
		    unit, unit);
}

void check_managers(const struct host *host, struct findings *findings)
{
	bool networkmanager = process_runs(host, "NetworkManager") ||
			      host_has(host, "/run/NetworkManager/NetworkManager.pid");
	bool mptcpd = process_runs(host, "mptcpd");

	if (!networkmanager || !mptcpd)
		return;
	finding_add(findings, LEVEL_PROBLEM, "managers",
		    "NetworkManager and mptcpd both run, and both make and remove MPTCP endpoints");
	finding_fix(findings,
		    "keep one: systemctl disable --now mptcp.service, or [connection] connection.mptcp-flags=0x1 (disabled) in a file in /etc/NetworkManager/conf.d");
}
