// SPDX-License-Identifier: GPL-2.0-or-later
/* From the command line to a line of the command table. */

#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/journal.h"
#include "base/output.h"
#include "cli/command.h"
#include "version.h"

enum {
	OPTION_COLOUR = 256,
};

struct options {
	enum out_format format;
	enum out_colour colour;
	bool help;
	bool version;
};

static enum status parse_json(struct options *options, const char *how)
{
	options->format = OUT_JSON;
	if (!how)
		return STATUS_OK;
	if (strcmp(how, "pretty"))
		return usage_error("--json wants nothing or pretty, not '%s'",
				   how);
	options->format = OUT_JSON_PRETTY;
	return STATUS_OK;
}

static enum status parse_colour(struct options *options, const char *when)
{
	if (!strcmp(when, "auto"))
		options->colour = COLOUR_AUTO;
	else if (!strcmp(when, "always"))
		options->colour = COLOUR_ALWAYS;
	else if (!strcmp(when, "never"))
		options->colour = COLOUR_NEVER;
	else
		return usage_error("--color wants auto, always or never, not '%s'",
				   when);
	return STATUS_OK;
}

/* The words of a command's name that stand in @argv: 0 when it is another. */
static int matches(const struct command *command, char *const *argv)
{
	const char *space = strchr(command->name, ' ');
	size_t length = space ? (size_t)(space - command->name) :
				strlen(command->name);

	if (!argv[0] || strlen(argv[0]) != length ||
	    strncmp(argv[0], command->name, length))
		return 0;
	if (!space)
		return 1;
	return argv[1] && !strcmp(argv[1], space + 1) ? 2 : 0;
}

static const struct command *find(char *const *argv, int *used)
{
	const struct command *command;

	for (command = commands; command->name; command++) {
		*used = matches(command, argv);
		if (*used)
			return command;
	}
	return NULL;
}

/* Whether the value of an option is the next word. */
static bool takes_next(const char *option)
{
	return !strcmp(option, "--color");
}

/* A word of a command may have two dashes, as if it were an option. */
static void undash(char **argv)
{
	const struct command *command;
	const struct word *word;
	int used, i = 0;

	while (argv[i] && argv[i][0] == '-')
		i += takes_next(argv[i]) && argv[i + 1] ? 2 : 1;
	command = find(argv + i, &used);
	if (!command)
		return;
	for (i += used; argv[i]; i++) {
		for (word = command->words; word && word->name; word++) {
			if (!strncmp(argv[i], "--", 2) &&
			    !strcmp(argv[i] + 2, word->name))
				argv[i] += 2;
		}
	}
}

/* Options may stand anywhere; getopt moves them to the front. */
static enum status parse_options(struct options *options, int argc, char **argv)
{
	static const struct option names[] = {
		{ "json", optional_argument, NULL, 'j' },
		{ "color", required_argument, NULL, OPTION_COLOUR },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 }
	};
	enum status status = STATUS_OK;
	int option;

	opterr = 0;
	while (!status && (option = getopt_long(argc, argv, ":hjV", names,
						NULL)) != -1) {
		switch (option) {
		case 'h':
			options->help = true;
			break;
		case 'j':
			status = parse_json(options, optarg);
			break;
		case OPTION_COLOUR:
			status = parse_colour(options, optarg);
			break;
		case 'V':
			options->version = true;
			break;
		case ':':
			return usage_error("%s wants a value", argv[optind - 1]);
		default:
			return usage_error("expected --json, --color, --version or --help, not '%s'",
					   argv[optind - 1]);
		}
	}
	return status;
}

static bool is_noun(const struct command *command, const char *word)
{
	size_t length = strlen(word);

	return !strncmp(command->name, word, length) &&
	       command->name[length] == ' ';
}

static enum status unknown_command(char *const *argv)
{
	const struct command *command;
	char expected[256] = "";
	size_t length = 0;

