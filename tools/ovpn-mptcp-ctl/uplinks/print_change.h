/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How changes are shown. The JSON is documented in docs/json.md. */
#ifndef UPLINKS_PRINT_CHANGE_H
#define UPLINKS_PRINT_CHANGE_H

#include "base/output.h"
#include "uplinks/apply.h"

/* What became of a change: a line, or the keys of an object that the caller has
 * begun.
 */
void uplinks_print_result(struct out *out, const struct uplinks_result *result);
/* What would be done: a line for a shell, or the same. */
void uplinks_print_planned(struct out *out,
			   const struct uplinks_change *change);

#endif /* UPLINKS_PRINT_CHANGE_H */
