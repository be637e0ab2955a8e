// SPDX-License-Identifier: GPL-2.0
/*
 * The TCP sockets below a stream. What was written to a socket can neither be
 * dropped nor overtaken any more, and sockets take several times what their paths
 * can have under way. So the writer offers what the paths can use (path.c) and
 * what MPTCP's scheduler will share among them so (offer.h), and other packets
 * wait in queue.c.
 *
 * MPTCP exports no list of its subflows. But they are TCP sockets like
 * others, found in TCP's table: those that share the struct socket of the MPTCP
 * socket.
 */
#include <net/inet_hashtables.h>
#include <net/mptcp.h>
#include <net/tcp.h>
#include <uapi/linux/mptcp.h>

#include "clock.h"
#include "compat.h"
#include "congestion.h"
#include "offer.h"
#include "peer.h"
#include "room.h"
#include "spare.h"

/* less than that under way is no load: no packet waits for it */
#define LOAD_MIN		(16 * 1024)
/* ... unless it stays that long: some path may not answer */
#define STUCK			msecs_to_jiffies(200)
#define LOOK_INTERVAL		msecs_to_jiffies(100)
/* from one write that only gives on what the MPTCP socket holds to the next */
#define PUSH_INTERVAL		msecs_to_jiffies(100)
/* A path counts before its socket is in the table: so a search that found too
 * little is repeated, and ever more seldom.
 */
#define SEARCH_MIN		(HZ / 2)
#define SEARCH_MAX		(64 * HZ)

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

/* takes over a reference */
static void add(struct ovpn_room *room, struct sock *ssk, u32 now)
{
	ovpn_path_init(&room->path[room->count++], ssk, now);
	/* The kernel gives later subflows what the connection has, and marks
	 * them like those whose owner has chosen: the first one tells.
	 */
	if (!inet_csk(ssk)->icsk_ca_setsockopt)
		room->is_open = true;
}

static bool knows(const struct ovpn_room *room, const struct sock *ssk)
{
	unsigned int i;

	for (i = 0; i < room->count; i++) {
		if (room->path[i].ssk == ssk)
			return true;
	}
	return false;
}

static void take_from(struct ovpn_room *room, struct socket *sock,
		      struct inet_ehash_bucket *bucket, u32 now)
{
	struct hlist_nulls_node *node;
	struct sock *ssk;

	sk_nulls_for_each_rcu(ssk, node, &bucket->chain) {
		if (room->count == OVPN_ROOM_PATHS_MAX)
			return;
		if (likely(!belongs(ssk, sock)) || knows(room, ssk) ||
		    !refcount_inc_not_zero(&ssk->sk_refcnt))
			continue;
		if (likely(belongs(ssk, sock)))
			add(room, ssk, now);
		else
			sock_gen_put(ssk);
	}
}

/* TCP's table is one array for all: 8 bytes a bucket, most of them empty. What
 * moves while this runs may be missed, and is found the next time.
 */
static void search(struct ovpn_room *room, struct socket *sock)
{
	struct inet_hashinfo *table =
		sock_net(sock->sk)->ipv4.tcp_death_row.hashinfo;
	u32 now = ovpn_now_ms();
	unsigned int i;

	might_sleep();
	for (i = 0; i <= table->ehash_mask; i++) {
		if (hlist_nulls_empty(&table->ehash[i].chain))
			continue;
		rcu_read_lock();
		take_from(room, sock, &table->ehash[i], now);
		rcu_read_unlock();
		cond_resched();
	}
}

/* the struct socket is alive */
static void drop(struct ovpn_path *path, struct socket *sock)
{
	ovpn_path_unweigh(path);
	ovpn_congestion_leave(path, sock);
	sock_put(path->ssk);
}

static void drop_ended(struct ovpn_room *room, struct socket *sock)
{
	unsigned int i = 0;

	while (i < room->count) {
		struct ovpn_path *path = &room->path[i];

		if (likely(is_alive(path->ssk))) {
			i++;
			continue;
		}
		drop(path, sock);
		*path = room->path[--room->count];
	}
}

/* @is_needed: they are looked for again should some have been missed */
static void find(struct ovpn_room *room, struct socket *sock,
		 unsigned int expected, bool is_needed)
{
	unsigned int i = room->count;

	if (expected != room->expected) {
		room->expected = expected;
		room->pause = SEARCH_MIN;
	} else if (!is_needed || room->count >= room->expected ||
		   time_before(jiffies, room->next_search)) {
		return;
	}
	search(room, sock);
	/* those that were found now are behind the others */
	for (; room->is_narrow && i < room->count; i++)
		ovpn_path_widen(&room->path[i], sock);
	room->next_search = jiffies + room->pause;
	room->pause = min_t(unsigned long, 2 * room->pause, SEARCH_MAX);
}

