// SPDX-License-Identifier: GPL-2.0-or-later
/* Stream sockets, MPTCP where there is any: connect, listen. */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/mptcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attach/dial.h"

/* not in the headers of every libc */
#ifndef SOL_MPTCP
#define SOL_MPTCP 284
#endif

#define BACKLOG 64

static int make_socket(int family, bool mptcp)
{
	return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
		      mptcp ? IPPROTO_MPTCP : IPPROTO_TCP);
}

bool dial_has_ipv6(void)
{
	int fd = make_socket(AF_INET6, false);

	if (fd >= 0)
		close(fd);
	return fd >= 0 || errno != EAFNOSUPPORT;
}

int dial_resolve(const struct config_host *host, struct addrinfo **found,
		 const char **error)
{
	struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV | AI_PASSIVE,
	};
	bool any = !strcmp(host->name, "*");
	char port[8];
	int err;

	snprintf(port, sizeof(port), "%u", host->port);
	/* one socket of version 6 serves both; a kernel may have none */
	if (any)
		hints.ai_family = dial_has_ipv6() ? AF_INET6 : AF_INET;
	err = getaddrinfo(any ? NULL : host->name, port, &hints, found);
	if (err)
		*error = err == EAI_SYSTEM ? errno_text(errno) :
					     gai_strerror(err);
	return err;
}

bool dial_never_resolves(int err)
{
	return err == EAI_ADDRFAMILY || err == EAI_FAMILY;
}

bool dial_has_mptcp(void)
{
	int fd = make_socket(AF_INET, true);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void close_keeping_errno(int fd)
{
	int err = errno;

	close(fd);
	errno = err;
}

static socklen_t to_sockaddr(const struct address *address,
			     struct sockaddr_storage *to)
{
	struct sockaddr_in6 *six = (void *)to;
	struct sockaddr_in *four = (void *)to;

	memset(to, 0, sizeof(*to));
	to->ss_family = address->family;
	if (address->family == AF_INET6) {
		memcpy(&six->sin6_addr, address->ip, sizeof(six->sin6_addr));
		six->sin6_port = htons(address->port);
		six->sin6_scope_id = address->scope;
		return sizeof(*six);
	}
	memcpy(&four->sin_addr, address->ip, sizeof(four->sin_addr));
	four->sin_port = htons(address->port);
	return sizeof(*four);
}

static int bind_to(int fd, const struct address *local)
{
	struct sockaddr_storage from;
	socklen_t size = to_sockaddr(local, &from);

	return bind(fd, (struct sockaddr *)&from, size);
}

int dial_mark(int fd, uint32_t mark)
{
	return setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark));
}

int dial_begin(const struct address *to, const struct way *way, bool mptcp,
	       uint32_t mark)
{
	int fd = make_socket(to->family, mptcp);
	struct sockaddr_storage address;
	socklen_t size = to_sockaddr(to, &address);

	if (fd < 0)
		return -1;
	if ((mark && dial_mark(fd, mark)) || (way->ifindex &&
	     setsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &way->ifindex,
			sizeof(way->ifindex))) ||
	    (way->from.family && bind_to(fd, &way->from)) ||
	    (connect(fd, (struct sockaddr *)&address, size) &&
	     errno != EINPROGRESS)) {
		close_keeping_errno(fd);
		return -1;
	}
	return fd;
}

bool dial_is_own(const struct address *local)
{
	int fd = make_socket(local->family, false);
	bool own;

	if (fd < 0)
		return false;
	own = !bind_to(fd, local);
	close(fd);
	return own;
}

int dial_listen(const struct addrinfo *at, bool mptcp)
{
	int fd = make_socket(at->ai_family, mptcp), one = 1;
	const struct sockaddr_in6 *six = (const void *)at->ai_addr;
	int zero = 0;

	if (fd < 0)
		return -1;
	/* or a restarted server would wait for its old connections to go */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (at->ai_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&six->sin6_addr))
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
	if (bind(fd, at->ai_addr, at->ai_addrlen) || listen(fd, BACKLOG)) {
		close_keeping_errno(fd);
		return -1;
	}
	return fd;
}

int dial_finish(int fd)
{
	socklen_t size = sizeof(int);
	int err;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size))
		return errno;
	return err;
}

enum dial_mptcp dial_kind(int fd)
{
	struct mptcp_info info = { 0 };
	socklen_t size = sizeof(int);
	int protocol;

	if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) ||
	    protocol != IPPROTO_MPTCP)
		return DIAL_TCP;
	/* what fell back has the options of TCP alone */
	size = sizeof(info);
	if (getsockopt(fd, SOL_MPTCP, MPTCP_INFO, &info, &size) ||
	    info.mptcpi_flags & MPTCP_INFO_FLAG_FALLBACK)
		return DIAL_FALLBACK;
	return DIAL_MPTCP;
}

void dial_address(const struct addrinfo *info, struct address *address)
{
	struct sockaddr_storage from = { 0 };

	memset(address, 0, sizeof(*address));
	memcpy(&from, info->ai_addr, info->ai_addrlen);
	address_read(address, &from);
}

const char *dial_text(const struct address *address, char *buffer)
{
	return address->family ? address_port_text(address, buffer) :
	       "an unknown address";
}
