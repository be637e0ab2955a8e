// SPDX-License-Identifier: GPL-2.0-or-later
/* Files of the host: /proc, /sys, modules, packages' places. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/message.h"
#include "kernel/host.h"

/* nothing that is looked into is larger */
#define FILE_MAX (64u << 20)

/* The end of a path that is too long is cut off: it does not exist then. */
static void make_path(const struct host *host, char *path, const char *format,
		      va_list args)
{
	int length = snprintf(path, HOST_PATH_SIZE, "%s", host->root);

	if (length >= 0 && length < HOST_PATH_SIZE)
		vsnprintf(path + length, HOST_PATH_SIZE - length, format, args);
}

int host_text(const struct host *host, char *text, size_t size,
	      const char *format, ...)
{
	char path[HOST_PATH_SIZE];
	ssize_t length;
	va_list args;
	int fd, err = 0;

	text[0] = '\0';
	va_start(args, format);
	make_path(host, path, format, args);
	va_end(args);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	length = file_read(fd, text, size - 1);
	if (length < 0)
		err = errno;
	text[length < 0 ? 0 : length] = '\0';
	if (length > 0 && text[length - 1] == '\n')
		text[length - 1] = '\0';
	close(fd);
	return err;
}

static char *read_file(int fd, size_t *size)
{
	size_t room = 64 << 10;
	char *data = NULL, *more;
	ssize_t got;

	*size = 0;
	do {
		more = realloc(data, room + 1);
		if (!more)
			exit(system_error(ENOMEM, "out of memory"));
		data = more;
		got = file_read(fd, data + *size, room - *size);
		if (got < 0) {
			free(data);
			return NULL;
		}
		*size += got;
		if (*size < room)
			break;
		room *= 2;
	} while (room <= FILE_MAX);
	data[*size] = '\0';
	return data;
}

char *host_file(const struct host *host, size_t *size, const char *format, ...)
{
	char path[HOST_PATH_SIZE], *data;
	va_list args;
	int fd, err;

	va_start(args, format);
	make_path(host, path, format, args);
	va_end(args);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	data = read_file(fd, size);
	err = errno;
	close(fd);
	errno = err;
	return data;
}

bool host_has(const struct host *host, const char *format, ...)
{
	char path[HOST_PATH_SIZE];
	va_list args;

	va_start(args, format);
	make_path(host, path, format, args);
	va_end(args);
	return !access(path, F_OK);
}

int host_link(const struct host *host, char *text, size_t size,
	      const char *format, ...)
{
	char path[HOST_PATH_SIZE];
	ssize_t length;
	va_list args;

	va_start(args, format);
	make_path(host, path, format, args);
	va_end(args);
	length = readlink(path, text, size - 1);
	text[length < 0 ? 0 : length] = '\0';
	return length < 0 ? errno : 0;
}

static void make_path_of(const struct host *host, char *path,
			 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	make_path(host, path, format, args);
	va_end(args);
}

bool host_each(const struct host *host, const char *directory,
	       bool (*visit)(const char *name, void *arg), void *arg)
{
	char path[HOST_PATH_SIZE];
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	make_path_of(host, path, "%s", directory);
	dir = opendir(path);
	while (dir && !found && (entry = readdir(dir))) {
		if (entry->d_name[0] != '.')
			found = visit(entry->d_name, arg);
	}
	if (dir)
		closedir(dir);
	return found;
}

bool host_is_module_file(const char *path, size_t length, const char *name)
{
	const char *file = path + length, *rest;
	size_t size = strlen(name);

	while (file > path && file[-1] != '/')
		file--;
	length -= file - path;
	rest = file + size;
	return length >= size + 3 && !strncmp(file, name, size) &&
	       !strncmp(rest, ".ko", 3) &&
	       (length == size + 3 || rest[3] == '.');
}

/* A line of the index: "updates/dkms/ovpn-dco-mptcp.ko.xz: kernel/net/..." */
bool host_find_module(const struct host *host, const char *name, char *file,
		      size_t size)
{
	size_t length, total;
	char *index = host_file(host, &total, "/lib/modules/%s/modules.dep",
				host->release);
	const char *line;

	file[0] = '\0';
	for (line = index; line && *line; line += strcspn(line, "\n")) {
		line += *line == '\n';
		length = strcspn(line, ":\n");
		if (line[length] != ':' ||
		    !host_is_module_file(line, length, name))
			continue;
		snprintf(file, size, "/lib/modules/%s/%.*s", host->release,
			 (int)length, line);
		break;
	}
	free(index);
	return file[0] && host_has(host, "%s", file);
}

bool host_has_module(const struct host *host, const char *name)
{
	size_t size, length = strlen(name);
	char *list = host_file(host, &size, "/proc/modules");
	bool found = false;
	char *line;

	for (line = list; line && !found; ) {
		found = !strncmp(line, name, length) && line[length] == ' ';
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	free(list);
	return found;
}
