// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The client of attach: dials until the tunnel stands, renews its keys, and
 * moves it to a new connection when the last one ended.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "attach/caller.h"

/* Between attempts to have a better connection: twice as long each time. Tests have
 * less patience.
 */
#ifndef BETTER_MIN_MS
#define BETTER_MIN_MS		60000
#endif
#define BETTER_MAX_MS		600000
/* a tunnel that stood so long is worth an attempt at once */
#define STOOD_MS		10000
/* how often packets are counted */
#define COUNT_MS		2000

/**
 * struct client - the client of attach
 * @caller: the way to a new connection
 * @fresh: the new connection, which agrees on keys
 * @bound: its socket is bound to an interface
 * @usual: it begins by the usual way
 * @better_wait: milliseconds from one attempt to have a better connection to
 *	the next; 0 while there is none to be had
 * @better_at: clock_ms() when to look, or to try
 * @session: what the server knows us by
 * @last_key: number of the key that was asked for last
 * @rekey_at: when keys are old; 0 for never
 * @count_at: when packets are counted; 0 for never
 * @traffic: of the peer, when the key was new
 * @hangup: somebody wants a new connection
 * @warned: of plain TCP
 */
struct client {
	struct caller caller;
	struct handshake fresh;
	bool bound;
	bool usual;
	uint32_t better_wait;
	uint64_t better_at;
	uint8_t session[AGREE_SESSION_SIZE];
	uint8_t last_key;
	uint64_t rekey_at;
	uint64_t count_at;
	struct traffic traffic;
	bool hangup;
	bool warned;
};

static void random_bytes(void *bytes, size_t size)
{
	if (getrandom(bytes, size, 0) != (ssize_t)size)
		exit(system_error(errno, "no random numbers"));
}

static enum status client_open(struct attach *attach)
{
	struct client *client = calloc(1, sizeof(*client));

	if (!client)
		exit(system_error(ENOMEM, "out of memory"));
	handshake_init(&client->fresh);
	random_bytes(client->session, sizeof(client->session));
	client->last_key = AGREE_KEY_ID_MAX;
	attach->of_role = client;
	return STATUS_OK;
}

static void client_close(struct attach *attach)
{
	struct client *client = attach->of_role;

	if (!client)
		return;
	handshake_close(&client->fresh);
	caller_close(&client->caller);
	free(client);
	attach->of_role = NULL;
}

static enum status client_start(struct attach *attach)
{
	struct client *client = attach->of_role;
	enum status status = attach_machine_begin(attach);

	if (!status)
		caller_now(&client->caller);
	return status;
}

/* A number that no key has which may still be in use. */
static uint8_t next_key(struct attach *attach)
{
	const uint8_t *used = attach->session.key_ids;
	struct client *client = attach->of_role;

	do {
		client->last_key = (client->last_key + 1) &
				   AGREE_KEY_ID_MAX;
	} while (client->last_key == used[OVPN_MPTCP_SLOT_PRIMARY] ||
		 client->last_key == used[OVPN_MPTCP_SLOT_SECONDARY]);
	return client->last_key;
}

static int say_hello(struct attach *attach, struct handshake *handshake,
		     enum agree_purpose purpose)
{
	struct agreement *agreement = &handshake->agreement;
	struct client *client = attach->of_role;

	memset(agreement, 0, sizeof(*agreement));
	agreement->purpose = purpose;
	agreement->key_id = next_key(attach);
	memcpy(agreement->session, client->session,
	       sizeof(agreement->session));
	memcpy(agreement->offers, attach->ciphers, attach->cipher_count);
	agreement->offer_count = attach->cipher_count;
	agreement->client = attach_keepalive(attach);
	return handshake_say(handshake);
}

