// SPDX-License-Identifier: GPL-2.0-or-later
/* The verb uplinks keep: sets up, and follows what changes, in the foreground. */

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/sdnotify.h"
#include "base/signals.h"
#include "keep/keep.h"
#include "show/print.h"
#include "uplinks/divert.h"
#include "uplinks/news.h"
#include "uplinks/print_change.h"
#include "uplinks/settle.h"
#include "uplinks/setup.h"
#include "uplinks/words.h"

/* what belongs together comes together: an address and its route */
#define SETTLE_MS	200
/* the part of the time that looking may take is one of so many */
#define LOOK_SHARE	4
/* the kernel does not tell of endpoints, nor the file of itself */
#define POLL_MS		5000
/* ... nor of a connection that has no answer */
#define WAIT_MS		1000

/**
 * struct trouble - what was told and is told again only when it was away
 * @text: of it
 */
struct trouble {
	char text[UPLINKS_WORDS_SIZE + MESSAGE_KNOWN];
};

struct troubles {
	struct trouble *items;
	size_t count;
};

/**
 * struct follow - a service at work
 * @out: its log
 * @written: whether that could be written
 * @news: of the kernel
 * @conf: the last one that was good
 * @divert: ways around uplinks that are silently dead
 * @read: the file, when it was read last
 * @before: troubles of the last look
 * @now: ... and of this one
 * @begun: there was a first look
 * @next: when to look again
 * @not_before: no earlier look, whatever is told
 */
struct follow {
	struct out *out;
	enum status written;
	struct uplinks_news news;
	struct uplinks_conf conf;
	struct uplinks_divert divert;
	struct stat read;
	struct troubles before;
	struct troubles now;
	bool begun;
	uint64_t next;
	uint64_t not_before;
};

static bool is_told(const struct troubles *troubles, const char *text)
{
	size_t i;

	for (i = 0; i < troubles->count; i++) {
		if (!strcmp(troubles->items[i].text, text))
			return true;
	}
	return false;
}

/* Returns whether it is something new. */
__attribute__((format(printf, 2, 3)))
static bool note_trouble(struct follow *follow, const char *format, ...)
{
	struct trouble *trouble = LIST_ADD(&follow->now);
	va_list args;

	va_start(args, format);
	vsnprintf(trouble->text, sizeof(trouble->text), format, args);
	va_end(args);
	return !is_told(&follow->before, trouble->text);
}

static bool note_result(struct follow *follow,
			const struct uplinks_result *result)
{
	const struct uplinks_change *change = result->change;
	char command[UPLINKS_WORDS_SIZE];

	return note_trouble(follow, "%d %d %s %s %s", change->what,
			    result->error, change->device,
			    uplinks_command(change, command, sizeof(command)),
			    change->why ? change->why : "");
}

/* Whose look it is, for messages about the look itself. */
static struct follow *looking;

static bool message_is_new(const char *text)
{
	return note_trouble(looking, "%s", text);
}

static void report(const struct uplinks_result *result, void *arg)
{
	struct follow *follow = arg;
	struct timespec now;

	if ((result->error || result->change->how == UPLINKS_LEAVE) &&
	    !note_result(follow, result))
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	print_begin(follow->out);
	out_number(follow->out, "time_ms", NULL, UNIT_NONE,
		   now.tv_sec * 1000ull + now.tv_nsec / 1000000);
	uplinks_print_result(follow->out, result);
	out_end(follow->out);
	follow->written = out_flush();
}

/* A file that has become bad is said once, and the last good one counts. */
static enum status read_conf(struct follow *follow)
{
	struct uplinks_conf conf;
	struct stat now = { 0 };
	enum status status;

	if (stat(UPLINKS_CONF, &now))
		memset(&now, 0, sizeof(now));
	if (follow->begun && now.st_ino == follow->read.st_ino &&
	    now.st_size == follow->read.st_size &&
	    !memcmp(&now.st_mtim, &follow->read.st_mtim, sizeof(now.st_mtim)))
		return STATUS_OK;
	follow->read = now;
	status = uplinks_conf_load(&conf, UPLINKS_CONF);
	if (status)
		return follow->begun ? STATUS_OK : status;
	uplinks_conf_free(&follow->conf);
	follow->conf = conf;
	return STATUS_OK;
}

static void forget_troubles(struct follow *follow)
{
	free(follow->before.items);
	follow->before = follow->now;
	memset(&follow->now, 0, sizeof(follow->now));
}

