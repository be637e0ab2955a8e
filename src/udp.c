// SPDX-License-Identifier: GPL-2.0
/*
 * A UDP socket and its peers. The first peer makes the socket hand over its
 * datagrams, the last one gives it back as it was; its owner sends and receives
 * control packets all the time.
 */
#include <linux/if_ether.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/udp.h>
#include <net/inet_sock.h>
#include <net/udp_tunnel.h>

#include "compat.h"
#include "dev.h"
#include "peer_lookup.h"
#include "udp.h"

/* until the first packet went out: that of Ethernet */
#define FIRST_INNER_MAX		(ETH_DATA_LEN - sizeof(struct ipv6hdr) - \
				 sizeof(struct udphdr) - OVPN_DATA_OVERHEAD)

static bool udp_matches(const struct sock *sk)
{
	return sk->sk_type == SOCK_DGRAM && sk->sk_protocol == IPPROTO_UDP;
}

static void free_rcu(struct rcu_head *rcu)
{
	struct ovpn_udp_sock *us = container_of(rcu, struct ovpn_udp_sock, rcu);

	netdev_put(us->ovpn->dev, &us->dev_tracker);
	sock_put(us->sk);
	kfree(us);
	/* the exit of the module waits for this function */
	module_put(THIS_MODULE);
}

/* The owner closes the socket: all its peers go. Process context, the socket
 * is not locked.
 */
static void encap_destroy(struct sock *sk)
{
	struct ovpn_udp_sock *us;
	struct net_device *dev;
	struct ovpn_peer *peer;
	unsigned long id;

	rcu_read_lock();
	us = rcu_dereference_sk_user_data(sk);
	dev = us ? us->ovpn->dev : NULL;
	/* @us has a reference as long as anybody can see it */
	dev_hold(dev);
	rcu_read_unlock();
	if (!dev)
		return;
	for (id = 0; (peer = ovpn_peer_get_next(netdev_priv(dev), &id)); id++) {
		if (ovpn_udp_sk(peer) == sk)
			ovpn_peer_closed(peer, NULL);
		ovpn_peer_put(peer);
	}
	dev_put(dev);
}

/* caller holds the socket lock */
static struct ovpn_udp_sock *hook_udp_sock(struct sock *sk, struct ovpn_peer *peer)
{
	struct udp_tunnel_sock_cfg cfg = {
		.encap_type = UDP_ENCAP_OVPNINUDP,
		.encap_rcv = ovpn_udp_encap_rcv,
		.encap_destroy = encap_destroy,
	};
	struct ovpn_udp_sock *us;

	if (sk->sk_user_data || READ_ONCE(udp_sk(sk)->encap_type))
		return ERR_PTR(-EBUSY);
	us = kzalloc(sizeof(*us), GFP_KERNEL_ACCOUNT);
	if (!us)
		return ERR_PTR(-ENOMEM);
	/* the socket's destruction may be on its way to our function */
	__module_get(THIS_MODULE);
	us->sk = sk;
	sock_hold(sk);
	us->ovpn = peer->ovpn;
	netdev_hold(us->ovpn->dev, &us->dev_tracker, GFP_KERNEL);
	us->mc_loop = ovpn_compat_get_mc_loop(sk);
	cfg.sk_user_data = us;
	ovpn_compat_setup_udp_tunnel_sock(sock_net(sk), sk, &cfg);
	return us;
}

static struct ovpn_udp_sock *join(struct sock *sk, struct ovpn_peer *peer)
{
	struct ovpn_udp_sock *us;

	lock_sock(sk);
	if (!inet_sk(sk)->inet_sport) {
		us = ERR_PTR(-EINVAL);
	} else if (READ_ONCE(udp_sk(sk)->encap_rcv) == ovpn_udp_encap_rcv) {
		us = sk->sk_user_data;
		if (us->ovpn != peer->ovpn)
			us = ERR_PTR(-EBUSY);
	} else {
		us = hook_udp_sock(sk, peer);
	}
	if (!IS_ERR(us))
		us->peers++;
	release_sock(sk);
	return us;
}

/* Undoes setup_udp_tunnel_sock(), but for what the socket's destruction undoes:
 * its part in the switch that makes UDP look for encapsulation at all.
 */
