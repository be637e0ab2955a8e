/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which way a packet would go, by rtnetlink. */
#ifndef EGRESS_H
#define EGRESS_H

#include "model.h"

/**
 * struct egress - the way of a packet
 * @error: errno of the kernel: ENETUNREACH and so on when there is none
 * @index: of the interface it would leave through
 */
struct egress {
	int error;
	int index;
};

/* @from: its source address; @device: index of the interface that its socket
 * is bound to, or 0. Returns false when the kernel could not be asked.
 */
bool egress_ask(struct egress *egress, const struct address *to,
		const struct address *from, int device);

#endif /* EGRESS_H */
