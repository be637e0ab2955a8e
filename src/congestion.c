// SPDX-License-Identifier: GPL-2.0
/*
 * Which congestion control the sockets below a stream have.
 *
 * path.c bounds what is under way, so what Linux has by default does well on a
 * line that loses nothing. On one that loses a packet in two hundred it gives up
 * nine tenths of the rate, since it takes each loss for congestion. bbr does not,
 * but stands still for a fifth of a second every ten seconds to measure the way
 * anew, and all else in the stream waits that long. So a bad line (loss.h) gets
 * one of our own, which is worth little without path.c: its window is twice what
 * was delivered in the least round trip, losses or not. Where there is congestion
 * less is delivered, and the window becomes smaller.
 *
 * A socket whose owner, or a namespace whose administrator, has chosen something
 * else than what the kernel was built with keeps that.
 */
#include <linux/module.h>
#include <linux/win_minmax.h>
#include <net/tcp.h>

#include "compat.h"
#include "congestion.h"
#include "path.h"
#include "peer.h"

#define STEADY_NAME	"ovpn_mptcp"
/* round trips in which the largest rate counts */
#define STEADY_ROUNDS	10
/* packets besides: a window may never close */
#define STEADY_MORE	4

/* packets: who has a larger window has measured the path */
#define RESTART_WINDOW	64
/* part of every kernel */
#define RESTART_OTHER	"reno"

/* the default: bad lines get our own */
#define PARAMETER_AUTO	"auto"
#define PARAMETER_NONE	"none"

static char wanted[TCP_CA_NAME_MAX] = PARAMETER_AUTO;

/**
 * struct steady - our congestion control's own data of a socket
 * @rate: packets a second that were delivered, the most of the last round trips
 * @round: counts round trips
 * @round_end: tp->delivered at which this one is over
 */
struct steady {
	struct minmax rate;
	u32 round;
	u32 round_end;
};

static_assert(sizeof(struct steady) <= ICSK_CA_PRIV_SIZE);

static void steady_measure(struct sock *sk, const struct rate_sample *rs)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	struct steady *steady = inet_csk_ca(sk);
	u64 rate;

	if (rs->delivered <= 0 || rs->interval_us <= 0)
		return;
	if (!before(rs->prior_delivered, steady->round_end)) {
		steady->round_end = tp->delivered;
		steady->round++;
	}
	rate = div_u64((u64)rs->delivered * USEC_PER_SEC, rs->interval_us);
	minmax_running_max(&steady->rate, STEADY_ROUNDS, steady->round,
			   min_t(u64, rate, U32_MAX));
}

/* tcp_congestion_ops.cong_control: the socket is locked */
static void steady_control(struct sock *sk, const struct rate_sample *rs)
{
	struct tcp_sock *tp = tcp_sk(sk);
	const struct steady *steady = inet_csk_ca(sk);
	u32 rtt = tcp_min_rtt(tp), window = tcp_snd_cwnd(tp), target;
	u64 pace;

	steady_measure(sk, rs);
	if (rtt == ~0U)
		return;
	target = min_t(u64, div_u64((u64)minmax_get(&steady->rate) * 2 * rtt,
				    USEC_PER_SEC) + STEADY_MORE,
		       tp->snd_cwnd_clamp);
	tcp_snd_cwnd_set(tp, min(window + rs->acked_sacked, target));

	/* as tcp_update_pacing_rate() has it, which is not called for us */
	pace = (u64)tcp_snd_cwnd(tp) * tp->mss_cache * USEC_PER_SEC;
	pace = div_u64(pace, max_t(u32, tp->srtt_us >> 3, 1)) * 6 / 5;
	WRITE_ONCE(sk->sk_pacing_rate,
		   min_t(u64, pace, READ_ONCE(sk->sk_max_pacing_rate)));
}

OVPN_COMPAT_CONG_CONTROL(steady_control);

/* a loss is no reason for a smaller window */
static u32 steady_ssthresh(struct sock *sk)
{
	return TCP_INFINITE_SSTHRESH;
}

static u32 steady_undo(struct sock *sk)
{
	return tcp_snd_cwnd(tcp_sk(sk));
}

static void steady_init(struct sock *sk)
{
	struct steady *steady = inet_csk_ca(sk);

	memset(steady, 0, sizeof(*steady));
	tcp_sk(sk)->snd_ssthresh = TCP_INFINITE_SSTHRESH;
}

/* Without TCP_CONG_NON_RESTRICTED: others than root shall not use it. */
static struct tcp_congestion_ops steady_ops = {
	.name = STEADY_NAME,
	.owner = THIS_MODULE,
	.init = steady_init,
	.cong_control = OVPN_COMPAT_CONG_CONTROL_SLOT(steady_control),
	.ssthresh = steady_ssthresh,
	.undo_cwnd = steady_undo,
};

static void load(const char *name)
{
	if (strcmp(name, PARAMETER_AUTO) && strcmp(name, PARAMETER_NONE))
		request_module("tcp_%s", name);
}

/* kernel_param_ops: the parameters of this module are locked */
static int wanted_set(const char *value, const struct kernel_param *param)
{
	char name[TCP_CA_NAME_MAX];

	if (strscpy(name, skip_spaces(value), sizeof(name)) < 0)
		return -EINVAL;
	strim(name);
	if (!*name)
		strscpy(name, PARAMETER_NONE, sizeof(name));
	strscpy(wanted, name, sizeof(wanted));
	/* what was said at loading is loaded by ovpn_congestion_init() */
	if (THIS_MODULE->state == MODULE_STATE_LIVE)
		load(name);
	return 0;
}

