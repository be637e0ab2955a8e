// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The server of attach: gives the kernel the last connection that has proved
 * who it is, see gate.h, and renews its keys when the client wants that.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attach/attach_server.h"

/* the peer id in data packets: there is one peer */
#define PEER_ID		1

/**
 * struct server - the server of attach
 * @session: what the client chose that has the tunnel
 * @has_session: there was a client
 * @fresh: the client has not said yet that it has its keys
 * @warned: of plain TCP
 */
struct server {
	uint8_t session[AGREE_SESSION_SIZE];
	bool has_session;
	bool fresh;
	bool warned;
};

static enum status server_open(struct attach *attach)
{
	struct server *server = calloc(1, sizeof(*server));

	if (!server)
		exit(system_error(ENOMEM, "out of memory"));
	attach->of_role = server;
	return STATUS_OK;
}

static void server_close(struct attach *attach)
{
	free(attach->of_role);
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
	return STATUS_OK;
}

void attach_server_refuse(struct handshake *handshake, enum agree_reason reason)
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

	/* Keys are renewed on the connection that carries the session alone,
	 * and by who has it.
	 */
	if (rekey != (handshake == &attach->live) || (rekey && !known) ||
	    channel_whose(handshake->channel) != &attach->credentials)
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

bool attach_server_take(struct attach *attach, struct handshake *handshake)
{
	struct server *server = attach->of_role;
	enum agree_reason reason;
	int err;

	if (!attach_is_enough(attach, handshake->fd, &server->warned)) {
		attach_server_refuse(handshake, AGREE_NO_MPTCP);
		return false;
	}
	reason = judge(attach, handshake);
	if (reason) {
		attach_server_refuse(handshake, reason);
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
		attach_server_refuse(live, reason);
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
	(void)now;
	if (attach->alive)
		live_step(attach);
	return STATUS_OK;
}

static void server_died(struct attach *attach, uint64_t now)
{
	(void)attach;
	(void)now;
	/* the client comes back; until then the peer waits without a socket */
}

/* The tunnel stays on the connection that it has. */
static void server_hangup(struct attach *attach)
{
	(void)attach;
}

static void server_wait(struct attach *attach, struct waits *waits)
{
	/* the gate waits for clients, and the loop for the live connection */
	(void)attach;
	(void)waits;
}

static bool server_idle(struct attach *attach)
{
	(void)attach;
	return true;
}

static void server_reload(struct attach *attach, const struct config *next)
{
	(void)attach;
	(void)next;
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
