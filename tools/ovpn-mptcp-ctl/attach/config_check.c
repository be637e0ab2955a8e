// SPDX-License-Identifier: GPL-2.0-or-later
/* What attach is told: do the directives make sense together? */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/config.h"
#include "base/memory.h"

static void copy(char **to, const char *from)
{
	free(*to);
	*to = from ? strdup(from) : NULL;
	if (from && !*to)
		exit(system_error(ENOMEM, "out of memory"));
}

/* One directive of the lines above the sections. */
static void inherit(struct config *section, const struct config *config,
		    const struct word *word, size_t offset)
{
	void *to = (char *)section + offset;
	const void *from = (const char *)config + offset;
	const struct config_host *host = from;

	switch (word->type) {
	case WORD_NUMBER:
		memcpy(to, from, sizeof(uint32_t));
		break;
	case WORD_TIMES:
		memcpy(to, from, 2 * sizeof(uint32_t));
		break;
	case WORD_FLAG:
		memcpy(to, from, sizeof(bool));
		break;
	case WORD_ANSWER:
		memcpy(to, from, sizeof(enum config_answer));
		break;
	case WORD_CONGESTION:
		memcpy(to, from, CONGESTION_SIZE);
		break;
	case WORD_FILE:
	case WORD_NAME:
		copy(to, *(char *const *)from);
		break;
	case WORD_CHOICE:
		if (!section->ciphers.count)
			section->ciphers = config->ciphers;
		break;
	case WORD_HOST:
		copy(&((struct config_host *)to)->name, host->name);
		((struct config_host *)to)->port = host->port;
		break;
	default:
		/* each has its own */
		break;
	}
}

void config_finish(struct config *config)
{
	size_t i, j;

	for (i = 0; i < config->peers.count; i++) {
		struct config *section = &config->peers.items[i];

		for (j = 0; config_words[j].name; j++) {
			if (!(section->given & (1u << j)))
				inherit(section, config, &config_words[j],
					config_fields[j].offset);
		}
		if (!section->device[0] && config_is_device(section->peer))
			strcpy(section->device, section->peer);
		/* the one that the client must have */
		if (section->psk_file && !section->psk_identity)
			copy(&section->psk_identity, section->peer);
	}
}

static int check_credentials(const struct config *config,
			     struct config_error *error)
{
	bool certificate = config->cert || config->key ||
			   config->peer_fingerprints.count;

	if (config->psk_file && certificate)
		return config_wrong(error, "expected either psk-file or cert, key and peer-fingerprint, not both");
	if (!config->psk_file && !certificate)
		return config_wrong(error, "expected psk-file, or cert, key and peer-fingerprint");
	if (config->psk_identity && !config->psk_file)
		return config_wrong(error, "psk-identity needs psk-file");
	if (certificate &&
	    (!config->cert || !config->key || !config->peer_fingerprints.count))
		return config_wrong(error, "expected all three of cert, key and peer-fingerprint");
	return 0;
}

/* What only the end can do whose machine is behind the tunnel. */
static int check_machine(const struct config *config,
			 struct config_error *error)
{
	if (config->gateway == CONFIG_YES && config->listen.name)
		return config_wrong(error, "gateway is for a client: a server is where the traffic of clients leaves the tunnel");
	if ((config->dns.count || config->dns_domains.count) &&
	    config->listen.name)
		return config_wrong(error, "dns and dns-domain are for a client");
	if (config->leak && config->gateway != CONFIG_YES)
		return config_wrong(error, "leak needs gateway yes");
	if (config->dns_domains.count && !config->dns.count)
		return config_wrong(error, "dns-domain needs dns");
	return 0;
}

static int check_one(const struct config *config, struct config_error *error)
{
	size_t i;

	if (!config->device[0])
		return config_wrong(error, "expected device NAME");
	if (!config->connect.name == !config->listen.name)
		return config_wrong(error, "expected %s",
			     config->listen.name ?
			     "either connect or listen, not both" :
			     "connect HOST PORT, or listen HOST PORT");
	if (config->local.address.family && config->listen.name)
		return config_wrong(error, "local is for a client: listen has the address of a server");
	if (config->keepalive[0] && config->keepalive[1] &&
	    config->keepalive[1] <= config->keepalive[0])
		return config_wrong(error, "keepalive wants a timeout that is longer than the interval, or 0");
	for (i = 0; i < config->addresses.count; i++) {
		if (config->addresses.items[i].address.family == AF_INET6 &&
		    config->mtu < 1280)
			return config_wrong(error, "an IPv6 address needs an mtu of 1280 or more");
	}
	if (check_machine(config, error))
		return -1;
	return check_credentials(config, error);
}

/* What the lines above the sections must leave to them. */
static int check_shared(const struct config *config, struct config_error *error)
{
	if (!config->listen.name)
		return config_wrong(error, "[peer NAME] is for a server: expected listen HOST PORT");
	if (check_machine(config, error))
		return -1;
	if (config->psk_file || config->psk_identity ||
	    config->peer_fingerprints.count)
		return config_wrong(error, "with [peer NAME], psk-file, psk-identity and peer-fingerprint belong into the section of a peer");
	if (config->addresses.count || config->routes.count)
		return config_wrong(error, "with [peer NAME], address and route belong into the section of a peer: each has a device of its own");
	return 0;
}

static int check_pair(const struct config *one, const struct config *other,
		      struct config_error *error)
{
	if (!strcmp(one->device, other->device))
		return config_wrong(error, "expected another device than %s, which [peer %s] has",
			     one->device, one->peer);
	if (!one->psk_file != !other->psk_file)
		return config_wrong(error, "expected psk-file in each section, or in none");
	if (one->psk_file && !strcmp(one->psk_identity, other->psk_identity))
		return config_wrong(error, "expected another psk-identity than %s, which [peer %s] has",
			     one->psk_identity, one->peer);
	return 0;
}

static int check_section(const struct config *config, size_t i,
			 struct config_error *error)
{
	const struct config *section = &config->peers.items[i];
	int err = check_one(section, error);
	size_t j;

	for (j = 0; j < i && !err; j++)
		err = check_pair(&config->peers.items[j], section, error);
	return err;
}

int config_check(const struct config *config, struct config_error *error)
{
	char text[sizeof(error->text)];
	size_t i;

	memset(error, 0, sizeof(*error));
	if (!config->peers.count)
		return check_one(config, error);
	if (check_shared(config, error))
		return -1;
	for (i = 0; i < config->peers.count; i++) {
		if (!check_section(config, i, error))
			continue;
		strcpy(text, error->text);
		return config_wrong(error, "[peer %s]: %.180s",
			     config->peers.items[i].peer, text);
	}
	return 0;
}
