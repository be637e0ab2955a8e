/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /etc/ovpn-mptcp/uplinks.conf: which interface is to be used how. */
#ifndef UPLINKS_CONF_H
#define UPLINKS_CONF_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/message.h"

#define UPLINKS_CONF "/etc/ovpn-mptcp/uplinks.conf"
#define UPLINKS_CONF_SIZE_MAX (64 << 10)

/**
 * enum uplinks_role - what an interface is for
 * @UPLINKS_NORMAL: to be used
 * @UPLINKS_BACKUP: to be used when no other one works
 * @UPLINKS_NEVER: to be left alone
 */
enum uplinks_role {
	UPLINKS_NORMAL,
	UPLINKS_BACKUP,
	UPLINKS_NEVER,
};

/* by number, ends with NULL */
extern const char *const uplinks_role_names[];

/**
 * struct uplinks_choice - a line of the file
 * @pattern: of names of interfaces, as the shell has them
 * @role: of these
 */
struct uplinks_choice {
	char pattern[2 * IFNAMSIZ];
	enum uplinks_role role;
};

/**
 * struct uplinks_conf - the file
 * @items: its choices; the first one that fits counts
 * @count: how many
 */
struct uplinks_conf {
	struct uplinks_choice *items;
	size_t count;
};

/* @error: what is wrong, of @size bytes. Returns 0, or the number of the line
 * that is wrong.
 */
unsigned int uplinks_conf_parse(struct uplinks_conf *conf, const char *text,
				size_t length, char *error, size_t size);
/* A file that is not there says nothing. Says what is wrong. */
enum status uplinks_conf_load(struct uplinks_conf *conf, const char *path);
void uplinks_conf_free(struct uplinks_conf *conf);

/* The line about an interface, or NULL. */
const struct uplinks_choice *uplinks_conf_find(const struct uplinks_conf *conf,
					       const char *device);

#endif /* UPLINKS_CONF_H */
