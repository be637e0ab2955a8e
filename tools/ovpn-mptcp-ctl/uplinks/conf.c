// SPDX-License-Identifier: GPL-2.0-or-later
/* /etc/ovpn-mptcp/uplinks.conf: which interface is to be used how. */

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/host.h"
#include "uplinks/conf.h"

#define BLANKS " \t\r"

const char *const uplinks_role_names[] = {
	[UPLINKS_NORMAL] = "normal",
	[UPLINKS_BACKUP] = "backup",
	[UPLINKS_NEVER] = "never",
	NULL
};

static bool parse_role(const char *word, enum uplinks_role *role)
{
	size_t i;

	for (i = 0; uplinks_role_names[i]; i++) {
		if (!strcmp(uplinks_role_names[i], word)) {
			*role = i;
			return true;
		}
	}
	return false;
}

/* Returns whether the line is good. */
static bool parse_line(struct uplinks_conf *conf, char *line, char *error,
		       size_t size)
{
	char *rest = line, *pattern, *word, *more;
	struct uplinks_choice *choice;
	enum uplinks_role role;

	line[strcspn(line, "#")] = '\0';
	pattern = strtok_r(rest, BLANKS, &rest);
	if (!pattern)
		return true;
	word = strtok_r(NULL, BLANKS, &rest);
	more = strtok_r(NULL, BLANKS, &rest);
	if (strlen(pattern) >= sizeof(choice->pattern) || strchr(pattern, '/')) {
		snprintf(error, size, "expected the name of an interface or a pattern, not '%.32s'",
			 pattern);
		return false;
	}
	if (!word || !parse_role(word, &role)) {
		snprintf(error, size, "expected normal, backup or never behind %s, not '%.32s'",
			 pattern, word ? word : "");
		return false;
	}
	if (more) {
		snprintf(error, size, "expected nothing more behind %s %s, not '%.32s'",
			 pattern, word, more);
		return false;
	}
	choice = LIST_ADD(conf);
	strcpy(choice->pattern, pattern);
	choice->role = role;
	return true;
}

static char *copy_of(const char *text, size_t length)
{
	char *copy = strndup(text, length);

	if (!copy)
		exit(system_error(ENOMEM, "out of memory"));
	return copy;
}

unsigned int uplinks_conf_parse(struct uplinks_conf *conf, const char *text,
				size_t length, char *error, size_t size)
{
	unsigned int number = 0, wrong = 0;
	char *copy, *rest, *line;

	memset(conf, 0, sizeof(*conf));
	if (memchr(text, '\0', length)) {
		snprintf(error, size, "expected text, and there is a byte 0");
		return 1;
	}
	copy = copy_of(text, length);
	rest = copy;
	while (!wrong && (line = strsep(&rest, "\n"))) {
		number++;
		if (!parse_line(conf, line, error, size))
			wrong = number;
	}
	free(copy);
	if (wrong)
		uplinks_conf_free(conf);
	return wrong;
}

enum status uplinks_conf_load(struct uplinks_conf *conf, const char *path)
{
	static const struct host host = { .root = "" };
	enum status status = STATUS_OK;
	char error[160];
	unsigned int line;
	size_t length;
	char *text;

	memset(conf, 0, sizeof(*conf));
	text = host_file(&host, &length, "%s", path);
	if (!text && errno == ENOENT)
		return STATUS_OK;
	if (!text) {
		system_error(errno, "uplinks: expected a configuration, cannot read %s",
			     path);
		return STATUS_USAGE;
	}
	if (length > UPLINKS_CONF_SIZE_MAX) {
		status = usage_error("uplinks: %s: expected a configuration of at most %d bytes",
				     path, UPLINKS_CONF_SIZE_MAX);
	} else {
		line = uplinks_conf_parse(conf, text, length, error,
					  sizeof(error));
		if (line)
			status = usage_error("uplinks: %s:%u: %s", path, line,
					     error);
	}
	free(text);
	return status;
}

void uplinks_conf_free(struct uplinks_conf *conf)
{
	free(conf->items);
	memset(conf, 0, sizeof(*conf));
}

const struct uplinks_choice *uplinks_conf_find(const struct uplinks_conf *conf,
					       const char *device)
{
	size_t i;

	for (i = 0; i < conf->count; i++) {
		if (!fnmatch(conf->items[i].pattern, device, 0))
			return &conf->items[i];
	}
	return NULL;
}
