// SPDX-License-Identifier: GPL-2.0-or-later
/* The verb import: a configuration of OpenVPN that is offloaded over MPTCP. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "import/offload.h"
#include "show/print.h"

#define MARK "# " PROGRAM " import: "

static const struct change *change_of(const struct changes *changes,
				      size_t line)
{
	size_t i;

	for (i = 0; i < changes->count; i++) {
		if (changes->items[i].line == line &&
		    (changes->items[i].kind == CHANGE_REPLACED ||
		     changes->items[i].kind == CHANGE_REMOVED))
			return &changes->items[i];
	}
	return NULL;
}

static void write_lines(FILE *stream, const struct ovpn_file *file,
			const struct changes *changes)
{
	const struct change *change;
	size_t i;

	for (i = 0; i < file->count; i++) {
		change = change_of(changes, i + 1);
		if (change)
			fprintf(stream, MARK "was: %s\n", change->was);
		if (change && change->now)
			fprintf(stream, "%s\n", change->now);
		if (!change)
			fprintf(stream, "%s\n", file->items[i].text);
	}
	for (i = 0; i < changes->count; i++) {
		if (changes->items[i].kind == CHANGE_ADDED)
			fprintf(stream, MARK "added\n%s\n",
				changes->items[i].now);
	}
}

/* It may have private keys, so no other user may read it; a file that is there stays. */
static enum status write_file(const char *command, const char *path,
			      const struct ovpn_file *file,
			      const struct changes *changes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FILE *stream;
	int err;

	if (fd < 0) {
		err = errno;
		system_error(err, "%s: expected the name of a file to make, cannot make %s",
			     command, path);
		return err == EEXIST ? STATUS_USAGE : STATUS_REFUSED;
	}
	stream = fdopen(fd, "w");
	if (!stream)
		exit(system_error(ENOMEM, "out of memory"));
	write_lines(stream, file, changes);
	err = ferror(stream) ? EIO : 0;
	if (fclose(stream))
		err = errno;
	if (err) {
		unlink(path);
		return system_error(err, "%s: cannot write %s", command, path);
	}
	return STATUS_OK;
}

static const char *const kind_names[] = {
	[CHANGE_REPLACED] = "changed",
	[CHANGE_REMOVED] = "removed",
	[CHANGE_ADDED] = "added",
	[CHANGE_NONE] = "kept",
	[CHANGE_BLOCKED] = "blocked",
	[CHANGE_OTHER_END] = "other-end",
};

static void print_change(struct out *out, const struct change *change)
{
	bool blocked = change->kind == CHANGE_BLOCKED;

	out_object(out, NULL);
	out_string(out, "kind", LOOK(.after = "  ", .width = 9,
				     .style = blocked ? STYLE_TROUBLE :
							STYLE_PEER),
		   kind_names[change->kind]);
	if (change->line)
		out_number(out, "line", LOOK(.before = "line ", .after = "  "),
			   UNIT_NONE, change->line);
	if (change->was)
		out_string(out, "was", LOOK(.after = ""), change->was);
	if (change->was && change->now)
		out_text(out, out_arrow(out));
	if (change->now)
		out_string(out, "now", LOOK(.after = ""), change->now);
	if (change->was || change->now)
		out_text(out, "\n           ");
	out_string(out, "why", LOOK(.after = "\n"), change->why);
	out_end(out);
}

/* The unit of a file in a folder of OpenVPN's services, or an empty text. */
static void find_unit(const char *path, char *unit, size_t size)
{
	static const char *const folders[] = { "client", "server" };
	char folder[64];
	size_t i;

	unit[0] = '\0';
	for (i = 0; i < 2; i++) {
		const char *name;
		size_t length;

		snprintf(folder, sizeof(folder), "/etc/openvpn/%s/", folders[i]);
		if (strncmp(path, folder, strlen(folder)))
			continue;
		name = path + strlen(folder);
		length = strlen(name);
		if (length <= 5 || strcmp(name + length - 5, ".conf") ||
		    strchr(name, '/'))
			continue;
		snprintf(unit, size, "openvpn-%s@%.*s", folders[i],
			 (int)length - 5, name);
	}
}

static void print_next(struct out *out, const char *path)
{
	char unit[256], text[600];

	if (!path) {
		out_text(out, "Nothing is written: \"to FILE\" writes it.\n");
		return;
	}
	out_string(out, "written", LOOK(.before = "written to ", .after = "\n"),
		   path);
	find_unit(path, unit, sizeof(unit));
	if (unit[0])
		snprintf(text, sizeof(text), "mptcpize enable %s && systemctl restart %s",
			 unit, unit);
	else
		snprintf(text, sizeof(text), "mptcpize run openvpn --config %s",
			 path);
	out_string(out, "next", LOOK(.before = "then: ", .after = "\n"), text);
}

static void print_import(struct out *out, const struct ovpn_file *file,
			 const struct changes *changes, const char *path)
{
	size_t i, blocked = offload_blocked(changes);

	print_begin(out);
	out_string(out, "role", NULL,
		   offload_is_server(file) ? "server" : "client");
	out_array(out, "changes");
	for (i = 0; i < changes->count; i++)
		print_change(out, &changes->items[i]);
	out_end(out);
	out_bool(out, "offloaded", !blocked);
	if (blocked)
		out_text(out, "The data stay in userspace, with what is blocked.\n");
	print_next(out, path);
	out_end(out);
}

enum status import(const struct request *request)
{
	const struct value *to = request_value(request, "to");
	const char *path = to->given ? to->text : NULL;
	const char *command = request->command->name;
	struct changes changes;
	struct ovpn_file file;
	enum status status;

	status = ovpn_file_load(&file, command, request->device);
	if (status)
		return status;
	offload_find(&changes, &file);
	if (path)
		status = write_file(command, path, &file, &changes);
	if (!status) {
		print_import(request->out, &file, &changes, path);
		status = offload_blocked(&changes) ? STATUS_REFUSED : STATUS_OK;
	}
	changes_free(&changes);
	ovpn_file_free(&file);
	return status;
}
