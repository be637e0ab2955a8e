/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notifications of the module and of MPTCP's path manager, one at a time. */
#ifndef WATCH_H
#define WATCH_H

#include "kernel/native.h"

/**
 * enum watch_event - what happened
 * @WATCH_NOTHING: nothing more for now
 * @WATCH_PEER_DEL: a peer went or died; @reason says why
 * @WATCH_KEY_USED_UP: the packet ids of a key are used up
 * @WATCH_PATHS: a path came or went, of whatever connection
 * @WATCH_LOST: more happened than could be told
 */
enum watch_event {
	WATCH_NOTHING,
	WATCH_PEER_DEL,
	WATCH_KEY_USED_UP,
	WATCH_PATHS,
	WATCH_LOST,
};

/**
 * struct watch_news - an event
 * @event: what; the rest is for events of the module
 * @ifindex: of the device
 * @peer: id
 * @reason: enum ovpn_mptcp_del_reason
 */
struct watch_news {
	enum watch_event event;
	int ifindex;
	uint32_t peer;
	uint32_t reason;
};

/**
 * struct watch - two sockets that listen
 * @module: to the module
 * @paths: to the path manager; without a socket where there is no MPTCP
 * @news: that was read last
 */
struct watch {
	struct netlink module;
	struct netlink paths;
	struct watch_news news;
};

/* @native: an open conversation. Says what the kernel refused. */
enum status watch_open(struct watch *watch, struct native *native);
void watch_close(struct watch *watch);
/* Does not wait. Returns what is in @watch->news. */
enum watch_event watch_next(struct watch *watch);

#endif /* WATCH_H */
