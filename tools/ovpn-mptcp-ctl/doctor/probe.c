// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * doctor: does MPTCP arrive at a server?
 *
 * A connection that falls back does not say why. But the same server asked by
 * another way may: if it answers with MPTCP there, the first way strips it.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/mptcp.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "doctor/probe.h"

/* not in the headers of every libc */
#ifndef SOL_MPTCP
#define SOL_MPTCP 284
#endif

/* The kernel repeats the first packet after 1 s, and after 2 or 3 s. One with
 * MPTCP is given up before Linux sends it without: an answer to that one makes
 * newer kernels switch MPTCP off for an hour (net.mptcp.blackhole_timeout).
 */
#define MPTCP_MS	2500
#define TCP_MS		5000
#define ADDRESSES_MAX	4

enum verdict {
	VERDICT_MPTCP,
	VERDICT_FALLBACK,
	/* TCP connects where MPTCP does not */
	VERDICT_ONLY_TCP,
	VERDICT_REFUSED,
	VERDICT_TIMEOUT,
	VERDICT_ERROR,
};

/**
 * struct answer - what became of one connection
 * @verdict: what
 * @error: errno
 * @by: interface that was asked for, or empty
 */
struct answer {
	enum verdict verdict;
	int error;
	char by[IFNAMSIZ];
};

static int wait_connected(int fd, int limit)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLOUT };
	socklen_t size = sizeof(int);
	struct timespec start, now;
	int rest = limit, error = 0, n;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		n = poll(&pollfd, 1, rest);
		clock_gettime(CLOCK_MONOTONIC, &now);
		rest = limit - (now.tv_sec - start.tv_sec) * 1000 -
		       (now.tv_nsec - start.tv_nsec) / 1000000;
	} while (n < 0 && errno == EINTR && rest > 0);
	if (n <= 0)
		return n ? errno : ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size))
		return errno;
	return error;
}

static int bind_to(int fd, const struct endpoint *from)
{
	struct sockaddr_storage storage = { 0 };
	struct sockaddr_in6 *in6 = (void *)&storage;
	struct sockaddr_in *in = (void *)&storage;

	storage.ss_family = from->address.family;
	if (from->address.family == AF_INET6)
		memcpy(&in6->sin6_addr, from->address.ip, 16);
	else
		memcpy(&in->sin_addr, from->address.ip, 4);
	if (bind(fd, (void *)&storage, from->address.family == AF_INET6 ?
		 sizeof(*in6) : sizeof(*in)))
		return errno;
	if (from->ifindex && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE,
				      from->device, strlen(from->device)))
		return errno;
	return 0;
}

/* Sets @fd to a socket that is to be closed, or -1. Returns 0 or an errno. */
static int open_connection(int *fd, int protocol, const struct addrinfo *to,
			   const struct endpoint *from)
{
	int err;

	*fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
		     protocol);
	if (*fd < 0)
		return errno;
	err = from ? bind_to(*fd, from) : 0;
	if (err)
		return err;
	if (!connect(*fd, to->ai_addr, to->ai_addrlen))
		return 0;
	if (errno != EINPROGRESS)
		return errno;
	return wait_connected(*fd, protocol == IPPROTO_MPTCP ? MPTCP_MS : TCP_MS);
}

static void close_connection(int fd)
{
	if (fd >= 0)
		close(fd);
}

static enum verdict judge_connected(int fd)
{
	struct mptcp_info info = { 0 };
	socklen_t size = sizeof(info);

	/* after the fallback, options of MPTCP are unknown ones of TCP */
	if (!getsockopt(fd, SOL_MPTCP, MPTCP_INFO, &info, &size) &&
	    !(info.mptcpi_flags & MPTCP_INFO_FLAG_FALLBACK))
		return VERDICT_MPTCP;
	return VERDICT_FALLBACK;
}

static void ask(struct answer *answer, const struct addrinfo *to,
		const struct endpoint *from)
{
	int fd;

	memset(answer, 0, sizeof(*answer));
	if (from)
		memcpy(answer->by, from->device, sizeof(answer->by));
	answer->error = open_connection(&fd, IPPROTO_MPTCP, to, from);
	switch (answer->error) {
	case 0:
		answer->verdict = judge_connected(fd);
		break;
	case ECONNREFUSED:
		answer->verdict = VERDICT_REFUSED;
		break;
	case ETIMEDOUT:
		answer->verdict = VERDICT_TIMEOUT;
		close_connection(fd);
		if (!open_connection(&fd, IPPROTO_TCP, to, from))
			answer->verdict = VERDICT_ONLY_TCP;
		break;
	default:
		answer->verdict = VERDICT_ERROR;
		break;
	}
	close_connection(fd);
}

static bool is_fallback(const struct answer *answer)
{
	return answer->verdict == VERDICT_FALLBACK ||
	       answer->verdict == VERDICT_ONLY_TCP;
}

