// SPDX-License-Identifier: GPL-2.0-or-later
/* Which stranger makes room at the server of attach. */

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "attach/crowd.h"

/* the one that must stay, last or not */
#define CLIENT	20

static struct address all[CROWD_MAX];

static void set(size_t i, const char *text)
{
	all[i].family = strchr(text, ':') ? AF_INET6 : AF_INET;
	assert_int_equal(inet_pton(all[i].family, text, all[i].ip), 1);
}

/* Strangers from addresses by @format, which gets two numbers; one client. */
static void fill(const char *format, const char *client)
{
	char text[64];
	size_t i;

	memset(all, 0, sizeof(all));
	for (i = 0; i < CROWD_MAX; i++) {
		snprintf(text, sizeof(text), format, rand() % 256, rand() % 256);
		set(i, text);
	}
	set(CLIENT, client);
}

static void never_chooses_the_client(const char *format, const char *client)
{
	uint32_t chance;

	fill(format, client);
	for (chance = 0; chance < 1000; chance++)
		assert_int_not_equal(crowd_choose(all, CROWD_MAX, chance),
				     CLIENT);
}

static void a_stranger_drives_out_its_own(void **state)
{
	(void)state;
	never_chooses_the_client("192.0.2.1", "198.51.100.1");
	never_chooses_the_client("192.0.%d.%d", "198.51.100.1");
	never_chooses_the_client("192.0.%d.%d", "2001:db8::1");
	never_chooses_the_client("2001:db8:1:2::%x%02x", "2001:db8:1:3::1");
	never_chooses_the_client("2001:db8:1:2%02x::%x", "2001:db8:1:301::1");
	never_chooses_the_client("2001:db8:1:%x%02x::1", "2001:db8:2::1");
	never_chooses_the_client("2001:db8:%x%02x::1", "2001:db9::1");
}

/* The client is in the same network, or the strangers are in all of them: then
 * it is as good as any.
 */
static void chance_decides_among_equals(void **state)
{
	size_t chosen[CROWD_MAX] = { 0 }, i;
	uint32_t chance;
	char text[64];

	(void)state;
	for (i = 0; i < CROWD_MAX; i++) {
		snprintf(text, sizeof(text), "%zu.1.2.3", i + 1);
		set(i, text);
	}
	for (chance = 0; chance < 100 * CROWD_MAX; chance++)
		chosen[crowd_choose(all, CROWD_MAX, chance)]++;
	for (i = 0; i < CROWD_MAX; i++)
		assert_int_equal(chosen[i], 100);
}

static void any_number_of_places(void **state)
{
	size_t count;

	(void)state;
	fill("192.0.%d.%d", "198.51.100.1");
	for (count = 1; count <= CROWD_MAX; count++)
		assert_in_range(crowd_choose(all, count, rand()), 0, count - 1);
	set(0, "::1");
	assert_int_equal(crowd_choose(all, 1, 7), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stranger_drives_out_its_own),
		cmocka_unit_test(chance_decides_among_equals),
		cmocka_unit_test(any_number_of_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
