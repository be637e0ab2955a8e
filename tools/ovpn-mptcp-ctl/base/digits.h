/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From digits to numbers and bytes. */
#ifndef DIGITS_H
#define DIGITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A decimal number from @min to @max: no sign, no space, no other base. */
bool digits_number(const char *text, uint32_t min, uint32_t max,
		   uint32_t *number);
/* Hexadecimal digits of either case. @digits: how many, which is even */
bool digits_hex(const char *text, size_t digits, unsigned char *bytes);

#endif /* DIGITS_H */
