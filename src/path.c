// SPDX-License-Identifier: GPL-2.0
/*
 * How much a path can have under way: what its TCP socket delivers, by the time
 * that takes without a queue, whatever its congestion control believes. A window
 * that follows losses fills the buffer of the link, and all else in the stream
 * waits for that.
 *
 * The socket is not locked. Its counters change meanwhile and may not fit
 * together; an estimate that is wrong once is made anew at the next write.
 */
#include <net/inet_common.h>
#include <net/tcp.h>

#include "clock.h"
#include "compat.h"
#include "keepalive.h"
#include "path.h"

/* The largest rate of OVPN_OFFER_RATE_ROUNDS and so many milliseconds counts, and
 * the least round trip of OVPN_OFFER_OWN_ROUNDS and so many milliseconds.
 */
#define RATE_MS			200
#define OWN_MS			1000
/* Every so many round trips, and milliseconds at least, the own queue in the link
 * is let run empty, for two round trips. It may fill again in the next two. A
 * queue that is there all the same is somebody else's.
 */
#define EMPTY_ROUNDS		16
#define EMPTY_MS		2000
#define EMPTY_FOR		2
#define EMPTY_UNTIL		4
/* The least round trip since it was let run empty for the last but one time
 * counts, and not for longer: a way may become longer.
 */
#define QUICK_TIMES		2
/* How much may be under way, in eighths of what fits: while the queue is let run
 * empty; while much is lost; while there is a queue, and the same of a path that
 * is paced, where the scheduler cannot be told what the path needs; while there is
 * none, or it is not ours.
 */
#define EMPTY_EIGHTHS		7
#define FULL_EIGHTHS		8
#define USUAL_EIGHTHS		10
#define PACED_EIGHTHS		11
#define MORE_EIGHTHS		16
/* what the scheduler gives to a path in one go (MPTCP_SEND_BURST_SIZE) */
#define BURST			65428
/* of 1000 packets */
#define SHARE_MAX		30
/* how often a silent path is tried */
#define TRY_MS			400

/* bytes a second of the kernel's last sample of the delivery rate, 0 for none */
static u32 delivered(const struct tcp_sock *tp)
{
	u64 bytes = (u64)READ_ONCE(tp->rate_delivered) *
		    READ_ONCE(tp->mss_cache);
	u32 us = READ_ONCE(tp->rate_interval_us);

	return us ? min_t(u64, div_u64(bytes * USEC_PER_SEC, us), U32_MAX) : 0;
}

static bool is_paced(const struct sock *ssk)
{
	return READ_ONCE(ssk->sk_pacing_status) != SK_PACING_NONE;
}

static u32 smoothed_rtt(const struct tcp_sock *tp)
{
	return READ_ONCE(tp->srtt_us) >> 3;
}

/* bytes that the congestion control lets under way */
static u64 window(const struct tcp_sock *tp)
{
	return (u64)READ_ONCE(tp->snd_cwnd) * READ_ONCE(tp->mss_cache);
}

static u32 rtt_ms(const struct tcp_sock *tp)
{
	return smoothed_rtt(tp) / USEC_PER_MSEC;
}

/* so many round trips and milliseconds */
static u32 rounds_ms(const struct tcp_sock *tp, u32 rounds, u32 ms)
{
	return max(rounds * rtt_ms(tp), ms);
}

static u32 empty_every_ms(const struct tcp_sock *tp)
{
	return rounds_ms(tp, EMPTY_ROUNDS, EMPTY_MS);
}

static void measure(struct ovpn_path *path, u32 now)
{
	const struct tcp_sock *tp = tcp_sk(path->ssk);
	u32 rtt = READ_ONCE(tp->rack.rtt_us) ?: smoothed_rtt(tp);
	u32 long_ms = QUICK_TIMES * empty_every_ms(tp);
	u32 rate = delivered(tp);

	if (rtt) {
		minmax_running_max(&path->quick, long_ms, now, U32_MAX - rtt);
		minmax_running_max(&path->recent,
				   rounds_ms(tp, OVPN_OFFER_OWN_ROUNDS, OWN_MS),
				   now, U32_MAX - rtt);
	}
	if (rate) {
		minmax_running_max(&path->best, long_ms, now, rate);
		minmax_running_max(&path->rate,
				   rounds_ms(tp, OVPN_OFFER_RATE_ROUNDS,
					     RATE_MS), now, rate);
	}
}

/* The rate at which the scheduler takes the socket to be paced, without our
 * limit: see tcp_update_pacing_rate() of net/ipv4/tcp_input.c.
 */
