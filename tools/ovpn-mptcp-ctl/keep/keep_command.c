// SPDX-License-Identifier: GPL-2.0-or-later
/* The verb keep: a service in the foreground. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/output.h"
#include "base/sdnotify.h"
#include "base/signals.h"
#include "cli/command.h"
#include "keep/keep.h"
#include "kernel/sdunit.h"
#include "show/print.h"

/* OpenVPN that is started anew makes its device within that time */
#define IDLE_MS		10000

static enum status check_list(const struct request *request, const char *list)
{
	char word[INET6_ADDRSTRLEN];
	struct address address;
	size_t length;

	for (;; list += length + 1) {
		length = strcspn(list, ",");
		snprintf(word, sizeof(word), "%.*s", (int)length, list);
		if (!length || length >= sizeof(word) ||
		    (!address_parse(&address, word) && (length >= IFNAMSIZ ||
					   strpbrk(word, "/ "))))
			return usage_error("%s: manage wants addresses and interfaces with commas between, not '%.*s'",
					   request->command->name, (int)length,
					   list);
		if (!list[length])
			return STATUS_OK;
	}
}

struct log {
	struct out *out;
	enum status status;
};

static void print_event(const struct keep_event *event, void *arg)
{
	struct log *log = arg;

	keep_print(log->out, event);
	log->status = out_flush();
}

static enum status begin(struct out *out)
{
	print_begin(out);
	out_string(out, "event", LOOK(.width = 0), "keeping");
	out_text(out, "\n");
	out_end(out);
	return out_flush();
}

/**
 * struct idle - whether there is nothing to do any more
 * @unit: of systemd; NULL: never end by oneself
 * @since: no tunnel since then, 0 when there is one
 */
struct idle {
	const char *unit;
	uint64_t since;
};

/* When it is time to end. */
static uint64_t idle_until(struct idle *idle, const struct keep *keep,
			   uint64_t now)
{
	static const struct host host = { .root = "" };

	if (!idle->unit)
		return KEEP_NEVER;
	if (keep->tunnels)
		idle->since = 0;
	else if (!idle->since ||
		 (now - idle->since >= IDLE_MS &&
		  sdunit_is_enabled(&host, idle->unit)))
		idle->since = now;
	return idle->since ? idle->since + IDLE_MS : KEEP_NEVER;
}

/* systemd takes a start for done as long as it believes that we run. So it is
 * told of the end before the last look: a tunnel that comes later starts us
 * again when we have ended, and one that came before is seen here.
 */
static enum status end_idle(struct keep *keep)
{
	sdnotify("STOPPING=1");
	if (!keep_count_tunnels(keep, keep_now())) {
		say("keep: there is no tunnel any more; ends until one comes");
		return STATUS_OK;
	}
	say("keep: a tunnel came while it was ending; to be started again");
	return STATUS_AGAIN;
}

static enum status run(struct keep *keep, struct log *log, struct idle *idle,
		       const sigset_t *waiting)
{
	struct pollfd fds[KEEP_FDS];

	keep_fds(keep, fds);
	log->status = begin(log->out);
	sdnotify("READY=1");
	while (!signals_ended() && !log->status) {
		uint64_t now = keep_now();
		uint64_t next = keep_step(keep, now);
		uint64_t end = idle_until(idle, keep, now);
		struct timespec timeout;

		if (now >= end)
			return end_idle(keep);
		if (end < next)
			next = end;
		now = keep_now();
		next = next > now ? next - now : 0;
		timeout.tv_sec = next / 1000;
		timeout.tv_nsec = next % 1000 * 1000000;
		if (ppoll(fds, KEEP_FDS, &timeout, waiting) < 0 &&
		    errno != EINTR)
			return system_error(errno, "keep: cannot wait");
	}
	return log->status;
}

enum status keep_paths(const struct request *request)
{
	const struct value *manage = request_value(request, "manage");
	const struct value *unit = request_value(request, "until-idle");
	struct log log = { .out = request->out };
	const struct keep_options options = {
		.device = request->device,
		.manage = manage->given ? manage->text : NULL,
		.no_backup = request_value(request, "no-backup")->given,
		.report = print_event,
		.arg = &log,
	};
	struct idle idle = { .unit = unit->given ? unit->text : NULL };
	struct keep keep;
	enum status status;
	sigset_t waiting;

	if (manage->given) {
		status = check_list(request, manage->text);
		if (status)
			return status;
	}
	if (unit->given && strchr(unit->text, '/'))
		return usage_error("%s: until-idle wants the name of a unit of systemd, not '%s'",
				   request->command->name, unit->text);
	/* an event is one line in any case */
	if (request->out->format == OUT_JSON_PRETTY)
		request->out->format = OUT_JSON;
	status = keep_open(&keep, &options);
	if (status)
		return status;
	signals_hold(&waiting, false);
	status = run(&keep, &log, &idle, &waiting);
	sdnotify("STOPPING=1");
	keep_close(&keep);
	return status;
}
