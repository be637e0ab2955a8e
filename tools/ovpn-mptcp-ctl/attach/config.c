// SPDX-License-Identifier: GPL-2.0-or-later
/* What attach is told: from words to a struct config. */

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "attach/config.h"
#include "base/digits.h"
#include "base/memory.h"

#define LINE_SIZE	1024
#define LINE_WORDS	8

void config_init(struct config *config)
{
	memset(config, 0, sizeof(*config));
	config->mtu = 1500;
	config->keepalive[0] = 5;
	config->keepalive[1] = 20;
	config->rekey_seconds = 3600;
	config->rekey_packets = 1 << 30;
}

void config_free(struct config *config)
{
	size_t i;

	free(config->file);
	free(config->connect.name);
	free(config->listen.name);
	free(config->psk_file);
	free(config->psk_identity);
	free(config->cert);
	free(config->key);
	for (i = 0; i < config->peer_fingerprints.count; i++)
		free(config->peer_fingerprints.items[i]);
	for (i = 0; i < config->dns_domains.count; i++)
		free(config->dns_domains.items[i]);
	free(config->addresses.items);
	free(config->routes.items);
	free(config->peer);
	for (i = 0; i < config->peers.count; i++)
		config_free(&config->peers.items[i]);
	free(config->peers.items);
	memset(config, 0, sizeof(*config));
}

int config_wrong(struct config_error *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return -1;
}

static int wants(struct config_error *error, const struct word *word,
		 const char *what, const char *given)
{
	if (!given)
		return config_wrong(error, "%s wants %s", word->name, word->argument);
	return config_wrong(error, "%s wants %s, not '%.100s'", word->name, what, given);
}

static void keep(char **field, const char *text)
{
	free(*field);
	*field = strdup(text);
	if (!*field)
		exit(system_error(ENOMEM, "out of memory"));
}

static const struct config_field *field_of(const struct word *word)
{
	return &config_fields[word - config_words];
}

static int set_numbers(const struct word *word, char *const *args, int count,
		       uint32_t *numbers, struct config_error *error)
{
	uint32_t min = field_of(word)->min;
	char what[64];
	int i;

	snprintf(what, sizeof(what), "%s from %u to %u",
		 count == 2 ? "two numbers" : "a number", min, word->max);
	for (i = 0; i < count; i++) {
		if (!args[i] || !digits_number(args[i], min, word->max,
					      &numbers[i]))
			return wants(error, word, what, args[i]);
	}
	return count;
}

static int set_host(const struct word *word, char *const *args,
		    struct config_host *host, struct config_error *error)
{
	uint32_t port;

	if (!*args[0] || !args[1])
		return wants(error, word, NULL, NULL);
	if (!digits_number(args[1], 1, 65535, &port))
		return wants(error, word, "a port from 1 to 65535", args[1]);
	keep(&host->name, args[0]);
	host->port = port;
	return 2;
}

static bool parse_prefix(const char *text, struct prefix *prefix)
{
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : strlen(text);
	uint32_t bits, most;
	char ip[ADDRESS_SIZE];

	if (length >= sizeof(ip))
		return false;
	memcpy(ip, text, length);
	ip[length] = '\0';
	if (!address_parse(&prefix->address, ip))
		return false;
	most = prefix->address.family == AF_INET6 ? 128 : 32;
	bits = most;
	if (slash && !digits_number(slash + 1, 0, most, &bits))
		return false;
	prefix->length = bits;
	return true;
}

static bool has_host_bits(const struct prefix *prefix)
{
	int bits = prefix->address.family == AF_INET6 ? 128 : 32;
	int i;

	for (i = prefix->length; i < bits; i++) {
		if (prefix->address.ip[i / 8] & (0x80 >> i % 8))
			return true;
	}
	return false;
}

static int add_prefix(const struct word *word, const struct prefix *prefix,
		      struct config_prefixes *list, size_t max,
		      struct config_error *error)
{
	if (list->count == max)
		return config_wrong(error, "%s may be there %zu times at most",
			     word->name, max);
	*LIST_ADD(list) = *prefix;
	return 0;
}

static int set_address(const struct word *word, char *const *args,
		       struct config_prefixes *list, struct config_error *error)
{
	struct prefix prefix = { 0 };

