// SPDX-License-Identifier: GPL-2.0-or-later
/* What doctor found. */

#include <stdarg.h>
#include <stdio.h>

#include "base/finding.h"
#include "base/memory.h"

static void add(struct findings *findings, enum level level, enum status status,
		const char *id, const char *format, va_list args)
{
	struct finding *finding = LIST_ADD(findings);

	finding->id = id;
	finding->level = level;
	finding->status = status;
	vsnprintf(finding->text, sizeof(finding->text), format, args);
}

void finding_add(struct findings *findings, enum level level, const char *id,
		 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(findings, level,
	    level == LEVEL_PROBLEM ? STATUS_REFUSED : STATUS_OK, id, format,
	    args);
	va_end(args);
}

void finding_problem(struct findings *findings, enum status status,
		     const char *id, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(findings, LEVEL_PROBLEM, status, id, format, args);
	va_end(args);
}

void finding_fix(struct findings *findings, const char *format, ...)
{
	struct finding *last = &findings->items[findings->count - 1];
	va_list args;

	va_start(args, format);
	vsnprintf(last->fix, sizeof(last->fix), format, args);
	va_end(args);
}

size_t findings_of_level(const struct findings *findings, enum level level)
{
	size_t i, n = 0;

	for (i = 0; i < findings->count; i++)
		n += findings->items[i].level == level;
	return n;
}

enum status findings_status(const struct findings *findings)
{
	/* without the first, the next cannot be */
	static const enum status order[] = {
		STATUS_NO_MODULE, STATUS_NO_MPTCP, STATUS_FELL_BACK,
		STATUS_REFUSED,
	};
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		for (j = 0; j < findings->count; j++) {
			if (findings->items[j].status == order[i])
				return order[i];
		}
	}
	return STATUS_OK;
}
