// SPDX-License-Identifier: GPL-2.0-or-later
/* From digits to numbers and bytes. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"

bool digits_number(const char *text, uint32_t min, uint32_t max,
		   uint32_t *number)
{
	unsigned long long value;

	if (!*text || strspn(text, "0123456789") != strlen(text))
		return false;
	errno = 0;
	value = strtoull(text, NULL, 10);
	if (errno || value < min || value > max)
		return false;
	*number = value;
	return true;
}

static int value_of(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

bool digits_hex(const char *text, size_t digits, unsigned char *bytes)
{
	size_t i;

	for (i = 0; i < digits; i += 2) {
		int high = value_of(text[i]), low = value_of(text[i + 1]);

		if (high < 0 || low < 0)
			return false;
		bytes[i / 2] = high << 4 | low;
	}
	return true;
}
