// SPDX-License-Identifier: GPL-2.0-or-later
/* What a loop waits for. */

#include <stdlib.h>
#include <time.h>

#include "attach/waits.h"

void waits_for(struct waits *waits, int fd, short events)
{
	struct pollfd *new = &waits->fds[waits->count];

	if (waits->count == WAITS_MAX)
		abort();
	waits->count++;
	new->fd = fd;
	new->events = events;
	new->revents = 0;
}

void waits_until(struct waits *waits, uint64_t when)
{
	if (when && (!waits->until || when < waits->until))
		waits->until = when;
}

uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ull + now.tv_nsec / 1000000;
}
