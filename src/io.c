// SPDX-License-Identifier: GPL-2.0
/* The data path out: from the stack to the peer's queue and into records. */
#include "compat.h"
#include "io.h"
#include "mss.h"
#include "multicast.h"
#include "notify.h"
#include "peer.h"
#include "skb.h"
#include "sock.h"

static const u8 ping[OVPN_PING_LEN] = OVPN_PING_BYTES;

static void kick_transport(void *arg)
{
	struct ovpn_peer *peer = arg;

	peer->transport->kick(peer);
}

/**
 * ovpn_net_queue - let a packet wait for the transport of a peer
 * @peer: the peer
 * @skb: IP packet without a route; consumed, whatever happens
 *
 * Any context.
 *
 * Return: false if the packet was dropped
 */
bool ovpn_net_queue(struct ovpn_peer *peer, struct sk_buff *skb)
{
	ovpn_skb_cb(skb)->ping = false;
	return ovpn_queue_put(&peer->queue, skb, kick_transport, peer);
}

/* The packet is consumed. Returns false if it was dropped. In an RCU read section. */
static bool queue_for_peer(struct ovpn_dev *ovpn, struct sk_buff *skb)
{
	struct ovpn_peer *peer = ovpn_peer_find_for_skb(ovpn, skb);

	if (unlikely(!peer))
		return ovpn_multicast_put(ovpn, skb);
	/* the next hop was read from it; it would pin the device from here on */
	skb_dst_drop(skb);
	if (unlikely(ovpn_sock_sent(peer, skb))) {
		ovpn_drops_add_peer(&peer->drops, OVPN_MPTCP_DROP_TX_LOOP, 1);
		net_warn_ratelimited("%s: peer %u: its own transport is routed into the tunnel; give the other end a route outside of it, and remove the tunnel's address from the MPTCP endpoints\n",
				     ovpn->dev->name, peer->id);
		kfree_skb(skb);
		return false;
	}
	return ovpn_net_queue(peer, skb);
}

/**
 * ovpn_net_xmit - ndo_start_xmit: a packet for a peer
 * @skb: the packet, up to 64 KB before segmentation
 * @dev: the tunnel device
 *
 * BH disabled. Nothing is encrypted here: the packet waits in the peer's queue
 * until the transport has room.
 *
 * Return: NETDEV_TX_OK, the packet is consumed
 */
netdev_tx_t ovpn_net_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct ovpn_dev *ovpn = netdev_priv(dev);
	bool queued;

	skb = skb_share_check(skb, GFP_ATOMIC);
	if (unlikely(!skb))
		goto count;
	nf_reset_ct(skb);
	if (unlikely(!ovpn_skb_is_ip(skb))) {
		kfree_skb(skb);
		goto count;
	}
	/* packet sockets and tc come here without what the IP layer holds */
	rcu_read_lock();
	queued = queue_for_peer(ovpn, skb);
	rcu_read_unlock();
	if (likely(queued))
		return NETDEV_TX_OK;
count:
	atomic64_inc(&ovpn->tx_dropped);
	return NETDEV_TX_OK;
}

/**
 * ovpn_ping_send - queue a keepalive message
 * @peer: a live peer; without a primary key nothing is sent
 *
 * Process context.
 */
void ovpn_ping_send(struct ovpn_peer *peer)
{
	struct ovpn_key *key = ovpn_keyring_get_primary(&peer->keys);
	struct sk_buff *skb;

	if (!key)
		return;
	ovpn_key_put(key);

	/* a worker that memory reclaim may wait for, see ovpn_work_begin() */
	skb = alloc_skb(OVPN_PING_LEN, GFP_NOIO);
	if (!skb) {
		ovpn_drops_add(&peer->drops, OVPN_MPTCP_DROP_TX_NOMEM, 1);
		return;
	}
	skb_put_data(skb, ping, OVPN_PING_LEN);
	/* the queue sorts by flow, and flows belong to a network namespace */
	skb->dev = peer->ovpn->dev;
	ovpn_skb_cb(skb)->ping = true;
	ovpn_queue_put(&peer->queue, skb, kick_transport, peer);
}

/* The length of the next packet that is to be encrypted, 0 when nothing waits.
 * @is_ping: whether it is a keepalive.
 */
static unsigned int next_packet(struct ovpn_peer *peer, bool *is_ping)
{
	struct ovpn_segmenter *seg = &peer->segmenter;
	struct sk_buff *skb;
	unsigned int len;

	while (!(len = ovpn_segmenter_next(seg))) {
		skb = ovpn_queue_take(&peer->queue);
		if (!skb)
			return 0;
		*is_ping = ovpn_skb_cb(skb)->ping;
		if (unlikely(ovpn_segmenter_load(seg, skb)))
			ovpn_drops_add(&peer->drops,
				       OVPN_MPTCP_DROP_TX_MALFORMED, 1);
	}
	return len;
}

/* Why a packet could not be encrypted. A key whose packet ids are used up goes,
 * and userspace is told once.
 */
