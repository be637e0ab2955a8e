// SPDX-License-Identifier: GPL-2.0
/*
 * Writing a stream: many records in one sendmsg(), made from plaintext only
 * when there is room for them, and control records of userspace between them.
 */
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "clock.h"
#include "compat.h"
#include "io.h"
#include "main.h"
#include "peer.h"
#include "pool.h"
#include "skb.h"
#include "stream.h"
#include "trace.h"

/* one call to the socket: what MPTCP maps in one piece */
#define TX_BATCH_BYTES		(64 * 1024)
#define TX_BATCH_PIECES		64
/* records between the making and the writing of a batch */
#define TX_RING			(2 * TX_BATCH_PIECES)
/* writes before others get their turn on the CPU */
#define TX_BUDGET		16
/* Control records of userspace that may wait, and the memory that they take
 * when another one is taken: a record is taken whole, so it may be exceeded by
 * one.
 */
#define TX_CONTROL_MAX		64
#define TX_CONTROL_BYTES	SZ_256K
/* before a record: its length, and what aligns the packet inside */
#define TX_HEADROOM		ALIGN(OVPN_LEN_PREFIX, sizeof(u32))
/* larger packets are rare: a record has the size that all of its device need */
#define TX_COMMON_MAX		(16 * 1024)
/* Room that comes back is announced, except when memory was missing; and
 * no event tells that a path still does not answer.
 */
#define TX_STALL_LOOK		msecs_to_jiffies(100)

static void batch_add(struct ovpn_stream_tx *tx, struct sk_buff *skb)
{
	tx->batch_bytes += skb->len;
	__skb_queue_tail(&tx->batch, skb);
}

/* whether no more control records are taken; with or without the list's lock */
static bool control_full(const struct ovpn_stream_tx *tx)
{
	return skb_queue_len_lockless(&tx->control) >= TX_CONTROL_MAX ||
	       READ_ONCE(tx->control_bytes) >= TX_CONTROL_BYTES;
}

/* Control records go ahead of all data records, but for the one that is
 * partly written: nothing may stand in its middle. The next ones are taken
 * when the last ones are out: so they keep their order, and what userspace may
 * queue stays bounded however often a full stream is looked at.
 */
static void take_control(struct ovpn_stream *stream)
{
	struct ovpn_stream_tx *tx = &stream->tx;
	struct sk_buff_head waiting;
	struct sk_buff *skb;
	bool was_full;

	if (tx->batch_control || skb_queue_empty_lockless(&tx->control))
		return;
	__skb_queue_head_init(&waiting);
	spin_lock_bh(&tx->control.lock);
	was_full = control_full(tx);
	WRITE_ONCE(tx->control_bytes, 0);
	tx->batch_control = skb_queue_len(&tx->control);
	skb_queue_splice_init(&tx->control, &waiting);
	spin_unlock_bh(&tx->control.lock);

	skb_queue_walk(&waiting, skb)
		tx->batch_bytes += skb->len;
	if (tx->written) {
		skb = __skb_dequeue(&tx->batch);
		__skb_queue_head(&waiting, skb);
	}
	skb_queue_splice_init(&waiting, &tx->batch);

	if (was_full)
		wake_up_interruptible_poll(sk_sleep(stream->sk),
					   EPOLLOUT | EPOLLWRNORM);
}

/* Fills the batch with what waits: control records, and as far as there is room,
 * records of the ring, then plaintext.
 */
static void fill(struct ovpn_stream *stream, u32 may)
{
	struct ovpn_stream_tx *tx = &stream->tx;
	struct sk_buff *skb;

	take_control(stream);
	may = min_t(u32, may, TX_BATCH_BYTES);
	while (tx->batch_bytes < may &&
	       skb_queue_len(&tx->batch) < TX_BATCH_PIECES) {
		unsigned int room = may - tx->batch_bytes;
		unsigned int most = TX_BATCH_PIECES - skb_queue_len(&tx->batch);

		/* the writer alone takes from it, so without its lock */
		skb = __ptr_ring_consume(&tx->ring);
		if (skb)
			batch_add(tx, skb);
		else if (!ovpn_encrypt_batch(stream->peer, room, most))
			break;
	}
}

