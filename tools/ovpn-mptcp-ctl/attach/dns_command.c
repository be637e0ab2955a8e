// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The verbs of dns, which units of systemd run as root: attach itself, as a
 * service, may not change the name servers of the machine. It makes a file while
 * they are to be those of the tunnel.
 */

#include <errno.h>
#include <limits.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "attach/dns.h"
#include "base/memory.h"
#include "cli/command.h"

/* Until the file is gone. */
static enum status wait_for_end(int fd, const char *path)
{
	char buffer[sizeof(struct inotify_event) + NAME_MAX + 1]
		__attribute__((aligned(__alignof__(struct inotify_event))));
	const struct inotify_event *event = (const void *)buffer;

	for (;;) {
		if (read(fd, buffer, sizeof(buffer)) < 0) {
			if (errno == EINTR)
				continue;
			return system_error(errno, "dns keep: %s", path);
		}
		/* the second is the end of the watch, whatever ended it */
		if (event->mask & (IN_DELETE_SELF | IN_IGNORED) ||
		    access(path, F_OK))
			return STATUS_OK;
	}
}

static enum status keep(const struct request *request, const char *path)
{
	const char *file = request_value(request, "config")->text;
	char *const argv[] = {
		"config", (char *)file, "device", (char *)request->device, NULL
	};
	struct config config;
	enum status status;
	int fd;

	status = config_load(&config, request->command->name, argv);
	if (status)
		return status;
	fd = inotify_init1(IN_CLOEXEC);
	if (fd < 0)
		status = system_error(errno, "dns keep: no inotify");
	/* attributes: a file that is open somewhere is gone when its name is */
	else if (inotify_add_watch(fd, path, IN_DELETE_SELF | IN_ATTRIB |
				   IN_MOVE_SELF) >= 0)
		status = config.dns.count ? dns_set(&config, request->device) :
					    STATUS_OK;
	else if (errno != ENOENT)
		status = system_error(errno, "dns keep: %s", path);
	else
		path = NULL;
	if (!status && path)
		status = wait_for_end(fd, path);
	if (fd >= 0)
		close(fd);
	config_free(&config);
	return status;
}

enum status dns_keep(const struct request *request)
{
	enum status status = keep(request,
				  request_value(request, "while")->text);
	enum status undone = dns_undo(request->device);

	return status ? status : undone;
}

enum status dns_forget(const struct request *request)
{
	return dns_undo(request->device);
}
