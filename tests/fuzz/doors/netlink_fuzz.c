// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing of the doors of the module: requests as the policies of the kernel
 * describe them, then changed at random. What reaches new places of the module
 * is kept and changed further.
 *
 *   netlink-fuzz HOME ELSEWHERE LIST
 *
 * HOME and ELSEWHERE are network namespaces that are there for this alone. LIST
 * has the functions of the module, see functions.h. FUZZ_SEED repeats a run as
 * far as the kernel does; FUZZ_NET_SECONDS says how long.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "chance.h"
#include "corpus.h"
#include "coverage.h"
#include "door.h"
#include "execute.h"
#include "functions.h"
#include "generate.h"
#include "kernel_log.h"
#include "mutate.h"
#include "seed.h"
#include "watchdog.h"
#include "world.h"

#define MODULE		"ovpn_dco_mptcp"
/* inputs until everything is made anew */
#define RENEW_AFTER	2000
/*
 * Inputs at least, however slow the machine; so many places more than the seeds,
 * in a hundred, they have to reach.
 */
#define INPUTS_MIN	300
#define MORE_MIN	5
/* The last ones are told when something is wrong: the kernel may complain late. */
#define HISTORY		3

static const char *home, *elsewhere, *list;
static struct input history[HISTORY];
static unsigned int seeds;

static unsigned long long number(const char *name, unsigned long long otherwise)
{
	const char *value = getenv(name);

	return value && *value ? strtoull(value, NULL, 0) : otherwise;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static bool quiet(void)
{
	const char *trouble = kernel_log_trouble();

	if (trouble)
		printf("FAIL: the kernel complains: %s\n", trouble);
	return !trouble;
}

static void print_history(void)
{
	unsigned int i;

	for (i = HISTORY; i--;) {
		printf("# %u inputs before:\n", i);
		input_print(&history[(totals.inputs + HISTORY - 1 - i) % HISTORY], stdout);
	}
}

/* false: it is over, the reason was printed */
static bool try(const struct input *input, bool keep)
{
	double start = now();
	int steps;

	history[totals.inputs % HISTORY] = *input;
	steps = execute(input);
	if (steps < 0 || !quiet()) {
		print_history();
		return false;
	}
	if (keep)
		steps = input->n;
	if (steps)
		corpus_add(input, steps, now() - start);
	return true;
}

static bool try_seeds(void)
{
	struct input input;

	for (seeds = 0; seed_make(seeds, &input); seeds++) {
		if (!try(&input, true))
			return false;
	}
	return true;
}

/* The first seed of each door, step by step: nothing that is missing may go unnoticed. */
static bool try_without(void)
{
	struct input seed, input;
	int door, at;

	for (door = 0; door < DOORS; door++) {
		seed_make(door, &seed);
		for (at = 0; at < seed.n; at++) {
			input = seed;
			if (mutate_leave_out(&input, at) && !try(&input, false))
				return false;
		}
	}
	return true;
}

static bool fuzz(double seconds)
{
	double until = now() + seconds;
	struct input input;

	while (now() < until || totals.inputs < INPUTS_MIN) {
		if (chance_percent(10)) {
			generate_input(&input);
		} else {
			input = *corpus_pick();
			mutate(&input, corpus_pick());
		}
		if (!try(&input, false))
			return false;
		if (totals.inputs % RENEW_AFTER == 0 && !world_renew())
			return false;
	}
	return true;
}

/* What a run must have come to, however short. */
static bool enough(unsigned int seeds_reached)
{
	unsigned int never = doors_report();
	bool ok = functions_report(list, MODULE);

	if (never) {
		printf("FAIL: %u kinds of request were never granted\n", never);
		ok = false;
	}
	if (!totals.told) {
		printf("FAIL: no notification came\n");
		ok = false;
	}
	if (coverage_places() * 100 < seeds_reached * (100 + MORE_MIN)) {
		printf("FAIL: requests at random reach %u places, orderly ones %u of them\n",
		       coverage_places(), seeds_reached);
		ok = false;
	}
	return ok;
}

static bool session(void)
{
	double seconds = number("FUZZ_NET_SECONDS", 60), start = now();
	unsigned int seeds_reached;
	bool ok = try_seeds();

	seeds_reached = coverage_places();
	ok = ok && try_without() && fuzz(seconds);
	seconds = now() - start;
	printf("# %u inputs in %.0f s, %.1f a second; %u kept, %u of them to begin with\n",
	       totals.inputs, seconds, totals.inputs / seconds, corpus_size(), seeds);
	printf("# %u requests, %u granted; %u notifications\n",
	       totals.requests, totals.granted, totals.told);
	printf("# %u places of the module reached, %u by orderly requests\n",
	       coverage_places(), seeds_reached);
	return ok && enough(seeds_reached);
}

static int run(unsigned long *progress)
{
	bool ok;

	if (!coverage_open(MODULE) || !world_enter(home, elsewhere) || !doors_learn())
		return 1;
	ok = world_open() && execute_open(progress) && session();
	world_close();
	execute_close();
	corpus_free();
	return !ok;
}

int main(int argc, char **argv)
{
	unsigned long long seed;
	char text[64];

	if (argc != 4) {
		fprintf(stderr, "usage: netlink-fuzz HOME ELSEWHERE LIST\n");
		return 2;
	}
	home = argv[1];
	elsewhere = argv[2];
	list = argv[3];
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return 1;
	seed = number("FUZZ_SEED", seed & 0xffffffff);
	chance_seed(seed);
	snprintf(text, sizeof(text), "FUZZ_SEED=%llu", seed);
	printf("# %s\n", text);
	if (!kernel_log_open())
		return 1;
	kernel_log_write(text);
	return watchdog(run, 30 * number("LAB_SLOW", 1));
}
