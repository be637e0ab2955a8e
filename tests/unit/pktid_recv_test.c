// SPDX-License-Identifier: GPL-2.0
/* The replay window. */
#include "testing.h"
#include "pktid.h"
#include <linux/errno.h>
#include <linux/limits.h>

#define WINDOW	2048
#define IDLE_MS	30000

static struct ovpn_pktid_recv window;

static void begin(void)
{
	ovpn_pktid_recv_init(&window);
}

static void check(u32 id, u32 now_ms, int expected, int line)
{
	int got = ovpn_pktid_recv_check(&window, id, now_ms);

	if (got != expected)
		fail_msg("line %d: id %u at %u ms: %d, not %d; highest %u floor %u",
			 line, id, now_ms, got, expected, window.highest,
			 window.floor);
}

#define accepted(id, now)	check(id, now, 0, __LINE__)
#define refused(id, now)	check(id, now, -EINVAL, __LINE__)

static void in_order(void **state)
{
	u32 id;

	(void)state;
	begin();
	for (id = 1; id <= 5 * WINDOW; id++) {
		accepted(id, id);
		refused(id, id);
	}
}

static void any_id_may_be_first(void **state)
{
	static const u32 first[] = { 1, 2, WINDOW - 1, WINDOW, WINDOW + 1,
				     0x7fffffff, 0x80000000, U32_MAX };
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
		begin();
		accepted(first[i], 0);
		refused(first[i], 0);
		if (first[i] > 1)
			accepted(first[i] - 1, 0);
	}
}

static void id_zero_is_refused_and_changes_nothing(void **state)
{
	(void)state;
	begin();
	refused(0, 0);
	accepted(10, 0);
	refused(0, 20000);
	/* had id 0 counted as traffic, 9 would not be stale yet */
	refused(9, 40000);
	refused(0, 40000);
	accepted(11, 40000);
}

static void lower_edge(void **state)
{
	(void)state;
	begin();
	accepted(5000, 0);
	accepted(5000 - (WINDOW - 1), 0);
	refused(5000 - (WINDOW - 1), 0);
	refused(5000 - WINDOW, 0);
	refused(5000 - WINDOW - 1, 0);
	refused(1, 0);
	/* the edge moves with the highest id */
	accepted(5000 - (WINDOW - 2), 0);
	accepted(5001, 0);
	refused(5000 - (WINDOW - 1), 0);
	refused(5000 - (WINDOW - 2), 0);
	accepted(5000 - (WINDOW - 3), 0);
}

static void window_is_not_cut_short_at_the_first_ids(void **state)
{
	u32 id;

	(void)state;
	begin();
	accepted(WINDOW, 0);
	for (id = WINDOW - 1; id; id--)
		accepted(id, 0);
	for (id = WINDOW; id; id--)
		refused(id, 0);
}

static void backwards(void **state)
{
	u32 id;

	(void)state;
	begin();
	for (id = 3 * WINDOW; id > 2 * WINDOW; id--)
		accepted(id, 0);
	for (; id; id--)
		refused(id, 0);
	for (id = 3 * WINDOW; id > 2 * WINDOW; id--)
		refused(id, 0);
}

/* after a jump of @step from @start, with every id up to @start accepted */
static void jump(u32 start, u32 step)
{
	u32 id, edge;

	begin();
	for (id = start - WINDOW + 1; id <= start; id++)
		accepted(id, 0);
	edge = start + step;
	accepted(edge, 0);
	for (id = edge - 1; edge - id < WINDOW; id--) {
		if (id > start)
			accepted(id, 0);
		refused(id, 0);
	}
	refused(edge - WINDOW, 0);
	refused(edge, 0);
}

/* every way the cleared range can lie in the bitmap, over its end too */
static void jumps_clear_what_they_pass(void **state)
{
	static const u32 steps[] = { 1, 2, 31, 32, 33, 63, 64, 65, 127, 128,
				     1023, 1024, 1025, WINDOW - 2, WINDOW - 1,
				     WINDOW, WINDOW + 1, 2 * WINDOW - 1,
				     2 * WINDOW, 2 * WINDOW + 1, 100000 };
	unsigned int i, start;

	(void)state;
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		for (start = 2 * WINDOW; start < 3 * WINDOW; start += 61)
			jump(start, steps[i]);
		jump(3 * WINDOW - 1, steps[i]);
		jump(3 * WINDOW - 2, steps[i]);
		jump(0x80000000 - 5, steps[i]);
	}
}

