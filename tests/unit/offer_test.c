// SPDX-License-Identifier: GPL-2.0
/* How much is offered to paths: properties that hold for any paths. */
#include <linux/limits.h>

#include "testing.h"
#include "offer.h"

#define PATHS		4
/* what the scheduler gives to a path in one go (MPTCP_SEND_BURST_SIZE) */
#define BURST		65428
/* one write of the module at most */
#define WRITE		65536
#define STEP_US		500
#define STEPS		8000
/* windows have grown by then */
#define WARM		2000
#define EIGHTHS		10
/* ... while a link has no queue */
#define MORE_EIGHTHS	16

/*
 * struct link - a path of the model: what is given waits, is sent at the rate of
 * the link, and is held for a round trip more
 */
struct link {
	u64 rate;
	u32 base_us;
	double waiting;
	double *flying;
	u64 given;
	double idle;
};

struct model {
	struct link link[PATHS];
	struct ovpn_offer_path path[PATHS];
	unsigned int count;
	/* eighths of what fits that may be under way; memory of each byte */
	unsigned int eighths, memory;
	bool is_weighted;
	bool is_sticky;
	unsigned int last;
	s64 burst;
};

static unsigned int flying_steps(const struct link *link)
{
	return link->base_us / STEP_US + 1;
}

/* between the paths of one connection: a factor of 10 at most, and 30 ms */
static void model_make(struct model *model)
{
	u64 rate = 125000ULL << random_below(8);
	u32 base_us = 1000 + random_below(60000);
	unsigned int i;

	memset(model, 0, sizeof(*model));
	model->count = 1 + random_below(PATHS);
	model->eighths = EIGHTHS;
	model->memory = 1;
	for (i = 0; i < model->count; i++) {
		struct link *link = &model->link[i];

		link->rate = rate * (1 + random_below(9));
		link->base_us = base_us + random_below(30000);
		/* nothing is promised to a path that needs more than that */
		while (ovpn_offer_need(link->rate, link->base_us,
				       MORE_EIGHTHS) >= OVPN_OFFER_MAX)
			link->rate /= 2;
		link->flying = calloc(flying_steps(link), sizeof(double));
		assert_non_null(link->flying);
	}
}

static void model_free(struct model *model)
{
	unsigned int i;

	for (i = 0; i < model->count; i++)
		free(model->link[i].flying);
}

static u32 held(const struct link *link)
{
	double sum = link->waiting;
	unsigned int i;

	for (i = 0; i < flying_steps(link); i++)
		sum += link->flying[i];
	return sum;
}

/* what the module takes it to hold */
static u32 seen(const struct model *model, unsigned int i)
{
	u32 bytes = held(&model->link[i]);

	return ovpn_offer_held(bytes, bytes * model->memory);
}

static void look(struct model *model)
{
	u64 level;
	unsigned int i;

	for (i = 0; i < model->count; i++) {
		const struct link *link = &model->link[i];

		model->path[i] = (struct ovpn_offer_path) {
			.held = seen(model, i),
			.need = ovpn_offer_need(link->rate, link->base_us,
						model->eighths),
			/* what a window that fits gives, and a fifth more */
			.pace = link->rate * 6 / 5,
		};
		if (model->is_sticky && i == model->last && model->burst > 0)
			model->path[i].burst = model->burst;
	}
	level = ovpn_offer_level(model->path, model->count);
	for (i = 0; model->is_weighted && i < model->count; i++)
		model->path[i].pace = ovpn_offer_weight(&model->path[i], level);
}

/* MPTCP's choice, see offer.h. It compares memory, of which each path here has the
 * same for a byte; so rounding is all in which it could choose another one.
 */
static unsigned int schedule(const struct model *model)
{
	unsigned int i, next = 0;

	for (i = 1; i < model->count; i++) {
		if (ovpn_offer_time(seen(model, i), model->path[i].pace) <
		    ovpn_offer_time(seen(model, next),
				    model->path[next].pace))
			next = i;
	}
	return next;
}

static void give(struct model *model, u32 bytes)
{
	while (bytes) {
		u32 part = bytes;

		if (!model->is_sticky || model->burst <= 0) {
			model->last = schedule(model);
			model->burst = BURST;
		}
		if (model->is_sticky)
			part = min_t(u32, part, model->burst);
		model->burst -= part;
		model->link[model->last].waiting += part;
		model->link[model->last].given += part;
		bytes -= part;
	}
}

static void pass(struct link *link, unsigned int step)
{
	double most = (double)link->rate * STEP_US / 1000000;
	double sent = link->waiting < most ? link->waiting : most;

	link->waiting -= sent;
	link->flying[step % flying_steps(link)] = sent;
	if (step >= WARM)
		link->idle += most - sent;
}

