/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What doctor found. */
#ifndef FINDING_H
#define FINDING_H

#include <stddef.h>

#include "base/message.h"

/**
 * enum level - how grave a finding is
 * @LEVEL_GOOD: looked at, and as it should be
 * @LEVEL_NOTE: a fact, neither good nor bad
 * @LEVEL_UNSEEN: could not be looked at
 * @LEVEL_ADVICE: works, and could be better
 * @LEVEL_PROBLEM: does not work
 */
enum level {
	LEVEL_GOOD,
	LEVEL_NOTE,
	LEVEL_UNSEEN,
	LEVEL_ADVICE,
	LEVEL_PROBLEM,
};

#define FINDING_SIZE 512

/**
 * struct finding - one thing that was found
 * @id: stable name for programs
 * @level: how grave
 * @status: exit code of the program if nothing graver is found; of problems
 * @text: what there is
 * @fix: what to do about it, or empty
 */
struct finding {
	const char *id;
	enum level level;
	enum status status;
	char text[FINDING_SIZE];
	char fix[FINDING_SIZE];
};

struct findings {
	struct finding *items;
	size_t count;
};

/* Each adds a finding; finding_fix() says what to do about the last one. */
__attribute__((format(printf, 4, 5)))
void finding_add(struct findings *findings, enum level level, const char *id,
		 const char *format, ...);
/* A problem with an exit code of its own. */
__attribute__((format(printf, 4, 5)))
void finding_problem(struct findings *findings, enum status status,
		     const char *id, const char *format, ...);
__attribute__((format(printf, 2, 3)))
void finding_fix(struct findings *findings, const char *format, ...);

size_t findings_of_level(const struct findings *findings, enum level level);
/* The exit code that all of them make. */
enum status findings_status(const struct findings *findings);

#endif /* FINDING_H */
