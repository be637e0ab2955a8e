// SPDX-License-Identifier: GPL-2.0-or-later
/* The unit of systemd that follows what changes. */

#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#include "kernel/host.h"
#include "kernel/sdunit.h"
#include "uplinks/service.h"

static const struct host machine = { .root = "" };

/* A unit is for the network namespace of the first process. */
static bool is_machine(void)
{
	char own[64], first[64];

	return !host_link(&machine, own, sizeof(own), "/proc/self/ns/net") &&
	       !host_link(&machine, first, sizeof(first), "/proc/1/ns/net") &&
	       !strcmp(own, first);
}

enum uplinks_service uplinks_service_state(void)
{
	/* as sd_booted(3) */
	if (!host_has(&machine, "/run/systemd/system"))
		return UPLINKS_SERVICE_NONE;
	if (!is_machine())
		return UPLINKS_SERVICE_ELSEWHERE;
	return sdunit_is_enabled(&machine, UPLINKS_UNIT) ?
	       UPLINKS_SERVICE_ON : UPLINKS_SERVICE_OFF;
}

int uplinks_service_switch(bool on)
{
	char *const argv[] = {
		"systemctl", "--quiet", on ? "enable" : "disable", "--now",
		UPLINKS_UNIT, NULL,
	};
	int err, status;
	pid_t pid;

	err = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
	if (err)
		return err;
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return errno;
	}
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : EIO;
}
