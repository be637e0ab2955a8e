// SPDX-License-Identifier: GPL-2.0
/* Packet ids: the next one of a key, never used twice, and the replay window. */
#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include "clock.h"
#include "pktid.h"

/**
 * ovpn_pktid_xmit_init - start counting for a new key
 * @pid: the counter
 */
void ovpn_pktid_xmit_init(struct ovpn_pktid_xmit *pid)
{
	atomic64_set(&pid->last, 0);
}

/**
 * ovpn_pktid_xmit_next - take the next packet id of a key
 * @pid: the counter
 * @pktid: the id, 1..0xFFFFFFFF
 *
 * Any context, any number of callers at once.
 *
 * Return: 0, or -ERANGE for good once the ids are used up: a nonce that was
 * used with this key is never given out again.
 */
int ovpn_pktid_xmit_next(struct ovpn_pktid_xmit *pid, u32 *pktid)
{
	u64 next = atomic64_inc_return(&pid->last);

	if (next > U32_MAX)
		return -ERANGE;
	*pktid = next;
	return 0;
}

/**
 * ovpn_pktid_recv_init - forget everything, for a new key
 * @pr: the window
 */
void ovpn_pktid_recv_init(struct ovpn_pktid_recv *pr)
{
	spin_lock_init(&pr->lock);
	bitmap_zero(pr->seen, OVPN_REPLAY_WINDOW);
	pr->highest = 0;
	pr->floor = 0;
	pr->last_ms = 0;
}

/* Moves the upper edge to @pktid, which the caller marks, and forgets the ids that
 * fall out below.
 */
static void slide_window(struct ovpn_pktid_recv *pr, u32 pktid)
{
	u32 first = pr->highest + 1;
	u32 step = pktid - first;

	if (step >= OVPN_REPLAY_WINDOW) {
		bitmap_zero(pr->seen, OVPN_REPLAY_WINDOW);
	} else if (step) {
		u32 from = first % OVPN_REPLAY_WINDOW;
		u32 upper = min_t(u32, step, OVPN_REPLAY_WINDOW - from);

		bitmap_clear(pr->seen, from, upper);
		bitmap_clear(pr->seen, 0, step - upper);
	}
	WRITE_ONCE(pr->highest, pktid);
}

/**
 * ovpn_pktid_recv_check - accept the packet id of an authenticated packet once
 * @pr: the window of the key that authenticated the packet
 * @pktid: the packet's id
 * @now_ms: a monotonic clock in milliseconds; may wrap
 *
 * Process context.
 *
 * Return: 0 if the id is new, -EINVAL if it was seen before, is too old or is 0
 */
int ovpn_pktid_recv_check(struct ovpn_pktid_recv *pr, u32 pktid, u32 now_ms)
{
	int ret = -EINVAL;

	if (!pktid)
		return ret;

	spin_lock(&pr->lock);
	if (ovpn_clock_gone(now_ms, pr->last_ms) >= OVPN_REPLAY_IDLE_MS)
		pr->floor = pr->highest;
	if (pktid > pr->highest)
		slide_window(pr, pktid);
	else if (pktid <= pr->floor ||
		 pr->highest - pktid >= OVPN_REPLAY_WINDOW ||
		 test_bit(pktid % OVPN_REPLAY_WINDOW, pr->seen))
		goto out;

	__set_bit(pktid % OVPN_REPLAY_WINDOW, pr->seen);
	pr->last_ms = now_ms;
	ret = 0;
out:
	spin_unlock(&pr->lock);
	return ret;
}