static u64 pace(const struct sock *ssk)
{
	const struct tcp_sock *tp = tcp_sk(ssk);

	if (is_paced(ssk))
		return clamp_t(u64, READ_ONCE(ssk->sk_pacing_rate), 1, U32_MAX);
	return clamp_t(u64, div_u64(window(tp) * USEC_PER_SEC,
				    max_t(u32, smoothed_rtt(tp), 1)) * 6 / 5,
		       1, U32_MAX);
}

static u32 eighths(const struct ovpn_path *path, u32 gone, u32 base_us)
{
	const struct tcp_sock *tp = tcp_sk(path->ssk);

	/* Who would give way to others who fill the buffer had nothing left.
	 * The congestion control still does.
	 */
	if (path->is_shared)
		return MORE_EIGHTHS;
	/* a short buffer shows no queue, and loses what is too much */
	if (path->loss.share > SHARE_MAX)
		return FULL_EIGHTHS;
	/* without a queue, more may fit than was believed */
	if (gone > EMPTY_UNTIL * rtt_ms(tp) &&
	    smoothed_rtt(tp) <= base_us + base_us / 8 +
				OVPN_OFFER_UNSTEADY_US)
		return MORE_EIGHTHS;
	return is_paced(path->ssk) ? PACED_EIGHTHS : USUAL_EIGHTHS;
}

/* How much the path can use, from what it delivers. */
static u32 need(struct ovpn_path *path, u32 now, u32 base_us)
{
	const struct tcp_sock *tp = tcp_sk(path->ssk);
	u32 least_us = min(tcp_min_rtt(tp), base_us);
	u32 gone = ovpn_clock_gone(now, path->emptied);
	u32 rate = minmax_get(&path->rate);

	path->is_shared = ovpn_offer_is_shared(base_us, least_us);
	if (gone > empty_every_ms(tp)) {
		path->emptied = now;
		gone = 0;
	}
	if (gone <= EMPTY_FOR * rtt_ms(tp))
		return ovpn_offer_need(rate, least_us, EMPTY_EIGHTHS);
	return ovpn_offer_need(rate, base_us, eighths(path, gone, base_us));
}

/* Its congestion control has given way, and there was no congestion. */
static void judge(struct ovpn_path *path, u32 now, bool is_limited)
{
	const struct tcp_sock *tp = tcp_sk(path->ssk);
	struct ovpn_loss_now see = {
		.now = now,
		.sent = READ_ONCE(tp->data_segs_out),
		.repeated = READ_ONCE(tp->total_retrans) -
			    READ_ONCE(tp->dsack_dups),
		.rtt_us = smoothed_rtt(tp),
		.least_us = tcp_min_rtt(tp),
	};

	if (ovpn_loss_is_line(&path->loss, &see) && is_limited)
		path->is_line = true;
}

/**
 * ovpn_path_look - measure a path
 * @path: the path
 * @offer: set
 *
 * By the writer; process context, no lock held.
 *
 * Return: true when others have begun to fill the buffer of its link, see
 * ovpn_path_grow()
 */
bool ovpn_path_look(struct ovpn_path *path, struct ovpn_offer_path *offer)
{
	const struct sock *ssk = path->ssk;
	const struct tcp_sock *tp = tcp_sk(ssk);
	u32 bytes = READ_ONCE(tp->write_seq) - READ_ONCE(tp->snd_una);
	u32 most = min_t(u64, window(tp), OVPN_OFFER_MAX);
	u32 now = ovpn_now_ms(), base_us;
	bool was_shared = path->is_shared;

	measure(path, now);
	base_us = ovpn_offer_base(U32_MAX - minmax_get(&path->quick),
				  U32_MAX - minmax_get(&path->recent),
				  minmax_get(&path->best));
	*offer = (struct ovpn_offer_path) {
		.held = ovpn_offer_held(bytes, READ_ONCE(ssk->sk_wmem_queued)),
		.need = most + OVPN_OFFER_WAITING,
		.pace = pace(ssk),
		.burst = OVPN_COMPAT_BURST_STAYS ? path->burst : 0,
		.is_silent = ovpn_path_is_silent(path),
	};
	if (!minmax_get(&path->rate) || base_us == U32_MAX)
		return false;
	offer->need = need(path, now, base_us);
	judge(path, now, most <= offer->need);
	if (most < offer->need / 2) {
		offer->need = most + OVPN_OFFER_WAITING;
		offer->is_shut = offer->held > offer->need;
	}
	return path->is_shared && !was_shared;
}

