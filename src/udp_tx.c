// SPDX-License-Identifier: GPL-2.0
/* Sending datagrams: one look at the route for a batch of records, and as few
 * passes through the stack as possible.
 */
#include <linux/in6.h>
#include <linux/security.h>
#include <linux/udp.h>
#include <net/inet_sock.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/udp_tunnel.h>

#include "clock.h"
#include "compat.h"
#include "io.h"
#include "main.h"
#include "skb.h"
#include "udp.h"

/* the largest outer headers, for any device on the way */
#define TX_HEADROOM		(LL_MAX_HEADER + sizeof(struct ipv6hdr) + \
				 sizeof(struct udphdr))
/* records that are made before they are sent */
#define TX_BATCH_BYTES		(64 * 1024)
#define TX_BATCH_RECORDS	64
/* what goes through the stack together: the least that kernels take */
#define RECORDS_JOINED		64
#define BYTES_JOINED		(IP_MAX_MTU - MAX_HEADER)
/* batches before others get their turn on the CPU */
#define TX_BUDGET		16

/**
 * struct way - how records of a batch go out
 * @dst: the route, held
 * @outer: the addresses
 * @saddr4: IPv4: own address
 * @saddr6: IPv6: own address
 */
struct way {
	struct dst_entry *dst;
	const struct ovpn_endpoint *outer;
	__be32 saddr4;
	struct in6_addr saddr6;
};

static struct dst_entry *look_up4(struct ovpn_udp_tx *tx, struct sock *sk,
				  struct way *way)
{
	const struct ovpn_endpoint *outer = way->outer;
	struct flowi4 fl = {
		.daddr = outer->remote4,
		.saddr = outer->local4 ?: inet_sk(sk)->inet_rcv_saddr,
		.fl4_sport = inet_sk(sk)->inet_sport,
		.fl4_dport = outer->port,
		.flowi4_proto = IPPROTO_UDP,
		.flowi4_mark = tx->mark,
		.flowi4_oif = tx->oif,
		.flowi4_uid = sock_net_uid(sock_net(sk), sk),
	};
	struct rtable *rt;

	security_sk_classify_flow(sk, flowi4_to_flowi_common(&fl));
	rt = ip_route_output_flow(sock_net(sk), &fl, sk);
	if (IS_ERR(rt) && outer->local4) {
		/* the address that the peer used to send to may be gone */
		fl.saddr = inet_sk(sk)->inet_rcv_saddr;
		rt = ip_route_output_flow(sock_net(sk), &fl, sk);
	}
	if (IS_ERR(rt))
		return NULL;
	dst_cache_set_ip4(&tx->cache, &rt->dst, fl.saddr);
	way->saddr4 = fl.saddr;
	return &rt->dst;
}

static struct dst_entry *look_up6(struct ovpn_udp_tx *tx, struct sock *sk,
				  struct way *way)
{
	const struct ovpn_endpoint *outer = way->outer;
	struct flowi6 fl = {
		.daddr = outer->remote6,
		.saddr = outer->local6,
		.fl6_sport = inet_sk(sk)->inet_sport,
		.fl6_dport = outer->port,
		.flowi6_proto = IPPROTO_UDP,
		.flowi6_mark = tx->mark,
		.flowi6_oif = tx->oif ?: outer->scope,
		.flowi6_uid = sock_net_uid(sock_net(sk), sk),
	};
	struct dst_entry *dst;

	/* without it the look-up would walk tables that were never made */
	if (!ipv6_mod_enabled())
		return NULL;
	if (ipv6_addr_any(&fl.saddr) ||
	    !ipv6_chk_addr(sock_net(sk), &fl.saddr, NULL, 0))
		fl.saddr = sk->sk_v6_rcv_saddr;
	security_sk_classify_flow(sk, flowi6_to_flowi_common(&fl));
	dst = ip6_dst_lookup_flow(sock_net(sk), sk, &fl, NULL);
	if (IS_ERR(dst))
		return NULL;
	dst_cache_set_ip6(&tx->cache, dst, &fl.saddr);
	way->saddr6 = fl.saddr;
	return dst;
}

/* The route of a batch, with a reference, or NULL. BH disabled, in an RCU read
 * section.
 */
static struct dst_entry *find_route(struct ovpn_udp_tx *tx, struct sock *sk,
				    const struct ovpn_bind *bind,
				    struct way *way)
{
	u32 mark = READ_ONCE(sk->sk_mark);
	int oif = READ_ONCE(sk->sk_bound_dev_if);
	struct dst_entry *dst = NULL;
	struct rtable *rt;

