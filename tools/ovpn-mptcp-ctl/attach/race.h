/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attempts to reach a server, from each way out of this machine at each of its
 * addresses: one begins a moment after the other, as RFC 8305 has it, and the
 * first whose other end has proved who it is wins. Nothing was said to a server
 * then but what TLS says.
 */
#ifndef RACE_H
#define RACE_H

#include "attach/handshake.h"
#include "attach/ways.h"

struct attach;
struct waits;

#define RACE_ADDRESSES_MAX	8
#define RACE_ATTEMPTS_MAX	48
/* at one time */
#define RACE_PARALLEL_MAX	8

/**
 * enum attempt_state - of an attempt
 * @ATTEMPT_WAITS: it has not begun, or was broken off for one that won
 * @ATTEMPT_CONNECTS: the other end has not answered
 * @ATTEMPT_SHAKES: it is about to prove who it is
 * @ATTEMPT_FELL: it answered with TCP; the others are waited for
 * @ATTEMPT_OVER: of no use any more
 */
enum attempt_state {
	ATTEMPT_WAITS,
	ATTEMPT_CONNECTS,
	ATTEMPT_SHAKES,
	ATTEMPT_FELL,
	ATTEMPT_OVER,
};

/**
 * struct attempt - a connection that is tried
 * @state: how far it is
 * @to: address of the server
 * @way: where it begins
 * @turn: those with a small one come first
 * @handshake: the connection
 * @from: its own address, of no family when it never had one
 * @until: clock_ms() when it is given up
 */
struct attempt {
	enum attempt_state state;
	struct address to;
	struct way way;
	size_t turn;
	struct handshake handshake;
	struct address from;
	uint64_t until;
};

/**
 * struct race - attempts, the most promising first
 * @addresses: of the server
 * @address_count: how many
 * @attempts: to reach them
 * @count: how many
 * @winner: the attempt that won, or NULL
 * @next_at: clock_ms() when another one may begin
 * @only_mptcp: a connection over TCP is of no use
 * @only_usual: no way but the usual one, and that only if MPTCP would not open
 *	a path there by itself
 * @quiet: those that fail are not told
 * @others: ways that are not the usual ones were added
 * @refused: an end was reached that is not the right one
 * @fell: one was of no use because it was over TCP
 */
struct race {
	struct address addresses[RACE_ADDRESSES_MAX];
	size_t address_count;
	struct attempt attempts[RACE_ATTEMPTS_MAX];
	size_t count;
	struct attempt *winner;
	uint64_t next_at;
	bool only_mptcp;
	bool only_usual;
	bool quiet;
	bool others;
	bool refused;
	bool fell;
};

enum race_result {
	RACE_RUNS,
	RACE_WON,
	RACE_LOST,
};

/* All zero bytes are a race without addresses, which is lost. */
void race_begin(struct race *race);
/* One more address, unless it is there. */
void race_add(struct attach *attach, struct race *race,
	      const struct address *to);
/* Goes on. RACE_WON: a handshake is at CHANNEL_UP; its attempt is race->winner,
 * and the others are closed. Whoever takes the handshake leaves one in its
 * place; race_step() goes on with the others when it is called again.
 */
enum race_result race_step(struct attach *attach, struct race *race,
			   uint64_t now);
/* That address is of no use: the right server was reached, and refused. */
void race_drop(struct race *race, const struct address *to);
void race_wait(const struct race *race, struct waits *waits);
void race_close(struct race *race);

#endif /* RACE_H */
