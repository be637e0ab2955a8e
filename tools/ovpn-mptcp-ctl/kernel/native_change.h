/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The family ovpn-dco-mptcp: changes of a peer and its keys. */
#ifndef NATIVE_CHANGE_H
#define NATIVE_CHANGE_H

#include "base/keyfile.h"
#include "kernel/native.h"

/**
 * struct native_peer_config - a new peer of a device for one peer
 * @id: in the packets of both directions
 * @fd: connected stream socket
 * @interval: of keepalive pings, seconds, 0 is never
 * @timeout: of the keepalive, seconds, 0 is never
 */
struct native_peer_config {
	uint32_t id;
	int fd;
	uint32_t interval;
	uint32_t timeout;
};

/* Each returns 0 or the errno of the kernel; see netlink_talk(). */
int native_peer_new(struct native *native, int ifindex,
		    const struct native_peer_config *config);
/* Seconds, 0 is never. */
int native_peer_keepalive(struct native *native, int ifindex, uint32_t id,
			  uint32_t interval, uint32_t timeout);
int native_peer_del(struct native *native, int ifindex, uint32_t id);
/* Gives a peer, alive or dead, another connected socket of this process. When
 * it is refused, the peer and its old socket are as before.
 */
int native_peer_set_sock(struct native *native, int ifindex, uint32_t id,
			 int fd);
/* @key: present does not matter */
int native_key_new(struct native *native, int ifindex, const struct key *key,
		   const struct keyfile *bytes);
int native_key_swap(struct native *native, int ifindex, uint32_t peer);
int native_key_del(struct native *native, int ifindex, uint32_t peer,
		   uint32_t slot);

#endif /* NATIVE_CHANGE_H */
