/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much to offer to the paths of an MPTCP socket: arithmetic only, which the
 * tests in tests/unit compile, too.
 *
 * MPTCP's scheduler (mptcp_subflow_get_send(), Linux 6.1 to 7.3) gives data to
 * the path with the least
 *
 *	held / pace
 *
 * where a path holds everything that its socket has, what is under way included, and
 * its pace is the rate at which the socket would be paced. Data that it has
 * given to a path can be neither dropped nor overtaken any more.
 *
 * A path needs as many bytes as it can have under way without a queue in the
 * link, and a little more. For the scheduler, each path has what it needs at the
 *
 *	level = max (need / pace)
 *
 * and data are offered only while the path that the scheduler would choose next
 * is below that level.
 */
#ifndef _OVPN_OFFER_H_
#define _OVPN_OFFER_H_

#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>

/* A path has something to send while the writer is on its way: so many bytes,
 * and what it delivers in this part of a second.
 */
#define OVPN_OFFER_WAITING	(8 * 1024)
#define OVPN_OFFER_PART		500
/* never more for one path */
#define OVPN_OFFER_MAX		(16 * 1024 * 1024)
/* A path has what fits, and a quarter more, when its rate of so many round trips
 * ago is forgotten. Its own queue takes no longer than so many.
 */
#define OVPN_OFFER_RATE_ROUNDS	8
#define OVPN_OFFER_OWN_ROUNDS	10
/* round trips differ by so much without any queue */
#define OVPN_OFFER_UNSTEADY_US	4000
/* to a path that may not answer: one record, whatever its size */
#define OVPN_OFFER_TRY		1

/**
 * struct ovpn_offer_path - a path, as the scheduler sees it
 * @held: bytes that its socket holds
 * @need: bytes that it can use
 * @pace: bytes a second, not 0
 * @burst: bytes that the scheduler gives to it before it chooses again
 * @is_shut: it holds what its congestion window lets through, and that is much
 *	     less than it could use: more would stand
 * @is_silent: it does not answer; it needs nothing
 */
struct ovpn_offer_path {
	u32 held;
	u32 need;
	u64 pace;
	u32 burst;
	bool is_shut;
	bool is_silent;
};

/**
 * ovpn_offer_need - how much a path can use
 * @rate: bytes a second that it delivers
 * @base_us: its round trip without a queue
 * @eighths: how much of what fits may be under way, in eighths: 8 keeps the
 *	     queue of the link empty, 10 leaves a quarter of a round trip in it
 *
 * Return: bytes
 */
static inline u32 ovpn_offer_need(u32 rate, u32 base_us, u32 eighths)
{
	u64 fits = div_u64((u64)rate * base_us, 1000000);

	return min_t(u64, fits * eighths / 8 + rate / OVPN_OFFER_PART +
		     OVPN_OFFER_WAITING, OVPN_OFFER_MAX);
}

/**
 * ovpn_offer_base - the round trip of a path without its own queue
 * @quick_us: the smallest since its queue was let run empty
 * @recent_us: the smallest of the last OVPN_OFFER_OWN_ROUNDS
 * @best: bytes a second that it delivered, the most in the time of @quick_us
 *
 * More than fits, half as much again, and OVPN_OFFER_WAITING is never under way
 * for so long: a queue that has stood meanwhile belongs to others. Who offered
 * what fits without it would get less in each round trip than in the one before.
 *
 * Return: microseconds
 */
static inline u32 ovpn_offer_base(u32 quick_us, u32 recent_us, u32 best)
{
	u64 own_us = (u64)quick_us + quick_us / 2 + OVPN_OFFER_UNSTEADY_US +
		     div_u64(OVPN_OFFER_WAITING * 1000000ULL,
			     max_t(u32, best, 1));

	return recent_us > own_us ? recent_us : quick_us;
}

/**
 * ovpn_offer_is_shared - whether others fill the buffer of a path's link
 * @base_us: the round trip without its own queue
 * @least_us: the smallest that there was
 *
 * Return: true if so
 */
static inline bool ovpn_offer_is_shared(u32 base_us, u32 least_us)
{
	return base_us > (u64)least_us + least_us / 4 + OVPN_OFFER_UNSTEADY_US;
}

/**
 * ovpn_offer_held - what a socket holds, as ovpn_offer_need() takes it
 * @bytes: of the stream
 * @memory: that they take
 *
 * The scheduler counts memory. That is less than half as much again where
 * packets leave in trains, and several times the bytes where they are single, as
 * with tcp_mtu_probing before Linux 6.6: there is no more under way then.
 *
 * Return: bytes
 */
static inline u32 ovpn_offer_held(u32 bytes, u32 memory)
{
	return min_t(u64, memory, bytes + (u64)bytes / 2);
}

/* The time in which so many bytes go, in 1/1024 us: 2^32 bytes fit. */
static inline u64 ovpn_offer_time(u32 bytes, u64 pace)
{
	return div64_u64(((u64)bytes * 1000000) << 10, pace);
}

/* the bytes that go in so long a time */
static inline u32 ovpn_offer_bytes(u64 time, u64 pace)
{
	if (time > div64_u64(U64_MAX, pace))
		return OVPN_OFFER_MAX;
	return min_t(u64, div_u64(time * pace, 1000000) >> 10, OVPN_OFFER_MAX);
}

/**
 * ovpn_offer_level - up to where the paths are filled
 * @path: the paths
 * @count: how many
 *
 * Return: time in 1/1024 us
 */
static inline u64 ovpn_offer_level(const struct ovpn_offer_path *path,
				   unsigned int count)
{
	u64 level = 0;
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (!path[i].is_silent)
			level = max(level, ovpn_offer_time(path[i].need,
							   path[i].pace));
	}
	return level;
}

/**
 * ovpn_offer_weight - a pace by which a path is at the level when it has its need
 * @path: the path
 * @level: the level of all
 *
 * With it, the scheduler compares which part of its need a path has, and no path
 * holds more than it needs while another one is filled.
 *
 * Return: bytes a second, not above its pace
 */
static inline u64 ovpn_offer_weight(const struct ovpn_offer_path *path,
				    u64 level)
{
	u64 weight = div64_u64(((u64)path->need * 1000000) << 10,
			       max_t(u64, level, 1));

	return clamp_t(u64, weight, 1, path->pace);
}

/**
 * ovpn_offer_room - how much to offer now
 * @path: the paths
 * @count: how many, not 0
 *
 * Return: bytes; 0 while the path that the scheduler would choose has what it
 * needs, and for a rest that is not worth a write
 */
static inline u32 ovpn_offer_room(const struct ovpn_offer_path *path,
				  unsigned int count)
{
	u64 level = ovpn_offer_level(path, count), least = U64_MAX;
	const struct ovpn_offer_path *next = path, *chosen = NULL;
	unsigned int i;
	u32 room;

	for (i = 0; i < count; i++) {
		u64 time = ovpn_offer_time(path[i].held, path[i].pace);

		if (time < least) {
			least = time;
			next = &path[i];
		}
		if (path[i].burst)
			chosen = &path[i];
	}
	if (least >= level || next->is_shut)
		return 0;
	if (next->is_silent)
		return OVPN_OFFER_TRY;
	/* the hungry one waits for the end of a burst: no more than that */
	if (chosen && chosen != next)
		return chosen->burst;
	room = ovpn_offer_bytes(level - least, next->pace);
	return room < min_t(u32, OVPN_OFFER_WAITING / 4, next->need / 8) ?
	       0 : room;
}

#endif /* _OVPN_OFFER_H_ */
