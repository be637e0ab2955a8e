/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One request at a time over libnl, with the kernel's own errors. */
#ifndef NETLINK_H
#define NETLINK_H

#include <netlink/netlink.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/message.h"

/**
 * struct netlink - a netlink socket
 * @sock: of libnl
 * @error: errno of the last request as the kernel gave it
 * @text: what the kernel said about it, or empty
 * @interrupted: the last dump is inconsistent: something changed meanwhile
 * @done: the answer is complete
 */
struct netlink {
	struct nl_sock *sock;
	int error;
	char text[256];
	bool interrupted;
	bool done;
};

typedef void (*netlink_handler)(const struct nlmsghdr *message, void *arg);

enum status netlink_open(struct netlink *nl, int protocol);
void netlink_close(struct netlink *nl);

/* An empty request; the message of an allocation that failed is never seen. */
struct nl_msg *netlink_request(int type, int flags);
struct nl_msg *netlink_genl_request(int family, int version, int command, int flags);
void netlink_add(struct nl_msg *msg, int type, const void *data, size_t size);
void netlink_add_u32(struct nl_msg *msg, int type, uint32_t value);
struct nlattr *netlink_nest(struct nl_msg *msg, int type);
void netlink_add_header(struct nl_msg *msg, const void *header, size_t size);

/* Sends a request, calls @handler for each answer, waits for the end. The
 * request is overwritten and freed. Returns 0, or the errno of the kernel.
 */
int netlink_talk(struct netlink *nl, struct nl_msg *msg, netlink_handler handler, void *arg);

/* Sends two requests in one datagram: the kernel has done both, or refused them,
 * when the system call returns, so nothing that happens to this process can
 * come between. Both are freed. The errno of each goes to @errors; nl->error
 * and nl->text belong to the second.
 */
void netlink_talk_pair(struct netlink *nl, struct nl_msg *first,
		       struct nl_msg *second, int errors[2]);

/* Says what the kernel said. */
__attribute__((format(printf, 2, 3)))
enum status netlink_refused(const struct netlink *nl, const char *format, ...);

/**
 * struct netlink_family - a generic netlink family
 * @id: number
 * @group: number of the multicast group that was asked for, or 0
 */
struct netlink_family {
	int id;
	uint32_t group;
};

/* @group: name, or NULL. Returns 0 or an errno; ENOENT: there is none. */
int netlink_family_find(struct netlink *nl, const char *name, const char *group,
		   struct netlink_family *family);

/* Makes a socket that is open, or is opened for @protocol, hear these multicast
 * groups; it does not wait then. Says what the kernel refused.
 */
enum status netlink_listen(struct netlink *nl, int protocol, const int *groups,
			   size_t count);

/* Calls @seen for each family that is registered; unlike a search for one of
 * them, this makes the kernel load no module. Returns 0 or an errno.
 */
int netlink_families(struct netlink *nl,
		     void (*seen)(const char *name, void *arg), void *arg);

/* The value of an integer of any width; of the host's byte order. */
uint64_t netlink_uint(const struct nlattr *attr);

#endif /* NETLINK_H */
