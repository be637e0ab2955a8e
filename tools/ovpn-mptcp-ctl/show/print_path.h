/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a path is shown: what show and top have in common. */
#ifndef PRINT_PATH_H
#define PRINT_PATH_H

#include "base/model.h"
#include "base/output.h"

/**
 * struct path_columns - widths for the paths of one peer
 * @device: name of the interface
 * @local: own address
 * @remote: far address and port
 * @narrow: there is no room for addresses
 * @congestion: each path says which congestion control it has
 */
struct path_columns {
	int device;
	int local;
	int remote;
	bool narrow;
	bool congestion;
};

struct path_columns path_columns(const struct peer *peer);

/* An address and its port, of the other end. */
void print_remote(struct out *out, const struct look *look,
		  const struct address *remote);
/* Where a path is, and its state. */
void print_path_head(struct out *out, const struct path *path,
		     const struct path_columns *columns);
/* Of a path over TCP. */
void print_congestion(struct out *out, const struct path *path,
		      const struct path_columns *columns);
/* What is unusual about it, and the end of the line. */
void print_path_tail(struct out *out, const struct path *path);
void print_missing(struct out *out, const struct endpoint *endpoint,
		   const struct path_columns *columns);
/* Transport of a peer, and how many paths it has. */
void print_transport(struct out *out, const struct peer *peer);

#endif /* PRINT_PATH_H */
