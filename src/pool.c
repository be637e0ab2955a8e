// SPDX-License-Identifier: GPL-2.0
/*
 * Memory costs more than what is done with it: the allocator clears it, and it
 * is not in the cache. A CPU keeps what its last worker had, until memory is
 * short: then the shrinker takes it from any CPU, in any context that may sleep,
 * also in a worker that allocates. So what is kept is taken and left by xchg().
 */
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "compat.h"
#include "pool.h"

/* per CPU: bytes of the records that are kept, with their overhead */
#define RECORDS_MAX		(256 * 1024)
/* of a piece of memory for payload, see skb_page_frag_refill() */
#define PAGES_BYTES		(32 * 1024)

/**
 * struct pool - what a CPU keeps
 * @buf: a buffer of OVPN_POOL_BUF bytes, or NULL
 * @records: empty skbs for records, linked by their next
 * @bytes: about their memory, for the shrinker
 * @pages: memory for payload, or NULL
 */
struct pool {
	u8 *buf;
	struct ovpn_pages *pages;
	struct sk_buff *records;
	unsigned int bytes;
};

static DEFINE_PER_CPU(struct pool, pools);
static struct shrinker *shrinker;

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
	u8 *buf = xchg(&raw_cpu_ptr(&pools)->buf, NULL);

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
	kvfree(xchg(&raw_cpu_ptr(&pools)->buf, buf));
}

static void splice_records(struct pool *pool, struct sk_buff_head *records)
{
	struct sk_buff *skb, *list = xchg(&pool->records, NULL);

	while ((skb = list)) {
		list = skb->next;
		skb_mark_not_on_list(skb);
		__skb_queue_tail(records, skb);
	}
}

/**
 * ovpn_pool_get_records - take the records that this CPU keeps
 * @records: list of the caller's own, where they are put
 *
 * Process context.
 */
void ovpn_pool_get_records(struct sk_buff_head *records)
{
	splice_records(raw_cpu_ptr(&pools), records);
}

/**
 * ovpn_pool_put_records - leave records for the next writer
 * @records: list of the caller's own, empty afterwards
 *
 * Process context.
 */
void ovpn_pool_put_records(struct sk_buff_head *records)
{
	struct pool *pool = raw_cpu_ptr(&pools);
	struct sk_buff *skb, *list = NULL;
	unsigned int bytes = 0;

	/* another writer may have left some since we took ours */
	splice_records(pool, records);
	while ((skb = skb_peek(records)) &&
	       bytes + skb->truesize <= RECORDS_MAX) {
		__skb_unlink(skb, records);
		bytes += skb->truesize;
		skb->next = list;
		list = skb;
	}
	WRITE_ONCE(pool->bytes, bytes);
	kfree_skb_list(xchg(&pool->records, list));
	__skb_queue_purge(records);
}

/**
 * ovpn_pool_get_pages - memory for what is received
 *
 * Process context, may sleep.
 *
 * Return: the pages, or NULL without memory
 */
struct ovpn_pages *ovpn_pool_get_pages(void)
{
	struct ovpn_pages *pages = xchg(&raw_cpu_ptr(&pools)->pages, NULL);

	return pages ?: kzalloc(sizeof(*pages), GFP_KERNEL | __GFP_NOWARN);
}

/* who still reads some of it has references of its own */
static void free_pages_kept(struct ovpn_pages *pages)
{
	int i;

	for (i = 0; pages && i < OVPN_POOL_PAGES; i++) {
		if (pages->frags[i].page)
			put_page(pages->frags[i].page);
	}
	kfree(pages);
}

/**
 * ovpn_pool_put_pages - leave memory for the next reader
 * @pages: from ovpn_pool_get_pages()
 *
 * Process context, may sleep.
 */
void ovpn_pool_put_pages(struct ovpn_pages *pages)
{
	free_pages_kept(xchg(&raw_cpu_ptr(&pools)->pages, pages));
}

/**
 * ovpn_pages_refill - find room
 * @pages: from ovpn_pool_get_pages()
 * @len: bytes in one piece. When memory is in small pieces, there may be room for
 *	 PAGE_SIZE only: the caller looks.
 *
 * Process context, may sleep.
 *
 * Return: where it is; NULL without memory
 */
struct page_frag *ovpn_pages_refill(struct ovpn_pages *pages, unsigned int len)
{
	struct page_frag *frag = &pages->frags[pages->at];

	if (frag->page && frag->offset + len <= frag->size)
		return frag;
	pages->at = (pages->at + 1) % OVPN_POOL_PAGES;
	frag = &pages->frags[pages->at];
	return skb_page_frag_refill(len, frag, GFP_KERNEL) ? frag : NULL;
}

static unsigned long count_pages(const struct pool *pool)
{
	unsigned long bytes = 0;

	if (READ_ONCE(pool->buf))
		bytes += OVPN_POOL_BUF;
	if (READ_ONCE(pool->records))
		bytes += READ_ONCE(pool->bytes);
	if (READ_ONCE(pool->pages))
		bytes += OVPN_POOL_PAGES * PAGES_BYTES;
	return DIV_ROUND_UP(bytes, PAGE_SIZE);
}

static void empty(struct pool *pool)
{
	kvfree(xchg(&pool->buf, NULL));
	kfree_skb_list(xchg(&pool->records, NULL));
	free_pages_kept(xchg(&pool->pages, NULL));
}

static unsigned long pool_count(struct shrinker *shrink,
				struct shrink_control *sc)
{
	unsigned long count = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		count += count_pages(per_cpu_ptr(&pools, cpu));
	return count ?: SHRINK_EMPTY;
}

static unsigned long pool_scan(struct shrinker *shrink,
			       struct shrink_control *sc)
{
	unsigned long freed = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		struct pool *pool = per_cpu_ptr(&pools, cpu);

		if (freed >= sc->nr_to_scan)
			break;
		freed += count_pages(pool);
		empty(pool);
	}
	return freed ?: SHRINK_STOP;
}

/**
 * ovpn_pool_init - let memory be taken back when it is short
 *
 * Return: 0 or -ENOMEM
 */
int ovpn_pool_init(void)
{
	shrinker = ovpn_compat_shrinker_new("ovpn-dco-mptcp-pool", pool_count,
					    pool_scan);
	return shrinker ? 0 : -ENOMEM;
}

/**
 * ovpn_pool_exit - free what is kept
 *
 * No worker runs any more.
 */
void ovpn_pool_exit(void)
{
	int cpu;

	ovpn_compat_shrinker_free(shrinker);
	for_each_possible_cpu(cpu)
		empty(per_cpu_ptr(&pools, cpu));
}