/* no path holds more than that */
static u64 bound(const struct model *model, unsigned int i)
{
	const struct ovpn_offer_path *path = &model->path[i];
	u64 level = ovpn_offer_level(model->path, model->count);
	u64 most = model->is_weighted ? path->need :
		   ovpn_offer_bytes(level, path->pace);

	return most + (model->is_sticky ? 2 * BURST : 0) +
	       path->pace / 1000 + 2048;
}

static void run(struct model *model)
{
	unsigned int step, i, writes;

	for (step = 0; step < STEPS; step++) {
		for (i = 0; i < model->count; i++)
			pass(&model->link[i], step);
		for (writes = 0; writes < 64; writes++) {
			u32 room;

			look(model);
			room = ovpn_offer_room(model->path, model->count);
			if (!room)
				break;
			give(model, min_t(u32, room, WRITE));
		}
		assert_true(writes < 64 || step < WARM);
		for (i = 0; i < model->count; i++)
			assert_true(held(&model->link[i]) <= bound(model, i));
	}
	for (i = 0; i < model->count; i++) {
		const struct link *link = &model->link[i];
		double could = (double)link->rate * STEP_US / 1000000 *
			       (STEPS - WARM);

		assert_true(link->idle < could * (model->is_sticky ? 0.2 : 0.02));
	}
}

static void try_models(bool is_weighted, bool is_sticky)
{
	unsigned int i;

	for (i = 0; i < 20; i++) {
		struct model model;

		model_make(&model);
		model.is_weighted = is_weighted;
		model.is_sticky = is_sticky;
		run(&model);
		model_free(&model);
	}
}

/* No path starves, and none holds more than it needs. */
static void weighted_paths(void **state)
{
	(void)state;
	try_models(true, false);
}

/* Sockets that are paced: none starves, and none is above the level. */
static void paced_paths(void **state)
{
	(void)state;
	try_models(false, false);
}

/* Linux before 6.6: a burst more. */
static void bursts_that_stay(void **state)
{
	(void)state;
	try_models(true, true);
}

/* Each packet has memory of its own: the paths are filled nevertheless. */
static void single_packets(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		struct model model;

		model_make(&model);
		model.is_weighted = true;
		model.eighths = MORE_EIGHTHS;
		model.memory = 3;
		run(&model);
		model_free(&model);
	}
}

/* the last figures, one of each round trip */
struct rounds {
	u32 last[OVPN_OFFER_OWN_ROUNDS];
	unsigned int count;
};

static void rounds_add(struct rounds *rounds, u32 value)
{
	rounds->last[rounds->count++ % OVPN_OFFER_OWN_ROUNDS] = value;
}

static u32 rounds_least(const struct rounds *rounds)
{
	u32 least = UINT32_MAX;
	unsigned int i;

	for (i = 0; i < OVPN_OFFER_OWN_ROUNDS && i < rounds->count; i++)
		least = min_t(u32, least, rounds->last[i]);
	return least;
}

/* of the last OVPN_OFFER_RATE_ROUNDS */
static u32 rounds_most(const struct rounds *rounds)
{
	u32 most = 0;
	unsigned int i;

	for (i = 1; i <= OVPN_OFFER_RATE_ROUNDS && i <= rounds->count; i++)
		most = max_t(u32, most,
			     rounds->last[(rounds->count - i) %
					  OVPN_OFFER_OWN_ROUNDS]);
	return most;
}

/* What may be under way next, of a path whose last round trip took @rtt_us.
 * @best: the highest rate that there was
 */
static u32 next_need(struct rounds *rtt, struct rounds *rate, u32 quick_us,
		     u32 best, u32 rtt_us, u32 bytes)
{
	u32 base_us;

	rounds_add(rtt, rtt_us);
	rounds_add(rate, (u64)bytes * 1000000 / rtt_us);
	base_us = ovpn_offer_base(quick_us, rounds_least(rtt), best);
	return ovpn_offer_need(rounds_most(rate), base_us,
			       ovpn_offer_is_shared(base_us, quick_us) ?
			       MORE_EIGHTHS : EIGHTHS);
}

/* A flow of others fills the buffer of the link, and does not give way. */
static void others_leave_what_the_window_allows(void **state)
{
	unsigned int i, round;

	(void)state;
	for (i = 0; i < 1000; i++) {
		u32 window = 15000 + random_below(3000000);
		u32 base_us = 1000 + random_below(200000);
		struct rounds rtt = { .count = 0 }, rate = { .count = 0 };
		u32 bytes = window, best, rtt_us;

		/* no queue yet */
		best = (u64)window * 1000000 / base_us;
		rounds_add(&rtt, base_us);
		rtt_us = base_us + base_us / 2 + 5000 +
			 OVPN_OFFER_WAITING * 1000000ULL / best +
			 random_below(4 * base_us);
		for (round = 0; round < 2 * OVPN_OFFER_OWN_ROUNDS; round++)
			bytes = min_t(u32, window,
				      next_need(&rtt, &rate, base_us, best,
						rtt_us, bytes));
		assert_int_equal(bytes, window);
	}
}

