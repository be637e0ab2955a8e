// SPDX-License-Identifier: GPL-2.0-or-later
/* The verb keep: a service in the foreground. */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "keep.h"
#include "memory.h"
#include "output.h"
#include "print.h"
#include "sdnotify.h"

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
	(void)number;
	stopped = 1;
}

/* Signals come while nothing is being done, and at no other time. */
static void hold_signals(sigset_t *waiting)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal }, had;
	sigset_t held;
	size_t i;

	/* the next line of the log says what ended its reader */
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&held);
	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		sigaddset(&held, numbers[i]);
	sigprocmask(SIG_BLOCK, &held, waiting);
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		sigdelset(waiting, numbers[i]);
		/* nohup has asked not to hear it */
		sigaction(numbers[i], NULL, &had);
		if (had.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
	}
}

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

static enum status run(struct keep *keep, struct log *log,
		       const sigset_t *waiting)
{
	struct pollfd fds[KEEP_FDS];

	keep_fds(keep, fds);
	log->status = begin(log->out);
	sdnotify("READY=1");
	while (!stopped && !log->status) {
		uint64_t now = keep_now();
		uint64_t next = keep_step(keep, now);
		struct timespec timeout;

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
	struct log log = { .out = request->out };
	const struct keep_options options = {
		.device = request->device,
		.manage = manage->given ? manage->text : NULL,
		.no_backup = request_value(request, "no-backup")->given,
		.report = print_event,
		.arg = &log,
	};
	struct keep keep;
	enum status status;
	sigset_t waiting;

	if (manage->given) {
		status = check_list(request, manage->text);
		if (status)
			return status;
	}
	/* an event is one line in any case */
	if (request->out->format == OUT_JSON_PRETTY)
		request->out->format = OUT_JSON;
	status = keep_open(&keep, &options);
	if (status)
		return status;
	hold_signals(&waiting);
	status = run(&keep, &log, &waiting);
	sdnotify("STOPPING=1");
	keep_close(&keep);
	return status;
}