static void report_fallback(const struct answer *answer, const char *whom,
			    bool elsewhere, struct findings *findings)
{
	if (answer->verdict == VERDICT_FALLBACK && !elsewhere) {
		finding_problem(findings, STATUS_FELL_BACK, "probe-fallback",
				"%s answers with TCP only: the server does not use MPTCP on this port, or it is stripped on the way",
				whom);
		finding_fix(findings,
			    "on the server, " PROGRAM " doctor --probe with its own address and this port: if that finds MPTCP, it is stripped on the way: try another port; else start the server with mptcpize, and look at its net.mptcp.enabled");
		return;
	}
	if (answer->verdict == VERDICT_FALLBACK)
		finding_problem(findings, STATUS_FELL_BACK, "probe-stripped",
				"%s: MPTCP is stripped on the way: the same server answers with MPTCP by another way",
				whom);
	else
		finding_problem(findings, STATUS_FELL_BACK, "probe-dropped",
				"%s: packets with MPTCP are dropped on the way: only those without get an answer",
				whom);
	finding_fix(findings,
		    "try another port (443), and ask who runs this link; until then this link carries the tunnel alone or not at all: leave it out of the endpoints");
}

static void report(const struct answer *answer, const char *whom,
		   bool elsewhere, struct findings *findings)
{
	switch (answer->verdict) {
	case VERDICT_MPTCP:
		finding_add(findings, LEVEL_GOOD, "probe-mptcp",
			    "%s speaks MPTCP", whom);
		break;
	case VERDICT_FALLBACK:
	case VERDICT_ONLY_TCP:
		report_fallback(answer, whom, elsewhere, findings);
		break;
	case VERDICT_REFUSED:
		finding_add(findings, LEVEL_PROBLEM, "probe-refused",
			    "%s: nobody listens there (%s)", whom,
			    errno_text(answer->error));
		finding_fix(findings, "start the server, or correct the port");
		break;
	case VERDICT_TIMEOUT:
		finding_add(findings, LEVEL_PROBLEM, "probe-timeout",
			    "%s: no answer within %d s, neither to MPTCP nor to TCP",
			    whom, TCP_MS / 1000);
		finding_fix(findings,
			    "look at the address, and at the firewalls on the way");
		break;
	case VERDICT_ERROR:
		finding_add(findings, LEVEL_PROBLEM, "probe-error",
			    "%s: no connection (%s)", whom,
			    errno_text(answer->error));
		finding_fix(findings, "look at addresses and routes: ip route get");
		break;
	}
}

struct answers {
	struct answer items[16];
	size_t count;
};

static void probe_address(const struct target *target, const struct addrinfo *to,
			  const struct endpoints *endpoints,
			  struct findings *findings)
{
	struct answers answers = { .count = 1 };
	char address[INET6_ADDRSTRLEN] = "?", whom[FINDING_SIZE - 128];
	bool elsewhere = false;
	size_t i;

	getnameinfo(to->ai_addr, to->ai_addrlen, address, sizeof(address), NULL,
		    0, NI_NUMERICHOST);
	ask(&answers.items[0], to, NULL);
	for (i = 0; i < endpoints->count; i++) {
		const struct endpoint *from = &endpoints->items[i];

		if (!(from->flags & MPTCP_PM_ADDR_FLAG_SUBFLOW) ||
		    from->address.family != to->ai_family ||
		    answers.count == sizeof(answers.items) / sizeof(answers.items[0]))
			continue;
		ask(&answers.items[answers.count++], to, from);
	}
	for (i = 0; i < answers.count; i++)
		elsewhere |= answers.items[i].verdict == VERDICT_MPTCP;
	for (i = 0; i < answers.count; i++) {
		const struct answer *answer = &answers.items[i];

		/* that the server has no MPTCP is said once */
		if (i && is_fallback(answer) && !elsewhere &&
		    answer->verdict == answers.items[0].verdict)
			continue;
		snprintf(whom, sizeof(whom), "%.255s port %s%s%s%s%s%s",
			 target->host, target->port,
			 strcmp(address, target->host) ? " (" : "",
			 strcmp(address, target->host) ? address : "",
			 strcmp(address, target->host) ? ")" : "",
			 answer->by[0] ? " through " : "", answer->by);
		report(answer, whom, elsewhere, findings);
	}
}

void probe(const struct target *target, const struct endpoints *endpoints,
	   struct findings *findings)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *all, *to;
	int err, n = 0;

	err = getaddrinfo(target->host, target->port, &hints, &all);
	if (err) {
		finding_add(findings, LEVEL_PROBLEM, "probe-name",
			    "%.255s has no address: %s", target->host,
			    err == EAI_SYSTEM ? errno_text(errno) : gai_strerror(err));
		finding_fix(findings, "correct the name, or the DNS of this machine");
		return;
	}
	for (to = all; to && n < ADDRESSES_MAX; to = to->ai_next, n++)
		probe_address(target, to, endpoints, findings);
	freeaddrinfo(all);
}
