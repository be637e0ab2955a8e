// SPDX-License-Identifier: GPL-2.0
#include <linux/netlink.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "compat.h"
#include "dev.h"
#include "main.h"
#include "netlink.h"
#include "peer.h"
#include "sock.h"
#include "stream.h"

static void free_work(struct work_struct *work)
{
	struct ovpn_peer *peer = container_of(to_rcu_work(work),
					      struct ovpn_peer, free);
	struct net_device *dev = peer->ovpn->dev;

	__skb_queue_purge(&peer->segments);
	ovpn_queue_destroy(&peer->queue);
	ovpn_keyring_purge(&peer->keys);
	ovpn_stream_put(peer->stream);
	netdev_put(dev, &peer->dev_tracker);
	kfree(peer);
}

/**
 * ovpn_peer_release - the last reference is gone
 * @ref: part of the peer
 *
 * Any context: the rest is done in process context after an RCU period.
 */
void ovpn_peer_release(struct kref *ref)
{
	struct ovpn_peer *peer = container_of(ref, struct ovpn_peer, ref);

	queue_rcu_work(ovpn_wq, &peer->free);
}

/* Takes a peer out of what its state makes it part of; userspace is told if it
 * was live. Returns true if the caller now owns the reference of the tables.
 */
static bool unlink_peer(struct ovpn_peer *peer, enum ovpn_peer_state state,
			enum ovpn_mptcp_del_reason reason)
{
	struct ovpn_struct *ovpn = peer->ovpn;
	bool live = peer->state == OVPN_PEER_LIVE;

	lockdep_assert_held(&ovpn->lock);

	if (peer->state == OVPN_PEER_GONE || peer->state == state)
		return false;
	ovpn_table_remove_addrs(ovpn, peer);
	if (rcu_access_pointer(ovpn->p2p) == peer) {
		RCU_INIT_POINTER(ovpn->p2p, NULL);
		ovpn_dev_carrier(ovpn, false);
	}
	WRITE_ONCE(peer->state, state);
	if (live)
		ovpn_netlink_notify_peer_del(peer, reason);
	if (state != OVPN_PEER_GONE)
		return false;
	ovpn_table_remove_id(ovpn, peer);
	return true;
}

/* Process context, no lock held: waits for everything that works for the peer.
 * Harmless when it was done before.
 */
static void stop_peer(struct ovpn_peer *peer)
{
	might_sleep();
	ovpn_queue_close(&peer->queue);
	ovpn_keepalive_stop(peer);
	ovpn_sock_detach(peer);
	ovpn_early_stop(&peer->early);
}

/* Removes a peer for good. Returns false if it was gone already. */
static bool remove_peer(struct ovpn_peer *peer,
			enum ovpn_mptcp_del_reason reason)
{
	struct ovpn_struct *ovpn = peer->ovpn;
	bool removed;

	mutex_lock(&ovpn->lock);
	removed = unlink_peer(peer, OVPN_PEER_GONE, reason);
	mutex_unlock(&ovpn->lock);
	if (!removed)
		return false;
	stop_peer(peer);
	ovpn_peer_put(peer);
	return true;
}

static void death_work(struct work_struct *work)
{
	struct ovpn_peer *peer = container_of(work, struct ovpn_peer, death);

	mutex_lock(&peer->ovpn->lock);
	if (peer->state == OVPN_PEER_LIVE) {
		unlink_peer(peer, OVPN_PEER_DEAD, peer->death_reason);
		mutex_unlock(&peer->ovpn->lock);
		stop_peer(peer);
	} else {
		mutex_unlock(&peer->ovpn->lock);
	}
	ovpn_peer_put(peer);
}

