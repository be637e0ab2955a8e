/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way of a UDP peer: its socket, by sock_diag, and the route. */
#ifndef UDP_PATH_H
#define UDP_PATH_H

#include "base/message.h"
#include "kernel/links.h"

/**
 * struct udp_socket - a UDP socket
 * @local: address and port that it is bound to
 * @device: index of the interface that it is bound to, or 0
 * @mark: of its datagrams
 */
struct udp_socket {
	struct address local;
	int device;
	uint32_t mark;
};

/**
 * struct udp_sockets - of this network namespace
 * @items: sockets
 * @count: how many
 * @loaded: they were asked for; a kernel that cannot list them has none
 */
struct udp_sockets {
	struct udp_socket *items;
	size_t count;
	bool loaded;
};

/* Adds the path of a peer that has a remote address. What is not known for
 * sure stays empty: local address and device. @sockets: read when they are
 * needed for the first time; the caller frees the items.
 */
enum status udp_path_of_peer(struct udp_sockets *sockets,
			     const struct links *links, struct peer *peer);

#endif /* UDP_PATH_H */
