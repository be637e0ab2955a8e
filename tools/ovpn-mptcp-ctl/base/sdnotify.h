/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What systemd is told; see sd_notify(3). */
#ifndef SDNOTIFY_H
#define SDNOTIFY_H

/* Assignments such as READY=1, one a line. Nothing happens without a service
 * manager; what it does not take is lost.
 */
__attribute__((format(printf, 1, 2)))
void sdnotify(const char *format, ...);

#endif /* SDNOTIFY_H */
