/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which way a packet would go, by rtnetlink. */
#ifndef EGRESS_H
#define EGRESS_H

#include "base/model.h"

/* SO_MARK of sockets that leave beside a tunnel of attach that is the gateway. */
#define EGRESS_MARK	1194000

/**
 * struct egress - the way of a packet
 * @error: errno of the kernel: ENETUNREACH and so on when there is none
 * @index: of the interface it would leave through
 * @source: of egress_udp(): the address that it would come from
 */
struct egress {
	int error;
	int index;
	struct address source;
};

/**
 * struct udp_flow - datagrams that a socket sends
 * @to: their destination
 * @from: their source; any: as the route says
 * @device: index of the interface that they must leave through, or 0
 * @mark: of the socket
 */
struct udp_flow {
	struct address to;
	struct address from;
	int device;
	uint32_t mark;
};

/* @from: its source address; @device: index of the interface that its socket
 * is bound to, or 0. Returns false when the kernel could not be asked.
 */
bool egress_ask(struct egress *egress, const struct address *to,
		const struct address *from, int device);
/* The same of datagrams. */
bool egress_udp(struct egress *egress, const struct udp_flow *flow);

/* An address without an owner: good to ask for the usual way out. */
void egress_far(struct address *address, int family);

#endif /* EGRESS_H */
