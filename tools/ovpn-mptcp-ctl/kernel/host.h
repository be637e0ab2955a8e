/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of the host: /proc, /sys, modules, packages' places. */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct host - where to look
 * @root: prefix of every path, empty for the machine itself
 * @release: of the kernel, as uname says
 */
struct host {
	const char *root;
	const char *release;
};

#define HOST_PATH_SIZE 512

/* All take a format for the path, without @root. */

/* A small file: up to @size - 1 bytes, and a NUL behind them; a newline at the
 * end is cut off. Returns 0 or an errno; @text is empty then.
 */
__attribute__((format(printf, 4, 5)))
int host_text(const struct host *host, char *text, size_t size,
	      const char *format, ...);
/* A file of any sort in memory of its own, with a NUL behind it; NULL when it
 * cannot be read, errno says why.
 */
__attribute__((format(printf, 3, 4)))
char *host_file(const struct host *host, size_t *size, const char *format, ...);
__attribute__((format(printf, 2, 3)))
bool host_has(const struct host *host, const char *format, ...);
/* Where a symbolic link points to; 0 or an errno. */
__attribute__((format(printf, 4, 5)))
int host_link(const struct host *host, char *text, size_t size,
	      const char *format, ...);

/* Calls @visit for each name in a directory until it returns true. Returns
 * whether it did.
 */
bool host_each(const struct host *host, const char *directory,
	       bool (*visit)(const char *name, void *arg), void *arg);

/* Whether a path, or a name without one, is that of a module's file: NAME.ko,
 * packed or not.
 */
bool host_is_module_file(const char *path, size_t length, const char *name);
/* What modprobe would load for @name: sets @file to its path below the root,
 * empty when there is none. Returns whether it is there.
 */
bool host_find_module(const struct host *host, const char *name, char *file,
		      size_t size);
/* A module that was loaded, not one that is built in. @name: with _ */
bool host_has_module(const struct host *host, const char *name);

#endif /* HOST_H */
