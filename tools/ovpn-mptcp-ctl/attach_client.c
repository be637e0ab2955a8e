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

#include "attach.h"
#include "backoff.h"

/* For one address. Newer kernels (seen with 7.3) repeat the SYN every second, leave
 * MPTCP out of the third repetition, and when that one is answered, out of other
 * connections for an hour.
 */
#define CONNECT_MS		2500
/* a tunnel that stood so long is worth an attempt at once */
#define STOOD_MS		10000
/* how often packets are counted */
#define COUNT_MS		2000

enum dialing {
	DIAL_NOTHING,
	DIAL_WAIT,
	DIAL_CONNECT,
	DIAL_SHAKE,
};

/**
 * struct client - the client of attach
 * @dialing: what is done for a new connection
 * @until: when to do it, or to give it up
 * @all: addresses of the server
 * @next: to be tried
 * @fresh: the new connection
 * @backoff: attempts that failed
 * @session: what the server knows us by
 * @last_key: number of the key that was asked for last
 * @rekey_at: when keys are old; 0 for never
 * @count_at: when packets are counted; 0 for never
 * @traffic: of the peer, when the key was new
 * @hangup: somebody wants a new connection
 * @warned: of plain TCP
 */
struct client {
	enum dialing dialing;
	uint64_t until;
	struct addrinfo *all;
	struct addrinfo *next;
	struct handshake fresh;
	struct backoff backoff;
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
	if (client->all)
		freeaddrinfo(client->all);
	free(client);
	attach->of_role = NULL;
}

static enum status client_start(struct attach *attach)
{
	struct client *client = attach->of_role;

	client->dialing = DIAL_WAIT;
	return STATUS_OK;
}

/* After an attempt that failed: the next address, or all of them again. */
static void next_or_later(struct attach *attach)
{
	struct client *client = attach->of_role;
	uint32_t chance, wait;

	handshake_close(&client->fresh);
	if (client->next) {
		client->dialing = DIAL_WAIT;
		client->until = 0;
		return;
	}
	if (attach->alive) {
		attach_say(attach, "no new connection: the last one stays");
		client->dialing = DIAL_NOTHING;
		return;
	}
	random_bytes(&chance, sizeof(chance));
	wait = backoff_next(&client->backoff, chance);
	attach_progress(attach, "next attempt in %u.%u s", wait / 1000,
			wait % 1000 / 100);
	client->dialing = DIAL_WAIT;
	client->until = clock_ms() + wait;
}

static enum status resolve(struct attach *attach)
{
	const struct config *config = &attach->config;
	struct client *client = attach->of_role;
	const char *error;
	int err;

	if (client->all)
		freeaddrinfo(client->all);
	client->all = NULL;
	client->next = NULL;
	err = dial_resolve(&config->connect,
			   config->local.family ? config->local.family : AF_UNSPEC,
			   false, &client->all, &error);
	if (!err) {
		client->next = client->all;
		return STATUS_OK;
	}
	attach_say(attach, "expected the name or address of a server, not '%s' (%s)",
		   config->connect.name, error);
	/* Name servers may come back. Whoever typed a name that they do not
	 * know is told; a service may have better luck at its next start.
	 */
	if (!attach->ever && err != EAI_AGAIN && err != EAI_SYSTEM)
		return dial_never_resolves(err) ? STATUS_USAGE : STATUS_REFUSED;
	next_or_later(attach);
	return STATUS_OK;
}

static enum status swallowed(const struct attach *attach,
			     const struct address *server)
{
	char text[DIAL_TEXT_SIZE];

	return usage_error("%s: a route leads %s, which is the server, into the tunnel itself: add a route to it by way of your gateway",
			   attach->config.device, dial_text(server, text));
}

/* Begins with the next address. */
static enum status dial(struct attach *attach)
{
	const struct address *local = &attach->config.local;
	const struct address *from = local->family ? local : NULL;
	struct client *client = attach->of_role;
	char text[DIAL_TEXT_SIZE], ip[ADDRESS_SIZE];
	struct address to;
	int fd;

	dial_address(client->next, &to);
	dial_text(&to, text);
	if (session_will_swallow(&attach->session, &to, from))
		return swallowed(attach, &to);
	if (session_swallows(&attach->session, &to, from)) {
		swallowed(attach, &to);
		client->next = client->next->ai_next;
		next_or_later(attach);
		return STATUS_OK;
	}
	attach_progress(attach, "connect to %s", text);
	fd = dial_begin(client->next, local, attach->mptcp);
	client->next = client->next->ai_next;
	if (fd >= 0) {
		attach_congestion(attach, fd);
		handshake_take(&client->fresh, fd);
		client->fresh.remote = to;
		client->dialing = DIAL_CONNECT;
		client->until = clock_ms() + CONNECT_MS;
		return STATUS_OK;
	}
	if (errno == EADDRNOTAVAIL && local->family && !attach->ever)
		return system_error(errno, "%s: expected an address of this host, not local %s",
				    attach->config.device,
				    address_text(local, ip));
	attach_say(attach, "cannot connect to %s (%s)", text,
		   errno_text(errno));
	next_or_later(attach);
	return STATUS_OK;
}

static void dial_failed(struct attach *attach, const char *why)
{
	struct client *client = attach->of_role;
	char text[DIAL_TEXT_SIZE];

	attach_say(attach, "cannot connect to %s (%s)",
		   dial_text(&client->fresh.remote, text), why);
	next_or_later(attach);
}

