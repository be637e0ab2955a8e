// SPDX-License-Identifier: GPL-2.0
/*
 * Reading a stream: large reads, cut into records, data records decrypted out
 * of the buffer, control records kept for userspace.
 */
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "compat.h"
#include "frame.h"
#include "io.h"
#include "main.h"
#include "peer.h"
#include "pool.h"
#include "stream.h"

/* behind the last record is room for what decryption needs there */
#define RX_BUF			(OVPN_POOL_BUF - OVPN_TAG_LEN)
/* a rest up to here is copied away, so that an idle peer holds no buffer */
#define RX_CARRY_SMALL		4096
/* reads before others get their turn on the CPU */
#define RX_BUDGET		16
/* control records that wait for userspace, and the memory that they take. More
 * are dropped: OpenVPN sends them again, its control channel does not rely on
 * the transport, and has a handful under way.
 */
#define RX_CONTROL_MAX		256
#define RX_CONTROL_BYTES	SZ_256K

/* the longest first record that is believed, see ovpn_frame_first_max() */
#define RX_STRICT_MIN		2048
#define RX_STRICT_SLACK		256

/* gets a buffer with what was left of the last run in front */
static int resume(struct ovpn_stream_rx *rx)
{
	if (rx->buf)
		return 0;
	rx->buf = ovpn_pool_get_buf();
	if (!rx->buf)
		return -ENOMEM;
	if (rx->carry) {
		memcpy(rx->buf, rx->carry, rx->have);
		kfree(rx->carry);
		rx->carry = NULL;
	}
	return 0;
}

/* gives the buffer back if the rest is small */
static void suspend(struct ovpn_stream_rx *rx)
{
	if (rx->have > RX_CARRY_SMALL)
		return;
	if (rx->have) {
		rx->carry = kmemdup(rx->buf, rx->have, GFP_KERNEL);
		if (!rx->carry)
			return;
	}
	ovpn_pool_put_buf(rx->buf);
	rx->buf = NULL;
}

static void control_queue(struct ovpn_stream *stream, const u8 *record,
			  unsigned int len)
{
	struct ovpn_stream_rx *rx = &stream->rx;
	struct sk_buff *skb = NULL;

	/* only we add to it */
	if (skb_queue_len_lockless(&rx->control) < RX_CONTROL_MAX &&
	    READ_ONCE(rx->control_bytes) + SKB_TRUESIZE(len) <=
	    RX_CONTROL_BYTES)
		skb = alloc_skb(len, GFP_KERNEL);
	if (unlikely(!skb)) {
		ovpn_drops_add(&stream->peer->drops,
			       OVPN_MPTCP_DROP_RX_CONTROL_FULL, 1);
		return;
	}
	skb_put_data(skb, record, len);
	spin_lock_bh(&rx->control.lock);
	__skb_queue_tail(&rx->control, skb);
	WRITE_ONCE(rx->control_bytes, rx->control_bytes + skb->truesize);
	spin_unlock_bh(&rx->control.lock);
	stream->data_ready(stream->sk);
}

/* A data packet. As long as none was authentic nothing vouches for the stream,
 * and one that is not ends it: -EBADMSG.
 */
static int receive_data(struct ovpn_stream *stream,
			struct ovpn_rx_batch *batch,
			const struct ovpn_frame *frame)
{
	int err = ovpn_rx_packet(batch, frame->body, frame->len);

	if (batch->authentic)
		stream->rx.strict = false;
	return stream->rx.strict && err == -EBADMSG ? err : 0;
}

/* the longest record that is believed while the stream is strict */
static unsigned int first_max(const struct ovpn_stream *stream, const u8 *buf,
			      unsigned int avail)
{
	const struct ovpn_peer *peer = stream->peer;
	unsigned int usual = max_t(unsigned int, RX_STRICT_MIN,
				   READ_ONCE(peer->ovpn->dev->mtu) +
				   RX_STRICT_SLACK);

	return ovpn_frame_first_max(buf, avail, usual, peer->id);
}

