/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the client of attach gets at a connection: name, ways, attempts, waits. */
#ifndef CALLER_H
#define CALLER_H

#include "attach/attach.h"
#include "attach/backoff.h"
#include "attach/lookup.h"
#include "attach/race.h"

/**
 * enum caller_state - what is done for a new connection
 * @CALLER_NOTHING: nothing; but the name may still be looked up
 * @CALLER_WAIT: it is waited
 * @CALLER_RACE: the server is looked for
 * @CALLER_WON: there is a connection to it, race.winner: to be taken by the owner,
 *	who says whether it was of use
 */
enum caller_state {
	CALLER_NOTHING,
	CALLER_WAIT,
	CALLER_RACE,
	CALLER_WON,
};

/**
 * struct caller - the way to a connection
 * @state: where it is
 * @until: clock_ms() when to go on, in CALLER_WAIT; 0 for now
 * @lookup: of the server's name
 * @known: addresses that the last look-up found: they serve until another one
 *	has an answer, for the name servers may be behind the tunnel
 * @known_count: how many
 * @better: there is a connection, and only a better one is of use: over MPTCP
 * @usual: ... and by the usual way
 * @race: attempts to reach them
 * @backoff: attempts that failed
 */
struct caller {
	enum caller_state state;
	uint64_t until;
	struct lookup lookup;
	struct address known[RACE_ADDRESSES_MAX];
	size_t known_count;
	bool better;
	bool usual;
	struct race race;
	struct backoff backoff;
};

/* All zero bytes do nothing. */

/* A connection is wanted at once; after the usual wait. */
void caller_now(struct caller *caller);
/* One that is better than that which there is, in silence: over MPTCP, and by the
 * usual way if @usual.
 */
void caller_better(struct caller *caller, bool usual);
void caller_later(struct attach *attach, struct caller *caller);
/* What can be done; a status other than STATUS_OK is the end of attach. */
enum status caller_step(struct attach *attach, struct caller *caller, uint64_t now);
/* The connection that won is the new one. */
void caller_done(struct caller *caller);
/* It was of no use. @refused: the right server has said no. */
void caller_failed(struct caller *caller, const struct address *to, bool refused);
/* The server has another name: what is known of the last one is of no use. */
void caller_forget(struct caller *caller, const struct config_host *last,
		   const struct config_host *next);
void caller_wait(const struct caller *caller, struct waits *waits);
void caller_close(struct caller *caller);

/* Says that @server is behind the tunnel itself. */
enum status caller_swallowed(const struct attach *attach,
			   const struct address *server);

#endif /* CALLER_H */
