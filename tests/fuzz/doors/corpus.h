/* SPDX-License-Identifier: GPL-2.0 */
/* Inputs that have reached something new. */
#ifndef CORPUS_H
#define CORPUS_H

#include "input.h"

/* Keeps a copy of so many steps; @seconds: how long it took. */
void corpus_add(const struct input *input, int steps, double seconds);
const struct input *corpus_pick(void);
unsigned int corpus_size(void);
void corpus_free(void);

#endif