	if (!parse_prefix(args[0], &prefix))
		return wants(error, word, "an address such as 10.9.0.1/24 or fd09::1/64",
			     args[0]);
	if (add_prefix(word, &prefix, list, CONFIG_ADDRESSES_MAX, error))
		return -1;
	return 1;
}

static int set_route(const struct word *word, char *const *args,
		     struct config_prefixes *list, struct config_error *error)
{
	struct prefix prefix = { 0 };
	int used = 1;

	if (!parse_prefix(args[0], &prefix))
		return wants(error, word, "a network such as 10.0.0.0/8 or fd00::/8",
			     args[0]);
	if (has_host_bits(&prefix))
		return wants(error, word, "a network, whose address has only 0 behind its length",
			     args[0]);
	if (args[1] && !strcmp(args[1], "metric")) {
		if (!args[2] || !digits_number(args[2], 0, word->max,
					      &prefix.metric))
			return config_wrong(error, "%s wants a number from 0 to %u behind metric",
				     word->name, word->max);
		used = 3;
	}
	if (add_prefix(word, &prefix, list, CONFIG_ROUTES_MAX, error))
		return -1;
	return used;
}

static int set_cipher(const struct word *word, const char *text,
		      struct config_ciphers *list, struct config_error *error)
{
	uint32_t i;
	size_t j;

	for (i = 0; word->choices[i] && strcasecmp(word->choices[i], text); i++)
		;
	if (!word->choices[i])
		return wants(error, word, "aes-256-gcm, aes-128-gcm or chacha20-poly1305",
			     text);
	for (j = 0; j < list->count; j++) {
		if (list->items[j] == i)
			return config_wrong(error, "%s %s is there twice", word->name,
				     text);
	}
	if (list->count == CONFIG_CIPHERS_MAX)
		return config_wrong(error, "%s may be there %d times at most",
			     word->name, CONFIG_CIPHERS_MAX);
	list->items[list->count++] = i;
	return 1;
}

static int set_fingerprint(const struct word *word, const char *text,
			   struct config_fingerprints *list,
			   struct config_error *error)
{
	if (list->count == CONFIG_FINGERPRINTS_MAX)
		return config_wrong(error, "%s may be there %d times at most",
			     word->name, CONFIG_FINGERPRINTS_MAX);
	keep(&list->items[list->count++], text);
	return 1;
}

bool config_is_device(const char *text)
{
	return *text && strlen(text) < IFNAMSIZ && strcmp(text, ".") &&
	       strcmp(text, "..") && !strpbrk(text, "/:%");
}

static int set_local(const struct word *word, const char *text,
		     struct config_local *local, struct config_error *error)
{
	const char *percent = strchr(text, '%');
	size_t length = percent ? (size_t)(percent - text) : strlen(text);
	char ip[ADDRESS_SIZE] = "";
	bool link_local;

	memset(local, 0, sizeof(*local));
	if (length < sizeof(ip))
		memcpy(ip, text, length);
	if (!address_parse(&local->address, ip) ||
	    (percent && !config_is_device(percent + 1)))
		return wants(error, word, "an IPv4 or IPv6 address", text);
	link_local = local->address.family == AF_INET6 &&
		     IN6_IS_ADDR_LINKLOCAL((const struct in6_addr *)local->address.ip);
	if (link_local != !!percent)
		return wants(error, word, "the interface of a link-local address, and of no other one, as in fe80::2%eth0",
			     text);
	if (percent)
		strcpy(local->device, percent + 1);
	return 1;
}

/* The kernel puts it behind tcp_ to ask for a module. */
static bool is_congestion_name(const char *text)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
	size_t length = strlen(text);

	return length && length < CONGESTION_SIZE &&
	       strspn(text, good) == length;
}

static int set_answer(const struct word *word, const char *text,
		      enum config_answer *answer, struct config_error *error)
{
	for (*answer = CONFIG_YES; *answer <= CONFIG_NO; (*answer)++) {
		if (!strcmp(word->choices[*answer - 1], text))
			return 1;
	}
	*answer = CONFIG_UNSAID;
	return wants(error, word, "yes or no", text);
}

/* As many as there are: on the command line, other words follow. */
static int add_servers(const struct word *word, char *const *args,
		       struct config_servers *list, struct config_error *error)
{
	struct address address;
	int used;