static enum ovpn_mptcp_drop encrypt_failed(struct ovpn_peer *peer,
					   struct ovpn_key *key, int err)
{
	if (err != -ERANGE)
		return OVPN_MPTCP_DROP_TX_CRYPTO;
	if (ovpn_keyring_kill(&peer->keys, key)) {
		netdev_warn(peer->ovpn->dev,
			    "peer %u: the packet ids of key %u are used up\n",
			    peer->id, key->key_id);
		ovpn_notify_key_swap(peer, key->key_id);
	}
	return OVPN_MPTCP_DROP_TX_KEY_EXHAUSTED;
}

/* Takes the next packet of @plain bytes. Returns the length of its record, 0 if
 * there is none.
 */
static unsigned int encrypt_packet(struct ovpn_peer *peer,
				   struct ovpn_aead_op *op, unsigned int plain)
{
	unsigned int len = plain + OVPN_DATA_OVERHEAD;
	struct ovpn_segmenter *seg = &peer->segmenter;
	enum ovpn_mptcp_drop reason;
	struct sk_buff *record;
	int err;

	if (unlikely(len > peer->transport->record_max)) {
		ovpn_drops_add(&peer->drops, OVPN_MPTCP_DROP_TX_TOO_LONG,
			       ovpn_segmenter_drop(seg));
		return 0;
	}
	record = peer->transport->get_record(peer, len);
	if (unlikely(!record)) {
		ovpn_drops_add(&peer->drops, OVPN_MPTCP_DROP_TX_NOMEM,
			       ovpn_segmenter_drop(seg));
		return 0;
	}
	/* get_record() has made the room */
	__skb_put(record, len);
	reason = OVPN_MPTCP_DROP_TX_MALFORMED;
	if (unlikely(ovpn_segmenter_copy(seg, record->data + OVPN_DATA_OVERHEAD)))
		goto drop;
	ovpn_mss_lower(record->data + OVPN_DATA_OVERHEAD, plain,
		       READ_ONCE(peer->inner_max));
	err = ovpn_aead_encrypt(op, record->data, plain, READ_ONCE(peer->tx_id));
	if (unlikely(err)) {
		reason = encrypt_failed(peer, op->key, err);
		goto drop;
	}
	ovpn_skb_cb(record)->data = true;
	peer->transport->send_skb(peer, record);
	return len;

drop:
	kfree_skb(record);
	ovpn_drops_add(&peer->drops, reason, 1);
	return 0;
}

static void count_tx(struct ovpn_peer *peer, unsigned int packets,
		     unsigned int bytes)
{
	struct ovpn_dev_stats *stats;

	if (!packets)
		return;
	atomic64_add(packets, &peer->stats.vpn_tx_packets);
	atomic64_add(bytes, &peer->stats.vpn_tx_bytes);

	local_bh_disable();
	stats = this_cpu_ptr(peer->ovpn->stats);
	u64_stats_update_begin(&stats->sync);
	u64_stats_add(&stats->tx_packets, packets);
	u64_stats_add(&stats->tx_bytes, bytes);
	u64_stats_update_end(&stats->sync);
	local_bh_enable();
}

/**
 * ovpn_encrypt_batch - turn waiting packets into records of the transport
 * @peer: the peer
 * @room: stop when so many bytes of records were made
 * @most: stop after so many records
 *
 * Called by the transmit worker of the peer, one at a time, when the transport
 * has room: what waits stays plaintext until then, and records come into being
 * in the order of their packet ids. Process context, may sleep.
 *
 * Return: number of records made; 0 when nothing waits any more
 */
unsigned int ovpn_encrypt_batch(struct ovpn_peer *peer, unsigned int room,
				unsigned int most)
{
	unsigned int made = 0, bytes = 0, packets = 0, vpn_bytes = 0;
	struct ovpn_aead_op *op = NULL;
	enum ovpn_mptcp_drop without_op;
	struct ovpn_key *key;
	bool is_ping = false;

	might_sleep();
	key = ovpn_keyring_get_primary(&peer->keys);
	without_op = key ? OVPN_MPTCP_DROP_TX_NOMEM : OVPN_MPTCP_DROP_TX_NO_KEY;
	if (key)
		op = ovpn_aead_op_begin(key, true);

	while (bytes < room && made < most) {
		unsigned int plain = next_packet(peer, &is_ping);
		unsigned int record;

		if (!plain)
			break;
		if (unlikely(!op)) {
			ovpn_drops_add(&peer->drops, without_op,
				       ovpn_segmenter_drop(&peer->segmenter));
			cond_resched();
			continue;
		}
		record = encrypt_packet(peer, op, plain);
		if (unlikely(!record)) {
			/* no budget ends a run of packets that are dropped */
			cond_resched();
			continue;
		}
		made++;
		bytes += record;
		if (likely(!is_ping)) {
			packets++;
			vpn_bytes += plain;
		}
	}
	ovpn_aead_op_end(op);
	count_tx(peer, packets, vpn_bytes);
	return made;
}