	for (command = commands; command->name; command++) {
		if (is_noun(command, argv[0]))
			length += snprintf(expected + length,
					   sizeof(expected) - length, "%s%s",
					   length ? ", " : "",
					   strchr(command->name, ' ') + 1);
	}
	if (!length)
		return usage_error("expected a command, not '%s': see "
				   PROGRAM " --help", argv[0]);
	if (argv[1])
		return usage_error("%s: expected %s, not '%s'", argv[0],
				   expected, argv[1]);
	return usage_error("%s: expected %s", argv[0], expected);
}

static void help_options(void)
{
	puts("\nOptions, anywhere:\n"
	     "  -j, --json[=pretty]   print JSON\n"
	     "  --color=WHEN          auto, always or never\n"
	     "  -h, --help            this text, or that of a command\n"
	     "  -V, --version         print the version");
}

/* @noun: only commands of this noun, or NULL */
static void help_all(const char *noun)
{
	const struct command *command;

	puts("Usage: " PROGRAM " [COMMAND [DEV] [WORD VALUE]...] [OPTION]...\n");
	for (command = commands; command->name; command++) {
		if (!noun || is_noun(command, noun))
			printf("  %-13s  %s\n", command->name,
			       command->description);
	}
	puts("\nWithout a command: show. \"help\" and a command tells more.");
	help_options();
}

static void help_command(const struct command *command)
{
	const struct word *word;

	printf("Usage: " PROGRAM " %s", command->name);
	if (command->device == DEVICE_FILE)
		fputs(" FILE", stdout);
	if (command->device == DEVICE_REQUIRED || command->device == DEVICE_OPTIONAL)
		fputs(command->device == DEVICE_REQUIRED ? " DEV" : " [DEV]",
		      stdout);
	for (word = command->words; word && word->name; word++)
		printf(word->required ? " %s%s%s" : " [%s%s%s]", word->name,
		       *word->argument ? " " : "", word->argument);
	printf("\n\n%s%s.\n", command->description,
	       command->words ? "; words in any order" : "");
	if (command->words)
		puts("");
	for (word = command->words; word && word->name; word++)
		printf("  %s %s\n      %s\n", word->name, word->argument,
		       word->help);
	help_options();
}

static enum status help(char *const *argv)
{
	const struct command *command;
	int used;

	if (!argv[0]) {
		help_all(NULL);
		return STATUS_OK;
	}
	command = find(argv, &used);
	if (command) {
		help_command(command);
		return STATUS_OK;
	}
	if (argv[1])
		return unknown_command(argv);
	for (command = commands; command->name; command++) {
		if (is_noun(command, argv[0])) {
			help_all(argv[0]);
			return STATUS_OK;
		}
	}
	return unknown_command(argv);
}

/* @argv: without options */
static enum status run(char *const *argv, struct out *out)
{
	static char *const nothing[] = { "show", NULL };
	struct request request = { .out = out };
	enum status status;
	int used;

	if (!argv[0])
		argv = nothing;
	if (!strcmp(argv[0], "help"))
		return help(argv + 1);
	request.command = find(argv, &used);
	if (!request.command)
		return unknown_command(argv);
	status = request_parse(&request, argv + used);
	if (status)
		return status;
	return request.command->run(&request);
}

int main(int argc, char **argv)
{
	struct options options = { .colour = COLOUR_AUTO };
	enum status status, flushed;
	struct out out;

	setlocale(LC_CTYPE, "");
	message_levels = journal_reads(STDERR_FILENO);
	undash(argv + 1);
	status = parse_options(&options, argc, argv);
	if (status)
		return status;
	out_init(&out, options.format, options.colour);
	if (options.help)
		status = help(argv + optind);
	else if (options.version)
		puts(PROGRAM " " OVPN_VERSION);
	else
		status = run(argv + optind, &out);
	flushed = out_flush();
	return status ? status : flushed;
}