/* The window would fill any buffer. The rate of the link falls to a quarter at
 * most.
 */
static void the_own_queue_is_not_others(void **state)
{
	unsigned int i, round;

	(void)state;
	for (i = 0; i < 1000; i++) {
		u32 best = 20000 + random_below(10000000), capacity = best;
		u32 base_us = 1000 + random_below(200000);
		struct rounds rtt = { .count = 0 }, rate = { .count = 0 };
		u32 bytes = OVPN_OFFER_WAITING;

		for (round = 0; round < 200; round++) {
			u64 needs_us = (u64)bytes * 1000000 / capacity;

			bytes = next_need(&rtt, &rate, base_us, best,
					  max_t(u64, base_us, needs_us), bytes);
			assert_int_equal(ovpn_offer_base(base_us,
							 rounds_least(&rtt),
							 best), base_us);
			/* what waits must be little of what fits then */
			if (round % 20 == 19 &&
			    best > 16ULL * OVPN_OFFER_WAITING * 1000000 /
				   base_us)
				capacity = best / (1 + random_below(4));
		}
	}
}

static void a_full_path_is_offered_nothing(void **state)
{
	struct ovpn_offer_path path = { .need = 100000, .pace = 1000000 };

	(void)state;
	path.held = 100000;
	assert_int_equal(ovpn_offer_room(&path, 1), 0);
	path.held = UINT32_MAX;
	assert_int_equal(ovpn_offer_room(&path, 1), 0);
	/* a rest that is not worth a write */
	path.held = 99000;
	assert_int_equal(ovpn_offer_room(&path, 1), 0);
	path.held = 50000;
	assert_in_range(ovpn_offer_room(&path, 1), 49900, 50000);
}

static void the_next_path_decides(void **state)
{
	struct ovpn_offer_path path[2] = {
		{ .held = 10000, .need = 100000, .pace = 1000000 },
		{ .held = 90000, .need = 100000, .pace = 1000000 },
	};

	(void)state;
	assert_in_range(ovpn_offer_room(path, 2), 89900, 90000);
	path[0].is_shut = true;
	assert_int_equal(ovpn_offer_room(path, 2), 0);
	path[0].is_shut = false;
	/* only to see whether it answers */
	path[0].is_silent = true;
	assert_int_equal(ovpn_offer_room(path, 2), OVPN_OFFER_TRY);
	/* what it needs does not count */
	path[0].need = UINT32_MAX;
	path[0].held = 200000;
	assert_in_range(ovpn_offer_room(path, 2), 9900, 10000);
	/* the scheduler is not through with the full one */
	path[0].is_silent = false;
	path[0].need = 100000;
	path[0].burst = 3000;
	assert_int_equal(ovpn_offer_room(path, 2), 3000);
}

/* the largest that the kernel's counters can say */
static void nothing_overflows(void **state)
{
	struct ovpn_offer_path path = {
		.need = OVPN_OFFER_MAX, .pace = UINT32_MAX,
	};

	(void)state;
	assert_int_equal(ovpn_offer_held(UINT32_MAX, UINT32_MAX), UINT32_MAX);
	assert_int_equal(ovpn_offer_held(100, 140), 140);
	assert_int_equal(ovpn_offer_held(100, 300), 150);
	assert_int_equal(ovpn_offer_need(UINT32_MAX, UINT32_MAX, 16),
			 OVPN_OFFER_MAX);
	assert_in_range(ovpn_offer_need(0, 0, 7), 1, OVPN_OFFER_WAITING);
	assert_true(ovpn_offer_time(UINT32_MAX, 1) >
		    ovpn_offer_time(UINT32_MAX - 1, 1));
	assert_in_range(ovpn_offer_room(&path, 1), OVPN_OFFER_MAX * 99ULL / 100,
			OVPN_OFFER_MAX);
	path.pace = 1;
	assert_in_range(ovpn_offer_room(&path, 1), OVPN_OFFER_MAX * 99ULL / 100,
			OVPN_OFFER_MAX);
	assert_int_equal(ovpn_offer_weight(&path, 0), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(weighted_paths),
		cmocka_unit_test(paced_paths),
		cmocka_unit_test(bursts_that_stay),
		cmocka_unit_test(single_packets),
		cmocka_unit_test(others_leave_what_the_window_allows),
		cmocka_unit_test(the_own_queue_is_not_others),
		cmocka_unit_test(a_full_path_is_offered_nothing),
		cmocka_unit_test(the_next_path_decides),
		cmocka_unit_test(nothing_overflows),
	};

	random_start("offer_test");
	return RUN_TESTS(tests);
}