/* a record was written: its memory serves for another one */
static void recycle(struct ovpn_stream_tx *tx, struct sk_buff *skb)
{
	if (unlikely(!ovpn_skb_cb(skb)->data)) {
		consume_skb(skb);
		return;
	}
	skb->data = skb->head;
	skb_reset_tail_pointer(skb);
	skb->len = 0;
	skb_reserve(skb, TX_HEADROOM);
	__skb_queue_head(&tx->spare, skb);
}

/* takes the bytes that were written off the batch */
static void complete_written(struct ovpn_stream *stream, unsigned int bytes)
{
	struct ovpn_stream_tx *tx = &stream->tx;
	unsigned int data_bytes = 0, data_packets = 0;
	struct ovpn_peer *peer = stream->peer;
	struct sk_buff *skb;

	tx->batch_bytes -= bytes;
	bytes += tx->written;
	while ((skb = skb_peek(&tx->batch)) && bytes >= skb->len) {
		bytes -= skb->len;
		if (ovpn_skb_cb(skb)->data) {
			data_packets++;
			data_bytes += skb->len - OVPN_LEN_PREFIX;
		} else {
			tx->batch_control--;
		}
		__skb_unlink(skb, &tx->batch);
		recycle(tx, skb);
	}
	tx->written = bytes;
	if (data_packets) {
		atomic64_add(data_packets, &peer->stats.link_tx_packets);
		atomic64_add(data_bytes, &peer->stats.link_tx_bytes);
		WRITE_ONCE(peer->keepalive.last_sent, ovpn_now_ms());
	}
}

/* One write. Returns bytes, -EAGAIN when the socket is full, or an error. */
static int write_batch(struct ovpn_stream *stream)
{
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
	struct ovpn_stream_tx *tx = &stream->tx;
	struct kvec vec[TX_BATCH_PIECES];
	unsigned int n = 0, skip = tx->written;
	struct sk_buff *skb;
	size_t len = 0;

	/* records are linear: ovpn_skb_new(), ovpn_stream_tx_control() */
	skb_queue_walk(&tx->batch, skb) {
		if (n == TX_BATCH_PIECES)
			break;
		vec[n].iov_base = skb->data + skip;
		vec[n].iov_len = skb->len - skip;
		len += vec[n++].iov_len;
		skip = 0;
	}
	iov_iter_kvec(&msg.msg_iter, ITER_SOURCE, vec, n, len);
	return stream->kind->orig->sendmsg(stream->sock, &msg, len);
}

/* Room that comes from now on wakes the writer. Returns what came before it was
 * asked for.
 */
static u32 ask_for_room(struct ovpn_stream *stream)
{
	ovpn_compat_want_room(stream->kind->orig, stream->sock,
			      &stream->tx.asking);
	return stream->kind->room(stream);
}

/* Writes until nothing waits, the socket refuses, or others are to have their
 * turn. Returns what the socket said last, or 1 when there is more to do, 0 when
 * there is not.
 */
static int write_some(struct ovpn_stream *stream)
{
	struct ovpn_stream_tx *tx = &stream->tx;
	int n, turn;
	u32 room;

	for (turn = 0; turn < TX_BUDGET; turn++) {
		room = stream->kind->room(stream);
		trace_ovpn_room(stream, room);
		ovpn_queue_set_round(&stream->peer->queue,
				     tx->room.round_us);
		fill(stream, room);
		if (skb_queue_empty(&tx->batch) && room) {
			ovpn_room_rest(&tx->room, stream->sock);
			return 0;
		}
		if (skb_queue_empty(&tx->batch)) {
			if (!ask_for_room(stream))
				return -EAGAIN;
			continue;
		}
		n = write_batch(stream);
		if (n < 0) {
			trace_ovpn_refusal(stream, n);
			return n;
		}
		complete_written(stream, n);
		/* a short write too means that there is no room: only a refused
		 * one makes the socket announce it, so try again
		 */
	}
	return 1;
}

static void stream_tx_run(struct ovpn_stream *stream)
{
	struct ovpn_stream_tx *tx = &stream->tx;
	int ret;

	if (unlikely(!READ_ONCE(stream->started) || READ_ONCE(stream->death)))
		return;
	ovpn_pool_get_records(&tx->spare);
	WRITE_ONCE(tx->writer, current);
	ret = write_some(stream);
	WRITE_ONCE(tx->writer, NULL);
	ovpn_pool_put_records(&tx->spare);
	if (ret > 0)
		mod_delayed_work(ovpn_wq, &tx->work, 0);
	else if (ret == -EAGAIN || ret == -EINTR ||
		 (!ret && tx->room.has_silent))
		queue_delayed_work(ovpn_wq, &tx->work, TX_STALL_LOOK);
	else if (ret)
		ovpn_stream_fail(stream, ret);
}

