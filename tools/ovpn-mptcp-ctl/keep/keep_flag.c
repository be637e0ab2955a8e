// SPDX-License-Identifier: GPL-2.0-or-later
/* Files that say which tunnels have been without a peer for long. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/message.h"
#include "keep/keep_flag.h"
#include "kernel/host.h"

/* A name of an interface is neither empty nor "..", and has no slash. */
void keep_flag_set(const char *device, bool set)
{
	const char *directory = getenv("RUNTIME_DIRECTORY");
	char path[HOST_PATH_SIZE];
	int fd;

	if (!directory)
		return;
	if (snprintf(path, sizeof(path), "%s/%s.no-peer", directory, device) >=
	    (int)sizeof(path)) {
		system_error(ENAMETOOLONG, "keep: %s/%s.no-peer", directory,
			     device);
		return;
	}
	if (!set) {
		if (unlink(path) && errno != ENOENT)
			system_error(errno, "keep: cannot remove %s", path);
		return;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		system_error(errno, "keep: cannot write %s", path);
	else
		close(fd);
}
