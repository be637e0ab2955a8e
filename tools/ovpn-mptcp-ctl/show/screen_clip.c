// SPDX-License-Identifier: GPL-2.0-or-later
/* How much of a line has room on the screen. */

#include "show/screen.h"

/* Length of a sequence ESC [ ... letter at the start, or 0. */
static size_t sequence(const char *text, size_t length)
{
	size_t i;

	if (length < 2 || text[0] != '\033' || text[1] != '[')
		return 0;
	for (i = 2; i < length; i++) {
		if (text[i] >= '@' && text[i] <= '~')
			return i + 1;
	}
	return length;
}

size_t screen_clip(const char *line, size_t length, int columns)
{
	size_t i = 0, skip;

	while (i < length) {
		skip = sequence(line + i, length - i);
		if (skip) {
			i += skip;
			continue;
		}
		/* further bytes of a character have 10 in front */
		if ((line[i] & 0xc0) != 0x80 && columns-- <= 0)
			break;
		i++;
	}
	return i;
}
