/* SPDX-License-Identifier: GPL-2.0 */
/* The clock of the module: what has gone of a time, and what is left. */
#ifndef _OVPN_CLOCK_H_
#define _OVPN_CLOCK_H_

#include <linux/ktime.h>
#include <linux/types.h>

/* in milliseconds: who was interrupted has not read the clock longer ago */
#define OVPN_CLOCKS_APART	30000

/**
 * ovpn_now_ms - the clock of keepalive, replay protection and paths
 *
 * Return: milliseconds since boot, suspend included, modulo 2^32. Differences
 * are right up to 49 days, far beyond OVPN_KEEPALIVE_MAX.
 */
static inline u32 ovpn_now_ms(void)
{
	return ktime_to_ms(ktime_get_coarse_boottime());
}

/**
 * ovpn_clock_gone - how long ago something was
 * @now: milliseconds modulo 2^32
 * @since: when it was, of the same clock. Another processor may have read it
 *	   after @now was read: it was just now.
 *
 * Return: milliseconds; right for 49 days but for OVPN_CLOCKS_APART
 */
static inline u32 ovpn_clock_gone(u32 now, u32 since)
{
	return since - now < OVPN_CLOCKS_APART ? 0 : now - since;
}

/**
 * ovpn_clock_left - what is left of a span
 * @now: see ovpn_clock_gone()
 * @since: when it began
 * @seconds: its length, at most 2^32 / 1000
 *
 * Return: milliseconds, 0 when it is over
 */
static inline u32 ovpn_clock_left(u32 now, u32 since, u32 seconds)
{
	u32 gone = ovpn_clock_gone(now, since);
	u32 span = seconds * 1000;

	return gone < span ? span - gone : 0;
}

#endif /* _OVPN_CLOCK_H_ */
