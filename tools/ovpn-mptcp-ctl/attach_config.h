/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What attach is told: read at the start, and again at SIGHUP. */
#ifndef ATTACH_CONFIG_H
#define ATTACH_CONFIG_H

#include "attach.h"

struct out;

/* Reads directives, files and secrets into an attach that has none. Says what is
 * wrong, and then leaves nothing.
 */
enum status attach_load(struct attach *attach, char *const *argv);
void attach_unload(struct attach *attach);
/* Prints what was read. */
void attach_print(struct out *out, const struct attach *attach);

/* Whether what attach goes by can be changed now; the handshakes that are under
 * way need it as it was.
 */
bool attach_may_reload(struct attach *attach);
/* Reads it again and changes what is another one now; the device and the tunnel
 * stay. Says what is wrong, and then nothing is changed. Returns whether all is
 * as the files say.
 */
bool attach_reload(struct attach *attach);

#endif /* ATTACH_CONFIG_H */
