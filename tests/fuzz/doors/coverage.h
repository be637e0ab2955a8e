/* SPDX-License-Identifier: GPL-2.0 */
/* Which places of the module this thread has come to (KCOV). */
#ifndef COVERAGE_H
#define COVERAGE_H

#include <stdbool.h>
#include <stdint.h>

/* false: the reason was printed */
bool coverage_open(const char *module);
/* From here on, until coverage_end(), it counts. */
void coverage_begin(void);
/* The number of places, and of ways from one to the next, never seen before. */
unsigned int coverage_end(void);
/* How many places between two addresses were reached, ever. */
unsigned int coverage_reached(uint64_t start, uint64_t end);
unsigned int coverage_places(void);

#endif