static void stream_tx_work(struct work_struct *work)
{
	unsigned int flags = ovpn_work_begin();

	stream_tx_run(container_of(to_delayed_work(work), struct ovpn_stream,
				   tx.work));
	ovpn_work_end(flags);
}

/**
 * ovpn_stream_tx_init - prepare writing
 * @stream: a new stream, whose kind is set
 *
 * Return: 0 or -ENOMEM
 */
int ovpn_stream_tx_init(struct ovpn_stream *stream)
{
	struct ovpn_stream_tx *tx = &stream->tx;

	INIT_DELAYED_WORK(&tx->work, stream_tx_work);
	skb_queue_head_init(&tx->control);
	__skb_queue_head_init(&tx->batch);
	__skb_queue_head_init(&tx->spare);
	ovpn_room_init(&tx->room, stream->kind->orig);
	return ptr_ring_init(&tx->ring, TX_RING, GFP_KERNEL);
}

static void free_record(void *record)
{
	kfree_skb(record);
}

/**
 * ovpn_stream_tx_destroy - free what writing holds
 * @stream: a stream that cannot be found any more
 */
void ovpn_stream_tx_destroy(struct ovpn_stream *stream)
{
	struct ovpn_stream_tx *tx = &stream->tx;

	skb_queue_purge(&tx->control);
	__skb_queue_purge(&tx->batch);
	ptr_ring_cleanup(&tx->ring, free_record);
}

static void purge_control(struct ovpn_stream_tx *tx)
{
	struct sk_buff_head waiting;

	__skb_queue_head_init(&waiting);
	spin_lock_bh(&tx->control.lock);
	WRITE_ONCE(tx->control_bytes, 0);
	skb_queue_splice_init(&tx->control, &waiting);
	spin_unlock_bh(&tx->control.lock);
	__skb_queue_purge(&waiting);
}

/**
 * ovpn_stream_tx_purge - drop what waits to be written
 * @stream: a detached stream whose writer does not run
 *
 * The records have their packet ids, so they cannot be sent anywhere else: their
 * packets are counted as dropped. The rest of one that is partly written stays:
 * the next thing in the stream must be that rest, should the stream ever be
 * attached again. The stream still has its peer.
 */
void ovpn_stream_tx_purge(struct ovpn_stream *stream)
{
	struct ovpn_stream_tx *tx = &stream->tx;
	struct sk_buff *partial = NULL;
	unsigned int packets = 0;
	struct sk_buff *skb;

	ovpn_room_forget(&tx->room, stream->sock);
	while ((skb = ptr_ring_consume(&tx->ring)))
		__skb_queue_tail(&tx->batch, skb);
	purge_control(tx);
	skb_queue_walk(&tx->batch, skb)
		packets += ovpn_skb_cb(skb)->data;
	ovpn_drops_add(&stream->peer->drops, OVPN_MPTCP_DROP_TX_DETACHED,
		       packets);
	if (tx->written)
		partial = __skb_dequeue(&tx->batch);
	__skb_queue_purge(&tx->batch);
	tx->batch_bytes = 0;
	tx->batch_control = 0;
	if (partial) {
		__skb_queue_tail(&tx->batch, partial);
		tx->batch_bytes = partial->len - tx->written;
		tx->batch_control = !ovpn_skb_cb(partial)->data;
	}
}

/**
 * ovpn_stream_get_record - transport.get_record: used before, if possible
 * @peer: the peer
 * @len: bytes from the opcode on
 *
 * By the writer itself, from ovpn_encrypt_batch().
 *
 * Return: an skb, or NULL without memory
 */
struct sk_buff *ovpn_stream_get_record(struct ovpn_peer *peer, unsigned int len)
{
	unsigned int common = READ_ONCE(peer->ovpn->dev->mtu) +
			      OVPN_DATA_OVERHEAD;
	struct ovpn_stream *stream;
	struct sk_buff *skb;

