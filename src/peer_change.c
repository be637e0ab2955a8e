// SPDX-License-Identifier: GPL-2.0
/* Changes of a peer: its socket, addresses, keys and timers. */
#include <linux/net.h>
#include <linux/netlink.h>
#include <net/ipv6.h>

#include "notify.h"
#include "peer.h"
#include "peer_lookup.h"
#include "sock.h"

/* Whether a peer may get another socket. A dead one enters the address table
 * before the socket is touched, so that nothing can fail afterwards; packets that
 * find it there are dropped, its queue is closed.
 */
static int readmit(struct ovpn_peer *peer, struct netlink_ext_ack *extack)
{
	struct ovpn_dev *ovpn = peer->ovpn;
	int err = 0;

	if (!ovpn_peer_stream(peer)) {
		NL_SET_ERR_MSG(extack, "the peer is not carried by a stream (TCP, MPTCP); make a new one on the socket");
		return -EOPNOTSUPP;
	}
	mutex_lock(&ovpn->lock);
	if (peer->state == OVPN_PEER_GONE)
		err = -ENOENT;
	else if (peer->state == OVPN_PEER_DEAD)
		err = ovpn_peers_add_addrs(ovpn, peer, extack);
	mutex_unlock(&ovpn->lock);
	return err;
}

/* Ends what readmit() began. With @err the peer stays what it was. */
static int finish_readmit(struct ovpn_peer *peer, int err)
{
	struct ovpn_dev *ovpn = peer->ovpn;

	mutex_lock(&ovpn->lock);
	if (!err && peer->state == OVPN_PEER_GONE)
		err = -ENOENT;
	if (!err) {
		/* of the old socket, or of a silence that is over now */
		WRITE_ONCE(peer->death_cause, 0);
		ovpn_peer_enliven(peer, peer->keepalive.interval,
				  peer->keepalive.timeout);
	} else if (peer->state == OVPN_PEER_DEAD) {
		ovpn_peers_remove_addrs(ovpn, peer);
	}
	mutex_unlock(&ovpn->lock);
	return err;
}

/**
 * ovpn_peer_set_sock - give a peer another socket
 * @peer: a live or dead peer
 * @fd: file descriptor of the calling process
 * @extack: says what to do about a refusal
 *
 * Keys, packet ids, replay window and counters stay. The old socket, if it is
 * still open, is detached like that of a peer that is deleted: its owner reads
 * the end of file, and closing it means nothing to the peer any more. What the
 * old stream holds stays behind: records that were encrypted for it are dropped
 * (OVPN_MPTCP_DROP_TX_DETACHED), because their packet ids must not be used
 * twice, and half a record that was received is not continued.
 *
 * Plaintext that waits for a live peer goes out on the new socket. A dead peer
 * has no queue: it died, its packets were dropped, and packets that come while
 * it is dead are dropped, too. What waited for seconds would only be in the way
 * of what the flows inside have sent again meanwhile.
 *
 * A dead peer is live again, with its VPN addresses and the carrier of a P2P
 * device, and its end will be notified again. The timers of the keepalive start
 * anew in either case. Process context, no lock held.
 *
 * Return: 0, -ENOENT (the peer went away), -EOPNOTSUPP (the peer is not carried by
 * a stream), -EADDRINUSE (while it was dead, another one got a VPN address of
 * it), -EBADF, -ENOTSOCK, or why the socket was refused, see ovpn_sock_attach().
 * Then the peer and its old socket are as before.
 */
int ovpn_peer_set_sock(struct ovpn_peer *peer, int fd,
		       struct netlink_ext_ack *extack)
{
	struct socket *sock = ovpn_sock_get(fd, extack);
	bool attached = false;
	int err;

	if (IS_ERR(sock))
		return PTR_ERR(sock);
	mutex_lock(&peer->sock_lock);
	err = readmit(peer, extack);
	if (!err) {
		err = ovpn_sock_attach(peer, sock, extack);
		attached = !err;
		if (attached)
			ovpn_keepalive_stop(peer);
		err = finish_readmit(peer, err);
	}
	if (!err)
		ovpn_sock_start(peer);
	mutex_unlock(&peer->sock_lock);
	if (attached)
		ovpn_sock_evict(peer, sock);
	ovpn_sock_put(sock);
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
	struct ovpn_dev *ovpn = peer->ovpn;
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
	err = ovpn_peers_rehash(ovpn, &peer->vpn4, &new4, extack);
	if (err)
		goto out;
	err = ovpn_peers_rehash(ovpn, &peer->vpn6, &new6, extack);
	if (err)
		ovpn_peers_rehash(ovpn, &peer->vpn4, &old4, NULL);
out:
	mutex_unlock(&ovpn->lock);
	return err;
}

