// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Name servers of a client's tunnel. What changes those of the machine may take
 * its time, so another process does it. A service, which may not, makes a file
 * instead, that a unit of systemd looks for: ovpn-mptcp-dns@.path.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attach/attach.h"
#include "attach/dns.h"

/* for all programs that are run */
#define PATIENCE_S	20

/* The first directory, where there are several. */
static const char *flag_of_service(char path[PATH_MAX])
{
	const char *directory = getenv("RUNTIME_DIRECTORY");

	if (!directory)
		return NULL;
	snprintf(path, PATH_MAX, "%.*s/dns", (int)strcspn(directory, ":"),
		 directory);
	return path;
}

static void set_flag(const struct attach *attach, const char *path, bool set)
{
	int fd;

	if (!set) {
		if (unlink(path) && errno != ENOENT)
			attach_say(attach, "dns: cannot remove %s (%s)", path,
				   errno_text(errno));
		return;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		attach_say(attach, "dns: cannot write %s (%s)", path,
			   errno_text(errno));
	else
		close(fd);
}

void attach_dns_wait(struct attach *attach)
{
	while (attach->dns_process &&
	       waitpid(attach->dns_process, NULL, 0) < 0 && errno == EINTR)
		;
	attach->dns_process = 0;
}

/* In the order in which it was asked for. */
static void change(struct attach *attach, bool set)
{
	pid_t pid;

	attach_dns_wait(attach);
	/* The other process may look when the device was made already. */
	if (!set && !dns_is_left(attach->device))
		return;
	pid = fork();
	if (pid < 0) {
		attach_say(attach, "dns: no process (%s)", errno_text(errno));
		return;
	}
	if (pid) {
		attach->dns_process = pid;
		return;
	}
	alarm(PATIENCE_S);
	_exit(set ? dns_set(&attach->config, attach->device) :
		    dns_undo(attach->device));
}

static void ask(struct attach *attach, bool set)
{
	char buffer[PATH_MAX];
	const char *path = flag_of_service(buffer);

	if (path)
		set_flag(attach, path, set);
	else
		change(attach, set);
}

void attach_dns_begin(struct attach *attach)
{
	if (attach->config.dns.count)
		ask(attach, false);
}

void attach_dns_stand(struct attach *attach)
{
	if (attach->dns || !attach->config.dns.count)
		return;
	attach->dns = true;
	ask(attach, true);
}

void attach_dns_rest(struct attach *attach)
{
	if (!attach->dns)
		return;
	attach->dns = false;
	ask(attach, false);
}

void attach_dns_look(struct attach *attach)
{
	if (attach->dns_process &&
	    waitpid(attach->dns_process, NULL, WNOHANG) == attach->dns_process)
		attach->dns_process = 0;
}
