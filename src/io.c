// SPDX-License-Identifier: GPL-2.0
/* The data path: from the stack to the peer's queue and into records; from data
 * packets to the stack.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/gro_cells.h>

#include "clock.h"
#include "compat.h"
#include "early.h"
#include "io.h"
#include "multicast.h"
#include "notify.h"
#include "peer.h"
#include "skb.h"
#include "sock.h"
#include "source.h"

/* packets that are decrypted before they are given to the stack */
#define RX_BATCH		64

static const u8 ping[OVPN_PING_LEN] = OVPN_PING_BYTES;

/* the header of an IP packet is linear and says what skb->protocol says */
static bool ip_valid(struct sk_buff *skb)
{
	switch (skb->protocol) {
	case htons(ETH_P_IP):
		return pskb_network_may_pull(skb, sizeof(struct iphdr)) &&
		       ip_hdr(skb)->version == 4;
	case htons(ETH_P_IPV6):
		return pskb_network_may_pull(skb, sizeof(struct ipv6hdr)) &&
		       ipv6_hdr(skb)->version == 6;
	default:
		return false;
	}
}

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
	if (unlikely(!ip_valid(skb))) {
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
	skb_put(record, len);
	reason = OVPN_MPTCP_DROP_TX_MALFORMED;
	if (unlikely(ovpn_segmenter_copy(seg, record->data + OVPN_DATA_OVERHEAD)))
		goto drop;
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

/**
 * ovpn_rx_begin - get ready for packets of a peer
 * @batch: state of the batch
 * @peer: the peer; the caller keeps it until ovpn_rx_end()
 * @ours: the packets, and OVPN_TAG_LEN bytes behind each, are in memory that
 *	  is not shared; decryption may use it
 */
void ovpn_rx_begin(struct ovpn_rx_batch *batch, struct ovpn_peer *peer,
		   bool ours)
{
	memset(batch, 0, sizeof(*batch));
	batch->peer = peer;
	batch->ours = ours;
	__skb_queue_head_init(&batch->ready);
}

static void drop_rx(struct ovpn_peer *peer, enum ovpn_mptcp_drop reason)
{
	ovpn_drops_add(&peer->drops, reason, 1);
}

/* decryption with the key of @key_id, kept for the next packet */
static int take_key(struct ovpn_rx_batch *batch, u8 key_id)
{
	struct ovpn_key *key;

	if (batch->op && batch->op->key->key_id == key_id)
		return 0;
	key = ovpn_keyring_get_by_id(&batch->peer->keys, key_id);
	if (!key)
		return -ENOKEY;
	ovpn_aead_op_end(batch->op);
	batch->op = ovpn_aead_op_begin(key, false);
	return batch->op ? 0 : -ENOMEM;
}

/* Looks at the content of an authentic packet and gets it ready for the
 * stack. Returns false if it is not for the stack; then it is accounted for.
 */
static bool inner_ready(struct ovpn_peer *peer, struct sk_buff *skb)
{
	u8 copy[OVPN_PING_LEN];

	if (unlikely(!skb->len)) {
		drop_rx(peer, OVPN_MPTCP_DROP_RX_EMPTY);
		return false;
	}
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	/* not set by the sender, so the version nibble decides */
	skb->protocol = ip_hdr(skb)->version == 6 ? htons(ETH_P_IPV6) :
						    htons(ETH_P_IP);
	if (unlikely(!ip_valid(skb))) {
		if (skb->len == OVPN_PING_LEN &&
		    !skb_copy_bits(skb, 0, copy, OVPN_PING_LEN) &&
		    !memcmp(copy, ping, OVPN_PING_LEN))
			return false;
		drop_rx(peer, OVPN_MPTCP_DROP_RX_NOT_IP);
		return false;
	}
	if (unlikely(!ovpn_source_ok(peer, skb))) {
		drop_rx(peer, OVPN_MPTCP_DROP_RX_SOURCE);
		return false;
	}
	/* It is what the peer has sent, to the bit: its key vouches for that.
	 * The checksums inside would tell no more.
	 */
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->csum_level = ~0;
	skb->dev = peer->ovpn->dev;
	skb_reset_transport_header(skb);
	return true;
}

/* Accounts for what was received and gives it to the stack. */
static void deliver(struct ovpn_rx_batch *batch)
{
	struct ovpn_peer *peer = batch->peer;
	struct ovpn_dev_stats *stats;
	struct sk_buff *skb;

	if (batch->authentic)
		WRITE_ONCE(peer->keepalive.last_recv, ovpn_now_ms());
	if (batch->link_packets) {
		atomic64_add(batch->link_packets, &peer->stats.link_rx_packets);
		atomic64_add(batch->link_bytes, &peer->stats.link_rx_bytes);
		batch->link_packets = 0;
		batch->link_bytes = 0;
	}
	if (!batch->vpn_packets)
		return;
	atomic64_add(batch->vpn_packets, &peer->stats.vpn_rx_packets);
	atomic64_add(batch->vpn_bytes, &peer->stats.vpn_rx_bytes);

	local_bh_disable();
	stats = this_cpu_ptr(peer->ovpn->stats);
	u64_stats_update_begin(&stats->sync);
	u64_stats_add(&stats->rx_packets, batch->vpn_packets);
	u64_stats_add(&stats->rx_bytes, batch->vpn_bytes);
	u64_stats_update_end(&stats->sync);
	while ((skb = __skb_dequeue(&batch->ready)))
		gro_cells_receive(&peer->ovpn->gro_cells, skb);
	local_bh_enable();
	batch->vpn_packets = 0;
	batch->vpn_bytes = 0;
}

/* 0, -ENOKEY (not counted as a drop yet), or the packet was dropped */
static int decrypt_packet(struct ovpn_rx_batch *batch, u8 *packet, unsigned int len,
			  bool ours)
{
	struct ovpn_peer *peer = batch->peer;
	struct sk_buff *skb;
	int err;

	err = take_key(batch, ovpn_proto_key_id(packet[0]));
	if (unlikely(err == -ENOKEY))
		return err;
	if (unlikely(err)) {
		drop_rx(peer, OVPN_MPTCP_DROP_RX_NOMEM);
		return err;
	}
	skb = ovpn_skb_new_page(NET_SKB_PAD, len - OVPN_DATA_OVERHEAD);
	if (unlikely(!skb)) {
		drop_rx(peer, OVPN_MPTCP_DROP_RX_NOMEM);
		return -ENOMEM;
	}
	skb_put(skb, len - OVPN_DATA_OVERHEAD);
	err = ovpn_aead_decrypt(batch->op, packet, len, ours, skb->data);
	if (unlikely(err)) {
		drop_rx(peer, err == -EBADMSG ? OVPN_MPTCP_DROP_RX_AUTH :
						OVPN_MPTCP_DROP_RX_CRYPTO);
		goto free;
	}
	err = ovpn_pktid_recv_check(&batch->op->key->pid_recv,
				    ovpn_proto_pktid(packet), ovpn_now_ms());
	if (unlikely(err)) {
		drop_rx(peer, OVPN_MPTCP_DROP_RX_REPLAY);
		goto free;
	}
	batch->authentic = true;
	batch->newest = ovpn_pktid_recv_newest(&batch->op->key->pid_recv,
					       ovpn_proto_pktid(packet));
	if (!inner_ready(peer, skb))
		goto free;
	batch->vpn_packets++;
	batch->vpn_bytes += skb->len;
	__skb_queue_tail(&batch->ready, skb);
	if (skb_queue_len(&batch->ready) >= RX_BATCH)
		deliver(batch);
	return 0;

free:
	kfree_skb(skb);
	return err;
}

/* packets that came before their key, once it is there: before all later ones */
static void decrypt_early(struct ovpn_rx_batch *batch)
{
	struct ovpn_early *early = &batch->peer->early;
	unsigned long ids = ovpn_early_waits(early);
	struct sk_buff *skb;
	unsigned int id;

	for_each_set_bit(id, &ids, BITS_PER_LONG) {
		if (take_key(batch, id))
			continue;
		while ((skb = ovpn_early_take(early, id))) {
			decrypt_packet(batch, skb->data, skb->len, false);
			consume_skb(skb);
		}
	}
}

/**
 * ovpn_rx_packet - one DATA_V2 packet of a peer
 * @batch: state of the batch
 * @packet: from the opcode on
 * @len: at least OVPN_DATA_OVERHEAD
 *
 * Process context, may sleep. A packet that is dropped is counted here.
 *
 * Return: 0 if the packet was authentic, -ENOKEY if its key is not known,
 * -EBADMSG if it is not authentic, -EINVAL for a replayed one, -ENOMEM, or
 * what the cipher says
 */
int ovpn_rx_packet(struct ovpn_rx_batch *batch, u8 *packet, unsigned int len)
{
	struct ovpn_early *early = &batch->peer->early;
	int err;

	batch->link_packets++;
	batch->link_bytes += len;

	if (unlikely(ovpn_early_waits(early)))
		decrypt_early(batch);
	err = decrypt_packet(batch, packet, len, batch->ours);
	if (unlikely(err == -ENOKEY) && !ovpn_early_put(early, packet, len))
		drop_rx(batch->peer, OVPN_MPTCP_DROP_RX_NO_KEY);
	return err;
}

/**
 * ovpn_rx_early - a key may have come for packets that wait for it
 * @peer: the peer
 *
 * By the worker of the transport, which receives for the peer.
 */
void ovpn_rx_early(struct ovpn_peer *peer)
{
	struct ovpn_rx_batch batch;

	if (likely(!ovpn_early_waits(&peer->early)))
		return;
	ovpn_rx_begin(&batch, peer, false);
	decrypt_early(&batch);
	ovpn_rx_end(&batch);
}

/**
 * ovpn_rx_end - give the packets of a batch to the stack
 * @batch: state of the batch; may be begun again
 *
 * Process context. All packets go through GRO in one NAPI run.
 */
void ovpn_rx_end(struct ovpn_rx_batch *batch)
{
	ovpn_aead_op_end(batch->op);
	batch->op = NULL;
	deliver(batch);
}
