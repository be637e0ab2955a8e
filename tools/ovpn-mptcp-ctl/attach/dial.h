/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stream sockets, MPTCP where there is any: connect, listen. */
#ifndef DIAL_H
#define DIAL_H

#include <netdb.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "attach/config.h"
#include "attach/ways.h"

/**
 * enum dial_mptcp - what a socket is
 * @DIAL_MPTCP: MPTCP
 * @DIAL_FALLBACK: began as MPTCP and goes on as TCP
 * @DIAL_TCP: TCP
 */
enum dial_mptcp {
	DIAL_MPTCP,
	DIAL_FALLBACK,
	DIAL_TCP,
};

#define DIAL_TEXT_SIZE	(ADDRESS_SIZE + 16)

/* Addresses of this host to listen at, to be freed by freeaddrinfo(). Waits for
 * the name servers. Returns 0, or an EAI_ code with @error set.
 */
int dial_resolve(const struct config_host *host, struct addrinfo **found,
		 const char **error);

/* Whether that EAI_ code says that the name can have no such address, rather
 * than that it has none now.
 */
bool dial_never_resolves(int err);

/* Whether this kernel has IPv6. */
bool dial_has_ipv6(void);

/* Whether sockets can be MPTCP in this kernel and network namespace. */
bool dial_has_mptcp(void);

/* A connection that is under way, or a socket that listens; -1 with errno set.
 * Never blocks. @mptcp: or plain TCP. @mark: see dial_mark()
 */
int dial_begin(const struct address *to, const struct way *way, bool mptcp,
	       uint32_t mark);
int dial_listen(const struct addrinfo *at, bool mptcp);
/* When poll() says that it is writable: 0 or the errno of the attempt. */
int dial_finish(int fd);

/* Whether a connection can begin at this address now. */
bool dial_is_own(const struct address *local);

/* Gives a socket and the paths that it has, and will have, a mark, or none: 0.
 * Returns 0, or -1 with errno set.
 */
int dial_mark(int fd, uint32_t mark);

enum dial_mptcp dial_kind(int fd);
/* Address and port. Returns @buffer, of DIAL_TEXT_SIZE bytes. */
const char *dial_text(const struct address *address, char *buffer);
void dial_address(const struct addrinfo *info, struct address *address);

#endif /* DIAL_H */
