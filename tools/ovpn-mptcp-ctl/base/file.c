// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading files whose length is not known before. */

#include <errno.h>
#include <unistd.h>

#include "base/file.h"

ssize_t file_read(int fd, char *buffer, size_t size)
{
	size_t length = 0;
	ssize_t got;

	while (length < size) {
		got = read(fd, buffer + length, size - length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (!got)
			break;
		length += got;
	}
	return (ssize_t)length;
}
