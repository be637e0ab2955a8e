/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Does a path lose packets for want of room, or is it a bad line?
 *
 * Loss for want of room comes with a queue, so round trips are long then. Where
 * they are short the line itself lost the packets, and a sender that gives way
 * makes no room for other traffic. Arithmetic only, which tests/unit compiles, too.
 */
#ifndef _OVPN_LOSS_H_
#define _OVPN_LOSS_H_

#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>

#include "clock.h"

/* After so many milliseconds, counting begins anew. */
#define OVPN_LOSS_COUNT_MS	5000
/* round trips with losses and without a queue that make a line a bad one */
#define OVPN_LOSS_ROUNDS	2
/* ... for each one with a queue */
#define OVPN_LOSS_TIMES		4
/* the share that is lost is taken of so many milliseconds */
#define OVPN_LOSS_SHARE_MS	500

/**
 * struct ovpn_loss - the losses of a path; all zero at first
 * @repeated: packets that were repeated until it was last looked at
 * @since: when counting began, in milliseconds
 * @last: when a round trip was last counted, in milliseconds
 * @quiet: round trips with losses and without a queue
 * @busy: round trips with losses and with a queue
 * @share: of 1000 packets, so many were repeated lately
 * @share_since: when the share was last taken, in milliseconds
 * @share_sent: packets that were sent until then
 * @share_repeated: ... and repeated
 */
struct ovpn_loss {
	u32 repeated;
	u32 since;
	u32 last;
	u16 quiet;
	u16 busy;
	u32 share;
	u32 share_since;
	u32 share_sent;
	u32 share_repeated;
};

/**
 * struct ovpn_loss_now - what is to be seen of a path
 * @now: milliseconds modulo 2^32
 * @sent: packets that were sent, modulo 2^32
 * @repeated: packets among them that were repeated, and not in vain
 * @rtt_us: its round trip
 * @least_us: the least round trip that it ever had
 */
struct ovpn_loss_now {
	u32 now;
	u32 sent;
	u32 repeated;
	u32 rtt_us;
	u32 least_us;
};

static inline void ovpn_loss_take_share(struct ovpn_loss *loss,
					const struct ovpn_loss_now *now)
{
	u32 sent = now->sent - loss->share_sent;
	s32 repeated = now->repeated - loss->share_repeated;

	if (ovpn_clock_gone(now->now, loss->share_since) < OVPN_LOSS_SHARE_MS)
		return;
	if (sent)
		loss->share = repeated <= 0 ? 0 :
			      min_t(u64, div_u64((u64)repeated * 1000, sent),
				    1000);
	loss->share_since = now->now;
	loss->share_sent = now->sent;
	loss->share_repeated = now->repeated;
}

/**
 * ovpn_loss_is_line - look at a path
 * @loss: its losses
 * @now: what is to be seen
 *
 * Return: whether it is a bad line, by what was counted lately
 */
static inline bool ovpn_loss_is_line(struct ovpn_loss *loss,
				     const struct ovpn_loss_now *now)
{
	bool has_lost = (s32)(now->repeated - loss->repeated) > 0;

	ovpn_loss_take_share(loss, now);
	loss->repeated = now->repeated;
	if (ovpn_clock_gone(now->now, loss->since) > OVPN_LOSS_COUNT_MS) {
		loss->since = now->now;
		loss->quiet = 0;
		loss->busy = 0;
	}
	if (has_lost && ovpn_clock_gone(now->now, loss->last) >
			now->rtt_us / 1000) {
		loss->last = now->now;
		if (now->rtt_us <= now->least_us + now->least_us / 4 + 2000)
			loss->quiet++;
		else
			loss->busy++;
	}
	return loss->quiet >= OVPN_LOSS_ROUNDS &&
	       loss->quiet >= OVPN_LOSS_TIMES * loss->busy;
}

#endif /* _OVPN_LOSS_H_ */
