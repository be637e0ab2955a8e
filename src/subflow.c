// SPDX-License-Identifier: GPL-2.0
/*
 * What was written to a socket can neither be dropped nor overtaken any more, and
 * sockets take several times what their paths can have under way. So the writer
 * gives each path a little more than its congestion window, and other packets
 * wait in queue.c.
 *
 * Congestion windows are not MPTCP's but its subflows', and MPTCP shows them to
 * nobody in the kernel. But they are TCP sockets like others, found in TCP's
 * table: those that share the struct socket of the MPTCP socket. What MPTCP has
 * under way itself would mislead: on paths of unequal delay, what the fast one
 * has delivered waits for the slow one to be acknowledged.
 */
#include <net/inet_hashtables.h>
#include <net/mptcp.h>
#include <net/tcp.h>
#include <uapi/linux/mptcp.h>

#include "subflow.h"

/* bytes that may wait in a subflow for its congestion window to open */
#define WAITING_MIN		(8 * 1024)
#define WAITING_MAX		(1024 * 1024)
/* ... or that it sends in a part of a second: 2 ms */
#define WAITING_RATE		500
/* less than that under way is no load: nobody waits for it */
#define LOAD_MIN		(16 * 1024)
#define LOOK_INTERVAL		msecs_to_jiffies(100)
/* A path counts before its socket is in the table: so a search that found too
 * little is repeated, and ever more seldom.
 */
#define SEARCH_MIN		(HZ / 2)
#define SEARCH_MAX		(64 * HZ)

/* Bytes that may wait: what is there when the congestion window opens before the
 * writer comes, and while the scheduler sends to another path first. For paths
 * of a very short delay, what they send in the time that the writer takes.
 */
static u32 may_wait(const struct sock *ssk)
{
	const struct tcp_sock *tp = tcp_sk(ssk);
	u64 window = (u64)READ_ONCE(tp->snd_cwnd) * READ_ONCE(tp->mss_cache);
	u64 rate = READ_ONCE(ssk->sk_pacing_rate);

	return clamp_t(u64, max(window / 4, div_u64(rate, WAITING_RATE)),
		       WAITING_MIN, WAITING_MAX);
}

/* tcp_packets_in_flight() for those without the lock: the counters change
 * meanwhile, and may not fit together
 */
static int in_flight(const struct tcp_sock *tp)
{
	return READ_ONCE(tp->packets_out) - READ_ONCE(tp->sacked_out) -
	       READ_ONCE(tp->lost_out) + READ_ONCE(tp->retrans_out);
}

/* what fits into the congestion window, and what may wait, less what waits */
static u32 wants(const struct sock *ssk, u32 may)
{
	const struct tcp_sock *tp = tcp_sk(ssk);
	int open = READ_ONCE(tp->snd_cwnd) - in_flight(tp);
	s64 bytes = may;

	bytes += (s64)max(open, 0) * READ_ONCE(tp->mss_cache);
	bytes -= READ_ONCE(tp->write_seq) - READ_ONCE(tp->snd_nxt);
	return clamp_t(s64, bytes, 0, WAITING_MAX);
}

/* What one kind of paths wants, and whether a path of it is ready for a batch:
 * less than a quarter of what may wait is not worth one.
 */
struct demand {
	unsigned int paths;
	u32 room;
	bool is_ready;
};

static void demand_add(struct demand *demand, const struct sock *ssk)
{
	u32 may = may_wait(ssk), room = wants(ssk, may);

	demand->paths++;
	demand->room += room;
	demand->is_ready |= room >= may / 4;
}

static u32 demand_room(const struct demand *demand)
{
	return demand->is_ready ? demand->room : 0;
}

/**
 * ovpn_subflow_room - how much a TCP socket wants to have now
 * @ssk: a TCP socket, not locked
 *
 * Any context.
 *
 * Return: bytes; 0 until a quarter of what may wait has gone: a batch each
 */
u32 ovpn_subflow_room(const struct sock *ssk)
{
	struct demand demand = {};

	demand_add(&demand, ssk);
	return demand_room(&demand);
}

static bool is_alive(const struct sock *ssk)
{
	return (1 << READ_ONCE(ssk->sk_state)) &
	       (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT);
}

/* Sockets of the table may be freed and used again at any time, but not as
 * anything else than TCP sockets: so they are looked at again once held. Those
 * without a struct socket are smaller.
 */
static bool belongs(const struct sock *ssk, const struct socket *sock)
{
	return sk_fullsock(ssk) && READ_ONCE(ssk->sk_socket) == sock &&
	       is_alive(ssk);
}

