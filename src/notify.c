// SPDX-License-Identifier: GPL-2.0
/* Telling userspace what happened to a peer: to which doors, where, and how. */

#include <linux/rwsem.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "dev.h"
#include "netlink.h"
#include "notify.h"
#include "origin.h"
#include "peer.h"
#include "sock.h"

/* Whether news of a peer go through a door: that of its device, and the native
 * one, which shows all devices. Caller holds ovpn_doors_lock.
 */
static bool concerns(const struct ovpn_door *door, const struct ovpn_peer *peer)
{
	return door->open &&
	       (door == &ovpn_door_native || door == peer->ovpn->door);
}

/**
 * ovpn_notify_peer_del - tell userspace that a peer is gone
 * @peer: the peer
 * @reason: why
 *
 * Process context under ovpn_dev.lock; may sleep.
 */
void ovpn_notify_peer_del(const struct ovpn_peer *peer,
			  enum ovpn_mptcp_del_reason reason)
{
	int i;

	down_read(&ovpn_doors_lock);
	for (i = 0; i < ARRAY_SIZE(ovpn_doors); i++) {
		const struct ovpn_door *door = ovpn_doors[i];

		if (concerns(door, peer))
			door->notify_peer_del(door, peer, reason);
	}
	up_read(&ovpn_doors_lock);
}

/**
 * ovpn_notify_key_swap - tell userspace that a key is used up
 * @peer: the peer, with a reference
 * @key_id: the key that can send no more packet
 *
 * Process context; may sleep.
 */
void ovpn_notify_key_swap(const struct ovpn_peer *peer, u8 key_id)
{
	int i;

	down_read(&ovpn_doors_lock);
	for (i = 0; i < ARRAY_SIZE(ovpn_doors); i++) {
		const struct ovpn_door *door = ovpn_doors[i];

		if (concerns(door, peer) && door->notify_key_swap)
			door->notify_key_swap(door, peer, key_id);
	}
	up_read(&ovpn_doors_lock);
}

/**
 * ovpn_notify_peer_float - tell userspace that a peer has moved
 * @peer: the peer
 * @outer: where it is now
 *
 * Process context under ovpn_dev.lock; may sleep.
 */
void ovpn_notify_peer_float(const struct ovpn_peer *peer,
			    const struct ovpn_endpoint *outer)
{
	int i;

	down_read(&ovpn_doors_lock);
	for (i = 0; i < ARRAY_SIZE(ovpn_doors); i++) {
		const struct ovpn_door *door = ovpn_doors[i];

		if (concerns(door, peer) && door->notify_peer_float)
			door->notify_peer_float(door, peer, outer);
	}
	up_read(&ovpn_doors_lock);
}

/* Where a notification about a peer goes to, with a reference, or NULL when
 * it has no listener. The peer has its socket still.
 */
static struct net *get_listeners(const struct ovpn_door *door,
				 const struct ovpn_peer *peer)
{
	struct net *net = door->follows_socket ? ovpn_sock_get_net(peer) :
						 ovpn_dev_get_net(peer->ovpn);

	if (net && !genl_has_listeners(door->family, net, 0)) {
		put_net(net);
		net = NULL;
	}
	return net;
}

/**
 * ovpn_notify_begin - begin a notification about a peer
 * @ntf: what ovpn_notify_end() needs
 * @door: where to
 * @peer: the peer, which has its socket still
 * @cmd: number of the notification
 * @nest: attribute that its content is in, which is open afterwards
 * @size: bytes that the content takes, attribute headers included. No more is
 *	  allocated: a burst of notifications must fit in the receive buffer of a
 *	  daemon.
 *
 * Process context; may sleep.
 *
 * Return: false without a listener or memory: nothing is to be ended then
 */
bool ovpn_notify_begin(struct ovpn_notify *ntf, const struct ovpn_door *door,
		       const struct ovpn_peer *peer, u8 cmd, int nest,
		       size_t size)
{
	ntf->family = door->family;
	ntf->net = get_listeners(door, peer);
	if (!ntf->net)
		return false;
	ntf->msg = genlmsg_new(nla_total_size(sizeof(u32)) +
			       nla_total_size(size), GFP_KERNEL);
	if (!ntf->msg)
		goto err_net;
	ntf->hdr = genlmsg_put(ntf->msg, 0, 0, ntf->family, 0, cmd);
	/* the number of this attribute is the same in all families */
	if (!ntf->hdr || nla_put_u32(ntf->msg, OVPN_MPTCP_A_IFINDEX,
				     ovpn_origin_index(peer->ovpn, ntf->net)))
		goto err_msg;
	ntf->nest = nla_nest_start(ntf->msg, nest);
	if (ntf->nest)
		return true;

err_msg:
	nlmsg_free(ntf->msg);
err_net:
	put_net(ntf->net);
	return false;
}

/**
 * ovpn_notify_end - send a notification
 * @ntf: from ovpn_notify_begin()
 * @complete: otherwise it is thrown away
 *
 * Process context; may sleep.
 */
void ovpn_notify_end(struct ovpn_notify *ntf, bool complete)
{
	if (complete) {
		nla_nest_end(ntf->msg, ntf->nest);
		genlmsg_end(ntf->msg, ntf->hdr);
		genlmsg_multicast_netns(ntf->family, ntf->net, ntf->msg, 0, 0,
					GFP_KERNEL);
	} else {
		nlmsg_free(ntf->msg);
	}
	put_net(ntf->net);
}
