/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways by which the first path of a connection can leave this machine. */
#ifndef WAYS_H
#define WAYS_H

#include "attach/config.h"

#define WAYS_MAX 16

/**
 * struct way - where a connection begins
 * @from: source address; of no family: as the route says
 * @ifindex: interface that its socket is bound to; 0 for none
 * @device: its name, or that of the interface that has @from; may be empty
 */
struct way {
	struct address from;
	int ifindex;
	char device[IFNAMSIZ];
};

struct ways {
	struct way items[WAYS_MAX];
	size_t count;
};

/* The usual way, then one from each endpoint of MPTCP that opens paths and is no
 * backup. @family: only those that lead to addresses of it; AF_UNSPEC for all.
 * @tunnel: index of the interface that is none
 */
void ways_usual(struct ways *ways, int family, int tunnel);

/* The one from an address that the configuration names. */
void ways_local(struct ways *ways, const struct config_local *local);

/* What is left when these are dead: from endpoints that are backups, and through
 * interfaces that have a route to @to in the main table. @used: addresses that
 * are in use already
 */
void ways_other(struct ways *ways, const struct address *to, int tunnel,
		const struct address *used, size_t used_count);

#endif /* WAYS_H */
