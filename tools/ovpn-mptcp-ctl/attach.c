// SPDX-License-Identifier: GPL-2.0-or-later
/* The verb attach: one end of a tunnel, until somebody ends it. */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "attach.h"
#include "attach_config.h"
#include "claim.h"
#include "congestion.h"
#include "journal.h"
#include "keep.h"
#include "memory.h"
#include "names.h"
#include "output.h"
#include "sdnotify.h"
#include "watch.h"

/* what the module tells about an end belongs to an end that comes so soon */
#define WHY_MS		5000
/* paths come in twos: look when the second is there, too */
#define SETTLE_MS	200

/**
 * struct loop - what the process waits with
 * @signals: signalfd
 * @claim: to the name of the device
 * @watch: notifications of the kernel
 * @keep: brings lost paths back
 * @keeps: it is wanted
 * @keep_at: when it wants to be called
 * @reload: SIGHUP came
 * @ended: a signal asked for the end
 */
struct loop {
	int signals;
	struct claim claim;
	struct watch watch;
	struct keep keep;
	bool keeps;
	uint64_t keep_at;
	bool reload;
	bool ended;
};

void attach_carry(struct attach *attach, struct handshake *handshake)
{
	attach_moved(attach);
	handshake_end(&attach->live);
	attach->last = attach->live.fd;
	attach->live = *handshake;
	handshake_init(handshake);
	attach->alive = true;
	attach->attached_at = clock_ms();
	attach->why[0] = '\0';
	attach->status_at = attach->attached_at + SETTLE_MS;
}

void attach_moved(struct attach *attach)
{
	if (attach->last >= 0)
		close(attach->last);
	attach->last = -1;
}

void attach_died(struct attach *attach, const char *why)
{
	uint64_t now = clock_ms();
	char text[DIAL_TEXT_SIZE];

	if (!attach->alive)
		return;
	if (attach->why[0] && now - attach->why_at < WHY_MS)
		why = attach->why;
	attach->alive = false;
	attach_event(attach, LOG_WARNING, "ended", "connection to %s ended: %s",
		     dial_text(&attach->live.remote, text), why);
	handshake_end(&attach->live);
	/* the module may not know; the peer must outlive it, so no close() */
	shutdown(attach->live.fd, SHUT_RDWR);
	attach->status_at = 0;
	attach->role->died(attach, now);
}

enum status attach_install(struct attach *attach, struct handshake *handshake,
			   uint32_t slot)
{
	struct keyfile bytes;
	enum status status;

	if (channel_keys(handshake->channel, &handshake->agreement, &bytes)) {
		handshake_fail(handshake, "%s",
			       channel_error(handshake->channel));
		return STATUS_REFUSED;
	}
	status = session_new_key(&attach->session, slot, &handshake->agreement,
				 &bytes);
	explicit_bzero(&bytes, sizeof(bytes));
	return status;
}

struct keepalive attach_keepalive(const struct attach *attach)
{
	return (struct keepalive){ attach->config.keepalive[0],
				   attach->config.keepalive[1] };
}

uint32_t attach_interval(const struct handshake *handshake)
{
	return agree_interval(&handshake->agreement.client,
			      &handshake->agreement.server);
}

void attach_congestion(const struct attach *attach, int fd)
{
	const char *name = attach->config.congestion;

	if (*name && congestion_set(fd, name))
		attach_say(attach, "warning: the kernel refuses congestion %s (%s): the socket keeps what it has",
			   name, errno_text(errno));
}

bool attach_is_enough(const struct attach *attach, int fd, bool *warned)
{
	enum dial_mptcp kind = dial_kind(fd);

	if (kind == DIAL_MPTCP)
		return true;
	if (attach->config.require_mptcp) {
		attach_event(attach, LOG_ERR, "fallback", "expected MPTCP, and the connection fell back to TCP: the other end, or something on the way, does not speak it");
		return false;
	}
	if (!*warned && attach->mptcp)
		attach_event(attach, LOG_WARNING, "fallback", "warning: the connection fell back to TCP, and uses one path: the other end, or something on the way, does not speak MPTCP");
	*warned = true;
	return true;
}

