/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading files whose length is not known before: of /proc, pipes, secrets. */
#ifndef FILE_H
#define FILE_H

#include <sys/types.h>

/* Reads to the end, or until @size bytes are there. Not by stdio, whose buffers
 * are not wiped. Returns bytes, or -1 with errno.
 */
ssize_t file_read(int fd, char *buffer, size_t size);

#endif /* FILE_H */
