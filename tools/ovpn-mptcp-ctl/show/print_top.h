/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How rates are shown. The JSON is documented in docs/json.md. */
#ifndef PRINT_TOP_H
#define PRINT_TOP_H

#include "base/output.h"
#include "show/rates.h"

/* @columns: of the screen, or 0 when it does not matter */
void print_top(struct out *out, const struct devices *devices,
	       const struct rates *rates, int columns);

#endif /* PRINT_TOP_H */