/* Sets @undone: somebody has taken all back meanwhile. */
static enum status settle(struct follow *follow,
			  const struct uplinks_store *store, bool *undone)
{
	struct uplinks_outcome outcome;
	struct uplinks_made made;
	enum status status;
	bool found;

	status = uplinks_store_load(store, &made, &found);
	*undone = !found && follow->begun;
	if (!status && !found && !follow->begun)
		status = uplinks_store_save(store, &made);
	if (!status && !*undone) {
		status = uplinks_settle(&outcome, store, &follow->conf, &made,
					report, follow);
		sdnotify("STATUS=%zu uplink%s", outcome.uplinks,
			 outcome.uplinks == 1 ? "" : "s");
	}
	if (!status && !*undone)
		status = uplinks_divert(&follow->divert, store, &follow->conf,
					&made, keep_now(), report, follow);
	uplinks_made_free(&made);
	return status;
}

static enum status read_and_settle(struct follow *follow, bool *undone)
{
	struct uplinks_store store;
	enum status status = read_conf(follow);

	if (status)
		return status;
	status = uplinks_store_open(&store);
	if (!status)
		status = settle(follow, &store, undone);
	uplinks_store_close(&store);
	return status;
}

static void look_soon(struct follow *follow, uint64_t at)
{
	if (at < follow->not_before)
		at = follow->not_before;
	if (at < follow->next)
		follow->next = at;
}

static enum status look(struct follow *follow, bool *undone)
{
	uint64_t begin = keep_now();
	enum status status;

	uplinks_news_know(&follow->news);
	looking = follow;
	message_wanted = message_is_new;
	status = read_and_settle(follow, undone);
	message_wanted = NULL;
	forget_troubles(follow);
	follow->begun |= !status;
	follow->next = begin + POLL_MS;
	follow->not_before = begin + (keep_now() - begin) * LOOK_SHARE;
	if (follow->divert.soon)
		look_soon(follow, begin + WAIT_MS);
	return status;
}

static enum status wait_for_news(struct follow *follow, const sigset_t *waiting)
{
	struct pollfd pollfd = {
		.fd = nl_socket_get_fd(follow->news.netlink.sock),
		.events = POLLIN,
	};
	uint64_t now = keep_now();
	uint64_t rest = follow->next > now ? follow->next - now : 0;
	struct timespec timeout = {
		.tv_sec = rest / 1000, .tv_nsec = rest % 1000 * 1000000,
	};

	if (ppoll(&pollfd, 1, &timeout, waiting) < 0 && errno != EINTR)
		return system_error(errno, "uplinks keep: cannot wait");
	if (uplinks_news_take(&follow->news))
		look_soon(follow, keep_now() + SETTLE_MS);
	/* who asks does not wait for the share of the time that looking may take */
	if (signals_reload())
		follow->next = keep_now();
	return STATUS_OK;
}

static void begin(struct follow *follow)
{
	print_begin(follow->out);
	out_string(follow->out, "event", LOOK(.width = 0), "following");
	out_text(follow->out, "\n");
	out_end(follow->out);
	follow->written = out_flush();
	sdnotify("READY=1");
}

static enum status run(struct follow *follow, const sigset_t *waiting)
{
	bool undone = false;
	enum status status = look(follow, &undone);

	if (!status)
		begin(follow);
	while (!status && !follow->written && !signals_ended()) {
		status = wait_for_news(follow, waiting);
		if (status || keep_now() < follow->next)
			continue;
		/* the kernel may tell more at the next time */
		if (look(follow, &undone))
			look_soon(follow, keep_now() + POLL_MS);
		if (undone) {
			say("uplinks keep: uplinks undo was run: there is nothing to follow any more");
			break;
		}
	}
	return status ? status : follow->written;
}

static void follow_free(struct follow *follow)
{
	uplinks_news_close(&follow->news);
	uplinks_conf_free(&follow->conf);
	uplinks_detours_free(&follow->divert.detours);
	free(follow->before.items);
	free(follow->now.items);
}

/* Returns a descriptor that is to be kept open, or -1 and says why. */
static int claim(void)
{
	struct uplinks_store store;
	int fd;

	if (uplinks_store_open(&store)) {
		uplinks_store_close(&store);
		return -1;
	}
	fd = uplinks_store_claim(&store);
	if (fd < 0)
		say("uplinks keep: expected to be the only one in this network namespace, and another one is at work");
	uplinks_store_close(&store);
	return fd;
}

enum status uplinks_keep(const struct request *request)
{
	struct follow follow = { .out = request->out };
	enum status status;
	sigset_t waiting;
	int fd;

	/* an event is one line in any case */
	if (request->out->format == OUT_JSON_PRETTY)
		request->out->format = OUT_JSON;
	status = uplinks_expect_mptcp(request);
	if (status)
		return status;
	fd = claim();
	if (fd < 0)
		return STATUS_REFUSED;
	status = uplinks_news_open(&follow.news);
	if (!status) {
		signals_hold(&waiting, true);
		status = run(&follow, &waiting);
		sdnotify("STOPPING=1");
	}
	follow_free(&follow);
	close(fd);
	return status;
}
