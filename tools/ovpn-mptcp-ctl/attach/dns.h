/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Name servers of a tunnel, told to whoever keeps those of the machine:
 * systemd-resolved where it runs, else resolvconf.
 */
#ifndef DNS_H
#define DNS_H

#include "attach/config.h"

/* What sets and undoes waits for the programs that do it, and says what failed. */

/* Those of the configuration, for this device. */
enum status dns_set(const struct config *config, const char *device);
/* Whether there may be something that was set for it. Runs no program. */
bool dns_is_left(const char *device);
/* What was set for it, or nothing; the device may be gone. */
enum status dns_undo(const char *device);

#endif /* DNS_H */
