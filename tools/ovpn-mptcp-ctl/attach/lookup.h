/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The addresses of a host name, asked for while the caller does other things:
 * c-ares, with sockets that the caller's poll() waits for. IPv4 and IPv6 are
 * asked for apart, so that a name server that is deaf for one of them does not
 * hold up the other. When the usual way to the name servers is silent, they
 * are asked by the other ways out of this machine, too.
 */
#ifndef LOOKUP_H
#define LOOKUP_H

#include <ares.h>
#include <stdbool.h>
#include <stdint.h>

#include "attach/config.h"
#include "attach/ways.h"

struct waits;

/* addresses of a name that are used */
#define LOOKUP_ADDRESSES_MAX	8
/* ways by which name servers are asked */
#define LOOKUP_CHANNELS_MAX	4
/* sockets of one channel */
#define LOOKUP_SOCKETS_MAX	16

enum lookup_family {
	LOOKUP_IP6,
	LOOKUP_IP4,
	LOOKUP_FAMILIES,
};

/**
 * struct lookup_channel - questions by one way
 * @lookup: that it belongs to
 * @ares: of c-ares; NULL when nothing is asked here
 * @sockets: of it, and what each waits for
 * @socket_count: how many
 * @open: questions without an answer
 */
struct lookup_channel {
	struct lookup *lookup;
	ares_channel ares;
	struct lookup_socket {
		int fd;
		short events;
	} sockets[LOOKUP_SOCKETS_MAX];
	size_t socket_count;
	unsigned int open;
};

/**
 * struct lookup - a look-up
 * @host: whose name
 * @mark: of the sockets, see dial_mark()
 * @ways: by which name servers can be asked
 * @channels: questions
 * @channel_count: how many ways were used
 * @another_at: clock_ms() when the next way is used; 0 for never
 * @wanted: whether addresses of that family are asked for
 * @answered: whether there is an answer about them
 * @found: addresses, by family
 * @count: how many
 * @taken: how many of them lookup_next() has given
 * @hold_until: clock_ms() until which IPv4 waits for IPv6, see RFC 8305
 * @error: ARES_ code of the last answer without addresses
 */
struct lookup {
	const struct config_host *host;
	uint32_t mark;
	struct ways ways;
	struct lookup_channel channels[LOOKUP_CHANNELS_MAX];
	size_t channel_count;
	uint64_t another_at;
	bool wanted[LOOKUP_FAMILIES];
	bool answered[LOOKUP_FAMILIES];
	struct address found[LOOKUP_FAMILIES][LOOKUP_ADDRESSES_MAX];
	size_t count[LOOKUP_FAMILIES];
	size_t taken[LOOKUP_FAMILIES];
	uint64_t hold_until;
	int error;
};

/* Begins; the last look-up of @lookup must be closed. @host must live as long.
 * @family: AF_UNSPEC for any. @ways: the first one is used at once. @mark: of the
 * sockets, 0 for none.
 */
void lookup_begin(struct lookup *lookup, const struct config_host *host,
		  int family, const struct ways *ways, uint32_t mark);
/* Reads answers, asks again. */
void lookup_step(struct lookup *lookup, uint64_t now);
/* The next address that was found. Returns whether there is one. */
bool lookup_next(struct lookup *lookup, uint64_t now, struct address *address);
/* Whether more may come. */
bool lookup_runs(const struct lookup *lookup);
/* At its end: nothing was found; nor is there anything, as somebody knows; nor
 * can there be.
 */
bool lookup_is_empty(const struct lookup *lookup);
bool lookup_is_unknown(const struct lookup *lookup);
bool lookup_is_wrong(const struct lookup *lookup);
const char *lookup_error(const struct lookup *lookup);
void lookup_wait(const struct lookup *lookup, struct waits *waits);
/* All zero bytes are a closed one. */
void lookup_close(struct lookup *lookup);

#endif /* LOOKUP_H */
