/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that say which tunnels have been without a peer for long. Whoever may
 * do something about it looks for them: units of systemd.
 */
#ifndef KEEP_FLAG_H
#define KEEP_FLAG_H

#include <stdbool.h>

/* The file DEVICE.no-peer in the directory that RUNTIME_DIRECTORY names, as
 * systemd sets it; without that, nothing happens. Says what failed.
 */
void keep_flag_set(const char *device, bool set);

#endif /* KEEP_FLAG_H */
