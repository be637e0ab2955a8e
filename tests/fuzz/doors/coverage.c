// SPDX-License-Identifier: GPL-2.0
/*
 * Only the module is built for KCOV, so what the kernel traces are places of the
 * module. Work that the module leaves to its workers is not seen: KCOV follows
 * the thread that asks.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kcov.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "coverage.h"

#define TRACE_WORDS	(64 << 10)
#define WAYS_BITS	18

static unsigned long *trace;
static uint64_t text, text_size;
static uint8_t *places;
static uint8_t ways[1 << WAYS_BITS >> 3];
static unsigned int places_count;

static bool find_module(const char *module)
{
	char line[512], name[128];
	unsigned long long size, address;
	FILE *modules = fopen("/proc/modules", "r");

	while (modules && fgets(line, sizeof(line), modules)) {
		if (sscanf(line, "%127s %llu %*s %*s %*s %llx", name, &size, &address) == 3 &&
		    !strcmp(name, module)) {
			text = address;
			text_size = size;
		}
	}
	if (modules)
		fclose(modules);
	return text;
}

bool coverage_open(const char *module)
{
	int fd;

	if (!find_module(module)) {
		printf("FAIL: the module is not loaded, or its address is hidden\n");
		return false;
	}
	places = calloc(1, text_size / 8 + 1);
	fd = open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC);
	if (!places || fd < 0 || ioctl(fd, KCOV_INIT_TRACE, TRACE_WORDS)) {
		printf("FAIL: no KCOV: %s\n", strerror(errno));
		return false;
	}
	trace = mmap(NULL, TRACE_WORDS * sizeof(*trace), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (trace == MAP_FAILED || ioctl(fd, KCOV_ENABLE, KCOV_TRACE_PC)) {
		printf("FAIL: KCOV cannot be switched on: %s\n", strerror(errno));
		return false;
	}
	return true;
}

void coverage_begin(void)
{
	__atomic_store_n(&trace[0], 0, __ATOMIC_RELAXED);
}

static bool mark(uint8_t *bits, uint64_t bit)
{
	uint8_t before = bits[bit >> 3];

	bits[bit >> 3] |= 1 << (bit & 7);
	return before != bits[bit >> 3];
}

static uint64_t way(uint64_t from, uint64_t to)
{
	return (from * 31 + to) * 0x9e3779b97f4a7c15ULL >> (64 - WAYS_BITS);
}

unsigned int coverage_end(void)
{
	unsigned long i, n = __atomic_load_n(&trace[0], __ATOMIC_RELAXED);
	unsigned int found = 0;
	uint64_t last = 0;

	for (i = 1; i <= n && i < TRACE_WORDS; i++) {
		uint64_t at = trace[i] - text;

		if (at >= text_size)
			continue;
		if (mark(places, at)) {
			places_count++;
			found++;
		}
		found += mark(ways, way(last, at));
		last = at;
	}
	return found;
}

unsigned int coverage_places(void)
{
	return places_count;
}

unsigned int coverage_reached(uint64_t start, uint64_t end)
{
	unsigned int n = 0;
	uint64_t at;

	for (at = start; at < end; at++) {
		if (at - text < text_size)
			n += places[(at - text) >> 3] >> ((at - text) & 7) & 1;
	}
	return n;
}
