/* SPDX-License-Identifier: GPL-2.0 */
/* Chance that the same seed repeats. */
#ifndef CHANCE_H
#define CHANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void chance_seed(uint64_t seed);
/* 0 .. limit - 1; the limit is not 0 */
unsigned int chance_below(unsigned int limit);
uint64_t chance_between(uint64_t min, uint64_t max);
bool chance_percent(unsigned int percent);
void chance_bytes(void *to, size_t len);

#define chance_of(array) ((array)[chance_below(sizeof(array) / sizeof((array)[0]))])

#endif
