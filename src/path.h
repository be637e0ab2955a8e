/* SPDX-License-Identifier: GPL-2.0 */
/* A TCP socket that carries a stream, and how much of it can be under way. */
#ifndef _OVPN_PATH_H_
#define _OVPN_PATH_H_

#include <linux/types.h>
#include <linux/win_minmax.h>
#include <net/sock.h>

#include "loss.h"
#include "offer.h"

/**
 * struct ovpn_path - a path, and what was measured of it
 * @ssk: its TCP socket; who has the path holds it
 * @rate: bytes a second that were delivered, the most of the last round trips
 * @best: the same, the most of the last seconds
 * @quick: U32_MAX - its round trip in microseconds, the most of the last seconds
 * @recent: the same, the most of the last round trips
 * @loss: its losses
 * @emptied: when the queue of the link was last let run empty, ovpn_now_ms()
 * @tried: when a silent path was last tried, ovpn_now_ms()
 * @found: when it was found below the stream, ovpn_now_ms()
 * @given: tp->write_seq when it was last looked at
 * @burst: bytes that the scheduler gives to it before it chooses again
 * @is_weighted: its pacing rate is limited by us
 * @is_chosen: it was given the congestion control that was asked for
 * @is_auto: that is up to us
 * @is_line: it loses packets for other reasons than want of room
 * @is_shared: others fill the buffer of its link
 * @is_steady: it has a congestion control of ours
 *
 * Only the writer of the stream touches it while that may run.
 */
struct ovpn_path {
	struct sock *ssk;
	struct minmax rate;
	struct minmax best;
	struct minmax quick;
	struct minmax recent;
	struct ovpn_loss loss;
	u32 emptied;
	u32 tried;
	u32 found;
	u32 given;
	s32 burst;
	bool is_weighted;
	bool is_chosen;
	bool is_auto;
	bool is_line;
	bool is_shared;
	bool is_steady;
};

void ovpn_path_init(struct ovpn_path *path, struct sock *ssk, u32 now);
bool ovpn_path_look(struct ovpn_path *path, struct ovpn_offer_path *offer);
bool ovpn_path_weigh(struct ovpn_path *path, u64 pace);
void ovpn_path_unweigh(struct ovpn_path *path);
u32 ovpn_path_rtt_us(const struct ovpn_path *path);
bool ovpn_path_is_silent(const struct ovpn_path *path);
void ovpn_path_follow(struct ovpn_path **path, unsigned int count);
u32 ovpn_path_silent_ms(const struct ovpn_path *path);
bool ovpn_path_end(const struct ovpn_path *path, const struct socket *sock);
void ovpn_path_try(struct ovpn_path *path, const struct socket *sock);
void ovpn_path_grow(const struct ovpn_path *path, const struct socket *sock);
void ovpn_path_rest(const struct ovpn_path *path, const struct socket *sock);
void ovpn_path_widen(const struct ovpn_path *path,
		     const struct socket *sock);

#endif /* _OVPN_PATH_H_ */