static void take_from(struct ovpn_subflows *subflows, struct socket *sock,
		      struct inet_ehash_bucket *bucket)
{
	struct hlist_nulls_node *node;
	struct sock *ssk;

	sk_nulls_for_each_rcu(ssk, node, &bucket->chain) {
		if (subflows->count == OVPN_SUBFLOWS_MAX)
			return;
		if (likely(!belongs(ssk, sock)) ||
		    !refcount_inc_not_zero(&ssk->sk_refcnt))
			continue;
		if (likely(belongs(ssk, sock)))
			subflows->sk[subflows->count++] = ssk;
		else
			sock_gen_put(ssk);
	}
}

/* TCP's table is one array for all: 8 bytes a bucket, most of them empty. What
 * moves while this runs may be missed, and is found the next time.
 */
static void search(struct ovpn_subflows *subflows, struct socket *sock)
{
	struct inet_hashinfo *table =
		sock_net(sock->sk)->ipv4.tcp_death_row.hashinfo;
	unsigned int i;

	might_sleep();
	ovpn_subflows_forget(subflows);
	for (i = 0; i <= table->ehash_mask; i++) {
		if (hlist_nulls_empty(&table->ehash[i].chain))
			continue;
		rcu_read_lock();
		take_from(subflows, sock, &table->ehash[i]);
		rcu_read_unlock();
		cond_resched();
	}
}

static void look(struct ovpn_subflows *subflows, struct socket *sock)
{
	struct mptcp_info info = {};

	subflows->next_look = jiffies + LOOK_INTERVAL;
	/* the cast is the kernel's own: an MPTCP socket begins with its sock */
	mptcp_diag_fill_info((struct mptcp_sock *)sock->sk, &info);
	if (info.mptcpi_subflows + 1 != subflows->paths) {
		subflows->paths = info.mptcpi_subflows + 1;
		subflows->pause = SEARCH_MIN;
	} else if (time_before(jiffies, subflows->next_search)) {
		return;
	}
	search(subflows, sock);
	subflows->next_search = jiffies + subflows->pause;
	subflows->pause = min_t(unsigned long, 2 * subflows->pause, SEARCH_MAX);
}

/* gives up those that have ended */
static void bury(struct ovpn_subflows *subflows)
{
	unsigned int i = 0;

	while (i < subflows->count) {
		struct sock *ssk = subflows->sk[i];

		if (likely(is_alive(ssk))) {
			i++;
			continue;
		}
		subflows->sk[i] = subflows->sk[--subflows->count];
		sock_put(ssk);
	}
}

/**
 * ovpn_subflows_init - none is known
 * @subflows: the subflows
 */
void ovpn_subflows_init(struct ovpn_subflows *subflows)
{
	subflows->next_look = jiffies;
}

/**
 * ovpn_subflows_room - how much the paths of an MPTCP socket want to have now
 * @subflows: those that are known
 * @sock: the socket, not locked
 *
 * A path that has nothing under way does not count while others have something:
 * it may be a backup, and is the scheduler's first choice if it is not. A path
 * whose packets had to be repeated and are not answered counts only if there is
 * no other: it keeps nothing from those that work.
 *
 * By the writer; process context.
 *
 * Return: bytes, 0 for none, U32_MAX when nothing is known against it
 */
u32 ovpn_subflows_room(struct ovpn_subflows *subflows, struct socket *sock)
{
	struct demand busy = {}, idle = {}, silent = {};
	unsigned int i;

	if (READ_ONCE(sock->sk->sk_wmem_queued) >= LOAD_MIN &&
	    time_after_eq(jiffies, subflows->next_look))
		look(subflows, sock);
	bury(subflows);
	if (!subflows->count)
		return U32_MAX;
	for (i = 0; i < subflows->count; i++) {
		const struct sock *ssk = subflows->sk[i];

		if (READ_ONCE(inet_csk(ssk)->icsk_retransmits))
			demand_add(&silent, ssk);
		else if (READ_ONCE(tcp_sk(ssk)->packets_out))
			demand_add(&busy, ssk);
		else
			demand_add(&idle, ssk);
	}
	return demand_room(busy.paths ? &busy : idle.paths ? &idle : &silent);
}

/**
 * ovpn_subflows_forget - give up all of them
 * @subflows: the subflows
 *
 * By the writer, or while none runs.
 */
void ovpn_subflows_forget(struct ovpn_subflows *subflows)
{
	while (subflows->count)
		sock_put(subflows->sk[--subflows->count]);
}