	for (used = 0; args[used] && address_parse(&address, args[used]);
	     used++) {
		if (list->count == CONFIG_DNS_MAX)
			return config_wrong(error, "%s may have %d addresses at most",
					    word->name, CONFIG_DNS_MAX);
		list->items[list->count++] = address;
	}
	return used ? used : wants(error, word, "IPv4 or IPv6 addresses",
				   args[0]);
}

/* As programs want it that set it: letters, digits, - and _ between dots. */
static bool is_domain(const char *text)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	size_t length = strlen(text);

	if (!length || length > CONFIG_DOMAIN_SIZE)
		return false;
	while (*text) {
		length = strspn(text, good);
		if (!length || length > 63 || *text == '-')
			return false;
		text += length;
		if (*text == '.')
			text++;
		else if (*text)
			return false;
	}
	return true;
}

static int add_domain(const struct word *word, const char *text,
		      struct config_domains *list, struct config_error *error)
{
	char *domain;

	if (!is_domain(text))
		return wants(error, word, "a domain such as example.com", text);
	if (list->count == CONFIG_DOMAINS_MAX)
		return config_wrong(error, "%s may be there %d times at most",
				    word->name, CONFIG_DOMAINS_MAX);
	keep(&list->items[list->count], text);
	domain = list->items[list->count++];
	if (domain[strlen(domain) - 1] == '.')
		domain[strlen(domain) - 1] = '\0';
	return 1;
}

/* @args: behind the keyword. Returns how many of them belong to it, or -1. */
static int set_value(struct config *config, const struct word *word,
		     char *const *args, struct config_error *error)
{
	void *field = (char *)config + field_of(word)->offset;

	if (word->type == WORD_FLAG) {
		*(bool *)field = true;
		return 0;
	}
	if (!args[0])
		return wants(error, word, NULL, NULL);
	switch (word->type) {
	case WORD_NUMBER:
		return set_numbers(word, args, 1, field, error);
	case WORD_TIMES:
		return set_numbers(word, args, 2, field, error);
	case WORD_FINGERPRINT:
		return set_fingerprint(word, args[0], field, error);
	case WORD_FILE:
	case WORD_NAME:
		if (!*args[0])
			return wants(error, word, NULL, NULL);
		keep(field, args[0]);
		return 1;
	case WORD_DEVICE:
		if (!config_is_device(args[0]))
			return wants(error, word, "a name of 1 to 15 characters without / : %",
				     args[0]);
		strcpy(field, args[0]);
		return 1;
	case WORD_CONGESTION:
		if (!is_congestion_name(args[0]))
			return wants(error, word, "a name of 1 to 15 letters, digits and _ - .",
				     args[0]);
		strcpy(field, args[0]);
		return 1;
	case WORD_HOST:
		return set_host(word, args, field, error);
	case WORD_LOCAL:
		return set_local(word, args[0], field, error);
	case WORD_PREFIX:
		return set_address(word, args, field, error);
	case WORD_ROUTE:
		return set_route(word, args, field, error);
	case WORD_CHOICE:
		return set_cipher(word, args[0], field, error);
	case WORD_ANSWER:
		return set_answer(word, args[0], field, error);
	case WORD_ADDRESSES:
		return add_servers(word, args, field, error);
	case WORD_DOMAIN:
		return add_domain(word, args[0], field, error);
	default:
		/* no such word in the table */
		abort();
	}
}

static int parse_one(struct config *config, char *const *argv,
		     struct config_error *error)
{
	const struct word *word;
	int used;

	for (word = config_words; word->name; word++) {
		if (!strcmp(word->name, argv[0]))
			break;
	}
	if (!word->name)
		return config_wrong(error, "expected device, connect, listen or another directive of attach --help, not '%.100s'",
			     argv[0]);
	if (!field_of(word)->repeats) {
		uint32_t bit = 1u << (word - config_words);

		if (config->given & bit)
			return config_wrong(error, "%s is there twice", word->name);
		config->given |= bit;
	}
	used = set_value(config, word, argv + 1, error);
	return used < 0 ? -1 : used + 1;
}

