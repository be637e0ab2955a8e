// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which endpoint is to be a backup.
 *
 * MPTCP gives a burst to any path that is idle, and what follows on the others
 * waits for it, because the stream is in order. So one path that takes half a
 * second longer makes all of them slower than the best one alone. A backup is
 * given nothing as long as another path works, and costs nothing.
 *
 * The least round trip decides, for it does not grow with the load as the mean
 * does. But a backup has no packets whose round trip could be measured: so it is
 * made normal again from time to time, until something was sent on it.
 */

#include <linux/mptcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "keep/keep_slow.h"

/* What a number of peers say of an endpoint, together. */
enum verdict {
	VERDICT_NONE,
	VERDICT_SLOW,
	VERDICT_FAST,
};

/**
 * struct finding - how slow an endpoint is
 * @verdict: slow only if it is for every peer that has a path from it
 * @peers: how many have
 * @first: the first one, of all if it is slow, and of those that it is fast for
 * @tunnel: its device
 * @own: least round trip of that peer's paths from it, microseconds
 * @best: ... and of its other paths; 0 when there is none to compare
 * @sent: bytes sent on all paths from it
 * @joining: one of these is not confirmed yet by the other end
 */
struct finding {
	enum verdict verdict;
	size_t peers;
	const struct peer *first;
	const char *tunnel;
	uint32_t own;
	uint32_t best;
	uint64_t sent;
	bool joining;
};

static bool is_backup(const struct endpoint *endpoint)
{
	return endpoint->flags & MPTCP_PM_ADDR_FLAG_BACKUP;
}

static bool is_ours(const struct keep_slow_entry *entry)
{
	return entry->pace == KEEP_PACE_BACKUP || entry->pace == KEEP_PACE_TEST;
}

static struct keep_slow_entry *find(const struct keep_slow *slow,
				    const struct endpoint *endpoint)
{
	size_t i;

	for (i = 0; i < slow->count; i++) {
		struct keep_slow_entry *entry = &slow->items[i];

		if (entry->id == endpoint->id &&
		    address_same_ip(&entry->address, &endpoint->address))
			return entry;
	}
	return NULL;
}

/* Whether a path may be compared with: one that somebody wants to spare is no
 * reason to spare another, but one that we made a backup is as good as normal.
 */
static bool is_measure(const struct keep_slow *slow, const struct path *path)
{
	size_t i;

	for (i = 0; path->backup && i < slow->count; i++) {
		if (slow->items[i].made &&
		    address_same_ip(&slow->items[i].address, &path->local))
			return true;
	}
	return !path->backup;
}

static void least(uint32_t *rtt, const struct path *path)
{
	if (path->min_rtt_us && (!*rtt || path->min_rtt_us < *rtt))
		*rtt = path->min_rtt_us;
}

/* One that was slow must come below the lesser bounds to be fast. */
static bool is_slow(uint32_t own, uint32_t best, bool was)
{
	uint64_t times = was ? KEEP_FAST_TIMES : KEEP_SLOW_TIMES;
	uint64_t more = was ? KEEP_FAST_MORE_US : KEEP_SLOW_MORE_US;

	if (!best)
		return false;
	if (was)
		return own >= times * best && own >= best + more;
	return own > times * best && own > best + more;
}

/* Adds what a peer says. Its paths that are backups already, as the other end
 * may have asked for, need nothing; so they count only if we made them.
 */
static void finding_add(struct finding *finding, const struct keep_slow *slow,
			const struct keep_view *view,
			const struct endpoint *endpoint, bool ours,
			const struct device *tunnel, const struct peer *peer)
{
	uint32_t own = 0, best = 0;
	size_t i;
	bool is;

	for (i = 0; i < view->paths->count; i++) {
		const struct path *path = &view->paths->items[i];

		if (!path->is_subflow || path->token != peer->token ||
		    !keep_is_live(path))
			continue;
		if (!keep_is_from(path, endpoint)) {
			if (is_measure(slow, path))
				least(&best, path);
		} else if (path->joining) {
			finding->joining = true;
		} else if (ours || !path->backup) {
			least(&own, path);
			finding->sent += path->tx_bytes;
		}
	}
	if (!own)
		return;
	is = is_slow(own, best, ours);
	if (!finding->peers++ || (finding->verdict == VERDICT_SLOW && !is)) {
		finding->verdict = is ? VERDICT_SLOW : VERDICT_FAST;
		finding->first = peer;
		finding->tunnel = tunnel->name;
		finding->own = own;
		finding->best = best;
	}
}

static struct finding judge(const struct keep_slow *slow,
			    const struct keep_view *view,
			    const struct endpoint *endpoint, bool ours)
{
	struct finding finding = { 0 };
	struct keep_cursor at = { 0 };
	const struct peer *peer;

	while ((peer = keep_next_peer(view->devices, &at)))
		finding_add(&finding, slow, view, endpoint, ours, at.tunnel,
			    peer);
	return finding;
}

static struct keep_event *tell(struct keep_events *events,
			       enum keep_event_type type,
			       const struct endpoint *endpoint,
			       const struct finding *finding)
{
	struct keep_event *event = keep_event_add(events, type, endpoint,
						  finding->peers, finding->first,
						  finding->tunnel);

	if (finding->best) {
		event->min_rtt_us = finding->own;
		event->best_rtt_us = finding->best;
	}
	return event;
}

static void become_backup(struct keep_slow_entry *entry, uint64_t now)
{
	uint64_t delay = KEEP_TEST_MOST_MS;

	if (entry->tests < 4)
		delay = KEEP_TEST_FIRST_MS << entry->tests;
	entry->pace = KEEP_PACE_BACKUP;
	entry->next = now + delay;
}