	way->outer = &bind->outer;
	if (tx->serial != bind->serial || tx->mark != mark || tx->oif != oif) {
		dst_cache_reset(&tx->cache);
		tx->serial = bind->serial;
		tx->mark = mark;
		tx->oif = oif;
	}
	if (bind->outer.family == AF_INET) {
		rt = dst_cache_get_ip4(&tx->cache, &way->saddr4);
		return rt ? &rt->dst : look_up4(tx, sk, way);
	}
	dst = dst_cache_get_ip6(&tx->cache, &way->saddr6);
	return dst ?: look_up6(tx, sk, way);
}

/* consumes @skb and a reference of the route */
static void send(struct sock *sk, const struct way *way, struct sk_buff *skb)
{
	const struct ovpn_endpoint *outer = way->outer;
	__be16 sport = inet_sk(sk)->inet_sport;
	struct dst_entry *dst = way->dst;

	if (outer->family == AF_INET)
		ovpn_compat_udp_tunnel_xmit(container_of(dst, struct rtable, dst),
					    sk, skb, way->saddr4,
					    outer->remote4, ip4_dst_hoplimit(dst),
					    sport, outer->port,
					    sk->sk_no_check_tx);
	else
		ovpn_compat_udp_tunnel6_xmit(dst, sk, skb, &way->saddr6,
					     &outer->remote6,
					     ip6_dst_hoplimit(dst), sport,
					     outer->port,
					     udp_get_no_check6_tx(sk));
}

/* the longest record that goes out in one piece */
static unsigned int whole_max(const struct way *way)
{
	return dst_mtu(way->dst) - sizeof(struct udphdr) -
	       (way->outer->family == AF_INET ? sizeof(struct iphdr) :
						sizeof(struct ipv6hdr));
}

/* TCP inside is told to keep to it. Only this worker writes it. */
static void limit_inner(struct ovpn_peer *peer, unsigned int longest)
{
	if (unlikely(peer->inner_max != longest - OVPN_DATA_OVERHEAD))
		WRITE_ONCE(peer->inner_max, longest - OVPN_DATA_OVERHEAD);
}

/* Adds the records that follow and are as long as the first one, or a last one
 * that is shorter, to @first, so that they pass the stack together: it, or the
 * network card, makes datagrams of them again. Not for records that have to be
 * fragmented, and not without checksums. Returns how many they are.
 */
static unsigned int join_records(struct sk_buff_head *batch,
				 struct sk_buff *first, unsigned int longest)
{
	unsigned int size = first->len, records = 1;
	bool shorter = false;
	struct sk_buff *skb;

	while (size <= longest && !shorter && records < RECORDS_JOINED &&
	       (skb = skb_peek(batch)) && skb->len <= size &&
	       first->len + skb->len <= BYTES_JOINED) {
		bool stolen;
		int delta;

		shorter = skb->len < size;
		if (!skb_try_coalesce(first, skb, &stolen, &delta))
			break;
		__skb_unlink(skb, batch);
		kfree_skb_partial(skb, stolen);
		records++;
	}
	if (records == 1)
		return 1;
	skb_shinfo(first)->gso_type = SKB_GSO_UDP_L4;
	skb_shinfo(first)->gso_size = size;
	skb_shinfo(first)->gso_segs = records;
	/* of the header that is to be put before the data */
	first->ip_summed = CHECKSUM_PARTIAL;
	first->csum_start = skb_headroom(first) - sizeof(struct udphdr);
	first->csum_offset = offsetof(struct udphdr, check);
	return records;
}

static bool wants_checksums(const struct sock *sk, const struct way *way)
{
	return way->outer->family == AF_INET ? !sk->sk_no_check_tx :
					       !udp_get_no_check6_tx(sk);
}

static void drop_batch(struct ovpn_udp *udp, enum ovpn_mptcp_drop reason)
{
	ovpn_drops_add(&udp->peer->drops, reason,
		       skb_queue_len(&udp->tx.batch));
	__skb_queue_purge(&udp->tx.batch);
}

