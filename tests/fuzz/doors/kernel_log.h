/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel says meanwhile. */
#ifndef KERNEL_LOG_H
#define KERNEL_LOG_H

#include <stdbool.h>

/* false: the reason was printed */
bool kernel_log_open(void);
/* To the log, and to the console: what is known when the machine dies. */
void kernel_log_write(const char *text);
/* The first line of a report since the last call, or NULL. */
const char *kernel_log_trouble(void);

#endif
