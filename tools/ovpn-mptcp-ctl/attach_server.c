// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The server of attach: listens, lets connections prove who they are, and
 * gives the kernel the last one that did. What has not proved itself touches
 * nothing of the tunnel.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "attach.h"
#include "congestion.h"
#include "crowd.h"
#include "memory.h"
#include "sdnotify.h"

/* connections that have not proved who they are */
#define PENDING_MAX	CROWD_MAX
/* taken in one turn, so that those that are there have theirs */
#define ACCEPT_MAX	8
#define LISTENERS_MAX	8
/* complaints in so many milliseconds; the rest is counted */
#define COMPLAINTS	10
#define COMPLAINTS_MS	10000
/* after want of descriptors or memory for a connection */
#define DEAF_MS		1000
/* the peer id in data packets: there is one peer */
#define PEER_ID		1

/**
 * struct server - the server of attach
 * @listeners: sockets, one for each address
 * @listener_count: how many
 * @pending: connections, the oldest first
 * @pending_count: how many
 * @session: what the client chose that has the tunnel
 * @has_session: there was a client
 * @fresh: the client has not said yet that it has its keys
 * @complaints: in the log, since @complaints_at
 * @hushed: not in the log since then
 * @complaints_at: clock_ms()
 * @deaf_until: clock_ms() when there may be room for connections again; 0
 *	when there is
 * @warned: of plain TCP
 */
struct server {
	int listeners[LISTENERS_MAX];
	size_t listener_count;
	struct handshake pending[PENDING_MAX];
	size_t pending_count;
	uint8_t session[AGREE_SESSION_SIZE];
	bool has_session;
	bool fresh;
	unsigned int complaints;
	unsigned int hushed;
	uint64_t complaints_at;
	uint64_t deaf_until;
	bool warned;
};

static enum status listen_at(struct attach *attach, const struct addrinfo *at)
{
	struct server *server = attach->of_role;
	struct address address;
	char text[DIAL_TEXT_SIZE];
	int fd;

	if (server->listener_count == LISTENERS_MAX)
		return STATUS_OK;
	fd = dial_listen(at, attach->mptcp);
	dial_address(at, &address);
	if (fd < 0)
		return system_error(errno, "%s: cannot listen at %s",
				    attach->config.device,
				    dial_text(&address, text));
	attach_congestion(attach, fd);
	server->listeners[server->listener_count++] = fd;
	return STATUS_OK;
}

static void close_listeners(struct server *server)
{
	size_t i;

	for (i = 0; i < server->listener_count; i++)
		close(server->listeners[i]);
	server->listener_count = 0;
}

static enum status listen_at_all(struct attach *attach,
				 const struct config_host *host)
{
	struct addrinfo *all, *at;
	enum status status = STATUS_OK;
	const char *error;
	int err;

	err = dial_resolve(host, &all, &error);
	if (err) {
		attach_say(attach, "expected an address of this host to listen at, not '%s' (%s)",
			   host->name, error);
		return dial_never_resolves(err) ? STATUS_USAGE : STATUS_REFUSED;
	}
	for (at = all; at && !status; at = at->ai_next)
		status = listen_at(attach, at);
	freeaddrinfo(all);
	return status;
}

static enum status server_open(struct attach *attach)
{
	struct server *server = calloc(1, sizeof(*server));

	if (!server)
		exit(system_error(ENOMEM, "out of memory"));
	attach->of_role = server;
	return listen_at_all(attach, &attach->config.listen);
}

static void server_close(struct attach *attach)
{
	struct server *server = attach->of_role;
	size_t i;

	if (!server)
		return;
	for (i = 0; i < server->pending_count; i++)
		handshake_close(&server->pending[i]);
	close_listeners(server);
	free(server);
	attach->of_role = NULL;
}

static enum status server_start(struct attach *attach)
{
	const struct config_host *host = &attach->config.listen;
	enum status status;

	/* services may bind to the addresses before a client comes */
	status = session_configure(&attach->session);
	if (status)
		return status;
	attach_say(attach, "waits for a client at %s port %u", host->name,
		   host->port);
	sdnotify("READY=1\nSTATUS=waits for a client");
	return STATUS_OK;
}

