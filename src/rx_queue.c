// SPDX-License-Identifier: GPL-2.0
/*
 * Received packets go through GRO and into the stack in a NAPI of their own. A
 * peer's are always in the same one: the worker that decrypts may be on another CPU
 * each time, and with a queue for each CPU, as gro_cells has them, packets of the
 * new CPU could overtake those that the old one has not come to yet.
 */
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "rx_queue.h"

/* segments that wait for their NAPI: no worker fills the memory while softirqs do
 * not get their turn; as net.core.netdev_max_backlog is by default
 */
#define RX_QUEUE_PACKETS	1000

/**
 * struct ovpn_rx_queue - packets of some peers, on their way into the stack
 * @napi: runs on the CPU that has scheduled it, on one at a time
 * @packets: those that wait; the lock of the list, taken with BH disabled, protects
 *	     @count, too
 * @count: segments in @packets
 * @taken: those that the NAPI has taken; only it touches them
 */
struct ovpn_rx_queue {
	struct napi_struct napi;
	struct sk_buff_head packets;
	unsigned int count;
	struct sk_buff_head taken;
};

/**
 * struct ovpn_rx_queues - those of a device
 * @rcu: the core looks at the NAPIs of a device under RCU
 * @count: how many
 * @queues: the queues
 */
struct ovpn_rx_queues {
	struct rcu_head rcu;
	unsigned int count;
	struct ovpn_rx_queue queues[];
};

/* false if nothing waits */
static bool take_packets(struct ovpn_rx_queue *queue)
{
	spin_lock(&queue->packets.lock);
	skb_queue_splice_tail_init(&queue->packets, &queue->taken);
	queue->count = 0;
	spin_unlock(&queue->packets.lock);
	return !skb_queue_empty(&queue->taken);
}

/* BH disabled */
static int ovpn_rx_queue_poll(struct napi_struct *napi, int budget)
{
	struct ovpn_rx_queue *queue = container_of(napi, struct ovpn_rx_queue,
						   napi);
	int done = 0;

	while (done < budget &&
	       (!skb_queue_empty(&queue->taken) || take_packets(queue))) {
		napi_gro_receive(napi, __skb_dequeue(&queue->taken));
		done++;
	}
	if (done < budget)
		napi_complete_done(napi, done);
	return done;
}

/**
 * ovpn_rx_queues_new - make the queues of a device
 * @dev: the device
 * @count: how many CPUs may be busy with what is received
 *
 * Under RTNL, may sleep.
 *
 * Return: the queues, or NULL without memory
 */
struct ovpn_rx_queues *ovpn_rx_queues_new(struct net_device *dev,
					  unsigned int count)
{
	struct ovpn_rx_queues *rx;
	unsigned int i;

	ASSERT_RTNL();
	rx = kzalloc(struct_size(rx, queues, count), GFP_KERNEL);
	if (!rx)
		return NULL;
	rx->count = count;
	for (i = 0; i < count; i++) {
		struct ovpn_rx_queue *queue = &rx->queues[i];

		skb_queue_head_init(&queue->packets);
		__skb_queue_head_init(&queue->taken);
		/* no socket can wait for it: packets come from a worker */
		set_bit(NAPI_STATE_NO_BUSY_POLL, &queue->napi.state);
		netif_napi_add(dev, &queue->napi, ovpn_rx_queue_poll);
		napi_enable(&queue->napi);
	}
	return rx;
}

/**
 * ovpn_rx_queues_free - free the queues of a device
 * @rx: the queues
 *
 * The last peer is gone, so nothing is put in any more. May sleep.
 */
void ovpn_rx_queues_free(struct ovpn_rx_queues *rx)
{
	unsigned int i;

	might_sleep();
	for (i = 0; i < rx->count; i++) {
		struct ovpn_rx_queue *queue = &rx->queues[i];

		napi_disable(&queue->napi);
		__netif_napi_del(&queue->napi);
		__skb_queue_purge(&queue->packets);
		__skb_queue_purge(&queue->taken);
	}
	kfree_rcu(rx, rcu);
}

/**
 * ovpn_rx_queues_put - give packets to the stack
 * @rx: the queues of their device
 * @peer_id: who has sent them
 * @packets: the packets; gone afterwards, whatever happens
 * @count: segments in them
 *
 * BH disabled.
 *
 * Return: false if they were dropped, because too many wait
 */
bool ovpn_rx_queues_put(struct ovpn_rx_queues *rx, u32 peer_id,
			struct sk_buff_head *packets, unsigned int count)
{
	struct ovpn_rx_queue *queue = &rx->queues[peer_id % rx->count];
	bool fits;

	spin_lock(&queue->packets.lock);
	fits = queue->count < RX_QUEUE_PACKETS;
	if (likely(fits)) {
		skb_queue_splice_tail_init(packets, &queue->packets);
		queue->count += count;
	}
	spin_unlock(&queue->packets.lock);
	if (unlikely(!fits)) {
		__skb_queue_purge(packets);
		return false;
	}
	napi_schedule(&queue->napi);
	return true;
}
