// SPDX-License-Identifier: GPL-2.0-or-later
/* Where clients of attach come in. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "attach/attach_server.h"
#include "attach/gate.h"
#include "kernel/congestion.h"

/* taken in one turn, so that those that are there have theirs */
#define ACCEPT_MAX	8
/* complaints in so many milliseconds; the rest is counted */
#define COMPLAINTS	10
#define COMPLAINTS_MS	10000
/* after want of descriptors or memory for a connection */
#define DEAF_MS		1000

static enum status listen_at(struct gate *gate, const struct addrinfo *at,
			     const char *congestion)
{
	struct address address;
	char text[DIAL_TEXT_SIZE];
	int fd;

	if (gate->listener_count == GATE_LISTENERS_MAX)
		return STATUS_OK;
	fd = dial_listen(at, gate->sites[0]->mptcp);
	dial_address(at, &address);
	if (fd < 0)
		return system_error(errno, "%s: cannot listen at %s",
				    gate->name, dial_text(&address, text));
	if (*congestion && congestion_set(fd, congestion))
		say("%s: warning: the kernel refuses congestion %s (%s): the socket keeps what it has",
		    gate->name, congestion, errno_text(errno));
	gate->listeners[gate->listener_count++] = fd;
	return STATUS_OK;
}

static void close_listeners(struct gate *gate)
{
	size_t i;

	for (i = 0; i < gate->listener_count; i++)
		close(gate->listeners[i]);
	gate->listener_count = 0;
}

static enum status listen_at_all(struct gate *gate,
				 const struct config_host *host,
				 const char *congestion)
{
	struct addrinfo *all, *at;
	enum status status = STATUS_OK;
	const char *error;
	int err;

	err = dial_resolve(host, &all, &error);
	if (err) {
		say("%s: expected an address of this host to listen at, not '%s' (%s)",
		    gate->name, host->name, error);
		return dial_never_resolves(err) ? STATUS_USAGE : STATUS_REFUSED;
	}
	for (at = all; at && !status; at = at->ai_next)
		status = listen_at(gate, at, congestion);
	freeaddrinfo(all);
	return status;
}

static void remember(struct gate *gate, const struct config_host *host)
{
	free(gate->host);
	gate->host = strdup(host->name);
	if (!gate->host)
		exit(system_error(ENOMEM, "out of memory"));
	gate->port = host->port;
}

enum status gate_open(struct gate *gate, const char *name,
		      struct attach **sites, size_t site_count)
{
	gate->name = name;
	gate->sites = sites;
	gate->site_count = site_count;
	remember(gate, &sites[0]->config.listen);
	return listen_at_all(gate, &sites[0]->config.listen,
			     sites[0]->config.congestion);
}

enum status gate_reload(struct gate *gate, const struct config *next)
{
	const struct config_host last = { gate->host, gate->port };
	const struct config_host *host = &next->listen;
	enum status status;
	size_t i;

	for (i = 0; i < gate->listener_count && next->congestion[0]; i++)
		congestion_set(gate->listeners[i], next->congestion);
	if (!strcmp(last.name, host->name) && last.port == host->port)
		return STATUS_OK;
	/* or the new ones could not have what the last ones have */
	close_listeners(gate);
	status = listen_at_all(gate, host, next->congestion);
	if (!status) {
		remember(gate, host);
		return STATUS_OK;
	}
	close_listeners(gate);
	listen_at_all(gate, &last, next->congestion);
	return status;
}

/* Anybody can make a connection fail, so that is said a few times at most. */
static void complain(struct gate *gate, const struct handshake *handshake)
{
	uint64_t now = clock_ms();
	char text[DIAL_TEXT_SIZE];

	if (now - gate->complaints_at >= COMPLAINTS_MS) {
		if (gate->hushed)
			say("%s: %u more connections without agreement",
			    gate->name, gate->hushed);
		gate->complaints = 0;
		gate->hushed = 0;
		gate->complaints_at = now;
	}
	if (gate->complaints++ >= COMPLAINTS) {
		gate->hushed++;
		return;
	}
	say("%s: no agreement with %s: %s", gate->name,
	    dial_text(&handshake->remote, text), handshake->error);
}

static void remove_pending(struct gate *gate, size_t i)
{
	gate->pending_count--;
	memmove(&gate->pending[i], &gate->pending[i + 1],
		(gate->pending_count - i) * sizeof(gate->pending[i]));
}

static void drop_pending(struct gate *gate, size_t i)
{
	complain(gate, &gate->pending[i]);
	handshake_close(&gate->pending[i]);
	remove_pending(gate, i);
}

