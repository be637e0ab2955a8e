// SPDX-License-Identifier: GPL-2.0-or-later
/* The addresses of a host name, by c-ares. */

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "attach/dial.h"
#include "attach/lookup.h"
#include "attach/waits.h"

/* for one question to one name server; twice as long each time */
#define QUESTION_MS	2000
#define QUESTIONS	3
/* without an answer, before the next way is used, too */
#define ANOTHER_MS	1000
/* IPv4 waits so long for IPv6: the Resolution Delay of RFC 8305 */
#define HOLD_MS		50

static const int families[LOOKUP_FAMILIES] = {
	[LOOKUP_IP6] = AF_INET6, [LOOKUP_IP4] = AF_INET,
};

/* An address that is written as one needs no name server, and may have the
 * interface of a link-local one. Returns whether it is.
 */
static bool take_number(struct lookup *lookup)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST };
	struct addrinfo *all;
	struct address address;
	int family;

	if (getaddrinfo(lookup->host->name, NULL, &hints, &all))
		return false;
	dial_address(all, &address);
	freeaddrinfo(all);
	address.port = lookup->host->port;
	family = address.family == AF_INET6 ? LOOKUP_IP6 : LOOKUP_IP4;
	if (lookup->wanted[family])
		lookup->found[family][lookup->count[family]++] = address;
	else
		lookup->error = ARES_EBADFAMILY;
	lookup->answered[LOOKUP_IP6] = true;
	lookup->answered[LOOKUP_IP4] = true;
	return true;
}

static void take_addresses(struct lookup *lookup, int family,
			   const struct ares_addrinfo *answer)
{
	const struct ares_addrinfo_node *node;
	struct addrinfo info = { 0 };

	for (node = answer->nodes; node; node = node->ai_next) {
		size_t n = lookup->count[family];

		if (n == LOOKUP_ADDRESSES_MAX ||
		    node->ai_family != families[family])
			continue;
		info.ai_addr = node->ai_addr;
		info.ai_addrlen = node->ai_addrlen;
		dial_address(&info, &lookup->found[family][n]);
		lookup->found[family][n].port = lookup->host->port;
		lookup->count[family]++;
	}
}

static void take_answer(struct lookup_channel *channel, int family, int status,
			struct ares_addrinfo *answer)
{
	struct lookup *lookup = channel->lookup;

	channel->open--;
	/* by another way it was known before */
	if (!lookup->answered[family] && status == ARES_SUCCESS)
		take_addresses(lookup, family, answer);
	/* who answers that there is none knows it; who is silent does not */
	if (status == ARES_SUCCESS || status == ARES_ENODATA ||
	    status == ARES_ENOTFOUND || status == ARES_EBADNAME)
		lookup->answered[family] = true;
	if (status != ARES_EDESTRUCTION && status != ARES_SUCCESS)
		lookup->error = status;
	ares_freeaddrinfo(answer);
	if (family == LOOKUP_IP4 && lookup->count[family] && !lookup->hold_until)
		lookup->hold_until = clock_ms() + HOLD_MS;
}

static void on_ip6(void *arg, int status, int timeouts,
		   struct ares_addrinfo *answer)
{
	(void)timeouts;
	take_answer(arg, LOOKUP_IP6, status, answer);
}

static void on_ip4(void *arg, int status, int timeouts,
		   struct ares_addrinfo *answer)
{
	(void)timeouts;
	take_answer(arg, LOOKUP_IP4, status, answer);
}

/* c-ares tells which sockets it has, and what they wait for: nothing when one
 * is about to be closed.
 */
static void on_socket(void *arg, ares_socket_t fd, int readable, int writable)
{
	short events = (readable ? POLLIN : 0) | (writable ? POLLOUT : 0);
	struct lookup_channel *channel = arg;
	size_t i;

	for (i = 0; i < channel->socket_count; i++) {
		if (channel->sockets[i].fd == fd)
			break;
	}
	if (!events) {
		if (i < channel->socket_count)
			channel->sockets[i] =
				channel->sockets[--channel->socket_count];
		return;
	}
	if (i == LOOKUP_SOCKETS_MAX)
		return;
	channel->sockets[i].fd = fd;
	channel->sockets[i].events = events;
	if (i == channel->socket_count)
		channel->socket_count++;
}

/* A socket of c-ares is new. */
static int on_new_socket(ares_socket_t fd, int type, void *arg)
{
	const struct lookup_channel *channel = arg;

	(void)type;
	return dial_mark(fd, channel->lookup->mark);
}

static void bind_channel(struct lookup_channel *channel, const struct way *way)
{
	uint32_t ip4;

	if (way->from.family == AF_INET) {
		memcpy(&ip4, way->from.ip, sizeof(ip4));
		ares_set_local_ip4(channel->ares, ntohl(ip4));
	} else if (way->from.family == AF_INET6) {
		ares_set_local_ip6(channel->ares, way->from.ip);
	}
	if (way->ifindex)
		ares_set_local_dev(channel->ares, way->device);
}

static void ask(struct lookup_channel *channel, int family)
{
	struct ares_addrinfo_hints hints = {
		.ai_family = families[family], .ai_socktype = SOCK_STREAM,
	};

	channel->open++;
	ares_getaddrinfo(channel->ares, channel->lookup->host->name, NULL,
			 &hints, family == LOOKUP_IP6 ? on_ip6 : on_ip4,
			 channel);
}