/**
 * ovpn_path_weigh - tell MPTCP's scheduler what a path is worth
 * @path: the path
 * @weight: bytes a second that the scheduler is to divide by, not 0
 *
 * A socket whose congestion control does not pace has a pacing rate all the
 * same. It says how large the socket's bursts are, and the scheduler divides by
 * it; so it can be limited as by SO_MAX_PACING_RATE, which MPTCP refuses to its
 * owner, without that anything is sent later.
 *
 * By the writer; any context.
 *
 * Return: false for a socket that is paced
 */
bool ovpn_path_weigh(struct ovpn_path *path, u64 weight)
{
	struct sock *ssk = path->ssk;

	if (is_paced(ssk)) {
		ovpn_path_unweigh(path);
		return false;
	}
	path->is_weighted = true;
	WRITE_ONCE(ssk->sk_max_pacing_rate, weight);
	return true;
}

/**
 * ovpn_path_unweigh - do not limit the pacing rate of a path any more
 * @path: the path
 */
void ovpn_path_unweigh(struct ovpn_path *path)
{
	if (path->is_weighted)
		WRITE_ONCE(path->ssk->sk_max_pacing_rate, ~0UL);
	path->is_weighted = false;
}

/**
 * ovpn_path_follow - see to which path the scheduler has given data
 * @path: all paths of a connection
 * @count: how many
 *
 * Before Linux 6.6 it goes on with the path that it has chosen, from one write
 * to the next, until that has got a burst.
 */
void ovpn_path_follow(struct ovpn_path **path, unsigned int count)
{
	struct ovpn_path *last = NULL;
	unsigned int i;

	for (i = 0; i < count; i++) {
		u32 seq = READ_ONCE(tcp_sk(path[i]->ssk)->write_seq);
		u32 more = seq - path[i]->given;

		path[i]->given = seq;
		if (!more)
			continue;
		path[i]->burst -= min_t(u32, more, BURST);
		if (path[i]->burst < 0)
			path[i]->burst += BURST;
		last = path[i];
	}
	for (i = 0; last && i < count; i++) {
		if (path[i] != last)
			path[i]->burst = 0;
	}
}

/**
 * ovpn_path_rtt_us - the round trip of a path, the queue of its link included
 * @path: the path
 *
 * Any context.
 *
 * Return: microseconds, 0 if it is not known
 */
u32 ovpn_path_rtt_us(const struct ovpn_path *path)
{
	return smoothed_rtt(tcp_sk(path->ssk));
}

/**
 * ovpn_path_is_silent - packets had to be repeated, and are not answered
 * @path: the path
 *
 * Any context.
 *
 * Return: true if so
 */
bool ovpn_path_is_silent(const struct ovpn_path *path)
{
	return READ_ONCE(inet_csk(path->ssk)->icsk_retransmits);
}

/**
 * ovpn_path_silent_ms - for how long a silent path has been so
 * @path: the path
 *
 * Any context.
 *
 * Return: milliseconds since the far end last acknowledged anything, 0 if the path
 * is not silent
 */
u32 ovpn_path_silent_ms(const struct ovpn_path *path)
{
	u32 last = READ_ONCE(tcp_sk(path->ssk)->rcv_tstamp);

	if (!ovpn_path_is_silent(path))
		return 0;
	return jiffies_to_msecs(tcp_jiffies32 - last);
}

/* Locks the socket of a path, unless it belongs to the stream no more: a subflow
 * leaves its connection with its own lock held.
 */
static bool lock_own(struct sock *ssk, const struct socket *sock)
{
	lock_sock(ssk);
	if (likely(ssk->sk_socket == sock))
		return true;
	release_sock(ssk);
	return false;
}

/**
 * ovpn_path_end - end a silent path
 * @path: the path
 * @sock: the socket of the stream
 *
 * As "ss -K" does: a reset is sent, MPTCP closes the subflow and repeats on other
 * paths what was under way on it.
 *
 * By the writer; process context, no lock held.
 *
 * Return: false if it answers by now, or belongs to the stream no more
 */
bool ovpn_path_end(const struct ovpn_path *path, const struct socket *sock)
{
	struct sock *ssk = path->ssk;
	bool is_silent;

	if (!lock_own(ssk, sock))
		return false;
	is_silent = ovpn_path_is_silent(path);
	release_sock(ssk);
	/* It takes the lock itself, and leaves alone what is closed by then. An
	 * answer that comes in between is lost with the path.
	 */
	return is_silent && !ssk->sk_prot->diag_destroy(ssk, ECONNABORTED);
}

/**
 * ovpn_path_try - repeat now what a silent path does not answer
 * @path: the path
 * @sock: the socket of the stream
 *
 * TCP doubles its timeout each time. MPTCP waits for the longest timeout of all
 * paths before it repeats data on another one, unless nothing at all comes from
 * the path; so a path that is lost in one direction alone would hold up all
 * others for many seconds, also when it is whole again. Once every TRY_MS.
 *
 * By the writer; process context, no lock held.
 */