	/* a peer changes its stream only while no writer runs */
	stream = rcu_dereference_protected(peer->stream, true);
	skb = __skb_dequeue(&stream->tx.spare);
	if (likely(skb && skb_tailroom(skb) >= len + OVPN_TAG_LEN))
		return skb;
	kfree_skb(skb);
	if (common <= TX_COMMON_MAX)
		len = max(len, common);
	return ovpn_skb_new(TX_HEADROOM, len);
}

/**
 * ovpn_stream_queue_skb - put an encrypted record in the transmit ring
 * @peer: the peer
 * @skb: the record with its length prefix; belongs to the ring
 *
 * The only producer is the writer of the stream, from ovpn_encrypt_batch(), and
 * it is the consumer too: what it finds in the ring it writes without being
 * woken once more. A list would do for that. The ring is what
 * ovpn_queue_mptcp_skb() promises: a record may be queued by whoever has one,
 * without a lock of the writer.
 */
void ovpn_stream_queue_skb(struct ovpn_peer *peer, struct sk_buff *skb)
{
	struct ovpn_stream *stream;

	/* a peer changes its stream only while no writer runs */
	stream = rcu_dereference_protected(peer->stream, true);
	if (unlikely(ptr_ring_produce(&stream->tx.ring, skb))) {
		ovpn_drops_add(&peer->drops, OVPN_MPTCP_DROP_TX_RING_FULL, 1);
		kfree_skb(skb);
		return;
	}
	if (unlikely(READ_ONCE(stream->tx.writer) != current))
		mod_delayed_work(ovpn_wq, &stream->tx.work, 0);
}

/**
 * ovpn_stream_tx_has_room - whether a control record would be taken now
 * @stream: the stream
 *
 * Return: true if so, also for a stream that ended: sending says it then
 */
bool ovpn_stream_tx_has_room(const struct ovpn_stream *stream)
{
	return !control_full(&stream->tx) || !READ_ONCE(stream->tx.open);
}

/* 0, -EAGAIN when too many wait, -EPIPE when the stream has ended */
static int control_put(struct ovpn_stream *stream, struct sk_buff *skb)
{
	struct ovpn_stream_tx *tx = &stream->tx;
	int err = 0;

	spin_lock_bh(&tx->control.lock);
	if (!tx->open || READ_ONCE(stream->death)) {
		err = -EPIPE;
	} else if (control_full(tx)) {
		err = -EAGAIN;
	} else {
		WRITE_ONCE(tx->control_bytes,
			   tx->control_bytes + skb->truesize);
		__skb_queue_tail(&tx->control, skb);
		/* under the lock: a detach closes before it cancels */
		mod_delayed_work(ovpn_wq, &tx->work, 0);
	}
	spin_unlock_bh(&tx->control.lock);
	return err;
}

/**
 * ovpn_stream_tx_control - sendmsg() of userspace: a control record
 * @stream: the stream
 * @msg: the record, length prefix included
 * @len: its length
 *
 * All or nothing: OpenVPN never sends the rest of a short write. Process
 * context; waits for room unless MSG_DONTWAIT is set.
 *
 * Return: @len, -EMSGSIZE for more than a record can be, -EAGAIN, -EPIPE
 * (without a signal, whoever asked), -EFAULT, -ENOMEM, or an interrupted wait
 */
int ovpn_stream_tx_control(struct ovpn_stream *stream, struct msghdr *msg,
			   size_t len)
{
	long timeo = sock_sndtimeo(stream->sk, msg->msg_flags & MSG_DONTWAIT);
	wait_queue_head_t *room = sk_sleep(stream->sk);
	struct sk_buff *skb;
	int err;

	if (!len)
		return 0;
	if (len > OVPN_LEN_PREFIX + OVPN_RECORD_MAX)
		return -EMSGSIZE;
	skb = alloc_skb(len, GFP_KERNEL_ACCOUNT);
	if (!skb)
		return -ENOMEM;
	ovpn_skb_cb(skb)->data = false;
	if (!copy_from_iter_full(skb_put(skb, len), len, &msg->msg_iter)) {
		err = -EFAULT;
		goto free;
	}
	while ((err = control_put(stream, skb)) == -EAGAIN && timeo) {
		timeo = wait_event_interruptible_timeout(*room,
							 ovpn_stream_tx_has_room(stream),
							 timeo);
		if (timeo < 0) {
			err = sock_intr_errno(MAX_SCHEDULE_TIMEOUT);
			goto free;
		}
	}
	if (!err)
		return len;
free:
	kfree_skb(skb);
	return err;
}
