/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals of a service in the foreground. */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* From here on they come while @waiting is in effect, as in ppoll(), and at no
 * other time. @reload: SIGHUP is no end
 */
void signals_hold(sigset_t *waiting, bool reload);
/* SIGTERM or SIGINT has come, or SIGHUP where that is an end. */
bool signals_ended(void);
/* SIGHUP has come since the last call, where that is no end. */
bool signals_reload(void);

#endif /* SIGNALS_H */