/* Makes room for another connection. Without chance, which may fail before the
 * system has any, it is the oldest one.
 */
static void make_room(struct gate *gate)
{
	struct address all[GATE_PENDING_MAX];
	uint32_t chance = 0;
	size_t i;

	for (i = 0; i < gate->pending_count; i++)
		all[i] = gate->pending[i].remote;
	if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) < 0)
		chance = 0;
	i = crowd_choose(all, gate->pending_count, chance);
	handshake_fail(&gate->pending[i], "made room for newer connections");
	drop_pending(gate, i);
}

/* A connection that waits and cannot be had would wake the loop for ever. */
static void turn_deaf(struct gate *gate, int err)
{
	if (err != EMFILE && err != ENFILE && err != ENOBUFS && err != ENOMEM) {
		gate->deaf_until = 0;
		return;
	}
	if (!gate->deaf_until)
		say("%s: no room for a new connection (%s): others have to wait",
		    gate->name, errno_text(err));
	gate->deaf_until = clock_ms() + DEAF_MS;
}

static void accept_some(struct gate *gate, int listener)
{
	struct handshake *fresh;
	size_t taken;
	int fd;

	for (taken = 0; taken < ACCEPT_MAX; taken++) {
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0) {
			turn_deaf(gate, errno);
			return;
		}
		gate->deaf_until = 0;
		if (gate->pending_count == GATE_PENDING_MAX)
			make_room(gate);
		fresh = &gate->pending[gate->pending_count++];
		handshake_take(fresh, fd);
		/* those of the other sites are linked to them */
		handshake_begin(fresh, CHANNEL_SERVER,
				&gate->sites[0]->credentials,
				ATTACH_HANDSHAKE_MS);
	}
}

/* Gives a connection to the site that it has proved to be of; whether it was
 * taken.
 */
static bool give(struct gate *gate, struct handshake *handshake)
{
	const struct credentials *whose = channel_whose(handshake->channel);
	struct address local;
	bool known = !address_of_socket(handshake->fd, &local);
	size_t i;

	for (i = 0; known && i < gate->site_count; i++) {
		if (!session_swallows(&gate->sites[i]->session,
				      &handshake->remote, &local))
			continue;
		attach_say(gate->sites[i], "a route leads to the client into the tunnel itself: add a route to it by way of your gateway");
		attach_server_refuse(handshake, AGREE_FAILED);
		return false;
	}
	for (i = 0; i < gate->site_count; i++) {
		if (whose == &gate->sites[i]->credentials)
			return attach_server_take(gate->sites[i], handshake);
	}
	attach_server_refuse(handshake, AGREE_FAILED);
	return false;
}

static void pending_step(struct gate *gate, size_t i)
{
	struct handshake *handshake = &gate->pending[i];
	enum channel_event event;

	do {
		event = handshake_step(handshake);
	} while (event == CHANNEL_UP);
	if (event == CHANNEL_MORE)
		return;
	if (event == CHANNEL_HELLO && give(gate, handshake)) {
		remove_pending(gate, i);
		return;
	}
	drop_pending(gate, i);
}

void gate_step(struct gate *gate, uint64_t now)
{
	size_t i, before;

	for (i = 0; i < gate->listener_count && now >= gate->deaf_until; i++)
		accept_some(gate, gate->listeners[i]);
	for (i = 0; i < gate->pending_count;) {
		before = gate->pending_count;
		pending_step(gate, i);
		if (gate->pending_count == before)
			i++;
	}
}

void gate_wait(const struct gate *gate, struct waits *waits)
{
	size_t i;

	for (i = 0; i < gate->listener_count && !gate->deaf_until; i++)
		waits_for(waits, gate->listeners[i], POLLIN);
	waits_until(waits, gate->deaf_until);
	for (i = 0; i < gate->pending_count; i++) {
		waits_for(waits, gate->pending[i].fd,
			  handshake_events(&gate->pending[i]));
		waits_until(waits, gate->pending[i].deadline);
	}
}

void gate_empty(struct gate *gate)
{
	while (gate->pending_count) {
		handshake_fail(&gate->pending[0], "the configuration is read again");
		drop_pending(gate, 0);
	}
}

void gate_close(struct gate *gate)
{
	size_t i;

	for (i = 0; i < gate->pending_count; i++)
		handshake_close(&gate->pending[i]);
	gate->pending_count = 0;
	close_listeners(gate);
	free(gate->host);
	gate->host = NULL;
}