/* Sends what was encrypted. BH disabled, in an RCU read section. */
static void send_batch(struct ovpn_udp *udp)
{
	unsigned int packets = 0, bytes = 0, longest;
	struct ovpn_peer *peer = udp->peer;
	struct ovpn_udp_tx *tx = &udp->tx;
	/* the worker is waited for before the socket is left */
	struct sock *sk = rcu_dereference(udp->sock)->sk;
	struct sk_buff *skb;
	struct way way;

	way.dst = find_route(tx, sk, rcu_dereference(peer->bind), &way);
	if (unlikely(!way.dst)) {
		drop_batch(udp, OVPN_MPTCP_DROP_TX_NO_ROUTE);
		return;
	}
	if (unlikely(way.dst->dev == peer->ovpn->dev)) {
		net_warn_ratelimited("%s: peer %u: its own address is routed into the tunnel; give it a route outside of it\n",
				     peer->ovpn->dev->name, peer->id);
		drop_batch(udp, OVPN_MPTCP_DROP_TX_LOOP);
		goto out;
	}
	longest = whole_max(&way);
	limit_inner(peer, longest);
	if (unlikely(!wants_checksums(sk, &way)))
		longest = 0;
	while ((skb = __skb_dequeue(&tx->batch))) {
		packets += join_records(&tx->batch, skb, longest);
		bytes += skb->len;
		skb->mark = tx->mark;
		skb->priority = READ_ONCE(sk->sk_priority);
		/* IPv6 in one piece or in many, like IPv4 */
		skb->ignore_df = 1;
		dst_hold(way.dst);
		send(sk, &way, skb);
	}
	atomic64_add(packets, &peer->stats.link_tx_packets);
	atomic64_add(bytes, &peer->stats.link_tx_bytes);
	WRITE_ONCE(peer->keepalive.last_sent, ovpn_now_ms());
out:
	dst_release(way.dst);
}

static void tx_run(struct ovpn_udp *udp)
{
	int budget = TX_BUDGET;

	while (ovpn_encrypt_batch(udp->peer, TX_BATCH_BYTES,
				  TX_BATCH_RECORDS)) {
		rcu_read_lock();
		local_bh_disable();
		send_batch(udp);
		local_bh_enable();
		rcu_read_unlock();
		if (!--budget) {
			/* a stop waits for this one, and cancels the next */
			queue_work(ovpn_wq, &udp->tx.work);
			return;
		}
	}
}

static void udp_tx_work(struct work_struct *work)
{
	unsigned int flags = ovpn_work_begin();

	tx_run(container_of(work, struct ovpn_udp, tx.work));
	ovpn_work_end(flags);
}

/**
 * ovpn_udp_tx_init - prepare sending
 * @udp: of a new peer
 *
 * Return: 0 or -ENOMEM
 */
int ovpn_udp_tx_init(struct ovpn_udp *udp)
{
	INIT_WORK(&udp->tx.work, udp_tx_work);
	__skb_queue_head_init(&udp->tx.batch);
	return dst_cache_init(&udp->tx.cache, GFP_KERNEL_ACCOUNT);
}

/**
 * ovpn_udp_tx_destroy - free what sending holds
 * @udp: of a peer that cannot be found any more
 */
void ovpn_udp_tx_destroy(struct ovpn_udp *udp)
{
	dst_cache_destroy(&udp->tx.cache);
}

/**
 * ovpn_udp_tx_stop - wait for the sender
 * @udp: of a peer whose queue is closed, so that nothing queues the sender any
 *	 more
 */
void ovpn_udp_tx_stop(struct ovpn_udp *udp)
{
	cancel_work_sync(&udp->tx.work);
}

/**
 * ovpn_udp_get_record - transport.get_record: always a new one, the stack keeps it
 * @peer: the peer
 * @len: bytes from the opcode on
 *
 * Return: an skb, or NULL without memory
 */
struct sk_buff *ovpn_udp_get_record(struct ovpn_peer *peer, unsigned int len)
{
	return ovpn_skb_new_page(TX_HEADROOM, len);
}

/**
 * ovpn_udp_send_skb - put an encrypted record in the batch
 * @peer: the peer
 * @skb: the record; consumed
 *
 * By the sender itself, from ovpn_encrypt_batch().
 */
void ovpn_udp_send_skb(struct ovpn_peer *peer, struct sk_buff *skb)
{
	__skb_queue_tail(&ovpn_udp_of(peer)->tx.batch, skb);
}

/**
 * ovpn_udp_kick - there is plaintext for a peer
 * @peer: the peer; its queue is open and locked
 */
void ovpn_udp_kick(struct ovpn_peer *peer)
{
	queue_work(ovpn_wq, &ovpn_udp_of(peer)->tx.work);
}