static struct ovpn_peer *peer_alloc(struct ovpn_struct *ovpn,
				    const struct ovpn_peer_config *cfg)
{
	struct ovpn_peer *peer = kzalloc(sizeof(*peer), GFP_KERNEL);

	if (!peer)
		return NULL;
	if (ovpn_queue_init(&peer->queue, &peer->drops)) {
		kfree(peer);
		return NULL;
	}
	peer->ovpn = ovpn;
	netdev_hold(ovpn->dev, &peer->dev_tracker, GFP_KERNEL);
	peer->id = cfg->id;
	peer->tx_id = cfg->tx_id;
	peer->state = OVPN_PEER_NEW;
	peer->vpn4.peer = peer;
	if (cfg->vpn4)
		ipv6_addr_set_v4mapped(cfg->vpn4, &peer->vpn4.addr);
	peer->vpn6.peer = peer;
	peer->vpn6.addr = cfg->vpn6;
	ovpn_keyring_init(&peer->keys);
	ovpn_early_init(&peer->early, &peer->drops);
	__skb_queue_head_init(&peer->segments);
	ovpn_keepalive_init(&peer->keepalive);
	INIT_WORK(&peer->death, death_work);
	kref_init(&peer->ref);
	INIT_RCU_WORK(&peer->free, free_work);
	return peer;
}

/* The peer that stands in the way of a new one: in MP mode a dead one with the
 * same id, in P2P mode any, but a live one only if it owns the new one's
 * socket; the others go when the new one is ready.
 */
static struct ovpn_peer *obstacle(struct ovpn_struct *ovpn,
				  const struct ovpn_peer_config *cfg)
{
	bool mp = ovpn->mode == OVPN_MPTCP_MODE_MP;
	unsigned long id = mp ? cfg->id : 0;
	struct ovpn_peer *old = ovpn_table_get_next(ovpn, &id);

	if (!old)
		return NULL;
	if (mp ? old->id == cfg->id && READ_ONCE(old->state) == OVPN_PEER_DEAD :
		 READ_ONCE(old->state) == OVPN_PEER_DEAD ||
		 ovpn_sock_carries(cfg->fd, old))
		return old;
	ovpn_peer_put(old);
	return NULL;
}

/* In MP mode a peer takes its place before the socket is touched, so that
 * nothing can fail afterwards. In P2P mode only a slot is made sure of: the
 * old peer stays until the new one is complete.
 */
static int reserve(struct ovpn_struct *ovpn, struct ovpn_peer *peer,
		   struct netlink_ext_ack *extack)
{
	int err;

	mutex_lock(&ovpn->lock);
	if (ovpn->gone) {
		NL_SET_ERR_MSG(extack, "the device is being deleted");
		err = -ENODEV;
	} else if (ovpn->mode == OVPN_MPTCP_MODE_MP) {
		err = ovpn_table_add(ovpn, peer, extack);
	} else {
		err = xa_reserve(&ovpn->peers, peer->id, GFP_KERNEL);
	}
	mutex_unlock(&ovpn->lock);
	return err;
}

static void unreserve(struct ovpn_struct *ovpn, struct ovpn_peer *peer)
{
	if (ovpn->mode == OVPN_MPTCP_MODE_MP)
		remove_peer(peer, OVPN_MPTCP_DEL_REASON_TEARDOWN);
	else
		xa_release(&ovpn->peers, peer->id);
}

/* The peer has its socket: let the packets in. In P2P mode the peer that it
 * replaces, if any, is returned with the reference of the tables.
 */
static int activate(struct ovpn_struct *ovpn, struct ovpn_peer *peer,
		    const struct ovpn_peer_config *cfg,
		    struct ovpn_peer **replaced)
{
	struct ovpn_peer *old;
	unsigned long id = 0;
	int err = 0;

	*replaced = NULL;
	mutex_lock(&ovpn->lock);
	if (ovpn->gone) {
		err = -ENODEV;
		goto out;
	}
	if (ovpn->mode == OVPN_MPTCP_MODE_P2P) {
		old = xa_find(&ovpn->peers, &id, ULONG_MAX, XA_PRESENT);
		if (old && unlink_peer(old, OVPN_PEER_GONE,
				       OVPN_MPTCP_DEL_REASON_TEARDOWN))
			*replaced = old;
		err = xa_err(xa_store(&ovpn->peers, peer->id, peer,
				      GFP_KERNEL));
		if (err)
			goto out;
	}
	WRITE_ONCE(peer->state, OVPN_PEER_LIVE);
	ovpn_queue_open(&peer->queue);
	if (ovpn->mode == OVPN_MPTCP_MODE_P2P) {
		rcu_assign_pointer(ovpn->p2p, peer);
		ovpn_dev_carrier(ovpn, true);
	}
	ovpn_keepalive_set(peer, cfg->interval, cfg->timeout);
out:
	mutex_unlock(&ovpn->lock);
	return err;
}

