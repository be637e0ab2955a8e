/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs that run on the host. */
#ifndef PROCESS_H
#define PROCESS_H

#include "kernel/host.h"

/**
 * struct process_search - processes of one name
 * @host: where to look
 * @program: the name, as /proc/PID/comm has it
 * @netns: only those of this network namespace; empty for all
 * @count: how many there are
 * @pid: of the one that was found last
 */
struct process_search {
	const struct host *host;
	const char *program;
	char netns[64];
	int count;
	char pid[24];
};

/* Any in all network namespaces. */
bool process_runs(const struct host *host, const char *program);
/* Those of this network namespace; sets the whole of @search. Returns whether
 * there is one.
 */
bool process_find(struct process_search *search, const struct host *host,
		  const char *program);

#endif /* PROCESS_H */
