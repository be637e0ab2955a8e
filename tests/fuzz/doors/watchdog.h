/* SPDX-License-Identifier: GPL-2.0 */
/* Notices when the kernel does not come back. */
#ifndef WATCHDOG_H
#define WATCHDOG_H

/*
 * Runs @work in a process of its own and returns what it returns, or 1 when it
 * dies, or when the number that it must count up stands still for so many
 * seconds.
 */
int watchdog(int (*work)(unsigned long *progress), int seconds);

#endif
