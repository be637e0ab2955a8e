/* SPDX-License-Identifier: GPL-2.0 */
/* The first inputs: what a client of each door does, in the right order. */
#ifndef SEED_H
#define SEED_H

#include "input.h"

/* Input number @n, or 0 for a number that there is none of. */
int seed_make(unsigned int n, struct input *input);

#endif
