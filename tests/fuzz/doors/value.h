/* SPDX-License-Identifier: GPL-2.0 */
/* Values for attributes: by what the policy says, and by what they mean. */
#ifndef VALUE_H
#define VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "door.h"

#define VALUE_BYTES	320

/* Where an attribute stands: the numbers of the nests around it, 0 for none. */
struct place {
	int nest, inner;
};

/* Whether the door knows such an attribute there: by its policy, or because it has a meaning. */
bool value_known(const struct door *door, int policy, struct place place, int attr);
/* The nest that an attribute is, by the number of its policy; -1 for none. */
int value_nest(const struct door *door, int policy, int attr);
/* Whether requests make no sense without it. */
bool value_vital(const struct door *door, struct place place, int attr);
/* A value, mostly a valid one, of VALUE_BYTES at most; returns its length. */
size_t value_make(const struct door *door, int policy, struct place place, int attr, uint8_t *to);

#endif