/* The peer went or died; what becomes of that shows at the socket. */
static enum status take_peer_del(struct attach *attach,
				 const struct watch_news *news)
{
	static const char *const words[] = {
		[OVPN_MPTCP_DEL_REASON_EXPIRED] = "nothing was received for the keepalive's timeout",
		[OVPN_MPTCP_DEL_REASON_TRANSPORT_ERROR] = "the connection broke",
		[OVPN_MPTCP_DEL_REASON_TRANSPORT_DISCONNECT] = "the other end closed the connection",
	};
	struct session *session = &attach->session;

	if (!session->has_peer || news->ifindex != session->ifindex ||
	    news->peer != session->peer)
		return STATUS_OK;
	if (news->reason < ARRAY_SIZE(words) && words[news->reason]) {
		strcpy(attach->why, words[news->reason]);
		attach->why_at = clock_ms();
		return STATUS_OK;
	}
	/* we ourselves may have replaced it */
	if (session_still_has_peer(session))
		return STATUS_OK;
	attach_say(attach, "somebody removed the peer or the device");
	return STATUS_REFUSED;
}

static enum status take_news(struct attach *attach, struct loop *loop)
{
	enum status status = STATUS_OK;

	while (!status) {
		switch (watch_next(&loop->watch)) {
		case WATCH_NOTHING:
			return STATUS_OK;
		case WATCH_PEER_DEL:
			status = take_peer_del(attach, &loop->watch.news);
			break;
		case WATCH_KEY_USED_UP:
			if (loop->watch.news.ifindex == attach->session.ifindex)
				attach->key_used_up = true;
			break;
		case WATCH_PATHS:
			if (attach->status_at > clock_ms() + SETTLE_MS)
				attach->status_at = clock_ms() + SETTLE_MS;
			break;
		case WATCH_LOST:
			/* the socket tells what matters */
			break;
		}
	}
	return status;
}

