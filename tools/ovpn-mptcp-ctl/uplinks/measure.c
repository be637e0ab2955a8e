// SPDX-License-Identifier: GPL-2.0-or-later
/* How long a server takes to answer, from each uplink. */

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "uplinks/measure.h"

/* The kernel repeats the first packet after 1 s, and after 2 or 3 s. */
#define ANSWER_MS 3500

static void take(struct address *address, int family, const void *ip,
		 uint16_t port)
{
	if (!address->family)
		address_set(address, family, ip, ntohs(port));
}

enum status uplinks_resolve(struct uplinks_far *far,
			    const struct target *target)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *all, *one;
	int err;

	memset(far, 0, sizeof(*far));
	err = getaddrinfo(target->host, target->port, &hints, &all);
	if (err == EAI_SYSTEM)
		return system_error(errno, "uplinks: %s has no address",
				    target->host);
	if (err) {
		say("uplinks: %s has no address: %s", target->host,
		    gai_strerror(err));
		return STATUS_REFUSED;
	}
	for (one = all; one; one = one->ai_next) {
		const struct sockaddr_in6 *in6 = (const void *)one->ai_addr;
		const struct sockaddr_in *in = (const void *)one->ai_addr;

		if (one->ai_family == AF_INET)
			take(&far->ip4, AF_INET, &in->sin_addr, in->sin_port);
		else if (one->ai_family == AF_INET6)
			take(&far->ip6, AF_INET6, &in6->sin6_addr,
			     in6->sin6_port);
	}
	freeaddrinfo(all);
	return STATUS_OK;
}

static socklen_t to_sockaddr(struct sockaddr_storage *storage,
			     const struct address *address)
{
	struct sockaddr_in6 *in6 = (void *)storage;
	struct sockaddr_in *in = (void *)storage;

	memset(storage, 0, sizeof(*storage));
	storage->ss_family = address->family;
	if (address->family == AF_INET6) {
		memcpy(&in6->sin6_addr, address->ip, 16);
		in6->sin6_port = htons(address->port);
		return sizeof(*in6);
	}
	memcpy(&in->sin_addr, address->ip, 4);
	in->sin_port = htons(address->port);
	return sizeof(*in);
}

/* As a path of MPTCP from there would be. Returns a socket, or -1 and errno. */
static int begin(const struct device *device, const struct address *from,
		 const struct address *to)
{
	struct sockaddr_storage storage;
	socklen_t size;
	int fd, err;

	fd = socket(to->family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	size = to_sockaddr(&storage, from);
	if (!bind(fd, (void *)&storage, size) &&
	    !setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device->name,
			strlen(device->name))) {
		size = to_sockaddr(&storage, to);
		if (!connect(fd, (void *)&storage, size) ||
		    errno == EINPROGRESS)
			return fd;
	}
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

static void judge(struct uplinks_trip *trip, int fd)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(trip->error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &trip->error, &size))
		trip->error = errno;
	size = sizeof(info);
	if (!trip->error && getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size))
		trip->error = errno;
	trip->rtt_us = info.tcpi_rtt;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* @fds: of the trips; each is closed, and negative in the end */
static void wait_for_all(struct uplinks_trips *trips, struct pollfd *fds)
{
	int64_t end = now_ms() + ANSWER_MS, now;
	size_t i, open = 0;

	for (i = 0; i < trips->count; i++)
		open += fds[i].fd >= 0;
	while (open && (now = now_ms()) < end) {
		if (poll(fds, trips->count, end - now) < 0 && errno != EINTR)
			break;
		for (i = 0; i < trips->count; i++) {
			if (fds[i].fd < 0 || !fds[i].revents)
				continue;
			judge(&trips->items[i], fds[i].fd);
			close(fds[i].fd);
			fds[i].fd = -1;
			open--;
		}
	}
	for (i = 0; i < trips->count; i++) {
		if (fds[i].fd >= 0)
			close(fds[i].fd);
	}
}

struct fds {
	struct pollfd *items;
	size_t count;
};

static void begin_trip(struct uplinks_trips *trips, struct fds *fds,
		       const struct device *device,
		       const struct address *from, const struct address *to)
{
	struct uplinks_trip *trip = LIST_ADD(trips);
	struct pollfd *pollfd = LIST_ADD(fds);

	trip->address = *from;
	trip->error = ETIMEDOUT;
	pollfd->events = POLLOUT;
	pollfd->fd = begin(device, from, to);
	if (pollfd->fd < 0)
		trip->error = errno;
}

void uplinks_measure(struct uplinks_trips *trips, const struct uplinks *uplinks,
		     const struct uplinks_far *far)
{
	struct fds fds = { 0 };
	size_t i, j;

	memset(trips, 0, sizeof(*trips));
	for (i = 0; i < uplinks->count; i++) {
		const struct uplink *uplink = &uplinks->items[i];

		for (j = 0; j < UPLINKS_FAMILIES; j++) {
			const struct uplink_side *side = &uplink->sides[j];
			const struct address *to = side->family == AF_INET6 ?
						   &far->ip6 : &far->ip4;

			if (side->source && to->family)
				begin_trip(trips, &fds, uplink->device,
					   &side->source->address, to);
		}
	}
	wait_for_all(trips, fds.items);
	free(fds.items);
}