/* Not ours until now. */
static void normal_step(struct keep_slow_entry *entry,
			const struct endpoint *endpoint,
			const struct finding *finding, uint64_t now,
			struct keep_events *events)
{
	if (finding->verdict != VERDICT_SLOW) {
		entry->pace = KEEP_PACE_NORMAL;
		return;
	}
	/* another path from an endpoint that was made a backup by others */
	if (entry->pace == KEEP_PACE_LEFT || is_backup(endpoint))
		return;
	entry->tests = 0;
	entry->used = now;
	become_backup(entry, now);
	tell(events, KEEP_SLOW, endpoint, finding);
}

/* It has paths, and they are slow as before. */
static void slow_step(struct keep_slow_entry *entry,
		      const struct endpoint *endpoint,
		      const struct finding *finding, uint64_t now,
		      struct keep_events *events)
{
	if (entry->pace == KEEP_PACE_TEST) {
		if (finding->sent == entry->sent && now < entry->next)
			return;
		become_backup(entry, now);
		tell(events, KEEP_TESTED, endpoint, finding);
	} else if (now >= entry->next) {
		entry->pace = KEEP_PACE_TEST;
		entry->tests++;
		entry->sent = finding->sent;
		entry->next = now + KEEP_TEST_END_MS;
		tell(events, KEEP_TEST, endpoint, finding);
	}
}

/* Without a path it stays a backup for a while: the path may be on its way back,
 * and shall be a backup from the beginning.
 */
static void unused_step(struct keep_slow_entry *entry,
			const struct endpoint *endpoint,
			const struct finding *finding, uint64_t now,
			struct keep_events *events)
{
	struct keep_event *event;

	if (entry->pace == KEEP_PACE_TEST) {
		become_backup(entry, now);
		tell(events, KEEP_TESTED, endpoint, finding);
	}
	if (now - entry->used < KEEP_UNUSED_MS)
		return;
	entry->pace = KEEP_PACE_NORMAL;
	event = tell(events, KEEP_FAST, endpoint, finding);
	snprintf(event->reason, sizeof(event->reason),
		 "no path from it for %d minutes", KEEP_UNUSED_MS / 60000);
}

static void ours_step(struct keep_slow_entry *entry,
		      const struct endpoint *endpoint,
		      const struct finding *finding, uint64_t now,
		      struct keep_events *events)
{
	struct keep_event *event;

	switch (finding->verdict) {
	case VERDICT_NONE:
		unused_step(entry, endpoint, finding, now, events);
		return;
	case VERDICT_SLOW:
		slow_step(entry, endpoint, finding, now, events);
		break;
	case VERDICT_FAST:
		entry->pace = KEEP_PACE_NORMAL;
		event = tell(events, KEEP_FAST, endpoint, finding);
		if (!event->best_rtt_us)
			snprintf(event->reason, sizeof(event->reason),
				 "no other path to be used first");
		break;
	}
	entry->used = now;
}

/* Which endpoints there are, and what somebody else has changed: whoever did has
 * the last word.
 */
static void review(struct keep_slow *slow, const struct endpoints *endpoints)
{
	size_t i;

	for (i = 0; i < slow->count; i++)
		slow->items[i].seen = false;
	for (i = 0; i < endpoints->count; i++) {
		const struct endpoint *endpoint = &endpoints->items[i];
		struct keep_slow_entry *entry = find(slow, endpoint);

		if (!keep_manages(slow->manage, endpoint))
			continue;
		if (!entry) {
			entry = LIST_ADD(slow);
			entry->id = endpoint->id;
			entry->address = endpoint->address;
		}
		entry->seen = true;
		if (is_ours(entry) && is_backup(endpoint) !=
				      (entry->pace == KEEP_PACE_BACKUP))
			entry->pace = KEEP_PACE_LEFT;
		entry->made = is_ours(entry);
	}
}

/* What was removed, and what is none of our business. */
static void forget(struct keep_slow *slow)
{
	size_t i, kept = 0;

	for (i = 0; i < slow->count; i++) {
		if (slow->items[i].seen &&
		    slow->items[i].pace != KEEP_PACE_NORMAL)
			slow->items[kept++] = slow->items[i];
	}
	slow->count = kept;
}

uint64_t keep_slow_step(struct keep_slow *slow, const struct keep_view *view,
			uint64_t now, struct keep_events *events)
{
	uint64_t next = KEEP_NEVER;
	size_t i;

	review(slow, view->endpoints);
	for (i = 0; i < view->endpoints->count; i++) {
		const struct endpoint *endpoint = &view->endpoints->items[i];
		struct keep_slow_entry *entry = find(slow, endpoint);
		struct finding finding;

		if (!entry || !entry->seen)
			continue;
		finding = judge(slow, view, endpoint, entry->made);
		/* the kernel would change the endpoint, and not this path */
		if (finding.joining) {
			if (now + KEEP_JOIN_POLL_MS < next)
				next = now + KEEP_JOIN_POLL_MS;
			continue;
		}
		if (entry->made)
			ours_step(entry, endpoint, &finding, now, events);
		else
			normal_step(entry, endpoint, &finding, now, events);
		if (entry->pace == KEEP_PACE_TEST)
			next = now + KEEP_TEST_POLL_MS;
	}
	forget(slow);
	return next;
}

bool keep_slow_made(const struct keep_slow *slow,
		    const struct endpoint *endpoint)
{
	const struct keep_slow_entry *entry = find(slow, endpoint);

	return entry && entry->pace == KEEP_PACE_BACKUP && is_backup(endpoint);
}

void keep_slow_free(struct keep_slow *slow)
{
	free(slow->items);
	memset(slow, 0, sizeof(*slow));
}
