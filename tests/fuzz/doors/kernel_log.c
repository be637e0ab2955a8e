// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel_log.h"

/*
 * The runner looks at the whole log in the end (tests/vm/guest); this is to know
 * which input it was.
 */
static const char *const reports[] = {
	"WARNING:", "BUG:", "Oops", "UBSAN:", "refcount_t:", "general protection fault", "INFO: ",
	"unregister_netdevice:",
};

static int fd = -1;

bool kernel_log_open(void)
{
	fd = open("/dev/kmsg", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && lseek(fd, 0, SEEK_END) >= 0)
		return true;
	printf("FAIL: /dev/kmsg: %s\n", strerror(errno));
	return false;
}

void kernel_log_write(const char *text)
{
	dprintf(fd, "<3>netlink-fuzz: %s\n", text);
}

const char *kernel_log_trouble(void)
{
	static char line[8192];
	size_t i;

	for (;;) {
		ssize_t len = read(fd, line, sizeof(line) - 1);

		/* a record that was overwritten meanwhile is no end */
		if (len < 0 && errno == EPIPE)
			continue;
		if (len <= 0)
			return NULL;
		line[len] = 0;
		for (i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
			if (strstr(line, reports[i]))
				return line;
		}
	}
}
