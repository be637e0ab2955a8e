// SPDX-License-Identifier: GPL-2.0
/*
 * Memory costs more than what is done with it: the allocator clears it, and it
 * is not in the cache. A CPU keeps what its last worker had. Workers run in
 * process context, so disabling preemption keeps others away.
 */
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#include "pool.h"

/* per CPU: bytes of the records that are kept, with their overhead */
#define RECORDS_MAX		(256 * 1024)

/**
 * struct pool - what a CPU keeps
 * @buf: a buffer of OVPN_POOL_BUF bytes, or NULL
 * @records: empty skbs for records, linked by their next
 * @bytes: their memory
 */
struct pool {
	u8 *buf;
	struct sk_buff *records;
	unsigned int bytes;
};

static DEFINE_PER_CPU(struct pool, pools);

/**
 * ovpn_pool_get_buf - a buffer for reading
 *
 * Process context, may sleep.
 *
 * Return: OVPN_POOL_BUF bytes, perhaps of vmalloc; NULL without memory, which the
 * caller says in a line instead of the allocator in a page
 */
u8 *ovpn_pool_get_buf(void)
{
	struct pool *pool = get_cpu_ptr(&pools);
	u8 *buf = NULL;

	swap(buf, pool->buf);
	put_cpu_ptr(&pools);
	return buf ?: kvmalloc(OVPN_POOL_BUF, GFP_KERNEL | __GFP_NOWARN);
}

/**
 * ovpn_pool_put_buf - leave a buffer for the next reader
 * @buf: the buffer
 *
 * Process context, may sleep.
 */
void ovpn_pool_put_buf(u8 *buf)
{
	struct pool *pool = get_cpu_ptr(&pools);

	swap(buf, pool->buf);
	put_cpu_ptr(&pools);
	kvfree(buf);
}

/**
 * ovpn_pool_get_records - take the records that this CPU keeps
 * @records: list of the caller's own, where they are put
 *
 * Process context.
 */
void ovpn_pool_get_records(struct sk_buff_head *records)
{
	struct pool *pool = get_cpu_ptr(&pools);
	struct sk_buff *skb, *list = NULL;

	swap(list, pool->records);
	pool->bytes = 0;
	put_cpu_ptr(&pools);
	while ((skb = list)) {
		list = skb->next;
		skb_mark_not_on_list(skb);
		__skb_queue_tail(records, skb);
	}
}

/**
 * ovpn_pool_put_records - leave records for the next writer
 * @records: list of the caller's own, empty afterwards
 *
 * Process context.
 */
void ovpn_pool_put_records(struct sk_buff_head *records)
{
	struct pool *pool = get_cpu_ptr(&pools);
	struct sk_buff *skb;

	while ((skb = skb_peek(records)) &&
	       pool->bytes + skb->truesize <= RECORDS_MAX) {
		__skb_unlink(skb, records);
		pool->bytes += skb->truesize;
		skb->next = pool->records;
		pool->records = skb;
	}
	put_cpu_ptr(&pools);
	__skb_queue_purge(records);
}

/**
 * ovpn_pool_exit - free what is kept
 *
 * No worker runs any more.
 */
void ovpn_pool_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct pool *pool = per_cpu_ptr(&pools, cpu);

		kvfree(pool->buf);
		kfree_skb_list(pool->records);
	}
}