static void the_last_ids(void **state)
{
	u32 id;

	(void)state;
	begin();
	for (id = U32_MAX - 3 * WINDOW; id; id++)
		accepted(id, 0);
	refused(0, 0);
	refused(1, 0);
	refused(WINDOW, 0);
	refused(U32_MAX, 0);
	begin();
	accepted(1, 0);
	accepted(U32_MAX, 0);
	refused(1, 0);
	accepted(U32_MAX - (WINDOW - 1), 0);
	refused(U32_MAX - WINDOW, 0);
}

static void silence_makes_lower_ids_stale(void **state)
{
	(void)state;
	begin();
	accepted(100, 1000);
	accepted(90, 1000 + IDLE_MS - 1);
	/* each accepted id starts the silence anew, late ones too */
	accepted(91, 1000 + 2 * (IDLE_MS - 1));
	refused(92, 1000 + 3 * IDLE_MS);
	refused(99, 1000 + 3 * IDLE_MS);
	refused(100, 1000 + 3 * IDLE_MS);
	accepted(101, 1000 + 3 * IDLE_MS);
	/* what came after the silence does not revive them */
	refused(92, 1000 + 3 * IDLE_MS);
	accepted(200, 1000 + 3 * IDLE_MS);
	accepted(102, 1000 + 3 * IDLE_MS);
	refused(99, 1000 + 3 * IDLE_MS);
}

static void silence_is_thirty_seconds_and_no_less(void **state)
{
	(void)state;
	begin();
	accepted(100, 0);
	accepted(99, IDLE_MS - 1);
	begin();
	accepted(100, 0);
	refused(99, IDLE_MS);
	begin();
	accepted(100, 0);
	refused(99, IDLE_MS + 1);
	accepted(101, IDLE_MS + 1);
}

static void refused_ids_do_not_break_the_silence(void **state)
{
	(void)state;
	begin();
	accepted(5000, 0);
	refused(5000, IDLE_MS - 1);
	refused(1, IDLE_MS - 1);
	refused(4999, IDLE_MS + 1);
}

static void the_floor_leaves_the_window_with_time(void **state)
{
	u32 id;

	(void)state;
	begin();
	accepted(100, 0);
	accepted(100 + WINDOW / 2, IDLE_MS + 1);
	for (id = 101; id < 100 + WINDOW / 2; id++)
		accepted(id, IDLE_MS + 1);
	accepted(100 + 2 * WINDOW, IDLE_MS + 2);
	for (id = 101 + WINDOW; id < 100 + 2 * WINDOW; id++)
		accepted(id, IDLE_MS + 2);
}

static void the_clock_may_start_anywhere(void **state)
{
	static const u32 start[] = { 0, 1, IDLE_MS, IDLE_MS + 1, 0x7fffffff,
				     0x80000000, U32_MAX };
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(start) / sizeof(start[0]); i++) {
		begin();
		accepted(5, start[i]);
		accepted(4, start[i]);
		refused(4, start[i]);
		accepted(6, start[i] + 1);
		accepted(3, start[i] + 1);
	}
}

static void the_clock_wraps(void **state)
{
	(void)state;
	begin();
	accepted(100, U32_MAX - 10);
	accepted(99, 10);
	begin();
	accepted(100, U32_MAX - 10);
	accepted(99, (u32)(U32_MAX - 10 + IDLE_MS - 1));
	begin();
	accepted(100, U32_MAX - 10);
	refused(99, (u32)(U32_MAX - 10 + IDLE_MS + 1));
	accepted(101, (u32)(U32_MAX - 10 + IDLE_MS + 1));
}

/* callers read the clock before they get the lock, so a later one can come
 * with an earlier time: that is no silence
 */
static void the_clock_may_be_read_early(void **state)
{
	(void)state;
	begin();
	accepted(100, 1000);
	accepted(99, 999);
	accepted(101, 1000);
	accepted(98, 990);
	begin();
	accepted(100, 0);
	accepted(99, U32_MAX);
}

/*
 * The naive model: every id that was accepted is remembered for ever, and time
 * has 64 bits.
 */
#define SET_SLOTS	(1u << 21)
#define STEPS		1000000
#define EPISODES	10

/* open addressing; 0 is never a member */
static u32 seen[SET_SLOTS];

struct model {
	u32 highest, floor;
	u64 last_ms;
};

static u32 *seen_slot(u32 id)
{
	u32 at = id * 2654435761u % SET_SLOTS;

	while (seen[at] && seen[at] != id)
		at = (at + 1) % SET_SLOTS;
	return &seen[at];
}