/* Whether the server's answer can be used. */
static bool agreed(struct handshake *handshake)
{
	const struct agreement *agreement = &handshake->agreement;

	if (!agreement->reason)
		return true;
	/* what passes by itself is worth another attempt */
	handshake->refused = agreement->reason != AGREE_BUSY &&
			     agreement->reason != AGREE_FAILED &&
			     agreement->reason != AGREE_STOPPING &&
			     agreement->reason != AGREE_BAD_KEY_ID;
	handshake_fail(handshake, "the server refused: %s",
		       agree_reason_text(agreement->reason));
	return false;
}

/* The last message; then nothing of the handshake may be left anywhere. */
static int say_finish(struct handshake *handshake)
{
	if (handshake_say(handshake))
		return -1;
	if (handshake_is_flushed(handshake) &&
	    channel_is_empty(handshake->channel))
		return 0;
	handshake_fail(handshake, "expected an end of the handshake, and there was more");
	return -1;
}

static void keys_are_new(struct attach *attach)
{
	uint64_t age = attach->config.rekey_seconds * 1000ull;
	struct client *client = attach->of_role;
	uint64_t now = clock_ms();

	client->rekey_at = age ? now + age : 0;
	client->count_at = attach->config.rekey_packets ? now + COUNT_MS : 0;
	session_traffic(&attach->session, &client->traffic);
	attach->key_used_up = false;
}

/* New keys for the peer: it may encrypt with them at once, for the server has
 * them. The last one still decrypts.
 */
static enum status renew(struct attach *attach, struct handshake *handshake)
{
	enum status status;

	status = attach_install(attach, handshake, OVPN_MPTCP_SLOT_SECONDARY);
	if (!status)
		status = session_swap_keys(&attach->session);
	return status;
}

static enum status give_to_kernel(struct attach *attach,
				  struct handshake *handshake)
{
	const struct agreement *agreement = &handshake->agreement;
	struct session *session = &attach->session;
	enum status status;

	if (session->has_peer && session->peer == agreement->peer_id) {
		status = renew(attach, handshake);
		if (!status)
			status = session_move(session, handshake->fd);
		if (!status)
			status = session_keepalive(session,
						   attach_interval(handshake));
		return status;
	}
	status = session_new_peer(session, agreement->peer_id,
				  attach_interval(handshake), handshake->fd);
	if (status)
		return status;
	status = attach_install(attach, handshake, OVPN_MPTCP_SLOT_PRIMARY);
	if (status)
		session_drop_peer(session);
	return status;
}

/* Everything is there but the device's addresses and routes. */
static enum status stand(struct attach *attach)
{
	struct client *client = attach->of_role;
	struct address local;
	enum status status;

	attach_carry(attach, &client->fresh);
	/* the server moved before it answered */
	attach_moved(attach);
	caller_done(&client->caller);
	client->better_wait = 0;
	client->better_at = 0;
	keys_are_new(attach);
	status = session_configure(&attach->session);
	if (status)
		return status;
	if (!client->bound && !address_of_socket(attach->live.fd, &local) &&
	    session_swallows(&attach->session, &attach->live.remote, &local))
		return caller_swallowed(attach, &attach->live.remote);
	status = attach_machine_stand(attach);
	if (status)
		return status;
	attach_tell(attach, attach->ever ? "attached again" : "attached");
	attach->ever = true;
	return STATUS_OK;
}

static enum status answered(struct attach *attach)
{
	struct client *client = attach->of_role;
	struct handshake *fresh = &client->fresh;
	enum status status;

	if (!agreed(fresh))
		return STATUS_OK;
	/* data may be what the other end could not take as MPTCP */
	if (client->caller.better && dial_kind(fresh->fd) != DIAL_MPTCP) {
		handshake_fail(fresh, "it fell back to TCP, too");
		return STATUS_OK;
	}
	if (!attach_is_enough(attach, fresh->fd, &client->warned)) {
		handshake_fail(fresh, "expected MPTCP");
		return attach->ever ? STATUS_OK : STATUS_FELL_BACK;
	}
	status = give_to_kernel(attach, fresh);
	if (status) {
		handshake_fail(fresh, "the kernel refused");
		session_still_has_peer(&attach->session);
		attach_doubt(attach);
		return attach->ever ? STATUS_OK : status;
	}
	if (say_finish(fresh)) {
		session_drop_peer(&attach->session);
		return STATUS_OK;
	}
	handshake_end(fresh);
	return stand(attach);
}

