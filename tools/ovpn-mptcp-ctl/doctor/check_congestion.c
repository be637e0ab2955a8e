// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor: can the module give connections the congestion control it should? */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "doctor/checks.h"

#define PARAMETER	"/sys/module/ovpn_dco_mptcp/parameters/congestion"
#define SYSCTL		"/proc/sys/net/ipv4/tcp_congestion_control"
#define AVAILABLE	"/proc/sys/net/ipv4/tcp_available_congestion_control"

/* What the kernel was built with, from where distributions keep that. */
static void find_default(const struct host *host, char *name)
{
	static const char *const files[] = {
		"/boot/config-%s", "/lib/modules/%s/config",
		"/lib/modules/%s/build/.config",
	};
	static const char line[] = "\nCONFIG_DEFAULT_TCP_CONG=\"";
	const char *found = NULL;
	char *config;
	size_t i, size;

	/* the choice of a kernel whose administrator made none */
	strcpy(name, "cubic");
	for (i = 0; i < ARRAY_SIZE(files) && !found; i++) {
		config = host_file(host, &size, files[i], host->release);
		found = config ? strstr(config, line) : NULL;
		if (found)
			snprintf(name, CONGESTION_SIZE, "%.*s",
				 (int)strcspn(found + sizeof(line) - 1, "\"\n"),
				 found + sizeof(line) - 1);
		free(config);
	}
}

/* Whether this network namespace has another one than the kernel was built
 * with: somebody chose it, and the module heeds that.
 */
static bool is_chosen(const struct host *host, const char *wanted,
		      struct findings *findings)
{
	char now[CONGESTION_SIZE], built_with[CONGESTION_SIZE];

	if (host_text(host, now, sizeof(now), SYSCTL))
		return false;
	find_default(host, built_with);
	if (!strcmp(now, built_with))
		return false;
	finding_add(findings, LEVEL_NOTE, "congestion-sysctl",
		    "net.ipv4.tcp_congestion_control is %s in this network namespace, and not the kernel's own %s: the module leaves connections with that, whatever its parameter congestion, now %s, says",
		    now, built_with, wanted);
	return true;
}

/* Whether a list of words has this one. */
static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (list += strspn(list, " "); *list; list += strspn(list, " ")) {
		size_t next = strcspn(list, " ");

		if (next == length && !strncmp(list, word, length))
			return true;
		list += next;
	}
	return false;
}

static void report_unloaded(const struct host *host, const char *name,
			    struct findings *findings)
{
	char disabled[8];

	host_text(host, disabled, sizeof(disabled),
		  "/proc/sys/kernel/modules_disabled");
	if (!strcmp(disabled, "1")) {
		finding_add(findings, LEVEL_ADVICE, "congestion-missing",
			    "the module is to give connections the congestion control %s, which is not loaded, and kernel.modules_disabled=1 forbids it until the next start of the machine: they keep what they have",
			    name);
		finding_fix(findings,
			    "echo tcp_%s >/etc/modules-load.d/tcp_%s.conf", name,
			    name);
		return;
	}
	finding_add(findings, LEVEL_NOTE, "congestion-unloaded",
		    "the congestion control %s, which the module is to give connections, is not loaded: the kernel does that when the first one needs it, but not for a container",
		    name);
	finding_fix(findings,
		    "modprobe tcp_%s; to have it always: echo tcp_%s >/etc/modules-load.d/tcp_%s.conf",
		    name, name, name);
}

void check_congestion(const struct host *host, struct findings *findings)
{
	char wanted[CONGESTION_SIZE], list[512], module[CONGESTION_SIZE + 4];
	char file[HOST_PATH_SIZE];

	/* without the module, or one that leaves connections alone */
	if (host_text(host, wanted, sizeof(wanted), PARAMETER) || !*wanted ||
	    !strcmp(wanted, "none") || is_chosen(host, wanted, findings))
		return;
	if (!strcmp(wanted, "auto")) {
		finding_add(findings, LEVEL_GOOD, "congestion",
			    "paths keep the congestion control that they have, but those that lose packets without a queue: the module gives them its own");
		return;
	}
	host_text(host, list, sizeof(list), AVAILABLE);
	if (has_word(list, wanted)) {
		finding_add(findings, LEVEL_GOOD, "congestion",
			    "the congestion control %s, which the module is to give connections, is there",
			    wanted);
		return;
	}
	snprintf(module, sizeof(module), "tcp_%s", wanted);
	if (host_find_module(host, module, file, sizeof(file))) {
		report_unloaded(host, wanted, findings);
		return;
	}
	finding_add(findings, LEVEL_ADVICE, "congestion-missing",
		    "the module is to give connections the congestion control %s, which this kernel, %s, does not have: they keep what they have",
		    wanted, host->release);
	finding_fix(findings,
		    "use a kernel with tcp_%s, as those of Debian and Fedora are, then modprobe tcp_%s, and to have it always: echo tcp_%s >/etc/modules-load.d/tcp_%s.conf; or choose one of %s: echo NAME >" PARAMETER,
		    wanted, wanted, wanted, wanted, list);
}