int config_parse_words(struct config *config, char *const *argv,
		       struct config_error *error)
{
	memset(error, 0, sizeof(*error));
	config->given = 0;
	while (*argv) {
		int used = parse_one(config, argv, error);

		if (used < 0)
			return -1;
		argv += used;
	}
	return 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Cuts a line into words, in place. Returns how many, or -1. */
static int split(char *line, char **words, struct config_error *error)
{
	int count = 0;

	for (;;) {
		while (is_blank(*line))
			*line++ = '\0';
		if (!*line || *line == '#')
			break;
		if (count == LINE_WORDS)
			return config_wrong(error, "expected %d words in a line at most",
				     LINE_WORDS);
		words[count++] = line;
		while (*line && !is_blank(*line))
			line++;
	}
	words[count] = NULL;
	return count;
}

/* Characters that may stand in an identity, which a name may become. */
static bool is_peer_name(const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		if (text[i] <= ' ' || text[i] > '~' || text[i] == ']')
			return false;
	}
	return length && length <= CONFIG_PEER_SIZE;
}

/* "[peer NAME]" */
static int begin_section(struct config *config, char *const *words, int count,
			 struct config_error *error)
{
	size_t i, length = count == 2 ? strlen(words[1]) : 0;
	struct config *section;

	if (strcmp(words[0], "[peer") || !length ||
	    words[1][length - 1] != ']' || !is_peer_name(words[1], length - 1))
		return config_wrong(error, "expected [peer NAME] with a name of 1 to %d visible characters",
			     CONFIG_PEER_SIZE);
	words[1][length - 1] = '\0';
	for (i = 0; i < config->peers.count; i++) {
		if (!strcmp(config->peers.items[i].peer, words[1]))
			return config_wrong(error, "[peer %s] is there twice",
				     words[1]);
	}
	if (config->peers.count == CONFIG_PEERS_MAX)
		return config_wrong(error, "expected %d peers at most",
			     CONFIG_PEERS_MAX);
	section = LIST_ADD(&config->peers);
	config_init(section);
	keep(&section->peer, words[1]);
	return 0;
}

static int parse_directive(struct config *config, char *const *words,
			   struct config_error *error)
{
	static const char *const above[] = { "connect", "listen", "local" };
	size_t i;

	for (i = 0; config->peer && i < ARRAY_SIZE(above); i++) {
		if (!strcmp(words[0], above[i]))
			return config_wrong(error, "%s belongs above the first [peer NAME]",
				     words[0]);
	}
	return parse_one(config, words, error);
}

static int parse_line(struct config *config, const char *start, size_t size,
		      struct config_error *error)
{
	struct config *target = config;
	char line[LINE_SIZE], *words[LINE_WORDS + 1];
	size_t i;
	int used;

	if (size && start[size - 1] == '\r')
		size--;
	if (size >= sizeof(line))
		return config_wrong(error, "expected a line of at most %d characters",
			     LINE_SIZE - 1);
	for (i = 0; i < size; i++) {
		if ((unsigned char)start[i] < ' ' && start[i] != '\t')
			return config_wrong(error, "expected text, not a byte of value %d",
				     start[i]);
	}
	memcpy(line, start, size);
	line[size] = '\0';
	used = split(line, words, error);
	if (used <= 0)
		return used;
	if (words[0][0] == '[')
		return begin_section(config, words, used, error);
	if (!strcmp(words[0], "config"))
		return config_wrong(error, "expected directives, not the name of another file");
	if (!strcmp(words[0], "check"))
		return config_wrong(error, "expected directives, and check is for the command line");
	if (config->peers.count)
		target = &config->peers.items[config->peers.count - 1];
	used = parse_directive(target, words, error);
	if (used < 0)
		return -1;
	if (words[used])
		return config_wrong(error, "%s wants nothing more, not '%.100s'",
			     words[0], words[used]);
	return 0;
}

int config_parse_text(struct config *config, const char *text, size_t size,
		      struct config_error *error)
{
	const char *end = text + size;
	int err = 0;

	memset(error, 0, sizeof(*error));
	config->given = 0;
	while (text < end && !err) {
		const char *newline = memchr(text, '\n', end - text);
		const char *stop = newline ? newline : end;

		error->line++;
		err = parse_line(config, text, stop - text, error);
		text = newline ? newline + 1 : end;
	}
	return err;
}
