// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Generator: prints the completion for bash, zsh or fish from the command table.
 * It runs while the tool is built, on the machine that builds. The functions
 * that answer from the table are the same for all shells, but for how a shell
 * writes them; what asks them is in completion_code.h.
 */

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "cli/command.h"
#include "cli/completion_code.h"

/**
 * struct shell - how a function with an answer for each key is written
 * @name: of the shell
 * @head: first line of the file
 * @begin: of the function, with its name
 * @key: what comes before an answer, with the key
 * @answered: what comes behind it
 * @end: of the function
 * @code: what asks the functions
 */
struct shell {
	const char *name;
	const char *head;
	const char *begin;
	const char *key;
	const char *answered;
	const char *end;
	const char *code;
};

#define POSIX_SHELL							\
	.begin = "_ovpn_mptcp_ctl_%s() {\n\tcase $1 in\n",		\
	.key = "\t'%s') echo '",					\
	.answered = "' ;;\n",						\
	.end = "\tesac\n}\n"

static const struct shell shells[] = {
	{ .name = "bash", .head = "# shellcheck shell=bash\n", POSIX_SHELL,
	  .code = BASH_CODE },
	{ .name = "zsh", .head = "#compdef ovpn-mptcp-ctl\n", POSIX_SHELL,
	  .code = ZSH_CODE },
	{ .name = "fish", .head = "",
	  .begin = "function __ovpn_mptcp_ctl_%s\n\tswitch \"$argv[1]\"\n",
	  .key = "\t\tcase '%s'\n\t\t\tstring split ' ' -- '",
	  .answered = "'\n",
	  .end = "\tend\nend\n",
	  .code = FISH_CODE },
};

static const struct shell *shell;
/* how many words the answer has so far */
static int words;

static void begin(const char *function)
{
	printf(shell->begin, function);
}

/* @command: the first @length characters of it; @word: behind it, or NULL */
static void key(const char *command, size_t length, const char *word)
{
	char text[128];

	snprintf(text, sizeof(text), "%.*s%s%s", (int)length, command,
		 word ? " " : "", word ? word : "");
	printf(shell->key, text);
	words = 0;
}

static void answer(const char *word, size_t length)
{
	printf("%s%.*s", words++ ? " " : "", (int)length, word);
}

static void answered(void)
{
	fputs(shell->answered, stdout);
}

static void end(void)
{
	fputs(shell->end, stdout);
}

static size_t noun_length(const struct command *command)
{
	return strcspn(command->name, " ");
}

/* The commands of a noun stand together. */
static bool is_first_of_noun(const struct command *command)
{
	size_t length = noun_length(command);

	return command == commands || noun_length(command - 1) != length ||
	       strncmp(command[-1].name, command->name, length);
}

/* What follows a noun; and what comes first, behind nothing. */
static void print_verbs(void)
{
	const struct command *command, *other;

	begin("verbs");
	key("", 0, NULL);
	for (command = commands; command->name; command++) {
		if (is_first_of_noun(command))
			answer(command->name, noun_length(command));
	}
	answer("help", 4);
	answered();
	for (command = commands; command->name; command++) {
		size_t length = noun_length(command);

		if (!command->name[length] || !is_first_of_noun(command))
			continue;
		key(command->name, length, NULL);
		for (other = command; other->name; other++) {
			if (!strncmp(other->name, command->name, length + 1))
				answer(other->name + length + 1,
				       strlen(other->name + length + 1));
		}
		answered();
	}
	end();
}

static void print_words(void)
{
	const struct command *command;
	const struct word *word;

	begin("words");
	for (command = commands; command->name; command++) {
		if (!command->words)
			continue;
		key(command->name, strlen(command->name), NULL);
		for (word = command->words; word->name; word++)
			answer(word->name, strlen(word->name));
		answered();
	}
	end();
}

static void answer_lower(const char *text)
{
	char lower[64];
	size_t i;

	for (i = 0; text[i] && i < sizeof(lower) - 1; i++)
		lower[i] = (char)tolower((unsigned char)text[i]);
	answer(lower, i);
}

/* What follows a word: choices; FILE, DEVICE or CONGESTION; VALUE, which cannot
 * be guessed; or nothing, which a flag has.
 */
static void print_values(void)
{
	const struct command *command;
	const struct word *word;
	size_t i;

	begin("values");
	for (command = commands; command->name; command++) {
		for (word = command->words; word && word->name; word++) {
			if (word->type == WORD_FLAG)
				continue;
			key(command->name, strlen(command->name), word->name);
			for (i = 0; word->choices && word->choices[i];
			     i++)
				answer_lower(word->choices[i]);
			if (word->type == WORD_FILE)
				answer("FILE", 4);
			else if (word->type == WORD_DEVICE)
				answer("DEVICE", 6);
			else if (word->type == WORD_CONGESTION)
				answer("CONGESTION", 10);
			else if (!word->choices)
				answer("VALUE", 5);
			answered();
		}
	}
	end();
}

/* What comes first: a device (required, optional), a file, or nothing. */
static void print_device(void)
{
	const struct command *command;

	begin("device");
	for (command = commands; command->name; command++) {
		if (command->device == DEVICE_NONE ||
		    command->device == DEVICE_IN_WORDS)
			continue;
		key(command->name, strlen(command->name), NULL);
		if (command->device == DEVICE_REQUIRED)
			answer("required", 8);
		else if (command->device == DEVICE_OPTIONAL)
			answer("optional", 8);
		else
			answer("file", 4);
		answered();
	}
	end();
}

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; argc == 2 && i < ARRAY_SIZE(shells); i++) {
		if (!strcmp(argv[1], shells[i].name))
			shell = &shells[i];
	}
	if (!shell) {
		fputs("usage: completion bash|zsh|fish\n", stderr);
		return 1;
	}
	fputs(shell->head, stdout);
	puts("# Generated from the command table of ovpn-mptcp-ctl.");
	print_verbs();
	print_words();
	print_values();
	print_device();
	fputs(shell->code, stdout);
	return fflush(stdout) != 0;
}
