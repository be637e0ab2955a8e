/* SPDX-License-Identifier: GPL-2.0 */
/* TCP: what an MPTCP listener hands out for a client that speaks only TCP. */
#ifndef _OVPN_TCP_H_
#define _OVPN_TCP_H_

#include <linux/skbuff.h>
#include "proto.h"
#include "sock.h"
#include "stream.h"

extern const struct ovpn_transport ovpn_tcp_transport;

void ovpn_tcp_init(void);

#endif /* _OVPN_TCP_H_ */
