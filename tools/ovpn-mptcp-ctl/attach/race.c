// SPDX-License-Identifier: GPL-2.0-or-later
/* Attempts to reach a server by several ways at once. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "attach/attach.h"
#include "attach/race.h"

/* For one connection. Newer kernels (seen with 7.3) repeat the SYN every second,
 * leave MPTCP out of the third repetition, and when that one is answered, out of
 * other connections for an hour.
 */
#define CONNECT_MS	2500
/* from one to the next: the Connection Attempt Delay of RFC 8305 */
#define STAGGER_MS	250

#define ATTEMPT_TEXT_SIZE	(2 * DIAL_TEXT_SIZE + IFNAMSIZ)

void race_begin(struct race *race)
{
	race_close(race);
	race->winner = NULL;
	race->count = 0;
	race->address_count = 0;
	race->next_at = 0;
	race->others = false;
	race->refused = false;
	race->fell = false;
}

/* "203.0.113.5:1194", and the way if it is not the usual one */
static const char *describe(const struct attempt *attempt, char *text)
{
	const struct way *way = &attempt->way;
	char to[DIAL_TEXT_SIZE], from[ADDRESS_SIZE];

	dial_text(&attempt->to, to);
	if (way->device[0])
		snprintf(text, ATTEMPT_TEXT_SIZE, "%s by %s", to, way->device);
	else if (way->from.family)
		snprintf(text, ATTEMPT_TEXT_SIZE, "%s from %s", to,
			 address_text(&way->from, from));
	else
		snprintf(text, ATTEMPT_TEXT_SIZE, "%s", to);
	return text;
}

/* @address: index of it */
static void add_ways(struct race *race, size_t address, const struct ways *ways)
{
	size_t i;

	for (i = 0; i < ways->count && race->count < RACE_ATTEMPTS_MAX; i++) {
		struct attempt *attempt = &race->attempts[race->count++];

		memset(attempt, 0, sizeof(*attempt));
		handshake_init(&attempt->handshake);
		attempt->to = race->addresses[address];
		attempt->way = ways->items[i];
		/* neither an address nor a way keeps the others waiting */
		attempt->turn = address + i;
	}
}

void race_add(struct attach *attach, struct race *race,
	      const struct address *to)
{
	const struct config_local *local = &attach->config.local;
	struct ways ways = { .count = 1 };
	size_t i;

	for (i = 0; i < race->address_count; i++) {
		if (address_same_ip(&race->addresses[i], to))
			return;
	}
	if (race->address_count == RACE_ADDRESSES_MAX)
		return;
	race->addresses[race->address_count++] = *to;
	if (local->address.family)
		ways_local(&ways, local);
	else if (!race->only_usual)
		ways_usual(&ways, to->family, attach->session.ifindex);
	add_ways(race, race->address_count - 1, &ways);
}

/* The usual ways are dead. Who names the local address wants no other one. */
static void add_others(struct attach *attach, struct race *race)
{
	struct address used[RACE_ATTEMPTS_MAX];
	size_t i, j, used_count;
	struct ways ways;

	race->others = true;
	if (attach->config.local.address.family || race->only_usual)
		return;
	for (i = 0; i < race->address_count; i++) {
		used_count = 0;
		for (j = 0; j < race->count; j++) {
			const struct attempt *attempt = &race->attempts[j];

			if (address_same_ip(&attempt->to, &race->addresses[i]) &&
			    attempt->from.family)
				used[used_count++] = attempt->from;
		}
		ways_other(&ways, &race->addresses[i], attach->session.ifindex,
			   used, used_count);
		add_ways(race, i, &ways);
	}
}

static void finish(struct attempt *attempt, enum attempt_state state)
{
	handshake_close(&attempt->handshake);
	attempt->state = state;
}

__attribute__((format(printf, 4, 5)))
static void failed(struct attach *attach, struct race *race,
		   struct attempt *attempt, const char *format, ...)
{
	char text[ATTEMPT_TEXT_SIZE], why[400];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	finish(attempt, ATTEMPT_OVER);
	/* there is nothing to wait for before the next one */
	race->next_at = 0;
	if (!race->quiet)
		attach_say(attach, "cannot connect to %s (%s)",
			   describe(attempt, text), why);
}

