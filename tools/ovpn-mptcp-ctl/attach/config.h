/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What attach is told, by a file, by words of the command line, or both:
 *
 *   # one directive a line
 *   device tun0
 *   connect vpn.example.net 1194
 *   address 10.9.0.2/24
 *
 * A server may have several clients, each with a section:
 *
 *   [peer paris]
 *   psk-file /etc/ovpn-mptcp/paris.psk
 *   address 10.9.1.1/30
 *
 * A directive is a line of the table config_words, which the parser of both,
 * the help and the completion use. Words are separated by spaces or tabs; what
 * follows a # at the begin of a word does not count.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/model.h"
#include "cli/command.h"

/* larger files are no configurations */
#define CONFIG_SIZE_MAX		65536

#define CONFIG_ADDRESSES_MAX	64
#define CONFIG_ROUTES_MAX	1024
#define CONFIG_CIPHERS_MAX	4
#define CONFIG_FINGERPRINTS_MAX	4
#define CONFIG_DNS_MAX		3
#define CONFIG_DOMAINS_MAX	6
#define CONFIG_DOMAIN_SIZE	253
#define CONFIG_PEERS_MAX	64
#define CONFIG_PEER_SIZE	64

/**
 * struct config_host - one end of a connection
 * @name: host name or address; NULL when there is none
 * @port: 1 to 65535
 */
struct config_host {
	char *name;
	uint16_t port;
};

/**
 * struct config_local - where a connection begins
 * @address: of no family for any
 * @device: of a link-local address, else empty
 */
struct config_local {
	struct address address;
	char device[IFNAMSIZ];
};

struct config_prefixes {
	struct prefix *items;
	size_t count;
};

/**
 * struct config_ciphers - in the order of preference
 * @items: index in cipher_choices
 * @count: how many; 0 is the default
 */
struct config_ciphers {
	uint32_t items[CONFIG_CIPHERS_MAX];
	size_t count;
};

struct config_fingerprints {
	char *items[CONFIG_FINGERPRINTS_MAX];
	size_t count;
};

enum config_answer {
	CONFIG_UNSAID,
	CONFIG_YES,
	CONFIG_NO,
};

/**
 * struct config_servers - name servers
 * @items: without a port
 * @count: how many
 */
struct config_servers {
	struct address items[CONFIG_DNS_MAX];
	size_t count;
};

/**
 * struct config_domains - names that end so
 * @items: without a dot at either end
 * @count: how many
 */
struct config_domains {
	char *items[CONFIG_DOMAINS_MAX];
	size_t count;
};

struct config;

/**
 * struct config_peers - the sections
 * @items: each with the name of its peer; what it does not say is that of the
 *	lines above the first one, see config_finish()
 * @count: how many
 */
struct config_peers {
	struct config *items;
	size_t count;
};

/**
 * struct config - what attach is told
 * @file: where directives stand, - for standard input; NULL for none
 * @connect: the server, for a client
 * @listen: where to wait, for a server; the name * is every address
 * @local: where the first path of a client begins
 * @device: name of the tunnel device
 * @psk_file: file of the pre-shared key, or NULL
 * @psk_identity: its name
 * @cert: file of the own certificate, or NULL
 * @key: file of its private key
 * @peer_fingerprints: SHA-256 of the certificates that the other end may have
 * @ciphers: that may be used
 * @addresses: of the device
 * @routes: through the device
 * @gateway: all traffic of the machine goes into the tunnel
 * @leak: ... but while the tunnel does not stand, or has no such addresses
 * @dns: name servers behind the tunnel
 * @dns_domains: what they are asked for; none: for all names
 * @mtu: of the device, bytes
 * @keepalive: interval and timeout in seconds, 0 is never
 * @rekey_seconds: age at which keys are renewed, 0 is never
 * @rekey_packets: packets of either direction after which they are, 0 is never
 * @congestion: congestion control of the connection's sockets; empty: whatever
 *	the kernel or the module gives them
 * @check: only say whether it is right
 * @require_mptcp: plain TCP will not do
 * @no_keep: lost paths are not brought back, nor slow ones spared
 * @no_backup: slow paths are used like others
 * @peer: name of the peer whose section this is, or NULL
 * @peers: sections
 * @given: directives of the source at hand, a bit each; of the parser
 */
struct config {
	char *file;
	struct config_host connect;
	struct config_host listen;
	struct config_local local;
	char device[IFNAMSIZ];
	char *psk_file;
	char *psk_identity;
	char *cert;
	char *key;
	struct config_fingerprints peer_fingerprints;
	struct config_ciphers ciphers;
	struct config_prefixes addresses;
	struct config_prefixes routes;
	enum config_answer gateway;
	enum config_answer leak;
	struct config_servers dns;
	struct config_domains dns_domains;
	uint32_t mtu;
	uint32_t keepalive[2];
	uint32_t rekey_seconds;
	uint32_t rekey_packets;
	char congestion[CONGESTION_SIZE];
	bool check;
	bool require_mptcp;
	bool no_keep;
	bool no_backup;
	char *peer;
	struct config_peers peers;
	uint32_t given;
};

/**
 * struct config_field - what else is known about a word
 * @offset: where its value goes
 * @min: smallest number
 * @repeats: it may be there several times
 */
struct config_field {
	size_t offset;
	uint32_t min;
	bool repeats;
};

/* in the order of config_words */
extern const struct config_field config_fields[];

/**
 * struct config_error - why directives are none
 * @line: where; 0 for the whole, and for words of the command line
 * @text: what was expected
 */
struct config_error {
	unsigned int line;
	char text[256];
};

/* Says what was expected. Returns -1. */
__attribute__((format(printf, 2, 3)))
int config_wrong(struct config_error *error, const char *format, ...);
/* Whether an interface may have this name. */
bool config_is_device(const char *text);

/* Defaults. */
void config_init(struct config *config);
void config_free(struct config *config);

/* Each returns 0, or -1 with @error set. What a source says once, the next one
 * says anew; addresses, routes and ciphers are added.
 */
int config_parse_text(struct config *config, const char *text, size_t size,
		      struct config_error *error);
/* @argv: ends with NULL */
int config_parse_words(struct config *config, char *const *argv,
		       struct config_error *error);
/* When all is read: sections get what they do not say. */
void config_finish(struct config *config);
/* Whether the directives make sense together. */
int config_check(const struct config *config, struct config_error *error);

/* All of it: the words, and the file that they name. Says what is wrong, and
 * then leaves nothing in @config.
 */
enum status config_load(struct config *config, const char *command,
			char *const *argv);

#endif /* CONFIG_H */