static enum status connected(struct attach *attach, uint64_t now)
{
	struct client *client = attach->of_role;
	struct pollfd fd = { client->fresh.fd, POLLOUT, 0 };
	int err;

	if (poll(&fd, 1, 0) <= 0) {
		if (now >= client->until)
			dial_failed(attach, "no answer");
		return STATUS_OK;
	}
	err = dial_finish(client->fresh.fd);
	if (err) {
		dial_failed(attach, errno_text(err));
		return STATUS_OK;
	}
	if (!attach_is_enough(attach, client->fresh.fd, &client->warned)) {
		if (!attach->ever)
			return STATUS_FELL_BACK;
		next_or_later(attach);
		return STATUS_OK;
	}
	attach_progress(attach, "handshake");
	handshake_begin(&client->fresh, CHANNEL_CLIENT, &attach->credentials,
			ATTACH_HANDSHAKE_MS);
	client->dialing = DIAL_SHAKE;
	return STATUS_OK;
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
		return status ? status : session_move(session, handshake->fd);
	}
	status = session_new_peer(session, agreement->peer_id, handshake->fd);
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
	client->dialing = DIAL_NOTHING;
	keys_are_new(attach);
	status = session_configure(&attach->session);
	if (status)
		return status;
	if (!dial_self(attach->live.fd, &local) &&
	    session_swallows(&attach->session, &attach->live.remote, &local))
		return swallowed(attach, &attach->live.remote);
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

static enum status shake(struct attach *attach)
{
	struct client *client = attach->of_role;
	struct handshake *fresh = &client->fresh;
	enum channel_event event = handshake_step(fresh);
	enum status status = STATUS_OK;
	char text[DIAL_TEXT_SIZE];

	if (event == CHANNEL_MORE)
		return STATUS_OK;
	if (event == CHANNEL_UP &&
	    !say_hello(attach, fresh, attach->ever ? AGREE_RESUME : AGREE_NEW))
		return shake(attach);
	if (event == CHANNEL_ANSWER)
		status = answered(attach);
	if (status || client->dialing != DIAL_SHAKE)
		return status;
	attach_say(attach, "no agreement with %s: %s",
		   dial_text(&fresh->remote, text), fresh->error);
	if (fresh->refused && !attach->ever)
		return STATUS_REFUSED;
	next_or_later(attach);
	return STATUS_OK;
}

static enum status dial_step(struct attach *attach, uint64_t now)
{
	struct client *client = attach->of_role;
	enum status status = STATUS_OK;

	if (client->dialing == DIAL_WAIT && now >= client->until) {
		if (!client->next)
			status = resolve(attach);
		if (!status && client->next)
			status = dial(attach);
	}
	if (!status && client->dialing == DIAL_CONNECT)
		status = connected(attach, now);
	if (!status && client->dialing == DIAL_SHAKE)
		status = shake(attach);
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
		if (renew(attach, live)) {
			handshake_fail(live, "the kernel refused the new keys");
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
	} else if (client->dialing == DIAL_NOTHING && client->hangup) {
		client->hangup = false;
		client->dialing = DIAL_WAIT;
		client->next = NULL;
		client->until = 0;
	} else if (client->dialing == DIAL_NOTHING &&
		   keys_are_old(attach, now)) {
		handshake_begin(live, CHANNEL_CLIENT, &attach->credentials,
				ATTACH_REKEY_MS);
		rekey_step(attach);
	}
}

static enum status client_run(struct attach *attach, uint64_t now)
{
	if (attach->alive)
		live_step(attach, now);
	return dial_step(attach, now);
}

static void client_died(struct attach *attach, uint64_t now)
{
	struct client *client = attach->of_role;

	client->hangup = false;
	if (client->dialing != DIAL_NOTHING)
		return;
	client->next = NULL;
	if (now - attach->attached_at < STOOD_MS) {
		next_or_later(attach);
		return;
	}
	backoff_reset(&client->backoff);
	client->dialing = DIAL_WAIT;
	client->until = 0;
}

static void client_hangup(struct attach *attach)
{
	struct client *client = attach->of_role;

	if (attach->alive)
		client->hangup = true;
	else if (client->dialing == DIAL_WAIT)
		client->until = 0;
}

static void client_wait(struct attach *attach, struct waits *waits)
{
	struct client *client = attach->of_role;

	switch (client->dialing) {
	case DIAL_NOTHING:
		break;
	case DIAL_WAIT:
		waits_until(waits, client->until ? client->until : 1);
		break;
	case DIAL_CONNECT:
		waits_for(waits, client->fresh.fd, POLLOUT);
		waits_until(waits, client->until);
		break;
	case DIAL_SHAKE:
		waits_for(waits, client->fresh.fd,
			  handshake_events(&client->fresh));
		waits_until(waits, client->fresh.deadline);
		break;
	}
	if (!attach->alive || attach->live.channel ||
	    client->dialing != DIAL_NOTHING)
		return;
	waits_until(waits, client->rekey_at);
	waits_until(waits, client->count_at);
}

const struct attach_role attach_client = {
	.open = client_open,
	.start = client_start,
	.wait = client_wait,
	.run = client_run,
	.died = client_died,
	.hangup = client_hangup,
	.close = client_close,
};
