/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers as people read them. */
#ifndef UNITS_H
#define UNITS_H

#include <stddef.h>
#include <stdint.h>

/**
 * enum unit - what a number counts
 * @UNIT_NONE: things
 * @UNIT_BYTES: bytes, shown as B, KiB, MiB and so on
 * @UNIT_SECONDS: seconds, shown as such
 * @UNIT_MICROSECONDS: a short time, shown in ms
 * @UNIT_MILLISECONDS: a time that may be long, shown in s, min, h, d
 * @UNIT_PERCENT: percent
 * @UNIT_BITRATE: bits in a second, shown as bit/s, kbit/s, Mbit/s and so on
 */
enum unit {
	UNIT_NONE,
	UNIT_BYTES,
	UNIT_SECONDS,
	UNIT_MICROSECONDS,
	UNIT_MILLISECONDS,
	UNIT_PERCENT,
	UNIT_BITRATE,
};

#define UNITS_SIZE 32
/* A space stands between number and unit. */
const char *units_format(char *buffer, enum unit unit, uint64_t value);

#endif /* UNITS_H */
