/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets of this network namespace, by sock_diag. */
#ifndef SOCKDIAG_H
#define SOCKDIAG_H

#include <linux/inet_diag.h>

#include "kernel/netlink.h"

/* A message of the list that is a socket; NULL for other ones. */
const struct inet_diag_msg *sockdiag_parse(const struct nlmsghdr *message,
					   struct nlattr **tb);
/* Calls @handler for each socket of @protocol, IPPROTO_TCP or IPPROTO_UDP, and
 * of either family. @states: bits of TCP states; @ext: INET_DIAG_x that are
 * wanted, each as the bit below its number. Returns 0, or the errno of the
 * kernel; see netlink_talk(). ENOENT: it cannot list that protocol.
 */
int sockdiag_list(struct netlink *nl, int protocol, uint32_t states,
		  uint8_t ext, netlink_handler handler, void *arg);

#endif /* SOCKDIAG_H */
