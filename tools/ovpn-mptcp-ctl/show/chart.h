/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small bar charts in a line of text. */
#ifndef CHART_H
#define CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* room for @columns bars and a NUL */
#define CHART_SIZE(columns) ((columns) * 3 + 1)

/* The bar of one value: one column wide, from nothing for 0 to full for @peak.
 * ASCII has fewer steps.
 */
const char *chart_bar(uint64_t value, uint64_t peak, bool utf8);

#endif /* CHART_H */
