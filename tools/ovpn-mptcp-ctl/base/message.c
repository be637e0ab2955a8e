// SPDX-License-Identifier: GPL-2.0-or-later
/* What goes to standard error. */

#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "base/message.h"

void (*message_before)(void);
bool (*message_wanted)(const char *text);
bool message_levels;

static bool is_wanted(const char *format, va_list args)
{
	char text[MESSAGE_KNOWN];
	va_list copy;

	va_copy(copy, args);
	vsnprintf(text, sizeof(text), format, copy);
	va_end(copy);
	return message_wanted(text);
}

static void line(int level, const char *format, va_list args, const char *tail)
{
	if (message_wanted && !is_wanted(format, args))
		return;
	if (message_before)
		message_before();
	/* what was printed so far comes first when both go to one file */
	fflush(stdout);
	if (message_levels)
		fprintf(stderr, "<%d>", level);
	fputs(PROGRAM ": ", stderr);
	vfprintf(stderr, format, args);
	fprintf(stderr, "%s\n", tail);
}

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	line(LOG_INFO, format, args, "");
	va_end(args);
}

enum status usage_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	line(LOG_ERR, format, args, "");
	va_end(args);
	return STATUS_USAGE;
}

enum status failure(enum status status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	line(LOG_ERR, format, args, "");
	va_end(args);
	return status;
}

const char *errno_text(int code)
{
	static char text[128];
	const char *name = strerrorname_np(code);
	const char *words = strerrordesc_np(code);

	if (name && words)
		snprintf(text, sizeof(text), "%s: %s", name, words);
	else
		snprintf(text, sizeof(text), "errno %d", code);
	return text;
}

enum status system_error(int code, const char *format, ...)
{
	char tail[160];
	va_list args;

	snprintf(tail, sizeof(tail), " (%s)", errno_text(code));
	va_start(args, format);
	line(LOG_ERR, format, args, tail);
	va_end(args);
	return STATUS_REFUSED;
}
