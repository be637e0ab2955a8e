// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "chance.h"
#include "corpus.h"

#define CORPUS_MAX	2048

static struct kept {
	struct input input;
	double seconds;
} *kept[CORPUS_MAX];
static unsigned int count;
static double seconds_all;

void corpus_add(const struct input *input, int steps, double seconds)
{
	unsigned int at = count < CORPUS_MAX ? count++ : chance_below(CORPUS_MAX);

	if (!kept[at])
		kept[at] = calloc(1, sizeof(*kept[at]));
	if (!kept[at])
		abort();
	seconds_all += seconds - kept[at]->seconds;
	kept[at]->seconds = seconds;
	kept[at]->input = *input;
	kept[at]->input.n = steps;
}

/*
 * What came last has had the least attention. What takes long, such as the end
 * of a device, gets less.
 */
const struct input *corpus_pick(void)
{
	unsigned int from = chance_percent(40) ? count - count / 4 - 1 : 0;
	double usual = seconds_all / count;
	const struct kept *found;

	do {
		found = kept[from + chance_below(count - from)];
	} while (found->seconds > usual && !chance_percent(1 + 100 * usual / found->seconds));
	return &found->input;
}

unsigned int corpus_size(void)
{
	return count;
}

void corpus_free(void)
{
	while (count)
		free(kept[--count]);
}