static void leave(struct ovpn_udp_sock *us)
{
	struct sock *sk = us->sk;
	bool last;

	lock_sock(sk);
	last = !--us->peers;
	if (last) {
		WRITE_ONCE(udp_sk(sk)->encap_type, 0);
		WRITE_ONCE(udp_sk(sk)->encap_rcv, NULL);
		WRITE_ONCE(udp_sk(sk)->encap_destroy, NULL);
		rcu_assign_sk_user_data(sk, NULL);
		inet_dec_convert_csum(sk);
		ovpn_compat_set_mc_loop(sk, us->mc_loop);
	}
	release_sock(sk);
	if (last)
		call_rcu(&us->rcu, free_rcu);
}

static struct ovpn_udp *udp_alloc(struct ovpn_peer *peer)
{
	struct ovpn_udp *udp = kzalloc(sizeof(*udp), GFP_KERNEL_ACCOUNT);

	if (!udp)
		return NULL;
	udp->peer = peer;
	if (ovpn_udp_tx_init(udp)) {
		kfree(udp);
		return NULL;
	}
	ovpn_udp_rx_init(udp);
	return udp;
}

static int udp_attach(struct ovpn_peer *peer, struct socket *sock)
{
	struct ovpn_udp_sock *us;
	struct ovpn_udp *udp;

	udp = udp_alloc(peer);
	if (!udp)
		return -ENOMEM;
	us = join(sock->sk, peer);
	if (IS_ERR(us)) {
		ovpn_udp_tx_destroy(udp);
		kfree(udp);
		return PTR_ERR(us);
	}
	rcu_assign_pointer(udp->sock, us);
	peer->inner_max = FIRST_INNER_MAX;
	peer->transport = &ovpn_udp_transport;
	ovpn_udp_rx_open(udp);
	rcu_assign_pointer(peer->udp, udp);
	return 0;
}

static void udp_start(struct ovpn_peer *peer)
{
	ovpn_udp_rx_kick(ovpn_udp_of(peer));
}

/* A dead peer stays on its socket, so that closing it takes the peer away. */
static void udp_detach(struct ovpn_peer *peer, bool forget)
{
	struct ovpn_udp *udp = ovpn_udp_of(peer);
	struct ovpn_udp_sock *us;

	ovpn_udp_rx_close(udp);
	ovpn_udp_tx_stop(udp);
	us = rcu_dereference_protected(udp->sock,
				       lockdep_is_held(&peer->sock_lock));
	if (!us || !forget)
		return;
	RCU_INIT_POINTER(udp->sock, NULL);
	leave(us);
}

static bool udp_describe(struct ovpn_peer *peer,
			 struct ovpn_transport_info *info)
{
	bool attached;

	rcu_read_lock();
	attached = ovpn_udp_sk(peer);
	if (attached)
		info->outer = rcu_dereference(peer->bind)->outer;
	rcu_read_unlock();
	return attached;
}

/**
 * ovpn_udp_sk - the UDP socket of a peer
 * @peer: any peer; in an RCU read section or under its sock_lock
 *
 * Return: the socket, or NULL for a peer without one
 */
const struct sock *ovpn_udp_sk(const struct ovpn_peer *peer)
{
	const struct ovpn_udp *udp = ovpn_udp_of(peer);
	const struct ovpn_udp_sock *us;

	us = udp ? rcu_dereference_check(udp->sock, true) : NULL;
	return us ? us->sk : NULL;
}

/**
 * ovpn_udp_free - free what a peer has on UDP
 * @peer: any peer, detached for good, that cannot be found any more
 */
void ovpn_udp_free(struct ovpn_peer *peer)
{
	struct ovpn_udp *udp = ovpn_udp_of(peer);

	if (!udp)
		return;
	ovpn_udp_tx_destroy(udp);
	kfree(udp);
}

const struct ovpn_transport ovpn_udp_transport = {
	.name = "udp",
	.datagrams = true,
	/* the length field of IPv4 counts its header, too */
	.record_max = IP_MAX_MTU - sizeof(struct iphdr) - sizeof(struct udphdr),
	.matches = udp_matches,
	.attach = udp_attach,
	.start = udp_start,
	.detach = udp_detach,
	.get_record = ovpn_udp_get_record,
	.send_skb = ovpn_udp_send_skb,
	.kick = ovpn_udp_kick,
	.describe = udp_describe,
};