/* Replaces the outer addresses; caller holds ovpn_dev.lock. */
static int rebind(struct ovpn_peer *peer, const struct ovpn_endpoint *outer)
{
	struct ovpn_bind *old, *bind = kzalloc(sizeof(*bind), GFP_KERNEL);

	old = rcu_dereference_protected(peer->bind,
					lockdep_is_held(&peer->ovpn->lock));
	if (!bind)
		return -ENOMEM;
	bind->outer = *outer;
	bind->serial = old->serial + 1;
	rcu_assign_pointer(peer->bind, bind);
	kfree_rcu(old, rcu);
	return 0;
}

/**
 * ovpn_peer_check_outer - whether ovpn_peer_set_outer() would be refused
 * @peer: the peer
 * @outer: new addresses, with a remote one
 * @extack: says what to do about a refusal
 *
 * Process context, no lock held.
 *
 * Return: see ovpn_sock_reaches()
 */
int ovpn_peer_check_outer(struct ovpn_peer *peer,
			  const struct ovpn_endpoint *outer,
			  struct netlink_ext_ack *extack)
{
	int err;

	mutex_lock(&peer->sock_lock);
	err = ovpn_sock_reaches(peer, outer, extack);
	mutex_unlock(&peer->sock_lock);
	return err;
}

/**
 * ovpn_peer_set_outer - change the outer addresses of a peer
 * @peer: the peer
 * @outer: new addresses, with a remote one
 * @extack: says what to do about a refusal
 *
 * Process context, no lock held.
 *
 * Return: 0, -EINVAL (the peer is carried by a stream), -EAFNOSUPPORT (its socket
 * does not speak that family), -ENOENT (the peer is gone), -ENOMEM
 */
int ovpn_peer_set_outer(struct ovpn_peer *peer,
			const struct ovpn_endpoint *outer,
			struct netlink_ext_ack *extack)
{
	int err;

	mutex_lock(&peer->sock_lock);
	err = ovpn_sock_reaches(peer, outer, extack);
	if (!err) {
		mutex_lock(&peer->ovpn->lock);
		err = peer->state == OVPN_PEER_LIVE ? rebind(peer, outer) :
						      -ENOENT;
		mutex_unlock(&peer->ovpn->lock);
	}
	mutex_unlock(&peer->sock_lock);
	return err;
}

/* between two moves of a peer that the network or the peer itself makes: each is
 * told, and what is told faster than a daemon reads ends OpenVPN
 */
#define FLOAT_INTERVAL		(HZ / 4)

/**
 * ovpn_peer_float - an authentic packet came from elsewhere
 * @peer: a peer carried by datagrams
 * @outer: where it came from, and the own address that it was sent to
 *
 * Userspace is told, unless only the own address is another one. Without memory,
 * or a moment after it has moved, the peer stays where it was, and the next
 * packet tries again. Called by the worker that receives for the peer.
 */
void ovpn_peer_float(struct ovpn_peer *peer, const struct ovpn_endpoint *outer)
{
	struct ovpn_dev *ovpn = peer->ovpn;
	const struct ovpn_bind *old;
	bool moved;

	mutex_lock(&ovpn->lock);
	old = rcu_dereference_protected(peer->bind,
					lockdep_is_held(&ovpn->lock));
	moved = !ovpn_endpoint_same_remote(&old->outer, outer);
	if (moved && time_before(jiffies, peer->float_next))
		goto out;
	if (peer->state == OVPN_PEER_LIVE && !rebind(peer, outer) && moved) {
		peer->float_next = jiffies + FLOAT_INTERVAL;
		net_dbg_ratelimited("%s: peer %u: floated\n", ovpn->dev->name,
				    peer->id);
		ovpn_notify_peer_float(peer, outer);
	}
out:
	mutex_unlock(&ovpn->lock);
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
	if (err)
		return err;
	mutex_lock(&peer->sock_lock);
	ovpn_sock_start(peer);
	mutex_unlock(&peer->sock_lock);
	return 0;
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