static void disagree(struct attach *attach)
{
	struct client *client = attach->of_role;
	struct handshake *fresh = &client->fresh;
	char text[DIAL_TEXT_SIZE];

	attach_say(attach, "no agreement with %s: %s",
		   dial_text(&fresh->remote, text), fresh->error);
	handshake_close(fresh);
	caller_failed(&client->caller, &fresh->remote, fresh->refused);
}

static enum status agree(struct attach *attach)
{
	struct client *client = attach->of_role;
	struct handshake *fresh = &client->fresh;
	enum channel_event event = handshake_step(fresh);
	enum status status = STATUS_OK;

	if (event == CHANNEL_MORE)
		return STATUS_OK;
	if (event == CHANNEL_ANSWER)
		status = answered(attach);
	if (!status && fresh->fd >= 0)
		disagree(attach);
	return status;
}

/* The server has proved who it is: now it is told what we want. */
static enum status take_winner(struct attach *attach)
{
	struct client *client = attach->of_role;
	struct attempt *winner = client->caller.race.winner;
	struct handshake *fresh = &client->fresh;

	*fresh = winner->handshake;
	handshake_init(&winner->handshake);
	client->bound = winner->way.ifindex;
	client->usual = !winner->way.ifindex && (!winner->way.from.family ||
			attach->config.local.address.family);
	if (!say_hello(attach, fresh, attach->ever ? AGREE_RESUME : AGREE_NEW))
		return agree(attach);
	disagree(attach);
	return STATUS_OK;
}

static enum status connection_step(struct attach *attach, uint64_t now)
{
	struct client *client = attach->of_role;
	struct caller *caller = &client->caller;
	enum status status = caller_step(attach, caller, now);

	if (status || caller->state != CALLER_WON)
		return status;
	status = client->fresh.fd < 0 ? take_winner(attach) : agree(attach);
	/* the next attempt has nothing to wait for */
	if (!status && caller->state == CALLER_RACE)
		status = caller_step(attach, caller, now);
	return status;
}

static void rekey_step(struct attach *attach)
{
	struct handshake *live = &attach->live;
	enum channel_event event = handshake_step(live);

	if (event == CHANNEL_MORE)
		return;
	if (event == CHANNEL_UP && !say_hello(attach, live, AGREE_REKEY)) {
		rekey_step(attach);
		return;
	}
	if (event == CHANNEL_ANSWER && agreed(live)) {
		if (renew(attach, live) ||
		    session_keepalive(&attach->session, attach_interval(live))) {
			handshake_fail(live, "the kernel refused");
		} else if (!say_finish(live)) {
			handshake_end(live);
			keys_are_new(attach);
			attach_progress(attach, "new keys, number %u",
					live->agreement.key_id);
			return;
		}
	}
	/* a connection that cannot renew its keys is replaced */
	attach_died(attach, live->error);
}

static bool keys_are_old(struct attach *attach, uint64_t now)
{
	uint64_t most = attach->config.rekey_packets;
	struct client *client = attach->of_role;
	struct traffic traffic;

	if (attach->key_used_up)
		return true;
	if (client->rekey_at && now >= client->rekey_at)
		return true;
	if (!client->count_at || now < client->count_at)
		return false;
	client->count_at = now + COUNT_MS;
	/* each direction has a key of its own */
	return session_traffic(&attach->session, &traffic) &&
	       (traffic.rx_packets - client->traffic.rx_packets >= most ||
		traffic.tx_packets - client->traffic.tx_packets >= most);
}

/* A connection that fell back to TCP has one path for ever, and one that does not
 * begin by the usual way may have none there: from time to time a better one is
 * tried, while this one carries the tunnel.
 */
