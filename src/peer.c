// SPDX-License-Identifier: GPL-2.0
/* The life of a peer: making one on a socket, its death, its removal. Every change of
 * its state is made here under ovpn_dev.lock.
 */
#include <linux/net.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "compat.h"
#include "dev.h"
#include "main.h"
#include "notify.h"
#include "origin.h"
#include "peer.h"
#include "sock.h"
#include "trace.h"

/* for a daemon that is about to change a peer to hear that it is dead */
#define DEAD_STAYS		(10 * HZ)

/* The last step, an RCU period after the last reference went: so the peer is in no
 * table, transmitters that found it under RCU are through, and stop_locked() has
 * waited for its workers. No lock is needed. The peer's reference to the device
 * goes last, because the queue and the counters of the device are used until then.
 */
static void peer_free_work(struct work_struct *work)
{
	struct ovpn_peer *peer = container_of(to_rcu_work(work),
					      struct ovpn_peer, free);
	struct net_device *dev = peer->ovpn->dev;

	ovpn_segmenter_purge(&peer->segmenter);
	ovpn_queue_destroy(&peer->queue);
	ovpn_keyring_purge(&peer->keys);
	ovpn_sock_free(peer);
	kfree(rcu_dereference_protected(peer->bind, true));
	mutex_destroy(&peer->sock_lock);
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

/* No packet finds the peer any more; userspace is told if it was live. */
static void retire(struct ovpn_peer *peer, enum ovpn_peer_state state,
		   enum ovpn_mptcp_del_reason reason)
{
	struct ovpn_dev *ovpn = peer->ovpn;
	bool live = peer->state == OVPN_PEER_LIVE;

	lockdep_assert_held(&ovpn->lock);

	ovpn_peers_remove_addrs(ovpn, peer);
	if (rcu_access_pointer(ovpn->p2p) == peer) {
		RCU_INIT_POINTER(ovpn->p2p, NULL);
		ovpn_dev_carrier(ovpn, false);
	}
	trace_ovpn_peer_state(peer, state);
	WRITE_ONCE(peer->state, state);
	if (live)
		ovpn_notify_peer_del(peer, reason);
}

/* Takes a peer out of all tables. Returns true if the caller now owns their
 * reference, false if somebody else has done it. Caller holds ovpn_dev.lock.
 */
static bool unlink_peer(struct ovpn_peer *peer,
			enum ovpn_mptcp_del_reason reason)
{
	if (peer->state == OVPN_PEER_GONE)
		return false;
	retire(peer, OVPN_PEER_GONE, reason);
	ovpn_peers_remove_id(peer->ovpn, peer);
	return true;
}

/* Waits for everything that works for a peer that is no longer live, and drops
 * what still waits. Harmless when it was done before.
 *
 * The order makes it safe: once the queue is closed, no transmitter wakes the
 * writer; once the keepalive has stopped, no timer makes a ping; then the detach
 * takes the hooks off the socket and waits for reader and writer, so that early
 * packets and the segmenter have no user left. Each wait is for work that takes
 * none of the locks that are held here.
 */
static void stop_locked(struct ovpn_peer *peer)
{
	might_sleep();
	lockdep_assert_held(&peer->sock_lock);

	if (cancel_delayed_work(&peer->release))
		ovpn_peer_put(peer);
	ovpn_queue_close(&peer->queue);
	ovpn_keepalive_stop(peer);
	ovpn_sock_detach(peer);
	ovpn_early_stop(&peer->early);
	/* no writer runs that could take them */
	ovpn_drops_add(&peer->drops, OVPN_MPTCP_DROP_TX_DETACHED,
		       ovpn_segmenter_purge(&peer->segmenter));
}

/* Process context, no lock held. The peer is gone for good. */
static void stop_peer(struct ovpn_peer *peer)
{
	mutex_lock(&peer->sock_lock);
	stop_locked(peer);
	mutex_unlock(&peer->sock_lock);
}

/* Removes a peer for good; if @stream is given, only as long as that is its
 * stream. Returns false if there was nothing to remove. Process context, no lock
 * held.
 */
static bool remove_peer(struct ovpn_peer *peer,
			const struct ovpn_stream *stream,
			enum ovpn_mptcp_del_reason reason)
{
	struct ovpn_dev *ovpn = peer->ovpn;
	bool removed = false;

	mutex_lock(&peer->sock_lock);
	if (!stream || ovpn_peer_stream(peer) == stream) {
		mutex_lock(&ovpn->lock);
		removed = unlink_peer(peer, reason);
		mutex_unlock(&ovpn->lock);
	}
	if (removed)
		stop_locked(peer);
	mutex_unlock(&peer->sock_lock);
	if (removed)
		ovpn_peer_put(peer);
	return removed;
}

/* A dead peer of datagrams is not waited for by anybody: its socket stays open,
 * and OpenVPN deletes no peer whose end it was told of.
 */
static void await_release(struct ovpn_peer *peer)
{
	lockdep_assert_held(&peer->sock_lock);

	if (!peer->transport->datagrams)
		return;
	ovpn_peer_hold(peer);
	/* it dies once, for it never gets another socket */
	if (!queue_delayed_work(ovpn_wq, &peer->release, DEAD_STAYS))
		ovpn_peer_put(peer);
}

static void peer_release_work(struct work_struct *work)
{
	struct ovpn_peer *peer = container_of(to_delayed_work(work),
					      struct ovpn_peer, release);

	remove_peer(peer, NULL, OVPN_MPTCP_DEL_REASON_EXPIRED);
	ovpn_peer_put(peer);
}

/* Dying is one step for whoever gives the peer a new socket: what the old one
 * died of is either told by then, or forgotten.
 */
static void peer_death_work(struct work_struct *work)
{
	struct ovpn_peer *peer = container_of(work, struct ovpn_peer, death);
	struct ovpn_dev *ovpn = peer->ovpn;
	bool dies;
	int cause;

	mutex_lock(&peer->sock_lock);
	mutex_lock(&ovpn->lock);
	cause = xchg(&peer->death_cause, 0);
	dies = cause && peer->state == OVPN_PEER_LIVE;
	if (dies) {
		WRITE_ONCE(peer->death_reason, cause - 1);
		retire(peer, OVPN_PEER_DEAD, cause - 1);
	}
	mutex_unlock(&ovpn->lock);
	if (dies) {
		stop_locked(peer);
		await_release(peer);
	}
	mutex_unlock(&peer->sock_lock);
	ovpn_peer_put(peer);
}

/* What of a peer is allocated by itself. */
static int alloc_parts(struct ovpn_peer *peer,
		       const struct ovpn_peer_config *cfg)
{
	struct ovpn_bind *bind = NULL;

	if (cfg->outer.family != AF_UNSPEC) {
		bind = kzalloc(sizeof(*bind), GFP_KERNEL_ACCOUNT);
		if (!bind)
			return -ENOMEM;
		bind->outer = cfg->outer;
		RCU_INIT_POINTER(peer->bind, bind);
	}
	if (ovpn_queue_init(&peer->queue, &peer->drops)) {
		kfree(bind);
		return -ENOMEM;
	}
	return 0;
}

static struct ovpn_peer *peer_alloc(struct ovpn_dev *ovpn,
				    const struct ovpn_peer_config *cfg)
{
	struct ovpn_peer *peer = kzalloc(sizeof(*peer), GFP_KERNEL_ACCOUNT);

	if (!peer)
		return NULL;
	if (alloc_parts(peer, cfg)) {
		kfree(peer);
		return NULL;
	}
	peer->ovpn = ovpn;
	netdev_hold(ovpn->dev, &peer->dev_tracker, GFP_KERNEL);
	peer->id = cfg->id;
	peer->tx_id = cfg->tx_id;
	peer->state = OVPN_PEER_NEW;
	peer->float_next = jiffies;
	peer->vpn4.peer = peer;
	if (cfg->vpn4)
		ipv6_addr_set_v4mapped(cfg->vpn4, &peer->vpn4.addr);
	peer->vpn6.peer = peer;
	peer->vpn6.addr = cfg->vpn6;
	ovpn_keyring_init(&peer->keys);
	ovpn_early_init(&peer->early, &peer->drops, &ovpn->budget);
	ovpn_segmenter_init(&peer->segmenter);
	mutex_init(&peer->sock_lock);
	ovpn_keepalive_init(&peer->keepalive);
	INIT_WORK(&peer->death, peer_death_work);
	INIT_DELAYED_WORK(&peer->release, peer_release_work);
	kref_init(&peer->ref);
	INIT_RCU_WORK(&peer->free, peer_free_work);
	return peer;
}

/* The peer that stands in the way of a new one: in MP mode a dead one with the
 * same id, in P2P mode any, but a live one only if it owns the new one's
 * socket; the others go when the new one is ready.
 */
static struct ovpn_peer *find_predecessor(struct ovpn_dev *ovpn,
					  const struct ovpn_peer_config *cfg)
{
	bool mp = ovpn->mode == OVPN_MPTCP_MODE_MP;
	unsigned long id = mp ? cfg->id : 0;
	struct ovpn_peer *old = ovpn_peer_get_next(ovpn, &id);

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
static int reserve(struct ovpn_dev *ovpn, struct ovpn_peer *peer,
		   struct netlink_ext_ack *extack)
{
	int err;

	mutex_lock(&ovpn->lock);
	if (ovpn->gone) {
		NL_SET_ERR_MSG(extack, "the device is being deleted");
		err = -ENODEV;
	} else if (ovpn->mode == OVPN_MPTCP_MODE_MP) {
		err = ovpn_peers_add(ovpn, peer, extack);
	} else {
		err = xa_reserve(&ovpn->peers, peer->id, GFP_KERNEL);
	}
	mutex_unlock(&ovpn->lock);
	return err;
}

/* Undoes it for a peer that did not come to life. When the device is going, it
 * may have been removed before it got its socket.
 */
static void unreserve(struct ovpn_dev *ovpn, struct ovpn_peer *peer)
{
	if (!remove_peer(peer, NULL, OVPN_MPTCP_DEL_REASON_TEARDOWN))
		stop_peer(peer);
	if (ovpn->mode == OVPN_MPTCP_MODE_P2P)
		xa_release(&ovpn->peers, peer->id);
}

/**
 * ovpn_peer_enliven - the peer has a socket: let the packets in
 * @peer: a new or dead peer; a live one is only given its timers anew
 * @interval: of the keepalive, see ovpn_keepalive_set()
 * @timeout: of the keepalive
 *
 * Caller holds ovpn_dev.lock. In MP mode the addresses are in the table.
 */
void ovpn_peer_enliven(struct ovpn_peer *peer, u32 interval, u32 timeout)
{
	struct ovpn_dev *ovpn = peer->ovpn;

	lockdep_assert_held(&ovpn->lock);

	trace_ovpn_peer_state(peer, OVPN_PEER_LIVE);
	WRITE_ONCE(peer->state, OVPN_PEER_LIVE);
	ovpn_queue_open(&peer->queue);
	if (ovpn->mode == OVPN_MPTCP_MODE_P2P) {
		rcu_assign_pointer(ovpn->p2p, peer);
		ovpn_dev_carrier(ovpn, true);
	}
	ovpn_keepalive_set(peer, interval, timeout);
}

/* The new peer takes its place. In P2P mode the peer that it replaces, if any, is
 * returned with the reference of the tables.
 */
static int activate(struct ovpn_dev *ovpn, struct ovpn_peer *peer,
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
		/* what can fail comes first; it may take the old one's place */
		err = xa_err(xa_store(&ovpn->peers, peer->id, peer,
				      GFP_KERNEL));
		if (err)
			goto out;
		if (old && unlink_peer(old, OVPN_MPTCP_DEL_REASON_TEARDOWN))
			*replaced = old;
	}
	ovpn_origin_share(ovpn);
	ovpn_peer_enliven(peer, cfg->interval, cfg->timeout);
out:
	mutex_unlock(&ovpn->lock);
	return err;
}

/* From the reserved place to a live peer. Whoever closes the socket meanwhile
 * waits, and removes the peer then.
 */
static int bring_up(struct ovpn_dev *ovpn, struct ovpn_peer *peer,
		    const struct ovpn_peer_config *cfg,
		    struct netlink_ext_ack *extack)
{
	struct ovpn_peer *old = NULL;
	struct socket *sock;
	bool attached;
	int err;

	sock = ovpn_sock_get(cfg->fd, extack);
	if (IS_ERR(sock))
		return PTR_ERR(sock);
	mutex_lock(&peer->sock_lock);
	err = ovpn_sock_check_outer(sock, cfg, extack);
	if (!err)
		err = ovpn_sock_attach(peer, sock, extack);
	attached = !err;
	if (!err)
		err = activate(ovpn, peer, cfg, &old);
	if (!err)
		ovpn_sock_start(peer);
	mutex_unlock(&peer->sock_lock);
	if (attached)
		ovpn_sock_evict(peer, sock);
	ovpn_sock_put(sock);
	if (old) {
		stop_peer(old);
		ovpn_peer_put(old);
	}
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
 * (device is going), -ENOSPC (too many peers), -ENOMEM, or why the socket was refused, see
 * ovpn_sock_get(), ovpn_sock_check_outer() and ovpn_sock_attach()
 */
int ovpn_peer_new(struct ovpn_dev *ovpn, const struct ovpn_peer_config *cfg,
		  struct netlink_ext_ack *extack)
{
	struct ovpn_peer *peer, *old;
	int err;

	old = find_predecessor(ovpn, cfg);
	if (old) {
		remove_peer(old, NULL, OVPN_MPTCP_DEL_REASON_TEARDOWN);
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
	err = bring_up(ovpn, peer, cfg, extack);
	if (err)
		unreserve(ovpn, peer);
put:
	ovpn_peer_put(peer);
	return err;
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
	return remove_peer(peer, NULL, reason) ? 0 : -ENOENT;
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
	cmpxchg(&peer->death_cause, 0, 1 + reason);
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
 * @stream: what the socket was; a peer that has another one by now stays. NULL
 *	    for a socket that a peer cannot change.
 *
 * Process context, no lock held.
 */
void ovpn_peer_closed(struct ovpn_peer *peer, const struct ovpn_stream *stream)
{
	remove_peer(peer, stream, OVPN_MPTCP_DEL_REASON_TRANSPORT_DISCONNECT);
}

/**
 * ovpn_peer_del_all - the device goes: remove its peers and let no more in
 * @ovpn: the device
 *
 * From here on reserve() and activate() refuse, so the number of peers only falls.
 * A peer that is being made meanwhile is found by its place in the table, or
 * finds the device gone. Process context, inside RTNL.
 */
void ovpn_peer_del_all(struct ovpn_dev *ovpn)
{
	struct ovpn_peer *peer;
	unsigned long id;

	mutex_lock(&ovpn->lock);
	ovpn->gone = true;
	/* the lock is dropped to wait for the peer's work, so start over */
	for (id = 0; (peer = xa_find(&ovpn->peers, &id, ULONG_MAX,
				     XA_PRESENT)); id = 0) {
		unlink_peer(peer, OVPN_MPTCP_DEL_REASON_TEARDOWN);
		mutex_unlock(&ovpn->lock);
		stop_peer(peer);
		ovpn_peer_put(peer);
		mutex_lock(&ovpn->lock);
	}
	mutex_unlock(&ovpn->lock);
}
