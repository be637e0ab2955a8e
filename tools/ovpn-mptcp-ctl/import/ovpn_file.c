// SPDX-License-Identifier: GPL-2.0-or-later
/* A configuration of OpenVPN, as its manual page describes it. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "import/ovpn_file.h"

static void *need(void *allocated)
{
	if (!allocated)
		exit(system_error(ENOMEM, "out of memory"));
	return allocated;
}

/* A word begins at *@at, which goes behind it. Returns what was expected. */
static const char *next_word(const char **at, char *word)
{
	char quote = '\0';

	for (; **at; ++*at) {
		char c = **at;

		if (c == '\\' && quote != '\'') {
			if (!*++*at)
				return "a character behind the backslash";
			*word++ = **at;
		} else if (quote ? c == quote : c == '"' || c == '\'') {
			quote = quote ? '\0' : c;
		} else if (!quote && (c == ' ' || c == '\t')) {
			break;
		} else {
			*word++ = c;
		}
	}
	*word = '\0';
	return quote ? "a quote at the end of what begins with one" : NULL;
}

const char *ovpn_line_parse(struct ovpn_line *line, const char *text)
{
	const char *error = NULL;
	char *word;

	line->count = 0;
	while (!error) {
		text += strspn(text, " \t");
		if (!*text || *text == '#' || *text == ';')
			break;
		if (line->count == OVPN_WORDS_MAX)
			return "16 words in a line at most";
		word = need(malloc(strlen(text) + 1));
		line->words[line->count++] = word;
		error = next_word(&text, word);
	}
	/* options may stand in a file as they do on the command line */
	if (line->count && !strncmp(line->words[0], "--", 2) &&
	    line->words[0][2])
		memmove(line->words[0], line->words[0] + 2,
			strlen(line->words[0]) - 1);
	return error;
}

void ovpn_line_free(struct ovpn_line *line)
{
	int i;

	for (i = 0; i < line->count; i++)
		free(line->words[i]);
	line->count = 0;
}

/* Of a line "<name>" or "</name>". */
static bool is_tag(const char *text, const char *slash, char *name, size_t size)
{
	size_t length, skip = 1 + strlen(slash);

	text += strspn(text, " \t");
	length = strlen(text);
	while (length && strchr(" \t", text[length - 1]))
		length--;
	if (length < skip + 2 || length - skip - 1 >= size || text[0] != '<' ||
	    strncmp(text + 1, slash, strlen(slash)) || text[length - 1] != '>')
		return false;
	memcpy(name, text + skip, length - skip - 1);
	name[length - skip - 1] = '\0';
	return slash[0] || name[0] != '/';
}

const char *ovpn_file_parse(struct ovpn_file *file, const char *text,
			    size_t size, size_t *number)
{
	char inside[64] = "", tag[64];
	const char *end = text + size, *error = NULL;

	memset(file, 0, sizeof(*file));
	*number = 0;
	if (memchr(text, '\0', size))
		return "text";
	while (text < end && !error) {
		const char *newline = memchr(text, '\n', end - text);
		size_t length = (newline ? newline : end) - text;
		struct ovpn_line *line = LIST_ADD(file);

		++*number;
		line->text = need(strndup(text, length && text[length - 1] == '\r' ?
					  length - 1 : length));
		line->in_connection = !strcmp(inside, "connection");
		if (inside[0] && is_tag(line->text, "/", tag, sizeof(tag)) &&
		    !strcmp(tag, inside))
			inside[0] = '\0';
		else if (!inside[0] && is_tag(line->text, "", tag, sizeof(tag)))
			strcpy(inside, tag);
		else if (!inside[0] || line->in_connection)
			error = ovpn_line_parse(line, line->text);
		text = newline ? newline + 1 : end;
	}
	if (!error && inside[0])
		error = "an end of the last block";
	return error;
}

void ovpn_file_free(struct ovpn_file *file)
{
	size_t i;

	for (i = 0; i < file->count; i++) {
		ovpn_line_free(&file->items[i]);
		free(file->items[i].text);
	}
	free(file->items);
	memset(file, 0, sizeof(*file));
}

enum status ovpn_file_load(struct ovpn_file *file, const char *command,
			   const char *path)
{
	FILE *stream = fopen(path, "re");
	const char *expected;
	size_t size, line;
	char *text;
	int err;

	if (!stream) {
		system_error(errno, "%s: expected a configuration of OpenVPN, cannot open %s",
			     command, path);
		return STATUS_USAGE;
	}
	text = need(malloc(OVPN_FILE_SIZE_MAX + 1));
	errno = 0;
	size = fread(text, 1, OVPN_FILE_SIZE_MAX + 1, stream);
	err = ferror(stream) ? errno : 0;
	fclose(stream);
	if (err)
		system_error(err, "%s: expected a configuration of OpenVPN, cannot read %s",
			     command, path);
	else if (size > OVPN_FILE_SIZE_MAX)
		usage_error("%s: %s: expected a configuration of at most %d bytes",
			    command, path, OVPN_FILE_SIZE_MAX);
	if (!err && size <= OVPN_FILE_SIZE_MAX) {
		expected = ovpn_file_parse(file, text, size, &line);
		if (expected) {
			usage_error("%s: %s:%zu: expected %s", command, path,
				    line, expected);
			ovpn_file_free(file);
			err = EINVAL;
		}
	} else {
		err = EINVAL;
	}
	/* it may have private keys */
	explicit_bzero(text, size);
	free(text);
	return err ? STATUS_USAGE : STATUS_OK;
}
