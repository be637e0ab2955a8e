/* SPDX-License-Identifier: GPL-2.0 */
/* Changes to an input: of its order, of its attributes, of its bytes. */
#ifndef MUTATE_H
#define MUTATE_H

#include <stdbool.h>

#include "input.h"

/* @other: another input, parts of which may be taken */
void mutate(struct input *input, const struct input *other);
/*
 * Up to a step, and before that one the same without each of its attributes in
 * turn. false: there are none.
 */
bool mutate_leave_out(struct input *input, int at);

#endif
