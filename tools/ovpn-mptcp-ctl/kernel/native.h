/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The family ovpn-dco-mptcp: requests and what comes back. */
#ifndef NATIVE_H
#define NATIVE_H

#include <netlink/attr.h>

#include "base/model.h"
#include "kernel/netlink.h"

/**
 * struct native - a conversation with the module
 * @netlink: socket
 * @family: of the module
 */
struct native {
	struct netlink netlink;
	struct netlink_family family;
};

/* STATUS_NO_MODULE when the family is not there; says so. */
enum status native_open(struct native *native);
void native_close(struct native *native);

/* A request about a device; what belongs to @nest (OVPN_MPTCP_A_PEER or
 * OVPN_MPTCP_A_KEYCONF) is added behind, then native_send().
 */
struct nl_msg *native_request(const struct native *native, int command,
			      int ifindex, int nest, struct nlattr **start);
/* Returns 0 or the errno of the kernel; see netlink_talk(). */
int native_send(struct native *native, struct nl_msg *msg,
		struct nlattr *start, netlink_handler handler, void *arg);

/* Where the other end of a UDP peer is, from the attributes OVPN_MPTCP_A_PEER_x;
 * @remote is of no family when they do not tell.
 */
void native_parse_remote(struct nlattr **tb, struct address *remote,
			 uint32_t *scope);

/* Each returns 0 or an errno. Peers are added to the list. */
int native_peers(struct native *native, int ifindex, struct peers *peers);
int native_peer(struct native *native, int ifindex, uint32_t id,
		struct peers *peers);
int native_key(struct native *native, int ifindex, uint32_t peer, uint32_t slot,
	       struct key *key);

#endif /* NATIVE_H */
