/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP connections of this network namespace, by sock_diag. */
#ifndef PATHS_H
#define PATHS_H

#include "base/model.h"
#include "kernel/links.h"

/* All but those that listen or are closed. */
enum status paths_load(struct paths *paths, const struct links *links);
/* @states: bits of TCP states */
enum status paths_load_some(struct paths *paths, const struct links *links,
			    uint32_t states);
/* Whoever uses the connection is told ECONNABORTED. Returns 0 or an errno; ENOENT:
 * it has ended meanwhile.
 */
int path_end(const struct path *path);

/* Copies the connections that carry a peer. */
void paths_of_peer(const struct paths *all, struct peer *peer);

#endif /* PATHS_H */
