/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HOST:PORT as people write it. */
#ifndef TARGET_H
#define TARGET_H

#include <stdbool.h>

/* the longest name that DNS knows */
#define TARGET_HOST_SIZE 256

/**
 * struct target - a host and a port
 * @host: name or address, without brackets
 * @port: number, as text
 */
struct target {
	char host[TARGET_HOST_SIZE];
	char port[6];
};

/* "name:1194", "192.0.2.1:1194" or "[2001:db8::1]:1194". */
bool target_parse(struct target *target, const char *text);

#endif /* TARGET_H */
