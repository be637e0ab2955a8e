/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration of OpenVPN: its lines as they are, and the words of those that
 * are directives.
 */
#ifndef OVPN_FILE_H
#define OVPN_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/message.h"

/* with inline certificates */
#define OVPN_FILE_SIZE_MAX	(1 << 20)
#define OVPN_WORDS_MAX		16

/**
 * struct ovpn_line - a line
 * @text: as it stands in the file, without its end
 * @words: of a directive, in memory of its own; quotes and dashes are gone
 * @count: how many; 0 for what is no directive
 * @in_connection: it stands in a <connection>
 */
struct ovpn_line {
	char *text;
	char *words[OVPN_WORDS_MAX];
	int count;
	bool in_connection;
};

struct ovpn_file {
	struct ovpn_line *items;
	size_t count;
};

/* Says what is wrong, and then leaves nothing. @command: for the message */
enum status ovpn_file_load(struct ovpn_file *file, const char *command,
			   const char *path);
/* Cuts @text into lines; returns what was expected, and then sets @line to its
 * number, or NULL.
 */
const char *ovpn_file_parse(struct ovpn_file *file, const char *text,
			    size_t size, size_t *line);
/* Cuts a directive into words. Returns what was expected, or NULL. */
const char *ovpn_line_parse(struct ovpn_line *line, const char *text);
void ovpn_line_free(struct ovpn_line *line);
void ovpn_file_free(struct ovpn_file *file);

#endif /* OVPN_FILE_H */