/**
 * ovpn_peer_new - create a peer on a socket
 * @ovpn: the device
 * @cfg: what the door understood
 * @extack: says what to do about a refusal
 *
 * In P2P mode an existing peer is replaced (its removal is notified with
 * reason TEARDOWN before this returns). On failure the socket is left as it
 * was. Process context, no lock held.
 *
 * Return: 0, -EEXIST (id in use), -EADDRINUSE (VPN address in use), -ENODEV
 * (device is going), -ENOMEM, or why the socket was refused, see
 * ovpn_sock_attach()
 */
int ovpn_peer_new(struct ovpn_struct *ovpn, const struct ovpn_peer_config *cfg,
		  struct netlink_ext_ack *extack)
{
	struct ovpn_peer *peer, *old;
	int err;

	old = obstacle(ovpn, cfg);
	if (old) {
		remove_peer(old, OVPN_MPTCP_DEL_REASON_TEARDOWN);
		ovpn_peer_put(old);
	}
	peer = peer_alloc(ovpn, cfg);
	if (!peer)
		return -ENOMEM;
	/* the reference of the allocation becomes that of the tables */
	ovpn_peer_hold(peer);
	err = reserve(ovpn, peer, extack);
	if (err) {
		ovpn_peer_put(peer);
		goto put;
	}
	err = ovpn_sock_attach(peer, cfg->fd, extack);
	if (err) {
		unreserve(ovpn, peer);
		if (ovpn->mode == OVPN_MPTCP_MODE_P2P)
			ovpn_peer_put(peer);
		goto put;
	}
	err = activate(ovpn, peer, cfg, &old);
	if (old) {
		stop_peer(old);
		ovpn_peer_put(old);
	}
	if (err) {
		stop_peer(peer);
		unreserve(ovpn, peer);
		if (ovpn->mode == OVPN_MPTCP_MODE_P2P)
			ovpn_peer_put(peer);
		goto put;
	}
	ovpn_sock_start(peer);
put:
	ovpn_peer_put(peer);
	return err;
}

/**
 * ovpn_peer_set_addrs - change the VPN addresses of a peer
 * @peer: the peer
 * @vpn4: new IPv4 address, 0 to clear it, NULL to leave it
 * @vpn6: new IPv6 address, :: to clear it, NULL to leave it
 * @extack: says what to do about a refusal
 *
 * Return: 0, -EINVAL (no address would be left), -EADDRINUSE, -ENOMEM, -ENOENT
 * (the peer is gone). Then nothing has changed.
 */
int ovpn_peer_set_addrs(struct ovpn_peer *peer, const __be32 *vpn4,
			const struct in6_addr *vpn6,
			struct netlink_ext_ack *extack)
{
	struct ovpn_struct *ovpn = peer->ovpn;
	struct in6_addr new4, new6, old4;
	int err = -ENOENT;

	mutex_lock(&ovpn->lock);
	if (peer->state != OVPN_PEER_LIVE)
		goto out;
	old4 = peer->vpn4.addr;
	new4 = old4;
	new6 = vpn6 ? *vpn6 : peer->vpn6.addr;
	if (vpn4) {
		memset(&new4, 0, sizeof(new4));
		if (*vpn4)
			ipv6_addr_set_v4mapped(*vpn4, &new4);
	}
	if (ipv6_addr_any(&new4) && ipv6_addr_any(&new6)) {
		NL_SET_ERR_MSG(extack, "a peer needs at least one VPN address");
		err = -EINVAL;
		goto out;
	}
	err = ovpn_table_rehash(ovpn, &peer->vpn4, &new4, extack);
	if (err)
		goto out;
	err = ovpn_table_rehash(ovpn, &peer->vpn6, &new6, extack);
	if (err)
		ovpn_table_rehash(ovpn, &peer->vpn4, &old4, NULL);
out:
	mutex_unlock(&ovpn->lock);
	return err;
}

