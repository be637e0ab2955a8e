/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where clients of attach come in: listens, lets connections prove who they are,
 * and gives those that did to the site that they are of. What has not proved
 * itself touches nothing of a tunnel.
 */
#ifndef GATE_H
#define GATE_H

#include "attach/attach.h"
#include "attach/crowd.h"

/* connections that have not proved who they are */
#define GATE_PENDING_MAX	CROWD_MAX
#define GATE_LISTENERS_MAX	8

/**
 * struct gate - of a server; all zero is a closed one
 * @name: for messages
 * @sites: to which clients come; of the owner
 * @site_count: how many
 * @host: where it listens
 * @port: and on which port
 * @listeners: sockets, one for each address
 * @listener_count: how many
 * @pending: connections, the oldest first
 * @pending_count: how many
 * @complaints: in the log, since @complaints_at
 * @hushed: not in the log since then
 * @complaints_at: clock_ms()
 * @deaf_until: clock_ms() when there may be room for connections again; 0
 *	when there is
 */
struct gate {
	const char *name;
	struct attach **sites;
	size_t site_count;
	char *host;
	uint16_t port;
	int listeners[GATE_LISTENERS_MAX];
	size_t listener_count;
	struct handshake pending[GATE_PENDING_MAX];
	size_t pending_count;
	unsigned int complaints;
	unsigned int hushed;
	uint64_t complaints_at;
	uint64_t deaf_until;
};

/* Listens where the first site says. Says why not. */
enum status gate_open(struct gate *gate, const char *name,
		      struct attach **sites, size_t site_count);
void gate_step(struct gate *gate, uint64_t now);
void gate_wait(const struct gate *gate, struct waits *waits);
/* Who has not proved yet who they are have to come again. */
void gate_empty(struct gate *gate);
/* Listens where @next says, or goes on where it did, and says why. */
enum status gate_reload(struct gate *gate, const struct config *next);
void gate_close(struct gate *gate);

#endif /* GATE_H */
