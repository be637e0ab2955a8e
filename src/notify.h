/* SPDX-License-Identifier: GPL-2.0 */
/* Telling userspace what happened to a peer. */
#ifndef _OVPN_NOTIFY_H_
#define _OVPN_NOTIFY_H_

#include <linux/types.h>

#include "uapi/linux/ovpn_dco_mptcp.h"

struct genl_family;
struct net;
struct nlattr;
struct ovpn_door;
struct ovpn_endpoint;
struct ovpn_peer;
struct sk_buff;

void ovpn_notify_peer_del(const struct ovpn_peer *peer,
			  enum ovpn_mptcp_del_reason reason);
void ovpn_notify_key_swap(const struct ovpn_peer *peer, u8 key_id);
void ovpn_notify_peer_float(const struct ovpn_peer *peer,
			    const struct ovpn_endpoint *outer);

/**
 * struct ovpn_notify - a notification that is being written
 * @family: whose first multicast group gets it
 * @net: where, with a reference
 * @msg: the message, for the content of the nest
 * @hdr: its header
 * @nest: the nest that is open
 */
struct ovpn_notify {
	const struct genl_family *family;
	struct net *net;
	struct sk_buff *msg;
	void *hdr;
	struct nlattr *nest;
};

bool ovpn_notify_begin(struct ovpn_notify *ntf, const struct ovpn_door *door,
		       const struct ovpn_peer *peer, u8 cmd, int nest,
		       size_t size);
void ovpn_notify_end(struct ovpn_notify *ntf, bool complete);

#endif /* _OVPN_NOTIFY_H_ */