static void make_way(struct ovpn_room *room, struct socket *sock,
		     const struct ovpn_peer *peer, bool is_full)
{
	struct ovpn_spare_path path[OVPN_ROOM_PATHS_MAX];
	u32 now = ovpn_now_ms();
	unsigned int i;
	int spare;

	drop_ended(room, sock);
	for (i = 0; i < room->count; i++) {
		path[i].silent_ms = ovpn_path_silent_ms(&room->path[i]);
		path[i].age_ms = ovpn_clock_gone(now, room->path[i].found);
	}
	spare = ovpn_spare_find(path, room->count, is_full);
	if (spare >= 0 && ovpn_path_end(&room->path[spare], sock))
		net_info_ratelimited("%s: peer %u: a path has made way for others, it was silent for %u ms\n",
				     peer->ovpn->dev->name, peer->id,
				     path[spare].silent_ms);
}

static void look(struct ovpn_room *room, struct socket *sock,
		 const struct ovpn_peer *peer, bool is_loaded)
{
	struct mptcp_info info = {};
	int left;

	room->next_look = jiffies + LOOK_INTERVAL;
	/* the cast is the kernel's own: an MPTCP socket begins with its sock */
	mptcp_diag_fill_info((struct mptcp_sock *)sock->sk, &info);
	left = info.mptcpi_subflows_max - info.mptcpi_subflows;
	find(room, sock, ovpn_compat_mptcp_subflows(&info),
	     is_loaded || left < OVPN_SPARE_FREE);
	if (left < OVPN_SPARE_FREE)
		make_way(room, sock, peer, left <= 0);
}

/**
 * ovpn_room_init - no subflow is known
 * @room: of a new stream
 * @ops: the operations of the socket, as the kernel has them
 */
void ovpn_room_init(struct ovpn_room *room,
		    const struct proto_ops *ops)
{
	room->is_narrow = !ops->set_rcvlowat;
	room->next_look = jiffies;
	room->next_push = jiffies;
	room->last_empty = jiffies;
}

/* Those that count, see ovpn_room_mptcp(). Acknowledgements arrive meanwhile:
 * what is under way is read once, so that not all paths seem to have nothing in
 * the end.
 */
static unsigned int choose(struct ovpn_room *room,
			   struct ovpn_path *used[OVPN_ROOM_PATHS_MAX])
{
	unsigned int i, count = 0;
	unsigned long sending = 0;
	bool is_busy = false;

	BUILD_BUG_ON(OVPN_ROOM_PATHS_MAX > BITS_PER_LONG);
	for (i = 0; i < room->count; i++) {
		struct ovpn_path *path = &room->path[i];

		if (!READ_ONCE(tcp_sk(path->ssk)->packets_out))
			continue;
		sending |= BIT(i);
		is_busy |= !ovpn_path_is_silent(path);
	}
	for (i = 0; i < room->count; i++) {
		if (!is_busy || sending & BIT(i))
			used[count++] = &room->path[i];
	}
	return count;
}

/* Makes the scheduler compare which part of its need a path has. */
static void weigh(struct ovpn_path **used, struct ovpn_offer_path *offer,
		  unsigned int count)
{
	u64 level = ovpn_offer_level(offer, count);
	unsigned int i;

	for (i = 0; i < count; i++) {
		u64 weight = ovpn_offer_weight(&offer[i], level);

		if (!offer[i].is_silent && ovpn_path_weigh(used[i], weight))
			offer[i].pace = weight;
	}
}

/* What the far end takes. The rest would wait in the MPTCP socket for it. Each
 * subflow has the window of the whole connection, as it was last told. While
 * nothing is under way the kernel asks for no window, so something is written.
 * Bytes that the MPTCP socket holds while nothing is under way were refused by
 * the subflows, for want of memory: only the next write gives them on, so there
 * is one now and then.
 */
static u32 window_room(struct ovpn_room *room,
		       const struct socket *sock)
{
	u32 held = READ_ONCE(sock->sk->sk_wmem_queued), window = 0;
	bool is_idle = true;
	unsigned int i;

	for (i = 0; i < room->count; i++) {
		const struct tcp_sock *tp = tcp_sk(room->path[i].ssk);
		u32 told = READ_ONCE(tp->snd_wnd);

		window = max(window, told);
		is_idle &= !READ_ONCE(tp->packets_out);
	}
	if (held < window)
		return window - held;
	if (!is_idle || (held && time_before(jiffies, room->next_push)))
		return 0;
	room->next_push = jiffies + PUSH_INTERVAL;
	return OVPN_OFFER_TRY;
}

