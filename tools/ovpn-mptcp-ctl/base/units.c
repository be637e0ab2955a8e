// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbers as people read them. */

#include <inttypes.h>
#include <stdio.h>

#include "base/units.h"

static void format_bytes(char *buffer, uint64_t value)
{
	static const char *const names[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double scaled = value / 1024.0;
	int i = 0;

	if (value < 1024) {
		snprintf(buffer, UNITS_SIZE, "%" PRIu64 " B", value);
		return;
	}
	/* what would be rounded to 1024 is 1 of the next unit */
	for (; scaled >= 1023.995 && i < 5; i++)
		scaled /= 1024;
	snprintf(buffer, UNITS_SIZE, "%.2f %s", scaled, names[i]);
}

/* Links are sold in powers of ten. */
static void format_bitrate(char *buffer, uint64_t value)
{
	static const char *const names[] = { "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s" };
	double scaled = value / 1000.0;
	int i = 0;

	if (value < 1000) {
		snprintf(buffer, UNITS_SIZE, "%" PRIu64 " bit/s", value);
		return;
	}
	for (; scaled >= 999.95 && i < 3; i++)
		scaled /= 1000;
	snprintf(buffer, UNITS_SIZE, "%.1f %s", scaled, names[i]);
}

/* Two units at most: with days, seconds tell nothing. */
static void format_time(char *buffer, uint64_t ms)
{
	uint64_t s = ms / 1000, min = s / 60, h = min / 60, d = h / 24;

	if (s < 60)
		snprintf(buffer, UNITS_SIZE, "%" PRIu64 " s", s);
	else if (min < 60)
		snprintf(buffer, UNITS_SIZE, "%" PRIu64 " min %" PRIu64 " s",
			 min, s % 60);
	else if (h < 24)
		snprintf(buffer, UNITS_SIZE, "%" PRIu64 " h %" PRIu64 " min",
			 h, min % 60);
	else
		snprintf(buffer, UNITS_SIZE, "%" PRIu64 " d %" PRIu64 " h", d,
			 h % 24);
}

const char *units_format(char *buffer, enum unit unit, uint64_t value)
{
	switch (unit) {
	case UNIT_NONE:
		snprintf(buffer, UNITS_SIZE, "%" PRIu64, value);
		break;
	case UNIT_BYTES:
		format_bytes(buffer, value);
		break;
	case UNIT_SECONDS:
		snprintf(buffer, UNITS_SIZE, "%" PRIu64 " s", value);
		break;
	case UNIT_MICROSECONDS:
		/* one decimal as long as it tells something */
		snprintf(buffer, UNITS_SIZE, value < 9950 ? "%.1f ms" : "%.0f ms",
			 value / 1000.0);
		break;
	case UNIT_MILLISECONDS:
		format_time(buffer, value);
		break;
	case UNIT_PERCENT:
		snprintf(buffer, UNITS_SIZE, "%" PRIu64 " %%", value);
		break;
	case UNIT_BITRATE:
		format_bitrate(buffer, value);
		break;
	}
	return buffer;
}