static void take_signals(struct loop *loop)
{
	struct signalfd_siginfo info;

	while (read(loop->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			loop->reload = true;
		else
			loop->ended = true;
	}
}

static enum status wait_for_something(struct attach *attach, struct loop *loop)
{
	struct waits waits = { .count = 0 };
	uint64_t now = clock_ms();
	int timeout = -1;

	waits_for(&waits, loop->signals, POLLIN);
	if (loop->claim.fd >= 0)
		waits_for(&waits, loop->claim.fd, POLLIN);
	waits_for(&waits, nl_socket_get_fd(loop->watch.module.sock), POLLIN);
	if (loop->watch.paths.sock)
		waits_for(&waits, nl_socket_get_fd(loop->watch.paths.sock),
			  POLLIN);
	if (attach->alive) {
		waits_for(&waits, attach->live.fd,
			  handshake_events(&attach->live));
		waits_until(&waits, attach->live.deadline);
	}
	attach->role->wait(attach, &waits);
	waits_until(&waits, attach->session.old_until);
	waits_until(&waits, attach->status_at ? attach->status_at : 1);
	if (loop->keeps) {
		struct pollfd fds[KEEP_FDS];
		size_t i;

		keep_fds(&loop->keep, fds);
		for (i = 0; i < KEEP_FDS; i++)
			waits_for(&waits, fds[i].fd, fds[i].events);
		waits_until(&waits, loop->keep_at ? loop->keep_at : 1);
	}
	if (waits.until)
		timeout = waits.until > now ? (int)(waits.until - now) : 0;
	if (poll(waits.fds, waits.count, timeout) < 0 && errno != EINTR)
		return system_error(errno, "%s: cannot wait",
				    attach->config.device);
	return STATUS_OK;
}

static void report_path(const struct keep_event *event, void *arg)
{
	keep_print(arg, event);
	out_flush();
}

static enum status open_keep(struct attach *attach, struct loop *loop,
			     struct out *out)
{
	struct keep_options options = {
		.device = attach->device,
		.no_backup = attach->config.no_backup,
		.report = report_path,
		.arg = out,
	};
	enum status status;

	if (attach->config.no_keep || !attach->mptcp)
		return STATUS_OK;
	status = keep_open(&loop->keep, &options);
	loop->keeps = !status;
	return status;
}

/* What is read again, and what follows from it. */
static enum status reload(struct attach *attach, struct loop *loop,
			  struct out *out)
{
	bool no_keep = attach->config.no_keep;
	bool no_backup = attach->config.no_backup;

	if (!loop->reload || !attach_may_reload(attach))
		return STATUS_OK;
	loop->reload = false;
	if (!attach_reload(attach))
		return STATUS_OK;
	attach->role->hangup(attach);
	if (no_keep == attach->config.no_keep &&
	    no_backup == attach->config.no_backup)
		return STATUS_OK;
	if (loop->keeps)
		keep_close(&loop->keep);
	loop->keeps = false;
	return open_keep(attach, loop, out);
}

static enum status run(struct attach *attach, struct loop *loop,
		       struct out *out)
{
	enum status status = STATUS_OK;

	while (!status) {
		uint64_t now = clock_ms();

		take_signals(loop);
		claim_answer(&loop->claim);
		if (loop->ended)
			break;
		status = take_news(attach, loop);
		if (!status)
			status = reload(attach, loop, out);
		if (!status)
			status = attach->role->run(attach, now);
		if (status)
			break;
		session_age(&attach->session, now);
		status = attach_status(attach, now);
		if (status)
			break;
		if (loop->keeps)
			loop->keep_at = keep_step(&loop->keep, now);
		status = wait_for_something(attach, loop);
	}
	sdnotify("STOPPING=1\nSTATUS=ends");
	return status;
}

static enum status open_signals(struct loop *loop)
{
	sigset_t set;

	/* a log that nobody reads any more is no reason to leave the device */
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	loop->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (loop->signals < 0)
		return system_error(errno, "cannot receive signals");
	return STATUS_OK;
}

/* The device is there, and nobody else has it. */
static enum status run_session(struct attach *attach, struct loop *loop,
			       struct out *out)
{
	enum status status;

	status = watch_open(&loop->watch, &attach->session.native);
	if (status)
		return status;
	status = open_keep(attach, loop, out);
	if (!status)
		status = attach->role->start(attach);
	if (!status)
		status = run(attach, loop, out);
	if (loop->keeps)
		keep_close(&loop->keep);
	watch_close(&loop->watch);
	return status;
}

/* A signal from now on is an end that removes the device. */
static enum status make_session(struct attach *attach, struct out *out)
{
	struct loop loop = { .signals = -1, .claim.fd = -1 };
	enum status status = open_signals(&loop);

	if (!status)
		status = claim_take(&loop.claim, attach->command,
				    attach->config.device);
	/* or it would take the device of another one for one that was left */
	if (!status)
		status = session_open(&attach->session, &attach->config,
				      attach->command);
	if (!status) {
		status = run_session(attach, &loop, out);
		session_close(&attach->session);
	}
	claim_drop(&loop.claim);
	if (loop.signals >= 0)
		close(loop.signals);
	return status;
}

static enum status open_mptcp(struct attach *attach)
{
	attach->mptcp = dial_has_mptcp();
	if (attach->mptcp)
		return STATUS_OK;
	if (attach->config.require_mptcp) {
		attach_say(attach, "expected MPTCP in this kernel and network namespace, and there is none: sysctl net.mptcp.enabled=1");
		return STATUS_NO_MPTCP;
	}
	attach_say(attach, "warning: there is no MPTCP in this kernel and network namespace, so there will be one path over TCP: sysctl net.mptcp.enabled=1");
	return STATUS_OK;
}

static enum status run_role(struct attach *attach, struct out *out)
{
	enum status status;

	handshake_init(&attach->live);
	attach->role = attach->config.listen.name ? &attach_server :
						    &attach_client;
	status = attach->role->open(attach);
	if (!status)
		status = make_session(attach, out);
	attach->role->close(attach);
	handshake_close(&attach->live);
	attach_moved(attach);
	return status;
}

enum status attach(const struct request *request)
{
	struct attach attach = { .command = request->command->name, .last = -1 };
	enum status status;

	credentials_init();
	attach.argv = request->argv;
	status = attach_load(&attach, request->argv);
	if (status)
		return status;
	strcpy(attach.device, attach.config.device);
	status = open_mptcp(&attach);
	if (!status && attach.config.check)
		attach_print(request->out, &attach);
	else if (!status)
		status = run_role(&attach, request->out);
	attach_unload(&attach);
	return status;
}
