// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor: is the module there, and if not, at which step did it stop? */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "doctor/checks.h"
#include "uapi/linux/ovpn_dco_mptcp.h"
#include "version.h"

#define PACKAGE		OVPN_MPTCP_NAME "-dkms"
/* a version of a package */
#define NAME_MAX_SIZE	64
#define SYS_MODULE	"/sys/module/ovpn_dco_mptcp"

struct search {
	char file[HOST_PATH_SIZE];
	const char *directory;
	const char *release;
};

static bool is_module(const char *name, void *arg)
{
	struct search *search = arg;

	if (!host_is_module_file(name, strlen(name), OVPN_MPTCP_NAME))
		return false;
	snprintf(search->file, sizeof(search->file), "/lib/modules/%s/%s/%s",
		 search->release, search->directory, name);
	return true;
}

/* Where distributions put modules that are built on the machine. */
static bool find_unindexed(const struct host *host, struct search *search)
{
	static const char *const directories[] = {
		"updates/dkms", "updates", "extra", "weak-updates",
		"kernel/drivers/net", "kernel/updates/dkms",
	};
	char path[HOST_PATH_SIZE];
	size_t i;

	search->release = host->release;
	for (i = 0; i < ARRAY_SIZE(directories); i++) {
		search->directory = directories[i];
		snprintf(path, sizeof(path), "/lib/modules/%s/%s",
			 host->release, directories[i]);
		if (host_each(host, path, is_module, search))
			return true;
	}
	return false;
}

static bool is_source(const char *name, void *arg)
{
	static const char prefix[] = OVPN_MPTCP_NAME "-";
	char *version = arg;

	if (strncmp(name, prefix, sizeof(prefix) - 1))
		return false;
	snprintf(version, NAME_MAX_SIZE, "%s", name + sizeof(prefix) - 1);
	return true;
}

/* The sources are there, and no module for this kernel came out of them. */
static void explain_not_built(const struct host *host, const char *version,
			      struct findings *findings)
{
	finding_problem(findings, STATUS_NO_MODULE, "module-not-built",
			"the module is not built for this kernel, %s; its sources, version %s, are here",
			host->release, version);
	if (!host_has(host, "/lib/modules/%s/build/Makefile", host->release)) {
		finding_fix(findings,
			    "install the headers of this kernel (Debian: apt install linux-headers-%s; Fedora: dnf install kernel-devel-%s), then dkms autoinstall",
			    host->release, host->release);
	} else if (host_has(host, "/var/lib/dkms/" OVPN_MPTCP_NAME "/%s/build/make.log",
			    version)) {
		finding_fix(findings,
			    "read /var/lib/dkms/" OVPN_MPTCP_NAME "/%s/build/make.log for the error, then dkms install " OVPN_MPTCP_NAME "/%s -k %s",
			    version, version, host->release);
	} else {
		finding_fix(findings,
			    "dkms install " OVPN_MPTCP_NAME "/%s -k %s", version,
			    host->release);
	}
}

static void explain_absence(const struct host *host, struct findings *findings)
{
	char version[NAME_MAX_SIZE] = "";
	struct search search = { 0 };

	if (find_unindexed(host, &search)) {
		finding_problem(findings, STATUS_NO_MODULE, "module-not-indexed",
				"the module is built, %s, and modprobe does not know of it",
				search.file);
		finding_fix(findings, "depmod %s && modprobe " OVPN_MPTCP_NAME,
			    host->release);
	} else if (host_each(host, "/usr/src", is_source, version)) {
		explain_not_built(host, version, findings);
	} else {
		finding_problem(findings, STATUS_NO_MODULE, "module-missing",
				"the module " OVPN_MPTCP_NAME " is not on this machine: neither built for this kernel, %s, nor as sources in /usr/src",
				host->release);
		finding_fix(findings,
			    "install the package " PACKAGE ", and the headers of this kernel");
	}
}

static void explain_not_loaded(const struct host *host, const char *file,
			       struct findings *findings)
{
	finding_problem(findings, STATUS_NO_MODULE, "module-not-loaded",
			"the module " OVPN_MPTCP_NAME " is not loaded");
	if (host_has(host, "/proc/sys/kernel/modules_disabled")) {
		char disabled[8];

		host_text(host, disabled, sizeof(disabled),
			  "/proc/sys/kernel/modules_disabled");
		if (!strcmp(disabled, "1")) {
			finding_fix(findings,
				    "kernel.modules_disabled=1 forbids it until the next start of the machine: load it earlier, with a file in /etc/modules-load.d");
			return;
		}
	}
	finding_fix(findings, "modprobe " OVPN_MPTCP_NAME);
	check_signature(host, file, findings);
}

static void check_version(const struct host *host, const char *version,
			  struct findings *findings)
{
	char name[NAME_MAX_SIZE] = "";

	if (!strcmp(version, OVPN_VERSION)) {
		finding_add(findings, LEVEL_GOOD, "module-loaded",
			    "the module " OVPN_MPTCP_NAME " %s is loaded",
			    version);
		return;
	}
	finding_add(findings, LEVEL_PROBLEM, "module-version",
		    "the loaded module has version %s, and " PROGRAM " has " OVPN_VERSION,
		    version[0] ? version : "?");
	host_each(host, "/usr/src", is_source, name);
	if (!strcmp(name, OVPN_VERSION))
		finding_fix(findings,
			    "load the new one: stop all tunnels, modprobe -r " OVPN_MPTCP_NAME " && modprobe " OVPN_MPTCP_NAME);
	else
		finding_fix(findings,
			    "install " PACKAGE " and ovpn-mptcp-ctl of the same version");
}

bool check_module(const struct host *host, struct findings *findings)
{
	char file[HOST_PATH_SIZE], version[32];

	if (host_has_module(host, "ovpn_dco_mptcp")) {
		host_text(host, version, sizeof(version), SYS_MODULE "/version");
		check_version(host, version, findings);
		return true;
	}
	if (host_find_module(host, OVPN_MPTCP_NAME, file, sizeof(file)))
		explain_not_loaded(host, file, findings);
	else
		explain_absence(host, findings);
	return false;
}
