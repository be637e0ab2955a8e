// SPDX-License-Identifier: GPL-2.0
/* Which losses make a line a bad one. */
#include "testing.h"
#include "loss.h"

#define LEAST_US	50000

/* looks every 10 ms at a path that loses a packet every so often; how long it
 * took in ms, or 0 if it is not called a bad line
 */
static u32 seen_after(u32 every_ms, u32 rtt_us, u32 ms)
{
	struct ovpn_loss loss = {};
	struct ovpn_loss_now now = {
		.now = 1000, .rtt_us = rtt_us, .least_us = LEAST_US,
	};
	u32 gone;

	for (gone = 10; gone <= ms; gone += 10) {
		now.now += 10;
		now.sent += 50;
		now.repeated += every_ms && gone % every_ms == 0;
		if (ovpn_loss_is_line(&loss, &now))
			return gone;
	}
	return 0;
}

static void losses_without_a_queue(void **state)
{
	(void)state;
	assert_in_range(seen_after(100, LEAST_US, 20000), 200, 500);
	assert_in_range(seen_after(2000, LEAST_US + 5000, 20000), 4000, 8000);
}

static void losses_with_a_queue(void **state)
{
	(void)state;
	assert_int_equal(seen_after(100, 2 * LEAST_US, 20000), 0);
}

static void no_losses(void **state)
{
	(void)state;
	assert_int_equal(seen_after(0, LEAST_US, 20000), 0);
	/* once in a while */
	assert_int_equal(seen_after(6000, LEAST_US, 60000), 0);
}

/* many packets of one round trip: a path that was cut, not a bad line */
static void losses_of_one_moment(void **state)
{
	struct ovpn_loss loss = {};
	struct ovpn_loss_now now = {
		.now = 1000, .rtt_us = LEAST_US, .least_us = LEAST_US,
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < 40; i++) {
		now.now++;
		now.sent += 10;
		now.repeated += 5;
		assert_false(ovpn_loss_is_line(&loss, &now));
	}
}

/* Packets that were repeated in vain are taken back. */
static void packets_that_came_late(void **state)
{
	struct ovpn_loss loss = {};
	struct ovpn_loss_now now = {
		.now = 1000, .rtt_us = LEAST_US, .least_us = LEAST_US,
		.repeated = 7,
	};
	unsigned int i;

	(void)state;
	ovpn_loss_is_line(&loss, &now);
	for (i = 0; i < 100; i++) {
		now.now += 100;
		now.sent += 100;
		now.repeated -= i < 7;
		assert_false(ovpn_loss_is_line(&loss, &now));
	}
	assert_int_equal(loss.share, 0);
}

static void the_share_that_is_lost(void **state)
{
	struct ovpn_loss loss = {};
	struct ovpn_loss_now now = { .rtt_us = LEAST_US, .least_us = LEAST_US };
	unsigned int i;

	(void)state;
	/* over the ends of all counters */
	now.now = UINT32_MAX - 3000;
	now.sent = UINT32_MAX - 500;
	now.repeated = UINT32_MAX - 5;
	for (i = 0; i < 100; i++) {
		now.now += 100;
		now.sent += 200;
		now.repeated += 10;
		ovpn_loss_is_line(&loss, &now);
	}
	assert_in_range(loss.share, 49, 51);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(losses_without_a_queue),
		cmocka_unit_test(losses_with_a_queue),
		cmocka_unit_test(no_losses),
		cmocka_unit_test(losses_of_one_moment),
		cmocka_unit_test(packets_that_came_late),
		cmocka_unit_test(the_share_that_is_lost),
	};

	return RUN_TESTS(tests);
}
