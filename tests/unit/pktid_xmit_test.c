// SPDX-License-Identifier: GPL-2.0
/* Handing out packet ids: each once, and no more after the last. */
#include "testing.h"
#include "pktid.h"
#include <linux/errno.h>
#include <linux/limits.h>

#define THREADS		4
#define IDS_PER_THREAD	50000

static void starts_at_one(void **state)
{
	struct ovpn_pktid_xmit pid;
	u32 id, want;

	(void)state;
	ovpn_pktid_xmit_init(&pid);
	for (want = 1; want < 100000; want++) {
		assert_int_equal(ovpn_pktid_xmit_next(&pid, &id), 0);
		assert_int_equal(id, want);
	}
	ovpn_pktid_xmit_init(&pid);
	assert_int_equal(ovpn_pktid_xmit_next(&pid, &id), 0);
	assert_int_equal(id, 1);
}

static void is_used_up_for_good(void **state)
{
	struct ovpn_pktid_xmit pid;
	unsigned int i;
	u32 id;

	(void)state;
	ovpn_pktid_xmit_init(&pid);
	atomic64_set(&pid.last, 0xFFFFFFFD);
	assert_int_equal(ovpn_pktid_xmit_next(&pid, &id), 0);
	assert_int_equal(id, 0xFFFFFFFE);
	assert_int_equal(ovpn_pktid_xmit_next(&pid, &id), 0);
	assert_int_equal(id, 0xFFFFFFFF);
	id = 0xdead;
	for (i = 0; i < 1000000; i++) {
		assert_int_equal(ovpn_pktid_xmit_next(&pid, &id), -ERANGE);
		assert_int_equal(id, 0xdead);
	}
}

/* the counter runs on while callers are refused: not even 2^32 further ones
 * may meet a valid id again
 */
static void does_not_come_round(void **state)
{
	struct ovpn_pktid_xmit pid;
	unsigned int i;
	u32 id;

	(void)state;
	ovpn_pktid_xmit_init(&pid);
	atomic64_set(&pid.last, 0x1FFFFFFF0LL);
	for (i = 0; i < 64; i++)
		assert_int_equal(ovpn_pktid_xmit_next(&pid, &id), -ERANGE);
}

struct taker {
	pthread_t thread;
	struct ovpn_pktid_xmit *pid;
	u32 ids[IDS_PER_THREAD];
	unsigned int taken;
};

static void *take(void *arg)
{
	struct taker *t = arg;
	unsigned int i;

	for (i = 0; i < IDS_PER_THREAD; i++)
		if (!ovpn_pktid_xmit_next(t->pid, &t->ids[t->taken]))
			t->taken++;
	return NULL;
}

/* @left ids are there to be taken by more callers than that */
static void take_in_parallel(u32 left)
{
	struct taker *takers = calloc(THREADS, sizeof(*takers));
	u8 *times = calloc(left, 1);
	u32 first = U32_MAX - left + 1;
	struct ovpn_pktid_xmit pid;
	unsigned int i, k, total = 0;

	assert_true(takers && times);
	ovpn_pktid_xmit_init(&pid);
	atomic64_set(&pid.last, first - 1);
	for (i = 0; i < THREADS; i++) {
		takers[i].pid = &pid;
		assert_int_equal(pthread_create(&takers[i].thread, NULL, take,
						&takers[i]), 0);
	}
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(takers[i].thread, NULL), 0);
	for (i = 0; i < THREADS; i++) {
		for (k = 0; k < takers[i].taken; k++) {
			assert_true(takers[i].ids[k] >= first);
			times[takers[i].ids[k] - first]++;
		}
		total += takers[i].taken;
	}
	assert_int_equal(total, left);
	for (i = 0; i < left; i++)
		assert_int_equal(times[i], 1);
	free(times);
	free(takers);
}

static void parallel_callers_get_each_id_once(void **state)
{
	(void)state;
	take_in_parallel(THREADS * IDS_PER_THREAD);
}

static void parallel_callers_cannot_pass_the_end(void **state)
{
	(void)state;
	take_in_parallel(THREADS * IDS_PER_THREAD / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_at_one),
		cmocka_unit_test(is_used_up_for_good),
		cmocka_unit_test(does_not_come_round),
		cmocka_unit_test(parallel_callers_get_each_id_once),
		cmocka_unit_test(parallel_callers_cannot_pass_the_end),
	};

	return RUN_TESTS(tests);
}
