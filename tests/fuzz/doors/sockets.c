// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "chance.h"
#include "sockets.h"
#include "world.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif

/* A number that no file has. */
#define CLOSED		900

enum state {
	CONNECTED,	/* a stream with its other end */
	ENDED,		/* the same, whose other end is closed */
	LISTENING,
	FRESH,		/* neither bound nor connected */
	BOUND,		/* datagrams, with another socket that sends to it */
	ENCAPSULATES,	/* the same, used by another part of the kernel */
	PIPE,
	NOTHING,
};

/**
 * struct recipe - what a socket is made of
 * @family: AF_x
 * @type: SOCK_x
 * @protocol: IPPROTO_x
 * @state: what has become of it
 * @elsewhere: it is in the other network namespace
 * @far_protocol: of its other end, 0 for the same
 * @mapped: of IPv6, and speaks IPv4
 * @only6: of IPv6, and speaks nothing else
 */
static const struct recipe {
	int family, type, protocol;
	enum state state;
	bool elsewhere;
	int far_protocol;
	bool mapped, only6;
} recipes[WORLD_SOCKETS] = {
	{ AF_INET, SOCK_STREAM, IPPROTO_MPTCP, CONNECTED },
	{ AF_INET, SOCK_STREAM, IPPROTO_MPTCP, CONNECTED },
	{ AF_INET, SOCK_STREAM, IPPROTO_TCP, CONNECTED },
	{ AF_INET, SOCK_STREAM, IPPROTO_TCP, CONNECTED },
	{ AF_INET6, SOCK_STREAM, IPPROTO_MPTCP, CONNECTED },
	{ AF_INET6, SOCK_STREAM, IPPROTO_TCP, CONNECTED },
	{ AF_INET, SOCK_DGRAM, IPPROTO_UDP, BOUND },
	{ AF_INET6, SOCK_DGRAM, IPPROTO_UDP, BOUND },
	{ AF_INET, SOCK_DGRAM, IPPROTO_UDP, BOUND },
	{ AF_INET6, SOCK_DGRAM, IPPROTO_UDP, BOUND, .only6 = true },
	{ AF_INET, SOCK_STREAM, IPPROTO_MPTCP, CONNECTED, .elsewhere = true },
	{ AF_INET, SOCK_DGRAM, IPPROTO_UDP, BOUND, .elsewhere = true },
	{ AF_INET, SOCK_STREAM, IPPROTO_MPTCP, CONNECTED, .far_protocol = IPPROTO_TCP },
	{ AF_INET6, SOCK_STREAM, IPPROTO_TCP, CONNECTED, .mapped = true },
	{ AF_INET, SOCK_STREAM, IPPROTO_MPTCP, LISTENING },
	{ AF_INET, SOCK_STREAM, IPPROTO_TCP, LISTENING },
	{ AF_INET, SOCK_STREAM, IPPROTO_MPTCP, FRESH },
	{ AF_INET6, SOCK_STREAM, IPPROTO_TCP, FRESH },
	{ AF_INET, SOCK_STREAM, IPPROTO_MPTCP, ENDED },
	{ AF_INET, SOCK_STREAM, IPPROTO_TCP, ENDED },
	{ AF_INET, SOCK_DGRAM, IPPROTO_UDP, FRESH },
	{ AF_INET6, SOCK_DGRAM, IPPROTO_UDP, FRESH },
	{ AF_INET, SOCK_DGRAM, IPPROTO_UDP, ENCAPSULATES },
	{ AF_UNIX, SOCK_STREAM, 0, FRESH },
	{ AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, FRESH },
	{ AF_INET, SOCK_RAW, IPPROTO_ICMP, FRESH },
	{ .state = PIPE },
	{ .state = NOTHING },
};

/**
 * struct pair - a socket and its other end
 * @near: the socket, -1 for none
 * @far: the other end, -1 for none
 * @made: it was opened, and may be closed by now
 * @touched: an event of the input has met it
 */
struct pair {
	int near, far;
	bool made, touched;
};

static struct pair pairs[WORLD_SOCKETS];
static int home_ns = -1, elsewhere_ns = -1;
static bool trouble;

/* so that nothing waits for ever */
static void limit_waiting(int fd)
{
	struct timeval limit = { .tv_sec = 10 };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

static socklen_t loopback(const struct recipe *recipe, struct sockaddr_storage *to)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;
	struct sockaddr_in *v4 = (struct sockaddr_in *)to;

	memset(to, 0, sizeof(*to));
	if (recipe->family == AF_INET) {
		v4->sin_family = AF_INET;
		v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return sizeof(*v4);
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_addr = in6addr_loopback;
	if (recipe->mapped)
		inet_pton(AF_INET6, "::ffff:127.0.0.1", &v6->sin6_addr);
	return sizeof(*v6);
}

static int bound(const struct recipe *recipe, int protocol)
{
	struct sockaddr_storage address;
	socklen_t len = loopback(recipe, &address);
	int fd = socket(recipe->family, recipe->type | SOCK_CLOEXEC, protocol), on = recipe->only6;

	if (fd < 0)
		return -1;
	limit_waiting(fd);
	if (recipe->family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (!bind(fd, (struct sockaddr *)&address, len))
		return fd;
	close(fd);
	return -1;
}

static bool meet(int fd, int with)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);

	return !getsockname(with, (struct sockaddr *)&address, &len) &&
	       !connect(fd, (struct sockaddr *)&address, len);
}

