/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long to wait before the next attempt. */
#ifndef BACKOFF_H
#define BACKOFF_H

#include <stdint.h>

#define BACKOFF_MIN_MS	1000
#define BACKOFF_MAX_MS	30000

/**
 * struct backoff - attempts that failed; all zero: none
 * @wait_ms: the last wait, without its share of chance
 */
struct backoff {
	uint32_t wait_ms;
};

/* Milliseconds to wait: twice as long each time, up to a bound, a quarter more
 * or less by @chance, any number, so that many clients do not come at once.
 */
uint32_t backoff_next(struct backoff *backoff, uint32_t chance);
/* An attempt succeeded. */
void backoff_reset(struct backoff *backoff);

#endif /* BACKOFF_H */
