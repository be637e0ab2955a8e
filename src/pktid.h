/* SPDX-License-Identifier: GPL-2.0 */
/* Packet ids: handing them out once, and recognising replayed ones. */
#ifndef _OVPN_PKTID_H_
#define _OVPN_PKTID_H_

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/* how far below the highest id an unseen one is still accepted */
#define OVPN_REPLAY_WINDOW	2048

/* silence after which everything up to the highest id is stale */
#define OVPN_REPLAY_IDLE_MS	30000

/**
 * struct ovpn_pktid_xmit - the next packet id of one encryption key
 * @last: the id handed out last; 64 bits wide so that it can run past the
 *	  32 bits of the wire without ever coming round
 */
struct ovpn_pktid_xmit {
	atomic64_t last;
};

/**
 * struct ovpn_pktid_recv - the replay window of one decryption key
 * @lock: protects the rest; taken in process context only
 * @seen: bit (id modulo window) is set for accepted ids in the window
 * @highest: highest id accepted, 0 before the first
 * @floor: ids up to this one are refused whatever @seen says
 * @last_ms: when the last id was accepted, in the caller's milliseconds
 */
struct ovpn_pktid_recv {
	spinlock_t lock;
	DECLARE_BITMAP(seen, OVPN_REPLAY_WINDOW);
	u32 highest;
	u32 floor;
	u32 last_ms;
};

void ovpn_pktid_xmit_init(struct ovpn_pktid_xmit *pid);
int ovpn_pktid_xmit_next(struct ovpn_pktid_xmit *pid, u32 *pktid);
void ovpn_pktid_recv_init(struct ovpn_pktid_recv *pr);
int ovpn_pktid_recv_check(struct ovpn_pktid_recv *pr, u32 pktid, u32 now_ms);

/**
 * ovpn_pktid_recv_newest - whether an id that was accepted is the highest so far
 * @pr: the window
 * @pktid: the id
 *
 * Any context; another one may be accepted at the same moment.
 *
 * Return: true if so
 */
static inline bool ovpn_pktid_recv_newest(const struct ovpn_pktid_recv *pr,
					  u32 pktid)
{
	return READ_ONCE(pr->highest) == pktid;
}

#endif /* _OVPN_PKTID_H_ */