static enum ovpn_frame_verdict next_frame(const struct ovpn_stream *stream,
					  unsigned int pos,
					  struct ovpn_frame *frame)
{
	const struct ovpn_stream_rx *rx = &stream->rx;
	unsigned int longest = OVPN_RECORD_MAX;

	if (unlikely(rx->strict))
		longest = first_max(stream, rx->buf + pos, rx->have - pos);
	return ovpn_frame_next(rx->buf + pos, rx->have - pos, longest,
			       rx->strict, frame);
}

/* Handles the records in the buffer and moves the rest to its front. Returns 0,
 * or -EBADMSG when what comes next cannot be a record.
 */
static int parse(struct ovpn_stream *stream)
{
	struct ovpn_stream_rx *rx = &stream->rx;
	enum ovpn_frame_verdict verdict;
	struct ovpn_rx_batch batch;
	struct ovpn_frame frame;
	unsigned int pos = 0;
	int err = 0;

	ovpn_rx_begin(&batch, stream->peer, !is_vmalloc_addr(rx->buf));
	while (!err) {
		verdict = next_frame(stream, pos, &frame);
		if (verdict == OVPN_FRAME_PARTIAL)
			break;
		switch (verdict) {
		case OVPN_FRAME_DATA:
			err = receive_data(stream, &batch, &frame);
			break;
		case OVPN_FRAME_CONTROL:
			control_queue(stream, rx->buf + pos,
				      OVPN_LEN_PREFIX + frame.len);
			break;
		case OVPN_FRAME_RUNT:
			ovpn_drops_add(&stream->peer->drops,
				       OVPN_MPTCP_DROP_RX_RUNT, 1);
			break;
		default:
			err = -EBADMSG;
			continue;
		}
		pos += OVPN_LEN_PREFIX + frame.len;
	}
	ovpn_rx_end(&batch);
	rx->have -= pos;
	memmove(rx->buf, rx->buf + pos, rx->have);
	return err;
}

static void stream_rx_run(struct ovpn_stream *stream)
{
	struct ovpn_stream_rx *rx = &stream->rx;
	int budget = RX_BUDGET;
	int n, err = 0;

	if (unlikely(!READ_ONCE(stream->started)))
		return;
	if (unlikely(READ_ONCE(stream->death))) {
		ovpn_stream_fail(stream, 0);
		return;
	}
	if (unlikely(resume(rx))) {
		/* the data stays in the socket; look again soon */
		net_warn_ratelimited("%s: peer %u: no memory for a receive buffer\n",
				     stream->peer->ovpn->dev->name,
				     stream->peer->id);
		schedule_timeout_uninterruptible(HZ / 50);
		queue_work(ovpn_wq, &rx->work);
		return;
	}
	ovpn_rx_early(stream->peer);
	do {
		struct msghdr msg = {};
		struct kvec vec = {
			.iov_base = rx->buf + rx->have,
			.iov_len = RX_BUF - rx->have,
		};

		iov_iter_kvec(&msg.msg_iter, ITER_DEST, &vec, 1, vec.iov_len);
		n = ovpn_stream_read(stream, &msg, vec.iov_len, MSG_DONTWAIT);
		if (n <= 0)
			break;
		rx->have += n;
		err = parse(stream);
	} while (!err && --budget);

	suspend(rx);
	if (unlikely(err)) {
		net_warn_ratelimited("%s: peer %u: what it sends is no OpenVPN stream\n",
				     stream->peer->ovpn->dev->name,
				     stream->peer->id);
		ovpn_stream_fail(stream, -EPROTO);
	} else if (n == -EINTR || !budget) {
		queue_work(ovpn_wq, &rx->work);
	} else if (n != -EAGAIN) {
		ovpn_stream_fail(stream, n);
	}
}

static void stream_rx_work(struct work_struct *work)
{
	unsigned int flags = ovpn_work_begin();

	stream_rx_run(container_of(work, struct ovpn_stream, rx.work));
	ovpn_work_end(flags);
}