/* Less than a load is left alone, unless it is stuck. */
static bool is_load(struct ovpn_room *room, const struct sock *sk)
{
	u32 held = READ_ONCE(sk->sk_wmem_queued);

	if (!held)
		room->last_empty = jiffies;
	return held >= LOAD_MIN ||
	       time_after(jiffies, room->last_empty + STUCK);
}

/* Paths that do not answer, while another one does. */
static void try_silent(struct ovpn_room *room, struct ovpn_path **used,
		       const struct ovpn_offer_path *offer, unsigned int count,
		       const struct socket *sock)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (likely(!offer[i].is_silent))
			continue;
		room->has_silent = true;
		ovpn_path_try(used[i], sock);
	}
}

static u32 paths_room(struct ovpn_room *room, struct ovpn_path **used,
		      unsigned int count, struct socket *sock,
		      const struct ovpn_peer *peer)
{
	struct ovpn_offer_path offer[OVPN_ROOM_PATHS_MAX];
	bool is_answered = false;
	u32 round_us = 0;
	unsigned int i;

	if (OVPN_COMPAT_BURST_STAYS)
		ovpn_path_follow(used, count);
	for (i = 0; i < count; i++) {
		if (unlikely(ovpn_path_look(used[i], &offer[i])))
			ovpn_path_grow(used[i], sock);
		is_answered |= !offer[i].is_silent;
		round_us = max(round_us, ovpn_path_rtt_us(used[i]));
		ovpn_congestion_choose(used[i], sock, peer, room->is_open);
	}
	room->round_us = round_us;
	if (is_answered)
		try_silent(room, used, offer, count, sock);
	for (i = 0; !is_answered && i < count; i++)
		offer[i].is_silent = false;
	if (count > 1)
		weigh(used, offer, count);
	else
		ovpn_path_unweigh(used[0]);
	return ovpn_offer_room(offer, count);
}

/**
 * ovpn_room_mptcp - how much the paths of an MPTCP socket want to have now
 * @room: of the stream
 * @sock: the socket, not locked
 * @peer: the peer
 *
 * A path that has nothing under way does not count while others have something:
 * it may be a backup, and is the scheduler's first choice if it is not. A path
 * whose packets had to be repeated and are not answered keeps nothing from those
 * that work.
 *
 * By the writer; process context.
 *
 * Return: bytes, 0 for none, U32_MAX when nothing is known against it
 */
u32 ovpn_room_mptcp(struct ovpn_room *room, struct socket *sock,
		    const struct ovpn_peer *peer)
{
	struct ovpn_path *used[OVPN_ROOM_PATHS_MAX];
	bool is_loaded = is_load(room, sock->sk);
	unsigned int count;

	if (time_after_eq(jiffies, room->next_look))
		look(room, sock, peer, is_loaded);
	drop_ended(room, sock);
	room->has_silent = false;
	if (!room->count)
		return U32_MAX;
	count = choose(room, used);
	return min(paths_room(room, used, count, sock, peer),
		   window_room(room, sock));
}

/**
 * ovpn_room_tcp - how much a TCP socket wants to have now
 * @room: of the stream
 * @sock: the socket, not locked
 * @peer: the peer
 *
 * By the writer; process context.
 *
 * Return: bytes, 0 for none
 */
u32 ovpn_room_tcp(struct ovpn_room *room, struct socket *sock,
		  const struct ovpn_peer *peer)
{
	struct ovpn_path *path = &room->path[0];

	if (unlikely(!room->count)) {
		sock_hold(sock->sk);
		add(room, sock->sk, ovpn_now_ms());
	}
	return paths_room(room, &path, 1, sock, peer);
}

/**
 * ovpn_room_rest - nothing waits any more
 * @room: of the stream
 * @sock: the socket, not locked
 *
 * By the writer; process context.
 */
void ovpn_room_rest(struct ovpn_room *room, struct socket *sock)
{
	unsigned int i;

	for (i = 0; i < room->count; i++)
		ovpn_path_rest(&room->path[i], sock);
}

/**
 * ovpn_room_forget - give up all subflows
 * @room: of the stream
 * @sock: the socket, not closed and not locked
 *
 * By the writer, or while none runs; process context.
 */
void ovpn_room_forget(struct ovpn_room *room, struct socket *sock)
{
	while (room->count)
		drop(&room->path[--room->count], sock);
}
