// SPDX-License-Identifier: GPL-2.0-or-later
/* One end of a tunnel. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "attach/attach.h"
#include "base/journal.h"
#include "base/memory.h"
#include "base/output.h"
#include "kernel/congestion.h"

/* what the module tells about an end belongs to an end that comes so soon */
#define WHY_MS		5000
/* paths come in twos: look when the second is there, too */
#define SETTLE_MS	200

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

static enum status take_news(struct attach *attach)
{
	enum status status = STATUS_OK;

	while (!status) {
		switch (watch_next(&attach->watch)) {
		case WATCH_NOTHING:
			return STATUS_OK;
		case WATCH_PEER_DEL:
			status = take_peer_del(attach, &attach->watch.news);
			break;
		case WATCH_KEY_USED_UP:
			if (attach->watch.news.ifindex == attach->session.ifindex)
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

static void report_path(const struct keep_event *event, void *arg)
{
	keep_print(arg, event);
	out_flush();
}

enum status attach_keep(struct attach *attach)
{
	struct keep_options options = {
		.device = attach->device,
		.no_backup = attach->config.no_backup,
		.report = report_path,
		.arg = attach->out,
	};
	enum status status;

	if (attach->keeps)
		keep_close(&attach->keep);
	attach->keeps = false;
	attach->keep_at = 0;
	if (attach->config.no_keep || !attach->mptcp)
		return STATUS_OK;
	status = keep_open(&attach->keep, &options);
	attach->keeps = !status;
	return status;
}

/* The device is there, and it is ours alone. */
static enum status begin(struct attach *attach)
{
	enum status status;

	status = watch_open(&attach->watch, &attach->session.native);
	if (status)
		return status;
	status = attach_keep(attach);
	if (!status)
		status = attach->role->start(attach);
	return status;
}

enum status attach_open(struct attach *attach)
{
	enum status status;

	attach->claim.fd = -1;
	attach->gateway.claim.fd = -1;
	attach->last = -1;
	handshake_init(&attach->live);
	strcpy(attach->device, attach->config.device);
	attach->role = attach->config.listen.name ? &attach_server :
						    &attach_client;
	status = attach->role->open(attach);
	/* or it would take the device of another one for one that was left */
	if (!status)
		status = claim_take(&attach->claim, attach->command,
				    attach->config.device);
	if (!status)
		status = gateway_open(&attach->gateway, &attach->config,
				      attach->command);
	if (!status) {
		attach_dns_begin(attach);
		status = session_open(&attach->session, &attach->config,
				      attach->command);
	}
	if (!status)
		status = begin(attach);
	if (status)
		attach_close(attach);
	return status;
}

enum status attach_step(struct attach *attach, uint64_t now)
{
	enum status status;

	claim_answer(&attach->claim);
	claim_answer(&attach->gateway.claim);
	status = take_news(attach);
	if (!status)
		status = attach->role->run(attach, now);
	if (status)
		return status;
	session_age(&attach->session, now);
	status = attach_status(attach, now);
	if (!status && attach->keeps)
		attach->keep_at = keep_step(&attach->keep, now);
	return status;
}

void attach_wait(struct attach *attach, struct waits *waits)
{
	struct pollfd fds[KEEP_FDS];
	size_t i;

	if (attach->claim.fd >= 0)
		waits_for(waits, attach->claim.fd, POLLIN);
	if (attach->gateway.claim.fd >= 0)
		waits_for(waits, attach->gateway.claim.fd, POLLIN);
	waits_for(waits, nl_socket_get_fd(attach->watch.module.sock), POLLIN);
	if (attach->watch.paths.sock)
		waits_for(waits, nl_socket_get_fd(attach->watch.paths.sock),
			  POLLIN);
	if (attach->alive) {
		waits_for(waits, attach->live.fd,
			  handshake_events(&attach->live));
		waits_until(waits, attach->live.deadline);
	}
	attach->role->wait(attach, waits);
	waits_until(waits, attach->session.old_until);
	waits_until(waits, attach->status_at ? attach->status_at : 1);
	if (!attach->keeps)
		return;
	keep_fds(&attach->keep, fds);
	for (i = 0; i < KEEP_FDS; i++)
		waits_for(waits, fds[i].fd, fds[i].events);
	waits_until(waits, attach->keep_at ? attach->keep_at : 1);
}

void attach_close(struct attach *attach)
{
	if (attach->keeps)
		keep_close(&attach->keep);
	attach->keeps = false;
	if (attach->watch.module.sock)
		watch_close(&attach->watch);
	/* whatever leads to the device goes before it */
	attach_machine_end(attach);
	/* the device goes before the connection, as it always has */
	session_close(&attach->session);
	claim_drop(&attach->claim);
	attach->role->close(attach);
	handshake_close(&attach->live);
	attach_moved(attach);
}