/**
 * ovpn_stream_rx_init - prepare reading
 * @stream: a new stream
 *
 * Return: 0
 */
int ovpn_stream_rx_init(struct ovpn_stream *stream)
{
	struct ovpn_stream_rx *rx = &stream->rx;

	INIT_WORK(&rx->work, stream_rx_work);
	skb_queue_head_init(&rx->control);
	mutex_init(&rx->reader);
	rx->strict = true;
	return 0;
}

/**
 * ovpn_stream_rx_destroy - free what reading holds
 * @stream: a stream that cannot be found any more
 */
void ovpn_stream_rx_destroy(struct ovpn_stream *stream)
{
	struct ovpn_stream_rx *rx = &stream->rx;

	skb_queue_purge(&rx->control);
	kfree(rx->carry);
	if (rx->buf)
		ovpn_pool_put_buf(rx->buf);
}

/* copies what is there; 0 if nothing is. Caller holds rx->reader. */
static int control_copy(struct ovpn_stream *stream, struct msghdr *msg,
			size_t len, int flags)
{
	struct ovpn_stream_rx *rx = &stream->rx;
	struct sk_buff_head *queue = &rx->control;
	struct sk_buff *skb = skb_peek(queue);
	int done = 0;

	/* only readers take from the queue, and we are the only one */
	while (skb && len) {
		unsigned int part = min_t(size_t, skb->len, len);
		struct sk_buff *next;

		if (!(flags & MSG_TRUNC) &&
		    skb_copy_datagram_msg(skb, 0, msg, part))
			return done ?: -EFAULT;
		done += part;
		len -= part;

		spin_lock_bh(&queue->lock);
		next = skb_peek_next(skb, queue);
		if (!(flags & MSG_PEEK)) {
			if (part < skb->len) {
				__skb_pull(skb, part);
				next = NULL;
			} else {
				__skb_unlink(skb, queue);
				WRITE_ONCE(rx->control_bytes,
					   rx->control_bytes - skb->truesize);
				kfree_skb(skb);
			}
		}
		spin_unlock_bh(&queue->lock);
		skb = next;
	}
	return done;
}

static bool readable(struct ovpn_stream *stream)
{
	return !skb_queue_empty_lockless(&stream->rx.control) ||
	       READ_ONCE(stream->ended);
}

/**
 * ovpn_stream_rx_control - recvmsg() of userspace: its control records
 * @stream: the stream
 * @msg: where to
 * @len: at most so many bytes
 * @flags: MSG_DONTWAIT, MSG_PEEK and MSG_TRUNC have their usual meaning
 *
 * A byte stream of records with their length prefixes; a record that does not
 * fit is continued by the next call. Process context, may sleep.
 *
 * Return: bytes; 0 at the end of the stream, after the last record was read;
 * -EAGAIN, -EFAULT, an interrupted wait, or the error that ended the stream,
 * once
 */
int ovpn_stream_rx_control(struct ovpn_stream *stream, struct msghdr *msg,
			   size_t len, int flags)
{
	struct sock *sk = stream->sk;
	long timeo = sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
	int ret;

	if (!len)
		return 0;
	for (;;) {
		bool ended;

		if (mutex_lock_interruptible(&stream->rx.reader))
			return sock_intr_errno(timeo);
		/* before the queue: a record that comes first is seen first */
		ended = smp_load_acquire(&stream->ended);
		ret = control_copy(stream, msg, len, flags);
		mutex_unlock(&stream->rx.reader);
		if (ret)
			return ret;
		if (ended)
			return xchg(&stream->error, 0);
		if (!timeo)
			return -EAGAIN;
		timeo = wait_event_interruptible_timeout(*sk_sleep(sk),
							 readable(stream),
							 timeo);
		if (timeo < 0)
			return sock_intr_errno(MAX_SCHEDULE_TIMEOUT);
	}
}
