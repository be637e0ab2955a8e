// SPDX-License-Identifier: GPL-2.0
#include "chance.h"

static uint64_t state;

/* splitmix64: every seed is as good as another, 0 included */
static uint64_t next(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

void chance_seed(uint64_t seed)
{
	state = seed;
}

unsigned int chance_below(unsigned int limit)
{
	return next() % limit;
}

uint64_t chance_between(uint64_t min, uint64_t max)
{
	uint64_t span = max - min + 1;

	return span ? min + next() % span : next();
}

bool chance_percent(unsigned int percent)
{
	return chance_below(100) < percent;
}

void chance_bytes(void *to, size_t len)
{
	uint8_t *at = to;

	while (len--)
		*at++ = next();
}
