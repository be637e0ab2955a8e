/* SPDX-License-Identifier: GPL-2.0 */
/* How much a stream socket may be given now, by the TCP sockets below it. */
#ifndef _OVPN_ROOM_H_
#define _OVPN_ROOM_H_

#include "path.h"

struct ovpn_peer;
struct socket;

/* more than the kernel lets a connection have (net.mptcp limits: 8 and the first) */
#define OVPN_ROOM_PATHS_MAX	16

/**
 * struct ovpn_room - what decides how much a socket may be given
 * @path: the subflows that are known, each with a reference
 * @count: how many
 * @expected: how many there were to be when they were looked for
 * @is_open: the owner has not chosen a congestion control
 * @is_narrow: the receive buffer was not made large when the stream was attached
 * @has_silent: some path does not answer: the writer is to look again soon
 * @last_empty: jiffies: when everything that was written had arrived
 * @next_look: jiffies: when to see whether that changed
 * @next_search: jiffies: when to search, should it not have changed
 * @next_push: jiffies: when to write in spite of the window, see window_room()
 * @round_us: the longest round trip of a path, in microseconds
 * @pause: jiffies from one such search to the next one
 *
 * Only the writer of the stream touches it while that may run.
 */
struct ovpn_room {
	struct ovpn_path path[OVPN_ROOM_PATHS_MAX];
	unsigned int count;
	unsigned int expected;
	bool is_open;
	bool is_narrow;
	bool has_silent;
	unsigned long last_empty;
	unsigned long next_look;
	unsigned long next_search;
	unsigned long pause;
	unsigned long next_push;
	u32 round_us;
};

void ovpn_room_init(struct ovpn_room *room,
		    const struct proto_ops *ops);
u32 ovpn_room_tcp(struct ovpn_room *room, struct socket *sock,
		  const struct ovpn_peer *peer);
u32 ovpn_room_mptcp(struct ovpn_room *room, struct socket *sock,
		    const struct ovpn_peer *peer);
void ovpn_room_rest(struct ovpn_room *room, struct socket *sock);
void ovpn_room_forget(struct ovpn_room *room, struct socket *sock);

#endif /* _OVPN_ROOM_H_ */
