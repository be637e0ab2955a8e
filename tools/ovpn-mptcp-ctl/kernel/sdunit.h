/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Units of systemd, as far as files tell; see systemd.unit(5). */
#ifndef SDUNIT_H
#define SDUNIT_H

#include <stdbool.h>

#include "kernel/host.h"

/* Whether somebody wants it to run for other reasons than that a device is
 * there: systemctl enable, or a link in a directory of another unit.
 */
bool sdunit_is_enabled(const struct host *host, const char *unit);
/* Whether systemctl mask keeps it from being started. */
bool sdunit_is_masked(const struct host *host, const char *unit);

#endif /* SDUNIT_H */
