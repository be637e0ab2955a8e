// SPDX-License-Identifier: GPL-2.0-or-later
/* Programs that run on the host. */

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "kernel/process.h"

static bool is_program(const char *name, void *arg)
{
	struct process_search *search = arg;
	char text[64];

	if (!isdigit((unsigned char)*name) ||
	    host_text(search->host, text, sizeof(text), "/proc/%s/comm", name) ||
	    strcmp(text, search->program))
		return false;
	if (search->netns[0] &&
	    (host_link(search->host, text, sizeof(text), "/proc/%s/ns/net", name) ||
	     strcmp(text, search->netns)))
		return false;
	search->count++;
	snprintf(search->pid, sizeof(search->pid), "%s", name);
	return false;
}

bool process_runs(const struct host *host, const char *program)
{
	struct process_search search = { .host = host, .program = program };

	host_each(host, "/proc", is_program, &search);
	return search.count;
}

bool process_find(struct process_search *search, const struct host *host,
		  const char *program)
{
	*search = (struct process_search){ .host = host, .program = program };
	if (host_link(host, search->netns, sizeof(search->netns),
		      "/proc/self/ns/net"))
		return false;
	host_each(host, "/proc", is_program, search);
	return search->count;
}