/**
 * ovpn_peer_key_new - put a new key in a slot of a peer
 * @peer: the peer
 * @cfg: the key
 * @extack: says what to do about a refusal
 *
 * Packets that came before the key are looked at again. Process context, no
 * lock held.
 *
 * Return: see ovpn_keyring_install()
 */
int ovpn_peer_key_new(struct ovpn_peer *peer, const struct ovpn_key_config *cfg,
		      struct netlink_ext_ack *extack)
{
	int err = ovpn_keyring_install(&peer->keys, cfg, extack);

	/* Also when none seem to wait: one may be on its way into the list. */
	if (!err)
		ovpn_sock_start(peer);
	return err;
}

/**
 * ovpn_peer_set_keepalive - change both timers of a peer
 * @peer: the peer
 * @interval: seconds, 0 = never ping
 * @timeout: seconds, 0 = never expire
 */
void ovpn_peer_set_keepalive(struct ovpn_peer *peer, u32 interval, u32 timeout)
{
	mutex_lock(&peer->ovpn->lock);
	ovpn_keepalive_set(peer, interval, timeout);
	mutex_unlock(&peer->ovpn->lock);
}

/**
 * ovpn_peer_del - remove a peer
 * @peer: the peer; the caller keeps its own reference
 * @reason: what userspace is told, unless it was told before
 *
 * Process context, no lock held. Userspace is told before this returns, and
 * nothing works for the peer any more.
 *
 * Return: 0, or -ENOENT if somebody else removed it
 */
int ovpn_peer_del(struct ovpn_peer *peer, enum ovpn_mptcp_del_reason reason)
{
	return remove_peer(peer, reason) ? 0 : -ENOENT;
}

/**
 * ovpn_peer_die - the transport or the keepalive found the peer dead
 * @peer: the peer; the caller has it by a reference or by being its worker
 * @reason: what userspace is told
 *
 * Any context. The peer stays known by its id until userspace lets it go.
 */
void ovpn_peer_die(struct ovpn_peer *peer, enum ovpn_mptcp_del_reason reason)
{
	ovpn_peer_hold(peer);
	WRITE_ONCE(peer->death_reason, reason);
	if (!queue_work(ovpn_wq, &peer->death))
		ovpn_peer_put(peer);
}

/**
 * ovpn_peer_expired - whether a peer died of silence
 * @peer: a peer whose socket is being detached, or NULL
 *
 * Return: true if the keepalive ended it
 */
bool ovpn_peer_expired(const struct ovpn_peer *peer)
{
	return peer && READ_ONCE(peer->state) == OVPN_PEER_DEAD &&
	       READ_ONCE(peer->death_reason) == OVPN_MPTCP_DEL_REASON_EXPIRED;
}

/**
 * ovpn_peer_closed - the socket of a peer was closed by its owner
 * @peer: the peer
 *
 * Process context, no lock held.
 */
void ovpn_peer_closed(struct ovpn_peer *peer)
{
	remove_peer(peer, OVPN_MPTCP_DEL_REASON_TRANSPORT_DISCONNECT);
}

/**
 * ovpn_peer_del_all - the device goes: remove its peers and let no more in
 * @ovpn: the device
 *
 * Process context, inside RTNL.
 */
void ovpn_peer_del_all(struct ovpn_struct *ovpn)
{
	struct ovpn_peer *peer;
	unsigned long id;

	mutex_lock(&ovpn->lock);
	ovpn->gone = true;
	/* the lock is dropped to wait for the peer's work, so start over */
	for (id = 0; (peer = xa_find(&ovpn->peers, &id, ULONG_MAX,
				     XA_PRESENT)); id = 0) {
		unlink_peer(peer, OVPN_PEER_GONE,
			    OVPN_MPTCP_DEL_REASON_TEARDOWN);
		mutex_unlock(&ovpn->lock);
		stop_peer(peer);
		ovpn_peer_put(peer);
		mutex_lock(&ovpn->lock);
	}
	mutex_unlock(&ovpn->lock);
}
