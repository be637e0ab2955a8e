// SPDX-License-Identifier: GPL-2.0-or-later
/* How long to wait before the next attempt. */

#include "attach/backoff.h"

uint32_t backoff_next(struct backoff *backoff, uint32_t chance)
{
	uint32_t spread;

	if (!backoff->wait_ms)
		backoff->wait_ms = BACKOFF_MIN_MS;
	else if (backoff->wait_ms < BACKOFF_MAX_MS / 2)
		backoff->wait_ms *= 2;
	else
		backoff->wait_ms = BACKOFF_MAX_MS;
	spread = backoff->wait_ms / 2;
	return backoff->wait_ms - spread / 2 + chance % (spread + 1);
}

void backoff_reset(struct backoff *backoff)
{
	backoff->wait_ms = 0;
}
