// SPDX-License-Identifier: GPL-2.0-or-later
/* Small bar charts in a line of text. */

#include "base/memory.h"
#include "show/chart.h"

const char *chart_bar(uint64_t value, uint64_t peak, bool utf8)
{
	static const char *const blocks[] = {
		" ", "\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586",
		"\u2587", "\u2588",
	};
	static const char *const ascii[] = { " ", ".", ":", "-", "=", "+", "#" };
	size_t steps = utf8 ? ARRAY_SIZE(blocks) - 1 : ARRAY_SIZE(ascii) - 1;
	size_t step = 0;

	/* whatever there is has a bar */
	if (value && peak)
		step = 1 + (size_t)((double)value / peak * steps - 0.5);
	if (step > steps)
		step = steps;
	return utf8 ? blocks[step] : ascii[step];
}
