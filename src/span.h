/* SPDX-License-Identifier: GPL-2.0 */
/* What has gone of a time, and what is left, by a clock that several processors read. */
#ifndef _OVPN_SPAN_H_
#define _OVPN_SPAN_H_

#include <linux/types.h>

/* in milliseconds: nobody who was interrupted has read the clock longer ago */
#define OVPN_CLOCKS_APART	30000

/**
 * ovpn_span_gone - how long ago something was
 * @now: milliseconds modulo 2^32
 * @since: when it was, of the same clock. Another processor may have read it
 *	   after @now was read: it was just now.
 *
 * Return: milliseconds; right for 49 days but for OVPN_CLOCKS_APART
 */
static inline u32 ovpn_span_gone(u32 now, u32 since)
{
	return since - now < OVPN_CLOCKS_APART ? 0 : now - since;
}

/**
 * ovpn_span_left - what is left of a span
 * @now: see ovpn_span_gone()
 * @since: when it began
 * @seconds: its length, at most 2^32 / 1000
 *
 * Return: milliseconds, 0 when it is over
 */
static inline u32 ovpn_span_left(u32 now, u32 since, u32 seconds)
{
	u32 gone = ovpn_span_gone(now, since);
	u32 span = seconds * 1000;

	return gone < span ? span - gone : 0;
}

#endif /* _OVPN_SPAN_H_ */