/* Anybody can make a connection fail, so that is said a few times at most. */
static void complain(struct attach *attach, const struct handshake *handshake)
{
	struct server *server = attach->of_role;
	uint64_t now = clock_ms();
	char text[DIAL_TEXT_SIZE];

	if (now - server->complaints_at >= COMPLAINTS_MS) {
		if (server->hushed)
			attach_say(attach, "%u more connections without agreement",
				   server->hushed);
		server->complaints = 0;
		server->hushed = 0;
		server->complaints_at = now;
	}
	if (server->complaints++ >= COMPLAINTS) {
		server->hushed++;
		return;
	}
	attach_say(attach, "no agreement with %s: %s",
		   dial_text(&handshake->remote, text), handshake->error);
}

static void remove_pending(struct server *server, size_t i)
{
	server->pending_count--;
	memmove(&server->pending[i], &server->pending[i + 1],
		(server->pending_count - i) * sizeof(server->pending[i]));
}

static void drop_pending(struct attach *attach, size_t i)
{
	struct server *server = attach->of_role;

	complain(attach, &server->pending[i]);
	handshake_close(&server->pending[i]);
	remove_pending(server, i);
}

/* Makes room for another connection. Without chance, which may fail before the
 * system has any, it is the oldest one.
 */
static void make_room(struct attach *attach)
{
	struct server *server = attach->of_role;
	struct address all[PENDING_MAX];
	uint32_t chance = 0;
	size_t i;

	for (i = 0; i < server->pending_count; i++)
		all[i] = server->pending[i].remote;
	if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) < 0)
		chance = 0;
	i = crowd_choose(all, server->pending_count, chance);
	handshake_fail(&server->pending[i], "made room for newer connections");
	drop_pending(attach, i);
}

/* A connection that waits and cannot be had would wake the loop for ever. */
static void turn_deaf(struct attach *attach, int err)
{
	struct server *server = attach->of_role;

	if (err != EMFILE && err != ENFILE && err != ENOBUFS && err != ENOMEM) {
		server->deaf_until = 0;
		return;
	}
	if (!server->deaf_until)
		attach_say(attach, "no room for a new connection (%s): others have to wait",
			   errno_text(err));
	server->deaf_until = clock_ms() + DEAF_MS;
}

static void accept_some(struct attach *attach, int listener)
{
	struct server *server = attach->of_role;
	struct handshake *fresh;
	size_t taken;
	int fd;

	for (taken = 0; taken < ACCEPT_MAX; taken++) {
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0) {
			turn_deaf(attach, errno);
			return;
		}
		server->deaf_until = 0;
		if (server->pending_count == PENDING_MAX)
			make_room(attach);
		fresh = &server->pending[server->pending_count++];
		handshake_take(fresh, fd);
		handshake_begin(fresh, CHANNEL_SERVER, &attach->credentials,
				ATTACH_HANDSHAKE_MS);
	}
}

/* Says no. The connection is of no use any more. */
static void refuse(struct handshake *handshake, enum agree_reason reason)
{
	struct agreement *agreement = &handshake->agreement;

	agreement->reason = reason;
	agreement->cipher = AGREE_NO_CIPHER;
	agreement->resumed = false;
	agreement->peer_id = 0;
	handshake_say(handshake);
	handshake_fail(handshake, "refused: %s", agree_reason_text(reason));
}

/* Whether what the client wants can be had; the answer is prepared. */
static enum agree_reason judge(struct attach *attach,
			       struct handshake *handshake)
{
	struct agreement *agreement = &handshake->agreement;
	const struct session *session = &attach->session;
	struct server *server = attach->of_role;
	bool known = server->has_session && session->has_peer &&
		     !memcmp(server->session, agreement->session,
			     sizeof(server->session));
	bool rekey = agreement->purpose == AGREE_REKEY;

