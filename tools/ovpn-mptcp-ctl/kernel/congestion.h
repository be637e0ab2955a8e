/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Congestion control of the stream's own sockets. */
#ifndef CONGESTION_H
#define CONGESTION_H

#include "base/message.h"

/* Whether this kernel has it; loads its module if need be. Says what to do when
 * it is not there. @device: for the message
 */
enum status congestion_check(const char *device, const char *name);
/* Returns 0, or -1 with errno set. An MPTCP socket must be bound, connect or
 * listen: before that, it may have no subflow yet, and a name is not looked at.
 * Subflows that come later get the same, and so do accepted sockets.
 */
int congestion_set(int fd, const char *name);

#endif /* CONGESTION_H */
