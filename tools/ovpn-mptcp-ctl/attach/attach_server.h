/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the gate asks of a server of attach. */
#ifndef ATTACH_SERVER_H
#define ATTACH_SERVER_H

#include "attach/attach.h"

/* A connection has proved that it is of this server's client, and said HELLO.
 * Returns whether it was taken; if not, its error says why.
 */
bool attach_server_take(struct attach *attach, struct handshake *handshake);
/* Says no. The connection is of no use any more. */
void attach_server_refuse(struct handshake *handshake, enum agree_reason reason);

#endif /* ATTACH_SERVER_H */