	/* keys are renewed on the connection that carries the session alone */
	if (rekey != (handshake == &attach->live) || (rekey && !known))
		return AGREE_BAD_SESSION;
	agreement->resumed = known && agreement->purpose == AGREE_RESUME;
	if ((rekey || agreement->resumed) && agreement->key_id ==
	    session->key_ids[OVPN_MPTCP_SLOT_PRIMARY])
		return AGREE_BAD_KEY_ID;
	agreement->cipher = agree_choose(agreement, attach->ciphers,
					 attach->cipher_count);
	if (!agreement->cipher)
		return AGREE_BAD_CIPHER;
	agreement->peer_id = PEER_ID;
	agreement->server = attach_keepalive(attach);
	return AGREE_ACCEPTED;
}

/* A new client, or one that we do not know any more: the last peer goes with
 * its keys. Nothing is sent under the new one before the client has it.
 */
static int begin_session(struct attach *attach, struct handshake *handshake)
{
	struct server *server = attach->of_role;
	struct session *session = &attach->session;

	if (session->has_peer)
		attach_say(attach, "a new client replaces the last one");
	if (session_new_peer(session, PEER_ID, attach_interval(handshake),
			     handshake->fd))
		return -1;
	if (attach_install(attach, handshake, OVPN_MPTCP_SLOT_SECONDARY) ||
	    handshake_say(handshake)) {
		session_drop_peer(session);
		return -1;
	}
	memcpy(server->session, handshake->agreement.session,
	       sizeof(server->session));
	server->has_session = true;
	return 0;
}

/* The answer goes before the socket: the peer has packets that wait, and they
 * would go ahead of it, to a client that cannot read them yet.
 */
static int resume_session(struct attach *attach, struct handshake *handshake)
{
	if (attach_install(attach, handshake, OVPN_MPTCP_SLOT_SECONDARY) ||
	    handshake_say(handshake))
		return -1;
	if (!handshake_is_flushed(handshake)) {
		handshake_fail(handshake, "expected room for an answer in the connection");
		return -1;
	}
	return session_move(&attach->session, handshake->fd) ||
	       session_keepalive(&attach->session, attach_interval(handshake)) ?
	       -1 : 0;
}

/* A pending connection has proved who it is. Returns whether it was taken. */
static bool take(struct attach *attach, struct handshake *handshake)
{
	struct server *server = attach->of_role;
	enum agree_reason reason;
	struct address local;
	int err;

	if (!attach_is_enough(attach, handshake->fd, &server->warned)) {
		refuse(handshake, AGREE_NO_MPTCP);
		return false;
	}
	if (!dial_self(handshake->fd, &local) &&
	    session_swallows(&attach->session, &handshake->remote, &local)) {
		attach_say(attach, "a route leads to the client into the tunnel itself: add a route to it by way of your gateway");
		refuse(handshake, AGREE_FAILED);
		return false;
	}
	reason = judge(attach, handshake);
	if (reason) {
		refuse(handshake, reason);
		return false;
	}
	/* what the last connection was about to agree on is void */
	handshake_end(&attach->live);
	if (handshake->agreement.resumed)
		err = resume_session(attach, handshake);
	else
		err = begin_session(attach, handshake);
	if (!err) {
		server->fresh = true;
		attach_carry(attach, handshake);
		return true;
	}
	if (!attach->session.has_peer ||
	    !session_still_has_peer(&attach->session))
		server->has_session = false;
	handshake_fail(handshake, "the kernel refused");
	attach_doubt(attach);
	return false;
}

static void pending_step(struct attach *attach, size_t i)
{
	struct server *server = attach->of_role;
	struct handshake *handshake = &server->pending[i];
	enum channel_event event;

	do {
		event = handshake_step(handshake);
	} while (event == CHANNEL_UP);
	if (event == CHANNEL_MORE)
		return;
	if (event == CHANNEL_HELLO && take(attach, handshake)) {
		remove_pending(server, i);
		return;
	}
	drop_pending(attach, i);
}

/* Only now may the new key be used: the client has it. */
static void finished(struct attach *attach)
{
	struct server *server = attach->of_role;
	struct handshake *live = &attach->live;

	if (!handshake_is_flushed(live) || !channel_is_empty(live->channel)) {
		attach_died(attach, "expected an end of the handshake, and there was more");
		return;
	}
	if (session_swap_keys(&attach->session)) {
		attach_died(attach, "the kernel refused the new key");
		return;
	}
	handshake_end(live);
	attach_moved(attach);
	if (server->fresh)
		attach_tell(attach, live->agreement.resumed ?
			    "the client is back" : "attached");
	else
		attach_progress(attach, "new keys, number %u",
				live->agreement.key_id);
	server->fresh = false;
	attach->ever = true;
}

