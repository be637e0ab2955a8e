// SPDX-License-Identifier: GPL-2.0
/* The data path in: from data packets to the stack. */
#include <linux/ip.h>

#include "clock.h"
#include "early.h"
#include "io.h"
#include "mss.h"
#include "peer.h"
#include "rx_queue.h"
#include "skb.h"
#include "source.h"

/* packets that are decrypted before they are given to the stack */
#define RX_BATCH		64

static const u8 ping[OVPN_PING_LEN] = OVPN_PING_BYTES;

/**
 * ovpn_rx_begin - get ready for packets of a peer
 * @batch: state of the batch
 * @peer: the peer; the caller keeps it until ovpn_rx_end()
 * @ours: the packets, and OVPN_TAG_LEN bytes behind each, are in memory that
 *	  is not shared, and not of vmalloc; decryption may use it
 */
void ovpn_rx_begin(struct ovpn_rx_batch *batch, struct ovpn_peer *peer,
		   bool ours)
{
	batch->peer = peer;
	batch->op = NULL;
	batch->link_bytes = 0;
	batch->link_packets = 0;
	batch->vpn_bytes = 0;
	batch->vpn_packets = 0;
	batch->now = ovpn_now_ms();
	batch->ours = ours;
	batch->newest = false;
	batch->authentic = false;
	__skb_queue_head_init(&batch->ready);
	ovpn_join_init(&batch->join, peer->ovpn->dev);
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
	if (unlikely(!ovpn_skb_is_ip(skb))) {
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
	ovpn_mss_lower(skb->data, skb->len, READ_ONCE(peer->inner_max));
	/* It is what the peer has sent, to the bit, but for the MSS: its key
	 * vouches for that. The checksums inside would tell no more.
	 */
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->csum_level = ~0;
	skb->dev = peer->ovpn->dev;
	skb_reset_transport_header(skb);
	return true;
}

/* Gives packets to the stack. Those of a device that is down are dropped. BH
 * disabled.
 */
static void enter_stack(struct ovpn_rx_batch *batch)
{
	struct ovpn_peer *peer = batch->peer;
	struct ovpn_dev *ovpn = peer->ovpn;

	ovpn_join_close(&batch->join);
	if (unlikely(!(READ_ONCE(ovpn->dev->flags) & IFF_UP))) {
		__skb_queue_purge(&batch->ready);
		atomic64_add(batch->vpn_packets, &ovpn->rx_dropped);
	} else if (unlikely(!ovpn_rx_queues_put(ovpn->rx_queues, peer->id,
						&batch->ready,
						batch->vpn_packets))) {
		ovpn_drops_add(&peer->drops, OVPN_MPTCP_DROP_RX_QUEUE_FULL,
			       batch->vpn_packets);
	}
}

/* Accounts for what was received and gives it to the stack. */
static void deliver(struct ovpn_rx_batch *batch)
{
	struct ovpn_peer *peer = batch->peer;
	struct ovpn_dev_stats *stats;

	if (batch->authentic)
		WRITE_ONCE(peer->keepalive.last_recv, batch->now);
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
	enter_stack(batch);
	local_bh_enable();
	batch->vpn_packets = 0;
	batch->vpn_bytes = 0;
}

/* The content of a packet goes behind the packet before, if it may follow that,
 * else into an skb of its own. NULL without memory.
 */
static u8 *place_for(struct ovpn_rx_batch *batch, unsigned int plain,
		     struct sk_buff **skb)
{
	u8 *to = ovpn_join_place(&batch->join, plain);

	if (to)
		return to;
	*skb = ovpn_skb_new_page(NET_SKB_PAD, plain);
	return *skb ? skb_put(*skb, plain) : NULL;
}

/* An authentic packet that was decrypted behind another one, but does not follow it.
 * NULL without memory.
 */
static struct sk_buff *move_out(struct ovpn_rx_batch *batch, const u8 *at,
				unsigned int plain)
{
	struct sk_buff *skb = ovpn_skb_new_page(NET_SKB_PAD, plain);

	if (likely(skb))
		skb_put_data(skb, at, plain);
	else
		drop_rx(batch->peer, OVPN_MPTCP_DROP_RX_NOMEM);
	ovpn_join_cancel(&batch->join);
	return skb;
}

/* Decrypts a packet to @to, and looks whether it is a new one. 0, or it was dropped */
static int open_packet(struct ovpn_rx_batch *batch, u8 *packet, unsigned int len,
		       bool ours, u8 *to)
{
	struct ovpn_pktid_recv *ids = &batch->op->key->pid_recv;
	int err = ovpn_aead_decrypt(batch->op, packet, len, ours, to);

	if (unlikely(err)) {
		drop_rx(batch->peer, err == -EBADMSG ?
			OVPN_MPTCP_DROP_RX_AUTH : OVPN_MPTCP_DROP_RX_CRYPTO);
		return err;
	}
	err = ovpn_pktid_recv_check(ids, ovpn_proto_pktid(packet), batch->now);
	if (unlikely(err)) {
		drop_rx(batch->peer, OVPN_MPTCP_DROP_RX_REPLAY);
		return err;
	}
	batch->authentic = true;
	batch->newest = ovpn_pktid_recv_newest(ids, ovpn_proto_pktid(packet));
	return 0;
}

/* 0, -ENOKEY (not counted as a drop yet), or the packet was dropped */
static int decrypt_packet(struct ovpn_rx_batch *batch, u8 *packet, unsigned int len,
			  bool ours)
{
	unsigned int plain = len - OVPN_DATA_OVERHEAD;
	struct sk_buff *skb = NULL;
	int err;
	u8 *to;

	err = take_key(batch, ovpn_proto_key_id(packet[0]));
	if (unlikely(err == -ENOKEY))
		return err;
	to = err ? NULL : place_for(batch, plain, &skb);
	if (unlikely(!to)) {
		drop_rx(batch->peer, OVPN_MPTCP_DROP_RX_NOMEM);
		return -ENOMEM;
	}
	err = open_packet(batch, packet, len, ours, to);
	if (unlikely(err)) {
		if (!skb)
			ovpn_join_cancel(&batch->join);
		goto free;
	}
	if (!skb) {
		if (likely(ovpn_join_add(&batch->join, plain)))
			goto count;
		skb = move_out(batch, to, plain);
		if (unlikely(!skb))
			return -ENOMEM;
	}
	if (unlikely(!inner_ready(batch->peer, skb)))
		goto free;
	__skb_queue_tail(&batch->ready, skb);
	ovpn_join_begin(&batch->join, skb);
count:
	batch->vpn_packets++;
	batch->vpn_bytes += plain;
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
	ovpn_join_end(&batch->join);
}
