/* SPDX-License-Identifier: GPL-2.0 */
/* Inputs, carried out. */
#ifndef EXECUTE_H
#define EXECUTE_H

#include <stdbool.h>

#include "input.h"

/* what all of it came to */
struct totals {
	unsigned int inputs, requests, granted, told;
};

extern struct totals totals;

/* @progress: goes up at each step. false: the reason was printed. */
bool execute_open(unsigned long *progress);
/*
 * The number of steps up to the last one that reached something new; 0 when none
 * did. -1 on failure, which was printed.
 */
int execute(const struct input *input);
void execute_close(void);

#endif
