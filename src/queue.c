// SPDX-License-Identifier: GPL-2.0
/*
 * What waits in the socket can neither be dropped nor overtaken. So packets
 * wait here, unencrypted, in flows that take turns, and CoDel drops before a
 * packet id is spent.
 */
#include <linux/slab.h>

/* the two headers bring more static functions than one user needs */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <net/codel.h>
#include <net/codel_impl.h>
#include <net/fq_impl.h>
#pragma GCC diagnostic pop

#include "queue.h"
#include "skb.h"

#define QUEUE_FLOWS		64
#define QUEUE_PACKETS		2048
#define QUEUE_MEMORY		(4 << 20)
#define QUEUE_QUANTUM		1514

/* A GSO packet of 64 KB lasts for 26 ms at 20 Mbit/s: a shorter target would
 * call a queue of one packet standing.
 */
#define QUEUE_TARGET		MS2TIME(20)
/* What CoDel drops shows after a round trip of the tunnel: it waits so many of
 * the way, and so long at least and at most. A flow that halved its window
 * meanwhile still has something to send if a part of that may stand.
 */
#define QUEUE_INTERVAL		MS2TIME(100)
#define QUEUE_INTERVAL_MAX	MS2TIME(1000)
#define QUEUE_ROUNDS		2
#define QUEUE_PART		6

/* so many it would become, of what is left of it */
static unsigned int packets_of(const struct sk_buff *skb)
{
	return max_t(unsigned int, skb_shinfo(skb)->gso_segs, 1) -
	       ovpn_skb_cb(skb)->skip;
}

/* fq_skb_free_t: the queue is over its limit, or it is being emptied */
static void drop_overlimit(struct fq *fq, struct fq_tin *tin,
			   struct fq_flow *flow, struct sk_buff *skb)
{
	struct ovpn_queue *queue = container_of(fq, struct ovpn_queue, fq);

	ovpn_drops_add(queue->drops, queue->open ?
		       OVPN_MPTCP_DROP_TX_QUEUE_FULL :
		       OVPN_MPTCP_DROP_TX_DETACHED, packets_of(skb));
	kfree_skb(skb);
}

static u32 codel_len(const struct sk_buff *skb)
{
	return skb->len;
}

static codel_time_t codel_stamp(const struct sk_buff *skb)
{
	return ovpn_skb_cb(skb)->queued;
}

/* One segment of what TCP made in one piece is enough to tell it: the rest goes
 * on. CoDel asks for the next packet in any case before it returns.
 */
static void codel_drop(struct sk_buff *skb, void *ctx)
{
	struct fq_flow *flow = ctx;
	struct ovpn_queue *queue = container_of(flow->tin, struct ovpn_queue,
						tin);

	ovpn_drops_add(queue->drops, OVPN_MPTCP_DROP_TX_QUEUE_DELAY, 1);
	if (packets_of(skb) > 1) {
		ovpn_skb_cb(skb)->skip++;
		queue->rest = skb;
		return;
	}
	kfree_skb(skb);
}

static struct sk_buff *codel_next(struct codel_vars *vars, void *ctx)
{
	struct fq_flow *flow = ctx;
	struct ovpn_queue *queue = container_of(flow->tin, struct ovpn_queue,
						tin);
	struct sk_buff *rest = queue->rest;

	queue->rest = NULL;
	return rest ?: fq_flow_dequeue(&queue->fq, flow);
}

/* fq_tin_dequeue_t */
static struct sk_buff *flow_take(struct fq *fq, struct fq_tin *tin,
				 struct fq_flow *flow)
{
	struct ovpn_queue *queue = container_of(fq, struct ovpn_queue, fq);
	struct codel_vars *vars;

	vars = flow == &tin->default_flow ? &queue->codel_default :
					    &queue->codel[flow - fq->flows];
	return codel_dequeue(flow, &flow->backlog, &queue->params, vars,
			     &queue->stats, codel_len, codel_stamp, codel_drop,
			     codel_next);
}

static void free_flows(struct ovpn_queue *queue)
{
	spin_lock_bh(&queue->fq.lock);
	fq_reset(&queue->fq, drop_overlimit);
	spin_unlock_bh(&queue->fq.lock);
}

/**
 * ovpn_queue_init - make a closed queue
 * @queue: the queue
 * @drops: counters for what is dropped here
 *
 * Return: 0 or -ENOMEM
 */
int ovpn_queue_init(struct ovpn_queue *queue, struct ovpn_drops *drops)
{
	int err;

	err = fq_init(&queue->fq, QUEUE_FLOWS);
	if (err)
		return err;
	queue->codel = kcalloc(QUEUE_FLOWS, sizeof(*queue->codel), GFP_KERNEL);
	if (!queue->codel) {
		free_flows(queue);
		return -ENOMEM;
	}
	queue->fq.limit = QUEUE_PACKETS;
	queue->fq.memory_limit = QUEUE_MEMORY;
	queue->fq.quantum = QUEUE_QUANTUM;
	fq_tin_init(&queue->tin);
	codel_vars_init(&queue->codel_default);
	codel_stats_init(&queue->stats);
	codel_params_init(&queue->params);
	queue->params.mtu = GSO_LEGACY_MAX_SIZE;
	queue->params.ecn = true;
	ovpn_queue_set_round(queue, 0);
	queue->rest = NULL;
	queue->drops = drops;
	queue->open = false;
	return 0;
}