void ovpn_path_try(struct ovpn_path *path, const struct socket *sock)
{
	struct sock *ssk = path->ssk;
	struct inet_connection_sock *icsk = inet_csk(ssk);
	u32 now = ovpn_now_ms();

	if (ovpn_clock_gone(now, path->tried) < TRY_MS)
		return;
	path->tried = now;
	if (!lock_own(ssk, sock))
		return;
	if (ssk->sk_state == TCP_ESTABLISHED && icsk->icsk_retransmits &&
	    icsk->icsk_pending == ICSK_TIME_RETRANS) {
		/* when it fires, TCP doubles it */
		icsk->icsk_rto = msecs_to_jiffies(TRY_MS) / 2;
		icsk->icsk_backoff = 0;
		inet_csk_reset_xmit_timer(ssk, ICSK_TIME_RETRANS, 1,
					  TCP_RTO_MAX);
	}
	release_sock(ssk);
}

/**
 * ovpn_path_grow - let the window of a path grow as that of a new connection
 * @path: the path
 * @sock: the socket of the stream
 *
 * While others began to fill the buffer of the link, less than the window was
 * offered, so it could not grow. Slow start had ended before, when the round trip
 * became longer (HyStart of cubic), for which they were the reason. So the window
 * says nothing about the link, and cubic needs ten seconds and more to find out.
 * It may double until something is lost, as theirs did.
 *
 * By the writer; process context, no lock held.
 */
void ovpn_path_grow(const struct ovpn_path *path, const struct socket *sock)
{
	struct sock *ssk = path->ssk;

	if (!lock_own(ssk, sock))
		return;
	if (ssk->sk_state == TCP_ESTABLISHED &&
	    inet_csk(ssk)->icsk_ca_state == TCP_CA_Open)
		tcp_sk(ssk)->snd_ssthresh = TCP_INFINITE_SSTHRESH;
	release_sock(ssk);
}

/**
 * ovpn_path_rest - a path has got everything that there was to send
 * @path: the path
 * @sock: the socket of the stream
 *
 * A congestion control that measures the rate (bbr) would take what little was
 * sent for the most that the path can carry. TCP's own sendmsg() tells it that there
 * was no more; MPTCP writes to its paths without that (Linux 6.1 to 7.3).
 *
 * By the writer; process context, no lock held.
 */
void ovpn_path_rest(const struct ovpn_path *path, const struct socket *sock)
{
	struct sock *ssk = path->ssk;
	const struct tcp_sock *tp = tcp_sk(ssk);

	if (!is_paced(ssk) ||
	    READ_ONCE(tp->write_seq) - READ_ONCE(tp->snd_nxt) >=
	    READ_ONCE(tp->mss_cache))
		return;
	if (!lock_own(ssk, sock))
		return;
	tcp_rate_check_app_limited(ssk);
	release_sock(ssk);
}

/**
 * ovpn_path_widen - make the receive buffer as large as it may become by itself
 * @path: the path
 * @sock: the socket of the stream
 *
 * What MPTCP of such a kernel has received out of order may fill its buffer. It
 * takes nothing from a path then, also not what all the rest waits for, and tells
 * no one that it has come (mptcp_data_ready(), Linux 6.1). Records are small,
 * memory is counted: a hundred packets suffice while the buffer is as large as at
 * first. MPTCP has the buffer of its largest path. It is not locked by this, and
 * stays as it is if the owner has locked it.
 *
 * By the writer; process context, no lock held.
 */
void ovpn_path_widen(const struct ovpn_path *path, const struct socket *sock)
{
	struct sock *ssk = path->ssk;

	if (!lock_own(ssk, sock))
		return;
	if (ssk->sk_state == TCP_ESTABLISHED) {
		inet_stream_ops.set_rcvlowat(ssk, INT_MAX);
		inet_stream_ops.set_rcvlowat(ssk, 1);
	}
	release_sock(ssk);
}

/**
 * ovpn_path_init - a path of which nothing is known
 * @path: the path
 * @ssk: its socket; the caller holds it
 * @now: ovpn_now_ms(), one for all that are found together
 */
void ovpn_path_init(struct ovpn_path *path, struct sock *ssk, u32 now)
{
	memset(path, 0, sizeof(*path));
	path->ssk = ssk;
	/* as if it had been some time ago: windows are to grow first */
	path->emptied = now - EMPTY_MS / 2;
	path->tried = now - TRY_MS;
	path->found = now;
	path->given = READ_ONCE(tcp_sk(ssk)->write_seq);
}