static void rekey(struct attach *attach)
{
	struct handshake *live = &attach->live;
	enum agree_reason reason = judge(attach, live);

	if (reason) {
		refuse(live, reason);
	} else if (!attach_install(attach, live, OVPN_MPTCP_SLOT_SECONDARY) &&
		   !session_keepalive(&attach->session, attach_interval(live)) &&
		   !handshake_say(live)) {
		return;
	}
	handshake_fail(live, "the kernel refused the new key");
	attach_died(attach, live->error);
}

static void live_step(struct attach *attach)
{
	struct handshake *live = &attach->live;
	int idle;

	if (!live->channel) {
		idle = handshake_idle(live);
		if (idle < 0)
			attach_died(attach, live->error);
		if (idle <= 0)
			return;
		handshake_begin(live, CHANNEL_SERVER, &attach->credentials,
				ATTACH_REKEY_MS);
	}
	while (attach->alive && live->channel) {
		switch (handshake_step(live)) {
		case CHANNEL_MORE:
			return;
		case CHANNEL_HELLO:
			rekey(attach);
			break;
		case CHANNEL_FINISH:
			finished(attach);
			break;
		case CHANNEL_FAILED:
			attach_died(attach, live->error);
			break;
		default:
			break;
		}
	}
}

static enum status server_run(struct attach *attach, uint64_t now)
{
	struct server *server = attach->of_role;
	size_t i, before;

	if (attach->alive)
		live_step(attach);
	for (i = 0; i < server->listener_count && now >= server->deaf_until; i++)
		accept_some(attach, server->listeners[i]);
	for (i = 0; i < server->pending_count;) {
		before = server->pending_count;
		pending_step(attach, i);
		if (server->pending_count == before)
			i++;
	}
	return STATUS_OK;
}

static void server_died(struct attach *attach, uint64_t now)
{
	(void)attach;
	(void)now;
	/* the client comes back; until then the peer waits without a socket */
}

/* Who has not proved yet who they are come again. */
static bool server_idle(struct attach *attach)
{
	struct server *server = attach->of_role;

	while (server->pending_count) {
		handshake_fail(&server->pending[0], "the configuration is read again");
		drop_pending(attach, 0);
	}
	return true;
}

static enum status server_reload(struct attach *attach,
				 const struct config *next)
{
	const struct config_host *last = &attach->config.listen;
	struct server *server = attach->of_role;
	enum status status;
	size_t i;

	for (i = 0; i < server->listener_count && next->congestion[0]; i++)
		congestion_set(server->listeners[i], next->congestion);
	if (!strcmp(last->name, next->listen.name) &&
	    last->port == next->listen.port)
		return STATUS_OK;
	/* or the new ones could not have what the last ones have */
	close_listeners(server);
	status = listen_at_all(attach, &next->listen);
	if (!status)
		return STATUS_OK;
	close_listeners(server);
	listen_at_all(attach, last);
	return status;
}

/* The tunnel stays on the connection that it has. */
static void server_hangup(struct attach *attach)
{
	(void)attach;
}

static void server_wait(struct attach *attach, struct waits *waits)
{
	struct server *server = attach->of_role;
	size_t i;

	for (i = 0; i < server->listener_count && !server->deaf_until; i++)
		waits_for(waits, server->listeners[i], POLLIN);
	waits_until(waits, server->deaf_until);
	for (i = 0; i < server->pending_count; i++) {
		waits_for(waits, server->pending[i].fd,
			  handshake_events(&server->pending[i]));
		waits_until(waits, server->pending[i].deadline);
	}
}

const struct attach_role attach_server = {
	.open = server_open,
	.start = server_start,
	.wait = server_wait,
	.run = server_run,
	.died = server_died,
	.idle = server_idle,
	.reload = server_reload,
	.hangup = server_hangup,
	.close = server_close,
};
