// SPDX-License-Identifier: GPL-2.0-or-later
/* The claim of one attach to the name of a device. */

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "attach/claim.h"

#define BACKLOG 8
/* users that systemd gives only to a service with DynamicUser= */
#define DYNAMIC_UID_MIN	61184
#define DYNAMIC_UID_MAX	65519

static socklen_t name_of(const char *device, struct sockaddr_un *name)
{
	memset(name, 0, sizeof(*name));
	name->sun_family = AF_UNIX;
	/* the first byte is 0: the name is in no file system */
	return offsetof(struct sockaddr_un, sun_path) + 1 +
	       snprintf(name->sun_path + 1, sizeof(name->sun_path) - 1,
			PROGRAM " attach %s", device);
}

static int make_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* Who listens there; 0 or -1. */
static int ask(const char *device, struct ucred *who)
{
	struct sockaddr_un name;
	socklen_t length = name_of(device, &name), size = sizeof(*who);
	int fd = make_socket(), err;

	if (fd < 0)
		return -1;
	err = connect(fd, (struct sockaddr *)&name, length) ||
	      getsockopt(fd, SOL_SOCKET, SO_PEERCRED, who, &size);
	close(fd);
	return err ? -1 : 0;
}

static bool may_have_it(const struct ucred *who)
{
	return !who->uid || who->uid == geteuid() ||
	       (who->uid >= DYNAMIC_UID_MIN && who->uid <= DYNAMIC_UID_MAX);
}

bool claim_is_taken(const char *device)
{
	struct ucred who = { 0 };

	return !ask(device, &who) && may_have_it(&who);
}

static enum status taken(const char *command, const char *device)
{
	struct ucred who = { 0 };

	if (ask(device, &who) || !may_have_it(&who)) {
		say("%s: warning: a process that makes no devices has the name under which the claim to one is found: passed over",
		    device);
		return STATUS_OK;
	}
	if (!strcmp(device, CLAIM_GATEWAY))
		return system_error(EBUSY, "%s: gateway: expected to be the only gateway of this network namespace, and process %d has made one",
				    command, (int)who.pid);
	return system_error(EBUSY, "%s: expected the name of a device that no other attach has, and process %d has %s",
			    command, (int)who.pid, device);
}

enum status claim_take(struct claim *claim, const char *command,
		       const char *device)
{
	struct sockaddr_un name;
	socklen_t length = name_of(device, &name);
	int err;

	claim->fd = make_socket();
	if (claim->fd < 0)
		return system_error(errno, "%s: cannot claim the name", device);
	if (!bind(claim->fd, (struct sockaddr *)&name, length) &&
	    !listen(claim->fd, BACKLOG))
		return STATUS_OK;
	err = errno;
	claim_drop(claim);
	if (err == EADDRINUSE)
		return taken(command, device);
	return system_error(err, "%s: cannot claim the name", device);
}

void claim_answer(const struct claim *claim)
{
	int fd;

	if (claim->fd < 0)
		return;
	while ((fd = accept4(claim->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0)
		close(fd);
}

void claim_drop(struct claim *claim)
{
	if (claim->fd >= 0)
		close(claim->fd);
	claim->fd = -1;
}
