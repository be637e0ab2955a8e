// SPDX-License-Identifier: GPL-2.0-or-later
/* What attach is told: the command line, and the file that it names. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/config.h"

/* One more than may be, to see that there is more. */
static enum status read_file(const char *command, const char *path, char *text,
			     size_t *size)
{
	bool from_stdin = !strcmp(path, "-");
	FILE *file = from_stdin ? stdin : fopen(path, "re");
	int err = errno;

	if (!file) {
		system_error(err, "%s: expected a configuration, cannot open %s",
			     command, path);
		return STATUS_USAGE;
	}
	errno = 0;
	*size = fread(text, 1, CONFIG_SIZE_MAX + 1, file);
	err = ferror(file) ? errno : 0;
	if (!from_stdin)
		fclose(file);
	if (err) {
		system_error(err, "%s: expected a configuration, cannot read %s",
			     command, path);
		return STATUS_USAGE;
	}
	if (*size > CONFIG_SIZE_MAX)
		return usage_error("%s: %s: expected a configuration of at most %d bytes",
				   command, path, CONFIG_SIZE_MAX);
	return STATUS_OK;
}

static enum status load_file(struct config *config, const char *command)
{
	const char *name = strcmp(config->file, "-") ? config->file :
			   "standard input";
	struct config_error error;
	enum status status;
	size_t size;
	char *text;

	text = malloc(CONFIG_SIZE_MAX + 1);
	if (!text)
		exit(system_error(ENOMEM, "out of memory"));
	status = read_file(command, config->file, text, &size);
	if (!status && config_parse_text(config, text, size, &error))
		status = usage_error("%s: %s:%u: %s", command, name, error.line,
				     error.text);
	free(text);
	return status;
}

enum status config_load(struct config *config, const char *command,
			char *const *argv)
{
	enum status status = STATUS_OK;
	struct config_error error;
	struct config words;
	bool wrong;

	/* the words first, for the file that they name; then over the file */
	config_init(&words);
	config_init(config);
	wrong = config_parse_words(&words, argv, &error);
	if (!wrong && words.file) {
		config->file = strdup(words.file);
		if (!config->file)
			exit(system_error(ENOMEM, "out of memory"));
		status = load_file(config, command);
	}
	config_free(&words);
	if (!status && !wrong) {
		wrong = config_parse_words(config, argv, &error);
		config_finish(config);
	}
	if (!status && (wrong || config_check(config, &error)))
		status = usage_error("%s: %s", command, error.text);
	if (status)
		config_free(config);
	return status;
}