static int wanted_get(char *buffer, const struct kernel_param *param)
{
	return scnprintf(buffer, PAGE_SIZE, "%s\n", wanted);
}

static const struct kernel_param_ops wanted_ops = {
	.set = wanted_set,
	.get = wanted_get,
};

module_param_cb(congestion, &wanted_ops, NULL, 0644);
MODULE_PARM_DESC(congestion,
		 "congestion control of the paths: a name, \"none\" for what they have, \"auto\" (default) for what they have but on lines that lose packets");

/* a congestion control that is unregistered stays for an RCU period */
static bool has(const struct sock *ssk, const char *name)
{
	bool is_so;

	rcu_read_lock();
	is_so = !strcmp(READ_ONCE(inet_csk(ssk)->icsk_ca_ops)->name, name);
	rcu_read_unlock();
	return is_so;
}

/* Subflows leave their connection with its lock held, and only those that have
 * left it are destroyed: so one that still belongs to it is whole until we are
 * through.
 */
static int change(struct ovpn_path *path, struct socket *sock,
		  const char *from, const char *to)
{
	struct sock *ssk = path->ssk;
	int err = 0;

	might_sleep();
	if (ssk != sock->sk)
		lock_sock(sock->sk);
	if (READ_ONCE(ssk->sk_socket) == sock && has(ssk, from))
		err = ssk->sk_prot->setsockopt(ssk, SOL_TCP, TCP_CONGESTION,
					       KERNEL_SOCKPTR((void *)to),
					       strlen(to));
	if (ssk != sock->sk)
		release_sock(sock->sk);
	return err;
}

/* bbr has seen OpenVPN's handshake, and takes its few packets for the most that the
 * path can carry: it grows from there by a quarter every eight round trips. It
 * is made to begin anew, unless it has a window by now.
 */
static void restart(struct ovpn_path *path, struct socket *sock)
{
	const struct tcp_congestion_ops *ops;
	char name[TCP_CA_NAME_MAX] = "";

	if (READ_ONCE(tcp_sk(path->ssk)->snd_cwnd) >= RESTART_WINDOW)
		return;
	rcu_read_lock();
	ops = READ_ONCE(inet_csk(path->ssk)->icsk_ca_ops);
	if (ops->cong_control)
		strscpy(name, ops->name, sizeof(name));
	rcu_read_unlock();
	if (*name && !change(path, sock, name, RESTART_OTHER))
		change(path, sock, RESTART_OTHER, name);
}

/* what the parameter says of a path that was not seen before */
static void choose_first(struct ovpn_path *path, struct socket *sock,
			 const struct ovpn_peer *peer, bool is_open)
{
	char name[TCP_CA_NAME_MAX];
	int err;

	path->is_chosen = true;
	restart(path, sock);
	if (!is_open)
		return;
	kernel_param_lock(THIS_MODULE);
	strscpy(name, wanted, sizeof(name));
	kernel_param_unlock(THIS_MODULE);
	path->is_auto = !strcmp(name, PARAMETER_AUTO);
	if (path->is_auto || !strcmp(name, PARAMETER_NONE))
		return;
	err = change(path, sock, CONFIG_DEFAULT_TCP_CONG, name);
	if (err)
		net_warn_ratelimited("%s: peer %u: no congestion control %s (%d): modprobe tcp_%s\n",
				     peer->ovpn->dev->name, peer->id, name, err,
				     name);
}

/**
 * ovpn_congestion_choose - give a path the congestion control that it is to have
 * @path: the path
 * @sock: the socket of the stream
 * @peer: the peer
 * @is_open: the owner of the socket has not chosen
 *
 * By the writer; process context, no lock held.
 */
void ovpn_congestion_choose(struct ovpn_path *path, struct socket *sock,
			    const struct ovpn_peer *peer, bool is_open)
{
	if (unlikely(!path->is_chosen))
		choose_first(path, sock, peer, is_open);
	if (likely(!path->is_auto || !path->is_line || path->is_steady))
		return;
	path->is_steady = true;
	if (!change(path, sock, CONFIG_DEFAULT_TCP_CONG, STEADY_NAME))
		net_info_ratelimited("%s: peer %u: a path loses packets without a queue: it has the congestion control %s now\n",
				     peer->ovpn->dev->name, peer->id,
				     STEADY_NAME);
}

/**
 * ovpn_congestion_leave - leave the socket of a path without ours
 * @path: the path
 * @sock: the socket of the stream, not closed
 *
 * The kernel goes on with the socket for a while when it is closed, and this
 * module could not be unloaded for so long.
 *
 * By the writer, or while none runs; process context, no lock of a socket held.
 */
void ovpn_congestion_leave(struct ovpn_path *path, struct socket *sock)
{
	if (path->is_steady)
		change(path, sock, STEADY_NAME, CONFIG_DEFAULT_TCP_CONG);
	path->is_steady = false;
}

/**
 * ovpn_congestion_init - at loading
 *
 * Return: 0 or an errno
 */
int ovpn_congestion_init(void)
{
	load(wanted);
	return tcp_register_congestion_control(&steady_ops);
}

/**
 * ovpn_congestion_exit - at unloading: each socket with ours holds the module
 */
void ovpn_congestion_exit(void)
{
	tcp_unregister_congestion_control(&steady_ops);
}
