/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A change as the command that a person would type. */
#ifndef UPLINKS_WORDS_H
#define UPLINKS_WORDS_H

#include "uplinks/plan.h"

#define UPLINKS_WORDS_SIZE 320

/* Good for a shell, whatever the interface is called. */
const char *uplinks_command(const struct uplinks_change *change, char *text,
			    size_t size);

#endif /* UPLINKS_WORDS_H */
