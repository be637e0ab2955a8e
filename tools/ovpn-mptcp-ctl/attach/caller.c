// SPDX-License-Identifier: GPL-2.0-or-later
/* How the client of attach gets at a connection. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "attach/caller.h"

void caller_now(struct caller *caller)
{
	race_close(&caller->race);
	caller->state = CALLER_WAIT;
	caller->until = 0;
	caller->better = false;
	caller->usual = false;
}

void caller_better(struct caller *caller, bool usual)
{
	caller_now(caller);
	caller->better = true;
	caller->usual = usual;
}

void caller_later(struct attach *attach, struct caller *caller)
{
	uint32_t chance, wait;

	caller->better = false;
	caller->usual = false;
	if (attach->alive) {
		attach_say(attach, "no new connection: the last one stays");
		caller->state = CALLER_NOTHING;
		return;
	}
	/* it spreads clients, and is no secret */
	if (getrandom(&chance, sizeof(chance), GRND_INSECURE) < 0)
		chance = clock_ms();
	wait = backoff_next(&caller->backoff, chance);
	attach_progress(attach, "next attempt in %u.%u s", wait / 1000,
			wait % 1000 / 100);
	caller->state = CALLER_WAIT;
	caller->until = clock_ms() + wait;
}

enum status caller_swallowed(const struct attach *attach,
			   const struct address *server)
{
	char text[DIAL_TEXT_SIZE];

	return usage_error("%s: a route leads %s, which is the server, into the tunnel itself: add a route to it by way of your gateway",
			   attach->config.device, dial_text(server, text));
}

static enum status add_address(struct attach *attach, struct caller *caller,
			       const struct address *to)
{
	const struct address *local = &attach->config.local.address;
	const struct address *from = local->family ? local : NULL;

	if (session_will_swallow(&attach->session, to, from))
		return caller_swallowed(attach, to);
	race_add(attach, &caller->race, to);
	return STATUS_OK;
}

/* Whoever names an address of another host is told at once; later it may have
 * gone with its link.
 */
static enum status check_local(const struct attach *attach)
{
	const struct config_local *local = &attach->config.local;
	char text[ADDRESS_SIZE];
	struct ways ways;

	if (attach->ever || !local->address.family)
		return STATUS_OK;
	ways_local(&ways, local);
	if (dial_is_own(&ways.items[0].from))
		return STATUS_OK;
	return system_error(EADDRNOTAVAIL, "%s: expected an address of this host, not local %s%s%s",
			    attach->config.device,
			    address_text(&local->address, text),
			    local->device[0] ? "%" : "", local->device);
}

static enum status begin(struct attach *attach, struct caller *caller)
{
	const struct config *config = &attach->config;
	int family = config->local.address.family;
	enum status status = check_local(attach);
	struct ways ways = { .count = 1 };
	size_t i;

	if (status)
		return status;
	race_begin(&caller->race);
	caller->race.only_mptcp = config->require_mptcp || caller->better;
	caller->race.only_usual = caller->usual;
	caller->race.quiet = caller->better;
	caller->state = CALLER_RACE;
	for (i = 0; i < caller->known_count && !status; i++)
		status = add_address(attach, caller, &caller->known[i]);
	if (!family)
		ways_usual(&ways, AF_UNSPEC, attach->session.ifindex);
	lookup_close(&caller->lookup);
	lookup_begin(&caller->lookup, &config->connect,
		     family ? family : AF_UNSPEC, &ways,
		     gateway_mark(config));
	return status;
}

/* The last known addresses make room for those of an answer that is whole. */
static void remember(struct caller *caller)
{
	const struct lookup *lookup = &caller->lookup;
	size_t family, i;

	if (lookup_is_empty(lookup))
		return;
	caller->known_count = 0;
	for (family = 0; family < LOOKUP_FAMILIES; family++) {
		for (i = 0; i < lookup->count[family]; i++) {
			if (caller->known_count < RACE_ADDRESSES_MAX)
				caller->known[caller->known_count++] =
					lookup->found[family][i];
		}
	}
}

static enum status look_up(struct attach *attach, struct caller *caller,
			   uint64_t now)
{
	enum status status = STATUS_OK;
	struct address address;

	if (!caller->lookup.host)
		return STATUS_OK;
	lookup_step(&caller->lookup, now);
	while (!status && caller->state == CALLER_RACE &&
	       lookup_next(&caller->lookup, now, &address))
		status = add_address(attach, caller, &address);
	if (!lookup_runs(&caller->lookup))
		remember(caller);
	return status;
}

/* There was no address to call. */
static enum status nameless(struct attach *attach, struct caller *caller)
{
	const struct lookup *lookup = &caller->lookup;

	attach_say(attach, "expected the name or address of a server, not '%s' (%s)",
		   attach->config.connect.name, lookup_error(lookup));
	/* Name servers may come back. Whoever typed a name that they do not
	 * know is told; a service may have better luck at its next start.
	 */
	if (!attach->ever && lookup_is_wrong(lookup))
		return STATUS_USAGE;
	if (!attach->ever && lookup_is_unknown(lookup))
		return STATUS_REFUSED;
	caller_later(attach, caller);
	return STATUS_OK;
}

static enum status lost(struct attach *attach, struct caller *caller)
{
	const struct race *race = &caller->race;

	if (caller->better) {
		caller->better = false;
		caller->state = CALLER_NOTHING;
		return STATUS_OK;
	}
	if (!race->address_count)
		return nameless(attach, caller);
	if (!attach->ever && race->refused)
		return STATUS_REFUSED;
	if (!attach->ever && race->fell)
		return STATUS_FELL_BACK;
	caller_later(attach, caller);
	return STATUS_OK;
}

enum status caller_step(struct attach *attach, struct caller *caller, uint64_t now)
{
	enum status status = STATUS_OK;

	if (caller->state == CALLER_WAIT && now >= caller->until)
		status = begin(attach, caller);
	if (!status)
		status = look_up(attach, caller, now);
	if (status || caller->state != CALLER_RACE)
		return status;
	switch (race_step(attach, &caller->race, now)) {
	case RACE_RUNS:
		break;
	case RACE_WON:
		caller->state = CALLER_WON;
		break;
	case RACE_LOST:
		/* more addresses may come */
		if (!lookup_runs(&caller->lookup))
			status = lost(attach, caller);
		break;
	}
	return status;
}

void caller_done(struct caller *caller)
{
	race_close(&caller->race);
	caller->state = CALLER_NOTHING;
	caller->better = false;
}

void caller_failed(struct caller *caller, const struct address *to, bool refused)
{
	if (refused) {
		race_drop(&caller->race, to);
		caller->race.refused = true;
	}
	caller->state = CALLER_RACE;
}

void caller_forget(struct caller *caller, const struct config_host *last,
		   const struct config_host *next)
{
	/* it has the name of the last one */
	lookup_close(&caller->lookup);
	if (strcmp(last->name, next->name) || last->port != next->port)
		caller->known_count = 0;
}

void caller_wait(const struct caller *caller, struct waits *waits)
{
	if (caller->lookup.host)
		lookup_wait(&caller->lookup, waits);
	if (caller->state == CALLER_WAIT)
		waits_until(waits, caller->until ? caller->until : 1);
	else if (caller->state == CALLER_RACE)
		race_wait(&caller->race, waits);
}

void caller_close(struct caller *caller)
{
	lookup_close(&caller->lookup);
	race_close(&caller->race);
}
