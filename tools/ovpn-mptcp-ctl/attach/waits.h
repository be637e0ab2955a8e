/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a loop waits for: descriptors and the next time. */
#ifndef WAITS_H
#define WAITS_H

#include <poll.h>
#include <stdint.h>

/* all sites of a server, and who comes to it */
#define WAITS_MAX	1024

/**
 * struct waits - what the loop waits for
 * @fds: descriptors
 * @count: how many
 * @until: clock_ms() of the next thing to be done; 0 for nothing
 */
struct waits {
	struct pollfd fds[WAITS_MAX];
	nfds_t count;
	uint64_t until;
};

void waits_for(struct waits *waits, int fd, short events);
/* @when: 0 for never */
void waits_until(struct waits *waits, uint64_t when);

/* Milliseconds of a clock that is never set. */
uint64_t clock_ms(void);

#endif /* WAITS_H */
