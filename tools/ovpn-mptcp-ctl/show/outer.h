/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The outer addresses of a UDP peer, as the words of a command have them. */
#ifndef OUTER_H
#define OUTER_H

#include "cli/command.h"
#include "kernel/netlink.h"

/**
 * struct outer - where datagrams of a peer go and come from
 * @remote: of no family: not to be said
 * @scope: index of the interface of a link-local @remote, or 0
 * @local: of no family: as the route says
 */
struct outer {
	struct address remote;
	uint32_t scope;
	struct address local;
};

/* The words remote and local. @fd: socket of the new peer, -1 for a peer that
 * has one. A UDP socket that is connected says itself where the other end is.
 */
enum status outer_read(struct outer *outer, const struct request *request,
		       int fd);
/* To the nest OVPN_MPTCP_A_PEER of a request. */
void outer_add(struct nl_msg *msg, const struct outer *outer);

#endif /* OUTER_H */
