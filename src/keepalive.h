/* SPDX-License-Identifier: GPL-2.0 */
/* Sending pings to a silent peer, and noticing that one fell silent. */
#ifndef _OVPN_KEEPALIVE_H_
#define _OVPN_KEEPALIVE_H_

#include <linux/types.h>
#include <linux/workqueue.h>

struct ovpn_peer;

/* longest interval and timeout, in seconds */
#define OVPN_KEEPALIVE_MAX	86400

/**
 * struct ovpn_keepalive - two independent timers of a peer
 * @interval: seconds of transmit silence before a ping, 0 = never
 * @timeout: seconds of receive silence before the peer is dead, 0 = never
 * @last_sent: when the transport last took a data packet, ovpn_now_ms()
 * @last_recv: when an authentic, fresh packet last came, ovpn_now_ms()
 * @work: runs at the next deadline. Has no reference: the peer disables it
 *	  before it lets its socket go.
 */
struct ovpn_keepalive {
	u32 interval;
	u32 timeout;
	u32 last_sent;
	u32 last_recv;
	struct delayed_work work;
};

void ovpn_keepalive_init(struct ovpn_keepalive *ka);
void ovpn_keepalive_set(struct ovpn_peer *peer, u32 interval, u32 timeout);
void ovpn_keepalive_stop(struct ovpn_peer *peer);

#endif /* _OVPN_KEEPALIVE_H_ */
