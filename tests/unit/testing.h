/* SPDX-License-Identifier: GPL-2.0 */
/* What every test program needs: the test library, and replayable chance. */
#ifndef _TESTING_H_
#define _TESTING_H_

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

static uint64_t random_state;

/* splitmix64: every seed is a good one */
static inline uint64_t random_next(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static inline uint32_t random_below(uint32_t bound)
{
	return random_next() % bound;
}

/*
 * SEED=... in the environment repeats a run. On stderr, which prove shows: a
 * program that a sanitizer ends must have told its seed, too.
 */
static inline void random_start(const char *program)
{
	const char *given = getenv("SEED");
	struct timespec now;

	if (given) {
		random_state = strtoull(given, NULL, 0);
	} else {
		clock_gettime(CLOCK_REALTIME, &now);
		random_state = (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	}
	fprintf(stderr, "# %s: SEED=%llu\n", program,
		(unsigned long long)random_state);
}

#define RUN_TESTS(tests) ({						\
	cmocka_set_message_output(CM_OUTPUT_TAP);			\
	cmocka_run_group_tests(tests, NULL, NULL); })

#endif /* _TESTING_H_ */
