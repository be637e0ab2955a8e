// SPDX-License-Identifier: GPL-2.0
/* Pings to a peer that was sent nothing, and the end of one that sends nothing. */
#include "clock.h"
#include "io.h"
#include "keepalive.h"
#include "main.h"
#include "peer.h"

static void keepalive_work(struct work_struct *work)
{
	struct ovpn_peer *peer = container_of(to_delayed_work(work),
					      struct ovpn_peer, keepalive.work);
	struct ovpn_keepalive *ka = &peer->keepalive;
	u32 interval = READ_ONCE(ka->interval);
	u32 timeout = READ_ONCE(ka->timeout);
	u32 now = ovpn_now_ms();
	u32 next = U32_MAX;

	if (timeout) {
		next = ovpn_clock_left(now, READ_ONCE(ka->last_recv), timeout);
		if (!next) {
			ovpn_peer_die(peer, OVPN_MPTCP_DEL_REASON_EXPIRED);
			return;
		}
	}
	if (interval) {
		u32 ping = ovpn_clock_left(now, READ_ONCE(ka->last_sent),
					 interval);

		if (!ping) {
			ovpn_ping_send(peer);
			/* it may have to wait; another one would not help */
			ping = interval * MSEC_PER_SEC;
		}
		next = min(next, ping);
	}
	if (next != U32_MAX)
		queue_delayed_work(ovpn_wq, &ka->work,
				   msecs_to_jiffies(next) + 1);
}

/**
 * ovpn_keepalive_init - both timers off
 * @ka: part of a new peer
 */
void ovpn_keepalive_init(struct ovpn_keepalive *ka)
{
	INIT_DELAYED_WORK(&ka->work, keepalive_work);
}

/**
 * ovpn_keepalive_set - set both timers and restart them from now
 * @peer: the peer; nothing happens unless it is live
 * @interval: seconds, 0..OVPN_KEEPALIVE_MAX, 0 = never ping
 * @timeout: seconds, 0..OVPN_KEEPALIVE_MAX, 0 = never expire
 *
 * Caller holds ovpn_dev.lock: a peer that is being removed is not live, so
 * the work is not queued again behind ovpn_keepalive_stop().
 */
void ovpn_keepalive_set(struct ovpn_peer *peer, u32 interval, u32 timeout)
{
	struct ovpn_keepalive *ka = &peer->keepalive;
	u32 now = ovpn_now_ms();

	lockdep_assert_held(&peer->ovpn->lock);

	WRITE_ONCE(ka->interval, min_t(u32, interval, OVPN_KEEPALIVE_MAX));
	WRITE_ONCE(ka->timeout, min_t(u32, timeout, OVPN_KEEPALIVE_MAX));
	WRITE_ONCE(ka->last_sent, now);
	WRITE_ONCE(ka->last_recv, now);
	if (peer->state == OVPN_PEER_LIVE)
		mod_delayed_work(ovpn_wq, &ka->work, 0);
}

/**
 * ovpn_keepalive_stop - no ping and no expiry from here on
 * @peer: a peer that is no longer live
 *
 * Process context; waits for a running work item.
 */
void ovpn_keepalive_stop(struct ovpn_peer *peer)
{
	cancel_delayed_work_sync(&peer->keepalive.work);
}
