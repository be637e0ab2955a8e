/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one process of attach has: its ends, and what they share. */
#ifndef SERVICE_H
#define SERVICE_H

#include "attach/attach.h"

struct out;

/**
 * struct told - ends as they are told, in the order of the configuration
 * @sites: each with configuration and credentials
 * @count: how many: one, or one for each peer of a server
 * @name: for messages: the device of the only one, or of the whole
 * @from_stdin: it cannot be read again
 * @check: it is only to be checked
 */
struct told {
	struct attach *sites[CONFIG_PEERS_MAX];
	size_t count;
	char name[IFNAMSIZ];
	bool from_stdin;
	bool check;
};

/* Reads directives, files and secrets. Says what is wrong, and then leaves
 * nothing.
 */
enum status told_load(struct told *told, const char *command,
		      char *const *argv);
/* The credentials of each site lead to those of the next one. */
void told_link(struct told *told);
/* One that was never opened, or is closed. */
void told_free_site(struct attach *site);
/* Prints what was read. */
void told_print(struct out *out, const struct told *told);

/* Takes the configuration and credentials of @next, which is not opened, and
 * changes what is another one in them; device and tunnel stay. Says what is wrong,
 * and then nothing is changed, nor taken.
 */
enum status attach_change(struct attach *attach, struct attach *next);

#endif /* SERVICE_H */
