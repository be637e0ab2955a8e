/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Neighbours that do not say where they are, by rtnetlink. */
#ifndef NEIGHBOURS_H
#define NEIGHBOURS_H

#include "base/address.h"
#include "base/message.h"

/**
 * struct neighbour - a host on a link
 * @address: of it
 * @index: of the interface
 */
struct neighbour {
	struct address address;
	int index;
};

struct neighbours {
	struct neighbour *items;
	size_t count;
};

/* Those that were asked for their link address (ARP, IPv6 neighbour discovery),
 * and have not answered. Says what the kernel refused.
 */
enum status neighbours_load_lost(struct neighbours *neighbours);

#endif /* NEIGHBOURS_H */
