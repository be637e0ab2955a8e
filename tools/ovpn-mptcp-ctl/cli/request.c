// SPDX-License-Identifier: GPL-2.0-or-later
/* From the words of the command line to typed values. */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/digits.h"
#include "cli/command.h"

const struct value *request_value(const struct request *request,
				  const char *word)
{
	const struct word *words = request->command->words;
	size_t i;

	for (i = 0; words && words[i].name; i++) {
		if (!strcmp(words[i].name, word))
			return &request->values[i];
	}
	/* the table and the function of the command do not agree */
	abort();
}

static bool parse_choice(const struct word *word, const char *text,
			 uint32_t *number)
{
	uint32_t i;

	for (i = 0; word->choices[i]; i++) {
		if (!strcasecmp(word->choices[i], text)) {
			*number = i;
			return true;
		}
	}
	return false;
}

static enum status parse_numbers(const struct request *request,
				 const struct word *word, char *const *argv,
				 struct value *value)
{
	int count = word->type == WORD_TIMES ? 2 : 1;
	uint32_t min = word->type == WORD_COUNT;
	int i;

	for (i = 0; i < count; i++) {
		if (!argv[i])
			return usage_error("%s: %s wants %s",
					   request->command->name, word->name,
					   word->argument);
		if (!digits_number(argv[i], min, word->max,
				  &value->number[i]))
			return usage_error("%s: %s wants %s from %u to %u, not '%s'",
					   request->command->name, word->name,
					   count == 2 ? "two numbers" : "a number",
					   min, word->max, argv[i]);
	}
	return STATUS_OK;
}

/* Before anything is opened: a number that the caller did not pass could become one of
 * our own descriptors.
 */
static enum status parse_fd(const struct request *request,
			    const struct word *word, struct value *value)
{
	if (!digits_number(value->text, 0, INT_MAX, &value->number[0]))
		return usage_error("%s: %s wants the number of a file descriptor, not '%s'",
				   request->command->name, word->name,
				   value->text);
	if (fcntl((int)value->number[0], F_GETFD) < 0)
		return usage_error("%s: %s wants an open file descriptor, and %s is closed",
				   request->command->name, word->name,
				   value->text);
	return STATUS_OK;
}

/* An IPv6 address that is good on one link only says which one. */
static enum status parse_scope(const struct request *request,
			       const struct word *word, const char *name,
			       struct value *value)
{
	const struct address *address = &value->address;

	if (address->family != AF_INET6 ||
	    !IN6_IS_ADDR_LINKLOCAL((const struct in6_addr *)address->ip))
		return usage_error("%s: %s has %%%s, which belongs to link-local addresses (fe80::) only",
				   request->command->name, word->name, name);
	value->number[0] = if_nametoindex(name);
	if (!value->number[0])
		return usage_error("%s: %s: no interface of this network namespace has the name '%s'",
				   request->command->name, word->name, name);
	return STATUS_OK;
}

static enum status parse_remote(const struct request *request,
				const struct word *word, struct value *value)
{
	char *scope = NULL;
	bool good;

	good = target_parse(&value->target, value->text);
	if (good) {
		scope = strchr(value->target.host, '%');
		if (scope)
			*scope++ = '\0';
		good = address_parse(&value->address, value->target.host);
	}
	if (!good)
		return usage_error("%s: %s wants %s or [ADDRESS]:PORT, not '%s'",
				   request->command->name, word->name,
				   word->argument, value->text);
	value->address.port = atoi(value->target.port);
	return scope ? parse_scope(request, word, scope, value) : STATUS_OK;
}

/* Wherever that is not said, it is this host alone. */
static bool parse_listen(struct value *value)
{
	const char *text = value->text;
	char ip[INET6_ADDRSTRLEN];
	size_t length = strlen(text);
	uint32_t port;

	if (address_parse(&value->address, text))
		return true;
	if (digits_number(text, 1, UINT16_MAX, &port)) {
		address_parse(&value->address, "127.0.0.1");
		value->address.port = port;
		return true;
	}
	if (*text == '[' && text[length - 1] == ']' &&
	    length - 2 < sizeof(ip)) {
		snprintf(ip, sizeof(ip), "%.*s", (int)length - 2, text + 1);
		return address_parse(&value->address, ip);
	}
	if (!target_parse(&value->target, text) ||
	    !address_parse(&value->address, value->target.host))
		return false;
	value->address.port = atoi(value->target.port);
	return true;
}

/* @argv: behind the keyword. Sets @used to how many arguments belong to it. */
static enum status parse_value(const struct request *request,
			       const struct word *word, char *const *argv,
			       struct value *value, int *used)
{
	bool good = true;

