// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzz target for the parser of configurations. Whatever comes in: no access
 * out of bounds, no leak; a refusal says what was expected, in one line, and
 * where; what is accepted is within its bounds, and the same again when it is
 * written out as words of a command line.
 */

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/config.h"
#include "base/names.h"
#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARGUMENTS_MAX	8192

/* a command line that is being made */
struct line {
	char *words[ARGUMENTS_MAX];
	int count;
};

static void add(struct line *line, const char *word)
{
	check(line->count < ARGUMENTS_MAX - 1, "room for a word");
	line->words[line->count++] = strdup(word);
}

static void add_text(struct line *line, const char *word, const char *text)
{
	if (!text)
		return;
	add(line, word);
	add(line, text);
}

static void add_number(struct line *line, const char *word, uint32_t number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	if (word)
		add(line, word);
	add(line, text);
}

static void add_host(struct line *line, const char *word,
		     const struct config_host *host)
{
	if (!host->name)
		return;
	check(host->port != 0, "a port");
	add_text(line, word, host->name);
	add_number(line, NULL, host->port);
}

static void add_prefixes(struct line *line, const char *word,
			 const struct config_prefixes *list, int metric)
{
	char ip[ADDRESS_SIZE], text[ADDRESS_SIZE + 8];
	size_t i;

	for (i = 0; i < list->count; i++) {
		const struct prefix *prefix = &list->items[i];

		check(prefix->length <= (prefix->address.family == AF_INET6 ?
					 128 : 32), "length of a prefix");
		snprintf(text, sizeof(text), "%s/%u",
			 address_text(&prefix->address, ip), prefix->length);
		add_text(line, word, text);
		if (metric)
			add_number(line, "metric", prefix->metric);
	}
}

static void write_out(struct line *line, const struct config *config)
{
	char ip[ADDRESS_SIZE], local[ADDRESS_SIZE + IFNAMSIZ];
	size_t i;

	add_text(line, "device", config->device[0] ? config->device : NULL);
	add_host(line, "connect", &config->connect);
	add_host(line, "listen", &config->listen);
	if (config->local.address.family) {
		snprintf(local, sizeof(local), "%s%s%s",
			 address_text(&config->local.address, ip),
			 config->local.device[0] ? "%" : "",
			 config->local.device);
		add_text(line, "local", local);
	}
	add_text(line, "psk-file", config->psk_file);
	add_text(line, "psk-identity", config->psk_identity);
	add_text(line, "cert", config->cert);
	add_text(line, "key", config->key);
	for (i = 0; i < config->peer_fingerprints.count; i++)
		add_text(line, "peer-fingerprint",
			 config->peer_fingerprints.items[i]);
	for (i = 0; i < config->ciphers.count; i++)
		add_text(line, "cipher", cipher_choices[config->ciphers.items[i]]);
	add_prefixes(line, "address", &config->addresses, 0);
	add_prefixes(line, "route", &config->routes, 1);
	check(config->mtu >= 576 && config->mtu <= 65000, "an mtu");
	add_number(line, "mtu", config->mtu);
	check(config->keepalive[0] <= 86400 && config->keepalive[1] <= 86400,
	      "times of the keepalive");
	add_number(line, "keepalive", config->keepalive[0]);
	add_number(line, NULL, config->keepalive[1]);
	add_number(line, "rekey-seconds", config->rekey_seconds);
	add_number(line, "rekey-packets", config->rekey_packets);
	check(strlen(config->congestion) < sizeof(config->congestion),
	      "a congestion control");
	add_text(line, "congestion",
		 config->congestion[0] ? config->congestion : NULL);
	if (config->require_mptcp)
		add(line, "require-mptcp");
	if (config->no_keep)
		add(line, "no-keep");
	if (config->no_backup)
		add(line, "no-backup");
	line->words[line->count] = NULL;
}

static void same(const struct line *a, const struct line *b)
{
	int i;

	check(a->count == b->count, "as many words");
	for (i = 0; i < a->count; i++)
		check(!strcmp(a->words[i], b->words[i]), "the same words");
}

static void clear(struct line *line)
{
	while (line->count)
		free(line->words[--line->count]);
}

/* What a section says can be said on a command line, too; its name is one that can
 * be an identity.
 */
static void check_sections(struct config *config)
{
	static struct line line;
	struct config_error error;
	struct config again;
	size_t i;

	config_finish(config);
	check(config->peers.count <= CONFIG_PEERS_MAX, "a number of peers");
	for (i = 0; i < config->peers.count; i++) {
		const struct config *section = &config->peers.items[i];

		check(section->peer[0] && !strpbrk(section->peer, " ]\t\n") &&
		      strlen(section->peer) <= CONFIG_PEER_SIZE, "a name");
		check(!section->peers.count, "no sections in a section");
		write_out(&line, section);
		config_init(&again);
		check(!config_parse_words(&again, line.words, &error),
		      "a section written out is a command line");
		config_free(&again);
		clear(&line);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct line once, twice;
	struct config config, again;
	struct config_error error;
	/* of its exact size, so that the sanitizer sees one byte too many */
	char *exact = malloc(size ? size : 1);

	memcpy(exact, data, size);
	config_init(&config);
	if (config_parse_text(&config, exact, size, &error)) {
		check(error.text[0], "a refusal says what was expected");
		check(error.line > 0, "and where");
		check(!strchr(error.text, '\n'), "in one line");
	} else {
		if (config_check(&config, &error))
			check(error.text[0] && !error.line, "so does a refusal of the whole");
		write_out(&once, &config);
		config_init(&again);
		check(!config_parse_words(&again, once.words, &error),
		      "written out, it is a command line");
		write_out(&twice, &again);
		same(&once, &twice);
		config_free(&again);
		clear(&once);
		clear(&twice);
		check_sections(&config);
	}
	config_free(&config);
	free(exact);
	return 0;
}