/**
 * ovpn_queue_destroy - free a queue that cannot be found any more
 * @queue: the queue
 */
void ovpn_queue_destroy(struct ovpn_queue *queue)
{
	ovpn_queue_close(queue);
	free_flows(queue);
	kfree(queue->codel);
}

/**
 * ovpn_queue_put - queue a packet
 * @queue: the queue
 * @skb: the packet; belongs to the queue, whatever happens
 * @kick: called when the queue was empty before, under the queue's lock: once
 *	  ovpn_queue_close() or ovpn_queue_pause() has returned, it is not
 *	  running and is not called
 * @arg: for @kick
 *
 * Any context.
 *
 * Return: false if the packet was dropped because the queue is closed
 */
bool ovpn_queue_put(struct ovpn_queue *queue, struct sk_buff *skb,
		    void (*kick)(void *arg), void *arg)
{
	bool open;

	ovpn_skb_cb(skb)->queued = codel_get_time();
	ovpn_skb_cb(skb)->skip = 0;
	/* dissects the packet once, outside the lock */
	skb_get_hash(skb);

	spin_lock_bh(&queue->fq.lock);
	open = queue->open;
	if (likely(open)) {
		bool first = !queue->fq.backlog;

		fq_tin_enqueue(&queue->fq, &queue->tin,
			       fq_flow_idx(&queue->fq, skb), skb,
			       drop_overlimit);
		if (first && !queue->paused)
			kick(arg);
	}
	spin_unlock_bh(&queue->fq.lock);
	if (unlikely(!open)) {
		ovpn_drops_add_peer(queue->drops, OVPN_MPTCP_DROP_TX_DETACHED,
				    packets_of(skb));
		kfree_skb(skb);
	}
	return open;
}

/**
 * ovpn_queue_take - the next packet
 * @queue: the queue
 *
 * Return: a packet that belongs to the caller, or NULL
 */
struct sk_buff *ovpn_queue_take(struct ovpn_queue *queue)
{
	struct sk_buff *skb;

	spin_lock_bh(&queue->fq.lock);
	skb = fq_tin_dequeue(&queue->fq, &queue->tin, flow_take);
	spin_unlock_bh(&queue->fq.lock);
	return skb;
}

/**
 * ovpn_queue_set_round - tell how long the way is
 * @queue: the queue
 * @rtt_us: the round trip of what is below, 0 if it is not known
 *
 * By whom takes packets.
 */
void ovpn_queue_set_round(struct ovpn_queue *queue, u32 rtt_us)
{
	codel_time_t wait = min_t(u64, (u64)rtt_us * NSEC_PER_USEC *
				  QUEUE_ROUNDS >> CODEL_SHIFT,
				  QUEUE_INTERVAL_MAX);

	queue->params.interval = max_t(u32, wait, QUEUE_INTERVAL);
	queue->params.target = max_t(u32, wait / QUEUE_PART, QUEUE_TARGET);
}

/**
 * ovpn_queue_open - accept packets
 * @queue: the queue
 */
void ovpn_queue_open(struct ovpn_queue *queue)
{
	spin_lock_bh(&queue->fq.lock);
	queue->open = true;
	spin_unlock_bh(&queue->fq.lock);
}

/**
 * ovpn_queue_close - accept no more packets and drop what waits
 * @queue: the queue
 */
void ovpn_queue_close(struct ovpn_queue *queue)
{
	spin_lock_bh(&queue->fq.lock);
	queue->open = false;
	fq_tin_reset(&queue->fq, &queue->tin, drop_overlimit);
	spin_unlock_bh(&queue->fq.lock);
}

/**
 * ovpn_queue_pause - let packets wait without waking the worker
 * @queue: the queue, open or not
 */
void ovpn_queue_pause(struct ovpn_queue *queue)
{
	spin_lock_bh(&queue->fq.lock);
	queue->paused = true;
	spin_unlock_bh(&queue->fq.lock);
}

/**
 * ovpn_queue_resume - end a pause
 * @queue: the queue
 *
 * Who empties the queue must be woken by the caller: packets that came in the
 * meantime have not woken it.
 */
void ovpn_queue_resume(struct ovpn_queue *queue)
{
	spin_lock_bh(&queue->fq.lock);
	queue->paused = false;
	spin_unlock_bh(&queue->fq.lock);
}

/**
 * ovpn_queue_bytes - how much waits
 * @queue: the queue
 *
 * Return: bytes; a snapshot, without the lock
 */
u32 ovpn_queue_bytes(const struct ovpn_queue *queue)
{
	return READ_ONCE(queue->tin.backlog_bytes);
}