static void better_step(struct attach *attach, uint64_t now)
{
	struct client *client = attach->of_role;
	bool mptcp;

	if (!attach->mptcp || now < client->better_at)
		return;
	mptcp = dial_kind(attach->live.fd) == DIAL_MPTCP;
	if (mptcp && client->usual) {
		client->better_wait = 0;
		client->better_at = now + BETTER_MIN_MS;
		return;
	}
	/* it was so at the last look, too */
	if (client->better_wait)
		caller_better(&client->caller, mptcp);
	client->better_wait = client->better_wait ? 2 * client->better_wait :
						    BETTER_MIN_MS;
	if (client->better_wait > BETTER_MAX_MS)
		client->better_wait = BETTER_MAX_MS;
	client->better_at = now + client->better_wait;
}

static void live_step(struct attach *attach, uint64_t now)
{
	struct handshake *live = &attach->live;
	struct client *client = attach->of_role;
	int idle;

	if (live->channel) {
		rekey_step(attach);
		return;
	}
	idle = handshake_idle(live);
	if (idle < 0) {
		attach_died(attach, live->error);
	} else if (idle > 0) {
		attach_died(attach, "the other end sent what nobody asked for");
	} else if (client->caller.state == CALLER_NOTHING && client->hangup) {
		client->hangup = false;
		caller_now(&client->caller);
	} else if (client->caller.state == CALLER_NOTHING &&
		   keys_are_old(attach, now)) {
		handshake_begin(live, CHANNEL_CLIENT, &attach->credentials,
				ATTACH_REKEY_MS);
		rekey_step(attach);
	} else if (client->caller.state == CALLER_NOTHING) {
		better_step(attach, now);
	}
}

static enum status client_run(struct attach *attach, uint64_t now)
{
	if (attach->alive)
		live_step(attach, now);
	return connection_step(attach, now);
}

static void client_died(struct attach *attach, uint64_t now)
{
	struct client *client = attach->of_role;
	struct caller *caller = &client->caller;

	client->hangup = false;
	attach_machine_died(attach);
	/* one that is better than nothing will do now */
	if (caller->better && caller->state != CALLER_WON)
		caller_now(caller);
	caller->better = false;
	if (caller->state != CALLER_NOTHING)
		return;
	if (now - attach->attached_at < STOOD_MS) {
		caller_later(attach, caller);
		return;
	}
	backoff_reset(&caller->backoff);
	caller_now(caller);
}

/* Attempts are begun anew. */
static bool client_idle(struct attach *attach)
{
	struct client *client = attach->of_role;

	if (client->fresh.fd >= 0)
		return false;
	if (client->caller.state == CALLER_RACE)
		caller_now(&client->caller);
	return true;
}

static void client_reload(struct attach *attach, const struct config *next)
{
	struct client *client = attach->of_role;

	caller_forget(&client->caller, &attach->config.connect, &next->connect);
}

static void client_hangup(struct attach *attach)
{
	struct client *client = attach->of_role;

	if (attach->alive)
		client->hangup = true;
	else if (client->caller.state == CALLER_WAIT)
		caller_now(&client->caller);
}

static void client_wait(struct attach *attach, struct waits *waits)
{
	struct client *client = attach->of_role;

	caller_wait(&client->caller, waits);
	if (client->fresh.fd >= 0) {
		waits_for(waits, client->fresh.fd,
			  handshake_events(&client->fresh));
		waits_until(waits, client->fresh.deadline);
	}
	if (!attach->alive || attach->live.channel ||
	    client->caller.state != CALLER_NOTHING)
		return;
	if (attach->mptcp)
		waits_until(waits, client->better_at ? client->better_at : 1);
	waits_until(waits, client->rekey_at);
	waits_until(waits, client->count_at);
}

const struct attach_role attach_client = {
	.open = client_open,
	.start = client_start,
	.wait = client_wait,
	.run = client_run,
	.died = client_died,
	.idle = client_idle,
	.reload = client_reload,
	.hangup = client_hangup,
	.close = client_close,
};