static void fell(struct attach *attach, struct race *race,
		 struct attempt *attempt)
{
	char text[ATTEMPT_TEXT_SIZE];

	finish(attempt, ATTEMPT_OVER);
	race->fell = true;
	if (!race->quiet)
		attach_event(attach, LOG_ERR, "fallback",
			     "cannot connect to %s (expected MPTCP, and the connection fell back to TCP: the other end, or something on the way, does not speak it)",
			     describe(attempt, text));
}

/* Whether another one has begun at this very address. */
static bool is_known(const struct race *race, const struct attempt *attempt)
{
	size_t i;

	for (i = 0; attempt->way.from.family && i < race->count; i++) {
		const struct attempt *other = &race->attempts[i];

		if (other != attempt &&
		    address_same_ip(&other->to, &attempt->to) &&
		    address_same_ip(&other->from, &attempt->way.from))
			return true;
	}
	return false;
}

/* Whether MPTCP opens a path there by itself once there is a connection. */
static bool is_endpoint(const struct attach *attach,
			const struct attempt *attempt)
{
	struct ways ways;
	size_t i;

	ways_usual(&ways, attempt->to.family, attach->session.ifindex);
	for (i = 1; i < ways.count; i++) {
		if (address_same_ip(&ways.items[i].from, &attempt->from))
			return true;
	}
	return false;
}

static void begin(struct attach *attach, struct race *race,
		  struct attempt *attempt, uint64_t now)
{
	const struct way *way = &attempt->way;
	const struct address *from = way->from.family ? &way->from : NULL;
	char text[ATTEMPT_TEXT_SIZE];
	int fd;

	if (is_known(race, attempt)) {
		attempt->state = ATTEMPT_OVER;
		return;
	}
	/* a socket that is bound to an interface goes nowhere else */
	if (!way->ifindex &&
	    session_swallows(&attach->session, &attempt->to, from)) {
		failed(attach, race, attempt, "a route leads into the tunnel itself");
		return;
	}
	attach_progress(attach, "connect to %s", describe(attempt, text));
	fd = dial_begin(&attempt->to, way, attach->mptcp,
			gateway_mark(&attach->config));
	if (fd < 0) {
		failed(attach, race, attempt, "%s", errno_text(errno));
		return;
	}
	attach_congestion(attach, fd);
	handshake_take(&attempt->handshake, fd);
	attempt->handshake.remote = attempt->to;
	address_of_socket(fd, &attempt->from);
	if (race->only_usual && is_endpoint(attach, attempt)) {
		finish(attempt, ATTEMPT_OVER);
		return;
	}
	attempt->state = ATTEMPT_CONNECTS;
	attempt->until = now + CONNECT_MS;
	race->next_at = now + STAGGER_MS;
}

static void shake(struct attach *attach, struct attempt *attempt)
{
	attach_progress(attach, "handshake");
	handshake_begin(&attempt->handshake, CHANNEL_CLIENT,
			&attach->credentials, ATTACH_HANDSHAKE_MS);
	attempt->state = ATTEMPT_SHAKES;
}

static void connect_step(struct attach *attach, struct race *race,
			 struct attempt *attempt, uint64_t now)
{
	struct pollfd fd = { attempt->handshake.fd, POLLOUT, 0 };
	int err;

	if (poll(&fd, 1, 0) <= 0) {
		if (now >= attempt->until)
			failed(attach, race, attempt, "no answer");
		return;
	}
	err = dial_finish(attempt->handshake.fd);
	if (err) {
		failed(attach, race, attempt, "%s", errno_text(err));
		return;
	}
	if (!attach->mptcp || dial_kind(attempt->handshake.fd) == DIAL_MPTCP) {
		shake(attach, attempt);
		return;
	}
	race->next_at = 0;
	if (race->only_mptcp) {
		fell(attach, race, attempt);
		return;
	}
	attempt->state = ATTEMPT_FELL;
}

static void shake_step(struct attach *attach, struct race *race,
		       struct attempt *attempt)
{
	struct handshake *handshake = &attempt->handshake;
	enum channel_event event = handshake_step(handshake);
	char text[ATTEMPT_TEXT_SIZE];

