// SPDX-License-Identifier: GPL-2.0-or-later
/* The verb metrics: numbers for Prometheus. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/names.h"
#include "base/output.h"
#include "cli/command.h"
#include "metrics/print_metrics.h"
#include "metrics/scrape.h"
#include "show/view.h"
#include "version.h"

/* all of a device with as many, some 70 numbers each, can be read in a second */
#define PEERS_MAX 1000

/**
 * struct wish - which metrics are wanted
 * @command: name of the command
 * @device: the only device, or NULL
 * @peers_max: of struct metrics
 */
struct wish {
	const char *command;
	const char *device;
	uint32_t peers_max;
};

static void see_family(const char *name, void *arg)
{
	bool *seen = arg;

	*seen |= !strcmp(name, OVPN_MPTCP_NAME);
}

/* A module that is not there is a fact, and looking for it does not load it. */
static enum status look_for_module(bool *loaded)
{
	struct netlink netlink;
	enum status status = netlink_open(&netlink, NETLINK_GENERIC);

	*loaded = false;
	if (status)
		return status;
	if (netlink_families(&netlink, see_family, loaded))
		status = netlink_refused(&netlink, "list of netlink families");
	netlink_close(&netlink);
	return status;
}

static int by_id(const void *a, const void *b)
{
	const struct peer *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* The same peers have metrics each time, when not all have. */
static void sort_peers(struct devices *devices)
{
	size_t i;

	for (i = 0; i < devices->count; i++) {
		struct peers *peers = &devices->items[i].peers;

		if (peers->count)
			qsort(peers->items, peers->count, sizeof(*peers->items),
			      by_id);
	}
}

static enum status write_metrics(FILE *stream, enum openmetrics_format format,
				 void *arg)
{
	struct openmetrics text = { .stream = stream, .format = format };
	const struct wish *wish = arg;
	struct view view = { 0 };
	struct metrics metrics = {
		.version = OVPN_VERSION,
		.mptcp = !strcmp(view_mptcp(), "available"),
		.devices = &view.devices,
		.peers_max = wish->peers_max,
	};
	enum status status = look_for_module(&metrics.module);

	if (status)
		return status;
	if (metrics.module) {
		status = native_open(&view.native);
		if (status)
			return status;
		status = view_load(&view, wish->command, wish->device, NULL);
	}
	if (!status) {
		sort_peers(&view.devices);
		print_metrics(&text, &metrics);
	}
	view_free(&view);
	if (metrics.module)
		native_close(&view.native);
	return status;
}

static enum status cannot_write(const struct wish *wish, const char *path)
{
	return system_error(errno, "%s: cannot write to %s", wish->command, path);
}

/* A reader sees the file from before or all of the new one. Its name does not
 * end as those that node_exporter reads.
 */
static enum status replace(const struct wish *wish, const char *path,
			   const char *data, size_t size)
{
	char temporary[4096];
	mode_t mask = umask(0);
	bool good;
	FILE *file;
	int fd;

	umask(mask);
	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >=
	    (int)sizeof(temporary)) {
		errno = ENAMETOOLONG;
		return cannot_write(wish, path);
	}
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return cannot_write(wish, path);
	file = fdopen(fd, "w");
	if (!file)
		exit(system_error(ENOMEM, "out of memory"));
	/* node_exporter is another user */
	good = !fchmod(fd, 0644 & ~mask) &&
	       fwrite(data, 1, size, file) == size;
	good = !fclose(file) && good;
	if (good && !rename(temporary, path))
		return STATUS_OK;
	cannot_write(wish, path);
	unlink(temporary);
	return STATUS_REFUSED;
}

static enum status check_output(const struct wish *wish, const char *path)
{
	struct stat stat;

	if (lstat(path, &stat) || S_ISREG(stat.st_mode))
		return STATUS_OK;
	return usage_error("%s: output wants a regular file to replace, and %s is none",
			   wish->command, path);
}

static enum status write_once(struct wish *wish, enum openmetrics_format format,
			      const char *path)
{
	enum status status;
	char *text = NULL;
	size_t size = 0;
	FILE *stream;

	stream = open_memstream(&text, &size);
	if (!stream)
		exit(system_error(ENOMEM, "out of memory"));
	status = write_metrics(stream, format, wish);
	if (fclose(stream))
		exit(system_error(ENOMEM, "out of memory"));
	if (!status && path)
		status = replace(wish, path, text, size);
	else if (!status)
		fwrite(text, 1, size, stdout);
	free(text);
	return status;
}

enum status metrics(const struct request *request)
{
	const struct value *output = request_value(request, "output");
	const struct value *format = request_value(request, "format");
	const struct value *listen = request_value(request, "listen");
	const struct value *peers_max = request_value(request, "peers-max");
	const char *path = output->given ? output->text : NULL;
	struct wish wish = {
		.command = request->command->name,
		.device = request->device,
		.peers_max = peers_max->given ? peers_max->number[0] : PEERS_MAX,
	};
	enum status status = STATUS_OK;

	if (request->out->format != OUT_TEXT)
		return usage_error("%s: expected no --json: show --json has the same",
				   wish.command);
	if (listen->given && (path || format->given))
		return usage_error("%s: listen goes without output and format: who asks chooses",
				   wish.command);
	if (listen->given)
		return scrape(&listen->address, wish.command, write_metrics,
			      &wish);
	if (path)
		status = check_output(&wish, path);
	if (status)
		return status;
	/* what the textfile directory of node_exporter takes */
	return write_once(&wish, format->given ? format->number[0] :
			  path ? OPENMETRICS_0_0_4 : OPENMETRICS_1, path);
}