static int model_check(struct model *m, u32 id, u64 now_ms)
{
	if (m->highest && now_ms - m->last_ms >= IDLE_MS)
		m->floor = m->highest;
	if (!id || *seen_slot(id) || id <= m->floor ||
	    (u64)id + WINDOW <= m->highest)
		return -EINVAL;
	*seen_slot(id) = id;
	if (id > m->highest)
		m->highest = id;
	m->last_ms = now_ms;
	return 0;
}

static u32 random_id(u32 highest)
{
	u64 id = highest;

	switch (random_below(16)) {
	case 0:
		return 0;
	case 1:
		id += random_below(3 * WINDOW);
		break;
	case 2:
	case 3:
	case 4:
		id -= random_below(WINDOW + 20);
		break;
	case 5:
		id -= WINDOW - 2 + random_below(4);
		break;
	case 6:
		id -= random_below(64);
		break;
	case 7:
		if (!random_below(200))
			id += random_below(1u << 24);
		break;
	case 8:
		return random_below(2000) ? id + 2 : random_next();
	default:
		id += random_below(4);
	}
	/* also before 1 and behind the last, as the 32 bits have it */
	return id;
}

static u64 random_pause(void)
{
	switch (random_below(4000)) {
	case 0:
		return IDLE_MS - 2 + random_below(4);
	case 1:
		return random_below(1000000000);
	case 2:
		return random_below(2 * IDLE_MS);
	default:
		return random_below(4) ? 0 : random_below(8);
	}
}

static void agrees_with_the_naive_model(void **state)
{
	static const u32 starts[] = { 0, 0, WINDOW, 0x7fffff00, 0xffff0000 };
	struct model m = { 0 };
	unsigned int episode, step, passed = 0;
	u64 now = random_next() >> 1;

	(void)state;
	for (episode = 0; episode < EPISODES; episode++) {
		u32 start = starts[episode % (sizeof(starts) /
					      sizeof(starts[0]))];

		memset(seen, 0, sizeof(seen));
		m.highest = 0;
		m.floor = 0;
		begin();
		for (step = 0; step < STEPS / EPISODES; step++) {
			u32 id = random_id(m.highest ? m.highest : start);
			int expected;

			now += random_pause();
			expected = model_check(&m, id, now);
			check(id, now, expected, __LINE__);
			passed += !expected;
		}
	}
	print_message("# %u of %u ids accepted\n", passed, STEPS);
	/* a run that accepts or refuses nearly everything compares nothing */
	assert_true(passed > STEPS / 10 && passed < STEPS - STEPS / 10);
}

#define THREADS		4
#define RACE_IDS	40000

static u8 race_passed[THREADS][RACE_IDS + 1];

static void *race(void *arg)
{
	u8 *passed = arg;
	u32 id;

	for (id = 1; id <= RACE_IDS; id++)
		passed[id] = !ovpn_pktid_recv_check(&window, id, 0);
	return NULL;
}

static void parallel_callers_pass_each_id_once(void **state)
{
	pthread_t threads[THREADS];
	unsigned int i, id;

	(void)state;
	begin();
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, race,
						race_passed[i]), 0);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	for (id = 1; id <= RACE_IDS; id++) {
		unsigned int times = 0;

		for (i = 0; i < THREADS; i++)
			times += race_passed[i][id];
		/* the first to present an id is never behind: ids rise */
		assert_int_equal(times, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_order),
		cmocka_unit_test(any_id_may_be_first),
		cmocka_unit_test(id_zero_is_refused_and_changes_nothing),
		cmocka_unit_test(lower_edge),
		cmocka_unit_test(window_is_not_cut_short_at_the_first_ids),
		cmocka_unit_test(backwards),
		cmocka_unit_test(jumps_clear_what_they_pass),
		cmocka_unit_test(the_last_ids),
		cmocka_unit_test(silence_makes_lower_ids_stale),
		cmocka_unit_test(silence_is_thirty_seconds_and_no_less),
		cmocka_unit_test(refused_ids_do_not_break_the_silence),
		cmocka_unit_test(the_floor_leaves_the_window_with_time),
		cmocka_unit_test(the_clock_may_start_anywhere),
		cmocka_unit_test(the_clock_wraps),
		cmocka_unit_test(the_clock_may_be_read_early),
		cmocka_unit_test(agrees_with_the_naive_model),
		cmocka_unit_test(parallel_callers_pass_each_id_once),
	};

	random_start("pktid_recv_test");
	return RUN_TESTS(tests);
}