	if (event == CHANNEL_UP)
		race->winner = attempt;
	if (event == CHANNEL_UP || event == CHANNEL_MORE)
		return;
	race->refused |= handshake->refused;
	if (!race->quiet)
		attach_say(attach, "no agreement with %s: %s",
			   describe(attempt, text), handshake->error);
	finish(attempt, ATTEMPT_OVER);
	race->next_at = 0;
}

static void step_all(struct attach *attach, struct race *race, uint64_t now)
{
	size_t i;

	for (i = 0; i < race->count && !race->winner; i++) {
		struct attempt *attempt = &race->attempts[i];

		if (attempt->state == ATTEMPT_CONNECTS)
			connect_step(attach, race, attempt, now);
		if (attempt->state == ATTEMPT_SHAKES)
			shake_step(attach, race, attempt);
	}
}

static size_t count(const struct race *race, enum attempt_state state)
{
	size_t i, n = 0;

	for (i = 0; i < race->count; i++)
		n += race->attempts[i].state == state;
	return n;
}

static struct attempt *first(struct race *race, enum attempt_state state)
{
	struct attempt *best = NULL;
	size_t i;

	for (i = 0; i < race->count; i++) {
		struct attempt *attempt = &race->attempts[i];

		if (attempt->state == state &&
		    (!best || attempt->turn < best->turn))
			best = attempt;
	}
	return best;
}

static size_t running(const struct race *race)
{
	return count(race, ATTEMPT_CONNECTS) + count(race, ATTEMPT_SHAKES);
}

/* Begins what is due. */
static void start_some(struct attach *attach, struct race *race, uint64_t now)
{
	struct attempt *next;

	while (now >= race->next_at && running(race) < RACE_PARALLEL_MAX) {
		next = first(race, ATTEMPT_WAITS);
		if (!next && !race->others && !running(race) &&
		    !count(race, ATTEMPT_FELL)) {
			add_others(attach, race);
			continue;
		}
		if (!next)
			return;
		begin(attach, race, next, now);
	}
}

static void break_off_others(struct race *race)
{
	size_t i;

	for (i = 0; i < race->count; i++) {
		struct attempt *attempt = &race->attempts[i];

		if (attempt == race->winner || attempt->state == ATTEMPT_OVER)
			continue;
		finish(attempt, ATTEMPT_WAITS);
		memset(&attempt->from, 0, sizeof(attempt->from));
	}
	race->winner->state = ATTEMPT_OVER;
}

enum race_result race_step(struct attach *attach, struct race *race,
			   uint64_t now)
{
	struct attempt *fell;

	race->winner = NULL;
	step_all(attach, race, now);
	if (!race->winner)
		start_some(attach, race, now);
	if (race->winner) {
		break_off_others(race);
		return RACE_WON;
	}
	if (running(race) || count(race, ATTEMPT_WAITS))
		return RACE_RUNS;
	/* TCP is better than nothing */
	fell = first(race, ATTEMPT_FELL);
	if (!fell)
		return RACE_LOST;
	shake(attach, fell);
	return race_step(attach, race, now);
}

void race_drop(struct race *race, const struct address *to)
{
	size_t i;

	for (i = 0; i < race->count; i++) {
		if (address_same_ip(&race->attempts[i].to, to))
			finish(&race->attempts[i], ATTEMPT_OVER);
	}
}

void race_wait(const struct race *race, struct waits *waits)
{
	size_t i;

	for (i = 0; i < race->count; i++) {
		const struct attempt *attempt = &race->attempts[i];

		if (attempt->state == ATTEMPT_CONNECTS) {
			waits_for(waits, attempt->handshake.fd, POLLOUT);
			waits_until(waits, attempt->until);
		} else if (attempt->state == ATTEMPT_SHAKES) {
			waits_for(waits, attempt->handshake.fd,
				  handshake_events(&attempt->handshake));
			waits_until(waits, attempt->handshake.deadline);
		}
	}
	if (count(race, ATTEMPT_WAITS) && running(race) < RACE_PARALLEL_MAX)
		waits_until(waits, race->next_at ? race->next_at : 1);
}

void race_close(struct race *race)
{
	size_t i;

	for (i = 0; i < race->count; i++)
		handshake_close(&race->attempts[i].handshake);
	race->count = 0;
}
