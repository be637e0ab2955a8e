/* SPDX-License-Identifier: GPL-2.0 */
/* Steps that are mostly valid, at random. */
#ifndef GENERATE_H
#define GENERATE_H

#include <stddef.h>

#include "door.h"
#include "input.h"
#include "value.h"

void generate_step(struct step *step);
void generate_input(struct input *input);
/* One attribute, with its header and all that is in it; returns its length or 0. */
size_t generate_attr(const struct door *door, int policy, struct place place, uint8_t *to,
		     size_t room);
/* How a message goes out. */
void generate_manners(struct step *step, const struct command *command);

#endif