/* Asks by the next way. */
static void open_channel(struct lookup *lookup, uint64_t now)
{
	size_t n = lookup->channel_count;
	struct lookup_channel *channel = &lookup->channels[n];
	struct ares_options options = {
		.timeout = QUESTION_MS, .tries = QUESTIONS,
		.sock_state_cb = on_socket, .sock_state_cb_data = channel,
	};
	int family, err;

	lookup->another_at = 0;
	if (n == LOOKUP_CHANNELS_MAX || n == lookup->ways.count)
		return;
	lookup->channel_count++;
	lookup->another_at = now + ANOTHER_MS;
	channel->lookup = lookup;
	/* reads resolv.conf as it is now */
	err = ares_init_options(&channel->ares, &options,
				ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
				ARES_OPT_SOCK_STATE_CB);
	if (err) {
		channel->ares = NULL;
		lookup->error = err;
		return;
	}
	if (lookup->mark)
		ares_set_socket_configure_callback(channel->ares,
						   on_new_socket, channel);
	bind_channel(channel, &lookup->ways.items[n]);
	for (family = 0; family < LOOKUP_FAMILIES; family++) {
		if (lookup->wanted[family] && !lookup->answered[family])
			ask(channel, family);
	}
}

void lookup_begin(struct lookup *lookup, const struct config_host *host,
		  int family, const struct ways *ways, uint32_t mark)
{
	memset(lookup, 0, sizeof(*lookup));
	lookup->host = host;
	lookup->mark = mark;
	lookup->ways = *ways;
	lookup->wanted[LOOKUP_IP6] = family != AF_INET;
	lookup->wanted[LOOKUP_IP4] = family != AF_INET6;
	if (!take_number(lookup))
		open_channel(lookup, clock_ms());
}

static bool is_answered(const struct lookup *lookup)
{
	int family;

	for (family = 0; family < LOOKUP_FAMILIES; family++) {
		if (lookup->wanted[family] && !lookup->answered[family])
			return false;
	}
	return true;
}

static bool has_questions(const struct lookup *lookup)
{
	size_t i;

	for (i = 0; i < lookup->channel_count; i++) {
		if (lookup->channels[i].open)
			return true;
	}
	return false;
}

static void close_channels(struct lookup *lookup)
{
	size_t i;

	for (i = 0; i < lookup->channel_count; i++) {
		if (lookup->channels[i].ares)
			ares_destroy(lookup->channels[i].ares);
		lookup->channels[i].ares = NULL;
	}
	lookup->another_at = 0;
}

static void read_channel(struct lookup_channel *channel)
{
	struct lookup_socket ready[LOOKUP_SOCKETS_MAX];
	struct pollfd fd;
	size_t i, count;

	if (!channel->ares)
		return;
	/* the list changes meanwhile */
	count = channel->socket_count;
	memcpy(ready, channel->sockets, sizeof(ready));
	for (i = 0; i < count; i++) {
		fd.fd = ready[i].fd;
		fd.events = ready[i].events;
		if (poll(&fd, 1, 0) > 0)
			ares_process_fd(channel->ares,
					fd.revents & ~POLLOUT ? fd.fd :
					ARES_SOCKET_BAD,
					fd.revents & POLLOUT ? fd.fd :
					ARES_SOCKET_BAD);
	}
	/* what came too late is asked again */
	ares_process_fd(channel->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

void lookup_step(struct lookup *lookup, uint64_t now)
{
	size_t i;

	for (i = 0; i < lookup->channel_count; i++)
		read_channel(&lookup->channels[i]);
	if (is_answered(lookup)) {
		close_channels(lookup);
		return;
	}
	/* a way that is refused at once is no reason to wait */
	while (lookup->another_at &&
	       (now >= lookup->another_at || !has_questions(lookup)))
		open_channel(lookup, now);
}

bool lookup_runs(const struct lookup *lookup)
{
	return lookup->host && !is_answered(lookup) &&
	       (has_questions(lookup) || lookup->another_at);
}

bool lookup_next(struct lookup *lookup, uint64_t now, struct address *address)
{
	int family;

	for (family = 0; family < LOOKUP_FAMILIES; family++) {
		if (lookup->taken[family] == lookup->count[family])
			continue;
		if (family == LOOKUP_IP4 && now < lookup->hold_until &&
		    lookup_runs(lookup))
			continue;
		*address = lookup->found[family][lookup->taken[family]++];
		return true;
	}
	return false;
}

bool lookup_is_empty(const struct lookup *lookup)
{
	return !lookup->count[LOOKUP_IP6] && !lookup->count[LOOKUP_IP4];
}

bool lookup_is_unknown(const struct lookup *lookup)
{
	return lookup_is_empty(lookup) && is_answered(lookup);
}

bool lookup_is_wrong(const struct lookup *lookup)
{
	return lookup->error == ARES_EBADFAMILY;
}

const char *lookup_error(const struct lookup *lookup)
{
	return lookup_is_wrong(lookup) ?
	       "it is of another family than the local address" :
	       ares_strerror(lookup->error);
}

void lookup_wait(const struct lookup *lookup, struct waits *waits)
{
	struct timeval left;
	size_t i, j;

	if (!lookup_runs(lookup))
		return;
	for (i = 0; i < lookup->channel_count; i++) {
		const struct lookup_channel *channel = &lookup->channels[i];

		if (!channel->ares)
			continue;
		for (j = 0; j < channel->socket_count; j++)
			waits_for(waits, channel->sockets[j].fd,
				  channel->sockets[j].events);
		/* a moment more, for it is cut to milliseconds */
		if (ares_timeout(channel->ares, NULL, &left))
			waits_until(waits, clock_ms() + left.tv_sec * 1000ull +
					   left.tv_usec / 1000 + 1);
	}
	waits_until(waits, lookup->another_at);
	if (lookup->hold_until > clock_ms())
		waits_until(waits, lookup->hold_until);
}

void lookup_close(struct lookup *lookup)
{
	close_channels(lookup);
	memset(lookup, 0, sizeof(*lookup));
}