	*used = word->type == WORD_FLAG ? 0 : word->type == WORD_TIMES ? 2 : 1;
	if (!*used)
		return STATUS_OK;
	value->text = argv[0];
	if (!argv[0])
		return usage_error("%s: %s wants %s", request->command->name,
				   word->name, word->argument);
	switch (word->type) {
	case WORD_NUMBER:
	case WORD_COUNT:
	case WORD_TIMES:
		return parse_numbers(request, word, argv, value);
	case WORD_FD:
		return parse_fd(request, word, value);
	case WORD_IP4:
		good = inet_pton(AF_INET, argv[0], &value->ip4) == 1;
		break;
	case WORD_IP6:
		good = inet_pton(AF_INET6, argv[0], &value->ip6) == 1;
		break;
	case WORD_CHOICE:
		good = parse_choice(word, argv[0], &value->number[0]);
		break;
	case WORD_FILE:
	case WORD_NAME:
		good = *argv[0];
		break;
	case WORD_TARGET:
		good = target_parse(&value->target, argv[0]);
		break;
	case WORD_REMOTE:
		return parse_remote(request, word, value);
	case WORD_IP:
		good = address_parse(&value->address, argv[0]);
		break;
	case WORD_LISTEN:
		good = parse_listen(value);
		break;
	default:
		/* only a command with its own parser has the others */
		abort();
	}
	if (good)
		return STATUS_OK;
	return usage_error("%s: %s wants %s%s, not '%s'",
			   request->command->name, word->name,
			   word->type == WORD_IP4 ? "an IPv4 " :
			   word->type == WORD_IP6 ? "an IPv6 " : "",
			   word->argument, argv[0]);
}

static void append_word(char *list, size_t size, const char *word)
{
	size_t length = strlen(list);

	snprintf(list + length, size - length, "%s%s", length ? ", " : "",
		 word);
}

/* What could stand there: words, and verbs when the command is a noun, too. */
static enum status unknown_word(const struct request *request,
				const char *given)
{
	const char *name = request->command->name;
	const struct word *word = request->command->words;
	const struct command *command;
	size_t length = strlen(name);
	char expected[256] = "";

	for (; word && word->name; word++)
		append_word(expected, sizeof(expected), word->name);
	for (command = commands; command->name; command++) {
		if (!strncmp(command->name, name, length) &&
		    command->name[length] == ' ')
			append_word(expected, sizeof(expected),
				    command->name + length + 1);
	}
	return usage_error("%s: expected %s, not '%s'", name,
			   *expected ? expected : "nothing more", given);
}

static enum status parse_words(struct request *request, char *const *argv)
{
	const struct word *words = request->command->words;
	enum status status;
	size_t i;
	int used;

	while (*argv) {
		for (i = 0; words && words[i].name; i++) {
			if (!strcmp(words[i].name, *argv))
				break;
		}
		if (!words || !words[i].name)
			return unknown_word(request, *argv);
		if (request->values[i].given)
			return usage_error("%s: %s is there twice",
					   request->command->name, *argv);
		status = parse_value(request, &words[i], argv + 1,
				     &request->values[i], &used);
		if (status)
			return status;
		request->values[i].given = true;
		argv += 1 + used;
	}
	for (i = 0; words && words[i].name; i++) {
		if (words[i].required && !request->values[i].given)
			return usage_error("%s: expected %s %s",
					   request->command->name,
					   words[i].name, words[i].argument);
	}
	return STATUS_OK;
}

/* Where a device may be left out, a keyword is not the name of one. */
static bool is_word(const struct command *command, const char *given)
{
	const struct word *word;

	for (word = command->words; word && word->name; word++) {
		if (!strcmp(word->name, given))
			return true;
	}
	return false;
}

enum status request_parse(struct request *request, char *const *argv)
{
	if (request->command->device == DEVICE_IN_WORDS) {
		request->argv = argv;
		return STATUS_OK;
	}
	if (request->command->device == DEVICE_FILE) {
		if (!*argv || !**argv)
			return usage_error("%s: expected the name of a file",
					   request->command->name);
		request->device = *argv++;
		return parse_words(request, argv);
	}
	if (request->command->device != DEVICE_NONE && *argv &&
	    !(request->command->device == DEVICE_OPTIONAL &&
	      is_word(request->command, *argv))) {
		request->device = *argv++;
		if (!*request->device || strlen(request->device) >= IFNAMSIZ)
			return usage_error("%s: a device name has 1 to %d characters, '%s' has not",
					   request->command->name,
					   IFNAMSIZ - 1, request->device);
	}
	if (request->command->device == DEVICE_REQUIRED && !request->device)
		return usage_error("%s: expected the name of a device",
				   request->command->name);
	return parse_words(request, argv);
}
