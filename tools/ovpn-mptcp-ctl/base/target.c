// SPDX-License-Identifier: GPL-2.0-or-later
/* HOST:PORT as people write it. */

#include <stdlib.h>
#include <string.h>

#include "base/target.h"

static bool parse_port(struct target *target, const char *text)
{
	size_t length = strlen(text);
	int port;

	if (!length || length >= sizeof(target->port) ||
	    strspn(text, "0123456789") != length)
		return false;
	memcpy(target->port, text, length + 1);
	port = atoi(text);
	return port >= 1 && port <= 65535;
}

bool target_parse(struct target *target, const char *text)
{
	const char *colon = strrchr(text, ':');
	size_t length;

	if (!colon)
		return false;
	length = colon - text;
	if (*text == '[') {
		if (length < 3 || text[length - 1] != ']')
			return false;
		text++;
		length -= 2;
	} else if (memchr(text, ':', length)) {
		/* which colon would be the one before the port? */
		return false;
	}
	if (!length || length >= sizeof(target->host))
		return false;
	memcpy(target->host, text, length);
	target->host[length] = '\0';
	return parse_port(target, colon + 1);
}
