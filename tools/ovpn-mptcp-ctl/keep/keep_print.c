// SPDX-License-Identifier: GPL-2.0-or-later
/* How the log of keep looks. The JSON is documented in docs/json.md. */

#include <stdio.h>
#include <time.h>

#include "base/journal.h"
#include "base/output.h"
#include "keep/keep.h"
#include "show/print.h"

/* what the journal has as priority */
static const int levels[] = {
	[KEEP_LOST] = LOG_WARNING,
	[KEEP_RENEW] = LOG_INFO,
	[KEEP_BACK] = LOG_NOTICE,
	[KEEP_WAIT] = LOG_INFO,
	[KEEP_SHARED] = LOG_NOTICE,
	[KEEP_LAST] = LOG_NOTICE,
	[KEEP_LIMIT] = LOG_WARNING,
	[KEEP_REMOVED] = LOG_WARNING,
	[KEEP_STRAY] = LOG_WARNING,
	[KEEP_REFUSED] = LOG_ERR,
	[KEEP_DROPPED] = LOG_ERR,
	[KEEP_SLOW] = LOG_NOTICE,
	[KEEP_FAST] = LOG_NOTICE,
	[KEEP_NO_PEER] = LOG_WARNING,
	[KEEP_PEER] = LOG_NOTICE,
	[KEEP_FALLBACK] = LOG_WARNING,
};

static const char *const words[] = {
	[KEEP_LOST] = "lost",
	[KEEP_RENEW] = "renewed",
	[KEEP_BACK] = "back",
	[KEEP_WAIT] = "waiting",
	[KEEP_SHARED] = "left",
	[KEEP_LAST] = "left",
	[KEEP_LIMIT] = "left",
	[KEEP_REMOVED] = "removed",
	[KEEP_STRAY] = "stray",
	[KEEP_REFUSED] = "refused",
	[KEEP_DROPPED] = "dropped",
	[KEEP_SLOW] = "slow",
	[KEEP_FAST] = "fast",
	[KEEP_NO_PEER] = "no-peer",
	[KEEP_PEER] = "peer",
	[KEEP_FALLBACK] = "fallback",
};

static const char *remark(const struct keep_event *event)
{
	if (event->type == KEEP_REMOVED)
		return "by somebody else, so it stays away";
	return event->reason;
}

static void print_peer(struct out *out, const struct keep_event *event,
		       const char *before)
{
	if (!event->peers)
		return;
	out_string(out, "dev", LOOK(before, "", STYLE_DEVICE, 0), event->tunnel);
	out_number(out, "peer", LOOK(" peer ", "", STYLE_PEER, 0), UNIT_NONE,
		   event->peer);
	out_number(out, "peers", event->peers == 1 ? NULL :
		   LOOK(", ", " peers in all", STYLE_PLAIN, 0), UNIT_NONE,
		   event->peers);
}

static void print_times(struct out *out, const struct keep_event *event)
{
	if (event->type == KEEP_RENEW) {
		out_number(out, "try", LOOK("  try ", "", STYLE_PEER, 0),
			   UNIT_NONE, event->tries);
		out_number(out, "next_ms", LOOK(.before = ", next in "),
			   UNIT_MILLISECONDS, event->next_ms);
	}
	if (event->type == KEEP_BACK)
		out_number(out, "after_ms", LOOK(.before = "  after "),
			   UNIT_MILLISECONDS, event->after_ms);
}

static void print_pace(struct out *out, const struct keep_event *event)
{
	const char *now = event->type == KEEP_SLOW ? "made a backup" :
			  "normal again";

	if (event->type != KEEP_SLOW && event->type != KEEP_FAST)
		return;
	if (event->best_rtt_us) {
		out_number(out, "min_rtt_us", LOOK(.before = "  "),
			   UNIT_MICROSECONDS, event->min_rtt_us);
		out_number(out, "best_rtt_us",
			   LOOK(.before = " where the best path takes "),
			   UNIT_MICROSECONDS, event->best_rtt_us);
	}
	out_text(out, event->best_rtt_us ? ": " : "  ");
	out_text(out, now);
}

static void print_endpoint(struct out *out, const struct keep_event *event)
{
	const struct endpoint *endpoint = &event->endpoint;
	char text[ADDRESS_SIZE];

	out_string(out, "path_dev", LOOK("", " ", STYLE_DEVICE, 0),
		   endpoint->device);
	out_string(out, "local", LOOK(.before = ""),
		   address_text(&endpoint->address, text));
	if (event->type != KEEP_STRAY)
		out_number(out, "endpoint_id", LOOK(" endpoint ", "", STYLE_PEER, 0),
			   UNIT_NONE, endpoint->id);
}

static void print_tunnel(struct out *out, const struct keep_event *event)
{
	out_string(out, "dev", LOOK("", "", STYLE_DEVICE, 0), event->tunnel);
	out_number(out, "after_ms",
		   LOOK(.before = event->type == KEEP_PEER ? "  after " :
			"  for "), UNIT_MILLISECONDS, event->after_ms);
}

void keep_print(struct out *out, const struct keep_event *event)
{
	const char *said = remark(event);
	struct journal_entry entry;
	struct timespec now;

	journal_begin(&entry, out, levels[event->type]);
	clock_gettime(CLOCK_REALTIME, &now);
	print_begin(out);
	out_number(out, "time_ms", NULL, UNIT_NONE,
		   now.tv_sec * 1000ull + now.tv_nsec / 1000000);
	out_string(out, "event", LOOK("", "", event->type == KEEP_DROPPED ||
				      event->type == KEEP_REFUSED ?
				      STYLE_TROUBLE : STYLE_PLAIN, 9),
		   words[event->type]);
	if (event->type == KEEP_NO_PEER || event->type == KEEP_PEER)
		print_tunnel(out, event);
	else if (event->type != KEEP_FALLBACK)
		print_endpoint(out, event);
	print_peer(out, event, event->type == KEEP_FALLBACK ? "" : "  for ");
	print_times(out, event);
	print_pace(out, event);
	if (*said)
		out_string(out, "reason", LOOK(.before = "  "), said);
	out_text(out, "\n");
	out_end(out);
	journal_end(&entry, out);
}