static bool connected(const struct recipe *recipe, struct pair *pair)
{
	int listener = bound(recipe, recipe->far_protocol ?: recipe->protocol);
	bool ok;

	pair->near = bound(recipe, recipe->protocol);
	ok = listener >= 0 && pair->near >= 0 && !listen(listener, 1) && meet(pair->near, listener);
	if (ok)
		pair->far = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	close(listener);
	return ok && pair->far >= 0;
}

static bool datagrams(const struct recipe *recipe, struct pair *pair)
{
	int type = UDP_ENCAP_L2TPINUDP;

	pair->near = bound(recipe, recipe->protocol);
	pair->far = bound(recipe, recipe->protocol);
	if (recipe->state == ENCAPSULATES &&
	    setsockopt(pair->near, IPPROTO_UDP, UDP_ENCAP, &type, sizeof(type)))
		return false;
	return pair->near >= 0 && pair->far >= 0 && meet(pair->far, pair->near);
}

static bool make(const struct recipe *recipe, struct pair *pair)
{
	int both[2];

	switch (recipe->state) {
	case CONNECTED:
		return connected(recipe, pair);
	case ENDED:
		if (!connected(recipe, pair))
			return false;
		close(pair->far);
		pair->far = -1;
		return true;
	case LISTENING:
		pair->near = bound(recipe, recipe->protocol);
		return pair->near >= 0 && !listen(pair->near, 1);
	case FRESH:
		pair->near = socket(recipe->family, recipe->type | SOCK_CLOEXEC, recipe->protocol);
		return pair->near >= 0;
	case BOUND:
	case ENCAPSULATES:
		return datagrams(recipe, pair);
	case PIPE:
		if (pipe2(both, O_CLOEXEC))
			return false;
		pair->near = both[0];
		pair->far = both[1];
		return true;
	default:
		return true;
	}
}

/* The ends of a stream go by a reset, or as they should. */
static void drop(int *fd)
{
	struct linger reset = { .l_onoff = 1 };

	if (*fd < 0)
		return;
	if (chance_percent(50))
		setsockopt(*fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(*fd);
	*fd = -1;
}

static void drop_pair(struct pair *pair)
{
	drop(&pair->near);
	drop(&pair->far);
	pair->made = false;
	pair->touched = false;
}

static bool make_there(const struct recipe *recipe, struct pair *pair)
{
	bool ok = !setns(elsewhere_ns, CLONE_NEWNET) && make(recipe, pair);

	return !setns(home_ns, CLONE_NEWNET) && ok;
}

/* A connection takes long to make: only who asks for it gets one. */
static struct pair *get_pair(unsigned int number)
{
	const struct recipe *recipe = &recipes[number];
	struct pair *pair = &pairs[number];

	if (pair->made)
		return pair;
	pair->made = recipe->elsewhere ? make_there(recipe, pair) : make(recipe, pair);
	if (!pair->made && !trouble) {
		printf("FAIL: socket %u cannot be made: %s\n", number, strerror(errno));
		trouble = true;
	}
	return pair;
}

bool sockets_open(int elsewhere)
{
	unsigned int i;

	elsewhere_ns = elsewhere;
	home_ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	for (i = 0; i < WORLD_SOCKETS; i++)
		pairs[i] = (struct pair){ .near = -1, .far = -1 };
	return home_ns >= 0;
}

int sockets_fd(unsigned int number)
{
	int fd = number < WORLD_SOCKETS ? get_pair(number)->near : -1;

	return fd >= 0 ? fd : CLOSED;
}

void sockets_event(const struct step *step)
{
	struct pair *pair = &pairs[step->object % WORLD_SOCKETS];
	char answer[4096];

	/* nobody has asked for it yet */
	if (!pair->made)
		return;
	pair->touched = true;
	/* what comes of it is up to the peers */
	switch (step->command) {
	case SOCKET_CLOSE:
		drop(&pair->near);
		break;
	case SOCKET_FAR_CLOSE:
		drop(&pair->far);
		break;
	case SOCKET_FAR_WRITE:
		send(pair->far, step->bytes, step->len, MSG_DONTWAIT | MSG_NOSIGNAL);
		break;
	case SOCKET_READ:
		recv(pair->near, answer, sizeof(answer), MSG_DONTWAIT);
		break;
	case SOCKET_WRITE:
		send(pair->near, step->bytes, step->len, MSG_DONTWAIT | MSG_NOSIGNAL);
		break;
	}
}

static int errno_of_read(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 ? errno : 0;
}

bool sockets_restore(unsigned int number)
{
	struct pair *pair = &pairs[number];

	if (!pair->made)
		return !trouble;
	/* a stream that has had a peer is at its end */
	if (pair->touched || (recipes[number].state == CONNECTED &&
			      errno_of_read(pair->near) != EAGAIN))
		drop_pair(pair);
	return !trouble;
}

void sockets_drop(void)
{
	unsigned int i;

	for (i = 0; i < WORLD_SOCKETS; i++)
		drop_pair(&pairs[i]);
}

void sockets_close(void)
{
	sockets_drop();
	close(home_ns);
}
