// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a stream:
 *
 *   attach ──► active ──► detached ──► released
 *     ▲                      │
 *     └──── attach again ────┘
 *
 * The socket operations stay ours from the first attach until the owner closes
 * the socket: a thread may be inside them at any time. They hold the module.
 * While detached, userspace reads what is left of its control records, then the
 * end of file.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <net/inet_connection_sock.h>
#include <net/tcp_states.h>

#include "main.h"
#include "peer.h"
#include "stream.h"

/* for a daemon to act on the notification that its peer expired */
#define END_GRACE		(2 * HZ)

static void stream_release_ref(struct kref *ref)
{
	struct ovpn_stream *stream = container_of(ref, struct ovpn_stream, ref);

	/* A callback that had read our function before it was taken away, or a
	 * transmitter that had found the peer before, may have queued them after
	 * unhook() has cancelled them. Neither works for us: this is no worker.
	 */
	cancel_work_sync(&stream->rx.work);
	cancel_delayed_work_sync(&stream->tx.work);
	ovpn_stream_rx_destroy(stream);
	ovpn_stream_tx_destroy(stream);
	sock_put(stream->sk);
	kfree_rcu(stream, rcu);
}

/**
 * ovpn_stream_put - drop a reference
 * @stream: the stream, may be NULL
 *
 * Process context.
 */
void ovpn_stream_put(struct ovpn_stream *stream)
{
	if (stream)
		kref_put(&stream->ref, stream_release_ref);
}

/* sk_data_ready: softirq with the socket's spinlock held, or process context
 * with the socket owned, perhaps by our own reader. So nothing but queueing.
 */
static void stream_data_ready(struct sock *sk)
{
	struct ovpn_stream *stream;

	read_lock_bh(&sk->sk_callback_lock);
	stream = ovpn_stream_of(sk);
	if (stream)
		queue_work(ovpn_wq, &stream->rx.work);
	read_unlock_bh(&sk->sk_callback_lock);
}

/* wait queue function: interrupts off, under the queue's lock */
static int stream_wake(wait_queue_entry_t *wait, unsigned int mode, int flags,
		       void *key)
{
	struct ovpn_stream *stream = container_of(wait, struct ovpn_stream,
						  wait);
	__poll_t events = key_to_poll(key);

	/* without a key the state changed: the end may have come */
	if (!events || events & (EPOLLERR | EPOLLHUP))
		queue_work(ovpn_wq, &stream->rx.work);
	if (!events || events & (EPOLLOUT | EPOLLERR | EPOLLHUP))
		mod_delayed_work(ovpn_wq, &stream->tx.work, 0);
	return 0;
}

/* a reader or writer of userspace must look again */
static void wake_userspace(struct ovpn_stream *stream)
{
	struct sock *sk = stream->sk;

	stream->data_ready(sk);
	wake_up_interruptible_all(sk_sleep(sk));
}

/* the struct socket is alive: its release waits for this */
static void stream_end_work(struct work_struct *work)
{
	struct ovpn_stream *stream = container_of(to_delayed_work(work),
						  struct ovpn_stream, end);

	WRITE_ONCE(stream->ended, true);
	wake_userspace(stream);
}

static struct ovpn_stream *stream_new(struct socket *sock,
				      const struct ovpn_stream_kind *kind)
{
	struct ovpn_stream *stream = kzalloc(sizeof(*stream), GFP_KERNEL);

	if (!stream)
		return NULL;
	stream->kind = kind;
	if (ovpn_stream_rx_init(stream))
		goto free;
	if (ovpn_stream_tx_init(stream))
		goto rx;
	mutex_init(&stream->lock);
	init_waitqueue_func_entry(&stream->wait, stream_wake);
	INIT_DELAYED_WORK(&stream->end, stream_end_work);
	kref_init(&stream->ref);
	stream->sock = sock;
	stream->sk = sock->sk;
	sock_hold(stream->sk);
	return stream;

rx:
	ovpn_stream_rx_destroy(stream);
free:
	kfree(stream);
	return NULL;
}

/* Small records must not wait for acknowledgements. The socket is not locked: this
 * is what a system call would do.
 */
static void set_options(struct socket *sock, const struct proto_ops *ops)
{
	int one = 1;

	ops->setsockopt(sock, SOL_TCP, TCP_NODELAY, KERNEL_SOCKPTR(&one),
			sizeof(one));
}

/* A low-water mark that userspace left behind would hold back the last bytes of a
 * burst for ever. And a high one makes the receive buffer as large as it may
 * become by itself (half of tcp_rmem[2]), without that it is locked: a young
 * stream would take less than its paths carry, and MPTCP drops what comes over
 * the buffer, to wait for a timeout. MPTCP without this operation has the buffer
 * of its paths, see ovpn_path_widen(). Caller holds the socket lock.
 */
static void set_low_water(struct sock *sk, const struct proto_ops *ops)
{
	if (!ops->set_rcvlowat) {
		WRITE_ONCE(sk->sk_rcvlowat, 1);
		return;
	}
	ops->set_rcvlowat(sk, INT_MAX);
	ops->set_rcvlowat(sk, 1);
}

static int check_state(const struct sock *sk)
{
	switch (sk->sk_state) {
	case TCP_ESTABLISHED:
		return sk->sk_shutdown ? -ESHUTDOWN : 0;
	case TCP_LISTEN:
		return -EINVAL;
	case TCP_CLOSE_WAIT:
	case TCP_FIN_WAIT1:
	case TCP_FIN_WAIT2:
	case TCP_CLOSING:
	case TCP_LAST_ACK:
		return -ESHUTDOWN;
	default:
		return -ENOTCONN;
	}
}

/* MPTCP has a worker of its own, which repeats what was lost, and allocates with
 * the socket's lock held that our writer needs: it must not wait for I/O, either.
 * Caller holds the socket lock and stream->lock.
 */
static void hook(struct ovpn_stream *stream)
{
	struct sock *sk = stream->sk;

	write_lock_bh(&sk->sk_callback_lock);
	stream->data_ready = sk->sk_data_ready;
	/* a copy of the socket would have no reference */
	WRITE_ONCE(sk->sk_user_data,
		   (void *)((unsigned long)stream | SK_USER_DATA_NOCOPY));
	WRITE_ONCE(sk->sk_data_ready, stream_data_ready);
	write_unlock_bh(&sk->sk_callback_lock);
	stream->allocation = sk->sk_allocation;
	WRITE_ONCE(sk->sk_allocation, GFP_NOIO);
	add_wait_queue(sk_sleep(sk), &stream->wait);
}

/* The first attach: the socket becomes ours until it is closed. The module
 * reference is the one that __sock_release() drops for the new owner of the
 * operations after our release function has returned.
 */
static int hook_new(struct ovpn_stream *stream, struct ovpn_stream_kind *kind)
{
	struct socket *sock = stream->sock;
	struct sock *sk = stream->sk;
	int err;

	lock_sock(sk);
	err = check_state(sk);
	if (!err && (sk->sk_user_data || READ_ONCE(sock->ops) != kind->orig ||
		     sk->sk_prot != kind->orig_prot ||
		     (kind->ulp && inet_csk(sk)->icsk_ulp_ops)))
		err = -EBUSY;
	if (err)
		goto out;
	set_low_water(sk, kind->orig);
	__module_get(THIS_MODULE);
	hook(stream);
	if (kind->ulp)
		WRITE_ONCE(inet_csk(sk)->icsk_ulp_ops, kind->ulp);
	WRITE_ONCE(sk->sk_prot, &kind->prot);
	WRITE_ONCE(sock->ops, &kind->ops);
out:
	release_sock(sk);
	return err;
}

static int hook_again(struct ovpn_stream *stream)
{
	struct sock *sk = stream->sk;
	int err;

	if (stream->death)
		return -ESHUTDOWN;
	cancel_delayed_work_sync(&stream->end);
	lock_sock(sk);
	err = check_state(sk);
	if (!err) {
		WRITE_ONCE(stream->ended, false);
		set_low_water(sk, stream->kind->orig);
		hook(stream);
	} else {
		/* the reader waits for the end that was called off */
		queue_delayed_work(ovpn_wq, &stream->end, 0);
	}
	release_sock(sk);
	return err;
}

static void open_tx(struct ovpn_stream *stream, bool open)
{
	spin_lock_bh(&stream->tx.control.lock);
	stream->tx.open = open;
	spin_unlock_bh(&stream->tx.control.lock);
}

/* The stream that a socket is since an earlier attach, or a new one. */
static struct ovpn_stream *stream_of(struct socket *sock,
				     struct ovpn_stream_kind *kind,
				     bool *is_new)
{
	struct ovpn_stream *stream;
	int err;

	*is_new = !ovpn_stream_ops_ours(READ_ONCE(sock->ops));
	if (!*is_new)
		return ovpn_stream_of(sock->sk);
	err = ovpn_stream_kind_prepare(kind, sock);
	if (err)
		return ERR_PTR(err);
	stream = stream_new(sock, kind);
	return stream ?: ERR_PTR(-ENOMEM);
}

/* Caller holds stream->lock. On failure everything is as it was. */
static int attach_locked(struct ovpn_stream *stream, struct ovpn_peer *peer,
			 struct ovpn_stream_kind *kind, bool is_new)
{
	struct ovpn_peer *former = stream->peer;
	int err;

	lockdep_assert_held(&stream->lock);

	/* whoever attached it last has the former peer still to remove */
	if (stream->active || stream->former)
		return -EALREADY;
	set_options(stream->sock, stream->kind->orig);
	/* before the hooks: a worker may start the moment they are in place */
	stream->peer = peer;
	WRITE_ONCE(stream->active, true);
	err = is_new ? hook_new(stream, kind) : hook_again(stream);
	if (err) {
		WRITE_ONCE(stream->active, false);
		stream->peer = former;
		return err;
	}
	/* a dead peer may get its own socket again, and was held all the time */
	if (former != peer) {
		ovpn_peer_hold(peer);
		stream->former = former;
	}
	open_tx(stream, true);
	return 0;
}

/**
 * ovpn_stream_attach - give a connected stream to a peer
 * @sock: the socket; the caller has it by its file
 * @peer: the peer
 * @kind: protocol and family; prepared here at first use
 *
 * Process context; takes the lock of the stream. The peer may still have another
 * stream: nothing happens on this one before ovpn_stream_start(), but that
 * userspace may queue control records. A dead peer that had the socket before
 * is left to ovpn_stream_take_former(). On failure the socket is left as it was.
 *
 * Return: 0, -EINVAL (listening), -ENOTCONN, -ESHUTDOWN (closed by one side),
 * -EALREADY (carries a peer, or is just being taken from a dead one), -EBUSY
 * (used by something else), -ENOMEM
 */
int ovpn_stream_attach(struct socket *sock, struct ovpn_peer *peer,
		       struct ovpn_stream_kind *kind)
{
	struct ovpn_stream *stream;
	bool is_new;
	int err;

	might_sleep();
	err = check_state(sock->sk);
	if (err)
		return err;
	stream = stream_of(sock, kind, &is_new);
	if (IS_ERR(stream))
		return PTR_ERR(stream);

	mutex_lock(&stream->lock);
	err = attach_locked(stream, peer, kind, is_new);
	mutex_unlock(&stream->lock);
	if (err && is_new)
		ovpn_stream_put(stream);
	return err;
}

/**
 * ovpn_stream_take_former - the peer that must go because its socket was given away
 * @stream: a stream that was just attached
 *
 * Return: a dead peer with a reference, for ovpn_peer_closed(), or NULL
 */
struct ovpn_peer *ovpn_stream_take_former(struct ovpn_stream *stream)
{
	struct ovpn_peer *former;

	mutex_lock(&stream->lock);
	former = stream->former;
	stream->former = NULL;
	mutex_unlock(&stream->lock);
	return former;
}

/**
 * ovpn_stream_start - let the workers of an attached stream work
 * @stream: the stream; nothing else works for its peer
 *
 * Data that was in the socket before the hooks were in place announced itself
 * to no callback, and packets that wait may have queued the writer too early: so
 * both are looked at once. Caller holds stream->lock.
 */
void ovpn_stream_start(struct ovpn_stream *stream)
{
	lockdep_assert_held(&stream->lock);

	/* queueing a work item makes it see what was written before */
	WRITE_ONCE(stream->started, true);
	queue_work(ovpn_wq, &stream->rx.work);
	mod_delayed_work(ovpn_wq, &stream->tx.work, 0);
}

/* Undoes hook() and waits for the workers, which take no lock that is held here.
 * Caller holds stream->lock, and the struct socket is alive. The plaintext queue of
 * the peer is closed or paused, so only the hooks could queue the writer, and they
 * go first.
 */
static void unhook(struct ovpn_stream *stream)
{
	struct sock *sk = stream->sk;

	lockdep_assert_held(&stream->lock);

	write_lock_bh(&sk->sk_callback_lock);
	WRITE_ONCE(sk->sk_data_ready, stream->data_ready);
	write_unlock_bh(&sk->sk_callback_lock);
	remove_wait_queue(sk_sleep(sk), &stream->wait);
	WRITE_ONCE(sk->sk_allocation, stream->allocation);
	open_tx(stream, false);
	WRITE_ONCE(stream->started, false);
	cancel_work_sync(&stream->rx.work);
	cancel_delayed_work_sync(&stream->tx.work);
	ovpn_stream_tx_purge(stream);
	WRITE_ONCE(stream->active, false);
}

/**
 * ovpn_stream_detach - take a stream away from its peer
 * @sock: the socket, not closed
 *
 * Restores the callbacks, cancels the workers and empties the transmit queues;
 * control records that userspace has not read stay readable, the end of file
 * comes after them. Caller holds stream->lock and has closed or paused the
 * plaintext queue of the peer. Harmless on a stream that is detached.
 */
void ovpn_stream_detach(struct socket *sock)
{
	struct ovpn_stream *stream = ovpn_stream_of(sock->sk);

	lockdep_assert_held(&stream->lock);
	if (!stream->active)
		return;
	unhook(stream);
	queue_delayed_work(ovpn_wq, &stream->end,
			   ovpn_peer_expired(stream->peer) ? END_GRACE : 0);
}

/**
 * ovpn_stream_release - proto_ops.release: the owner closed the socket
 * @sock: the socket
 *
 * Process context. No other operation of the socket can run any more, only
 * ovpn_sock_detach(), which takes stream->lock: it finds the socket detached, or
 * this waits for it. A callback that has read our pointer before it is cleared
 * holds sk_callback_lock or an RCU read section; the memory of the stream stays for
 * an RCU period, and the code for as long as the module is referenced, which
 * __sock_release() drops last.
 *
 * Return: what the original release says
 */
int ovpn_stream_release(struct socket *sock)
{
	const struct ovpn_stream_kind *kind = ovpn_stream_kind_of(sock);
	struct module *owner = kind->orig->owner;
	struct sock *sk = sock->sk;
	struct ovpn_stream *stream;
	struct ovpn_peer *peer;
	int ret;

	stream = sk ? ovpn_stream_of(sk) : NULL;
	if (!stream)
		goto original;

	mutex_lock(&stream->lock);
	peer = stream->peer;
	if (peer)
		ovpn_peer_hold(peer);
	mutex_unlock(&stream->lock);
	if (peer) {
		ovpn_peer_closed(peer, stream);
		ovpn_peer_put(peer);
	}

	/* somebody else may have removed the peer and be on the way here */
	mutex_lock(&stream->lock);
	if (stream->active)
		unhook(stream);
	cancel_delayed_work_sync(&stream->end);
	peer = stream->peer;
	stream->peer = NULL;
	stream->sock = NULL;
	mutex_unlock(&stream->lock);
	if (peer)
		ovpn_peer_put(peer);

	lock_sock(sk);
	WRITE_ONCE(sk->sk_prot, kind->orig_prot);
	if (kind->ulp)
		WRITE_ONCE(inet_csk(sk)->icsk_ulp_ops, NULL);
	write_lock_bh(&sk->sk_callback_lock);
	WRITE_ONCE(sk->sk_user_data, NULL);
	write_unlock_bh(&sk->sk_callback_lock);
	release_sock(sk);
	ovpn_stream_put(stream);

original:
	ret = kind->orig->release(sock);
	/* taken for the original table when the socket was made; our own is
	 * put by the caller
	 */
	module_put(owner);
	return ret;
}

/**
 * ovpn_stream_fail - the stream cannot be used any more
 * @stream: the stream
 * @err: 0 for an orderly end, else the errno
 *
 * Called by the workers. The first cause counts: userspace reads it once, then
 * the end of file, and the peer is removed.
 */
void ovpn_stream_fail(struct ovpn_stream *stream, int err)
{
	enum ovpn_mptcp_del_reason reason = !err || err == -EPIPE ?
		OVPN_MPTCP_DEL_REASON_TRANSPORT_DISCONNECT :
		OVPN_MPTCP_DEL_REASON_TRANSPORT_ERROR;
	struct ovpn_peer *peer = stream->peer;

	if (!cmpxchg(&stream->death, 0, 1 + reason)) {
		if (reason == OVPN_MPTCP_DEL_REASON_TRANSPORT_ERROR)
			WRITE_ONCE(stream->error, err);
		/* pairs with the reader, which looks at it before the error */
		smp_store_release(&stream->ended, true);
		net_dbg_ratelimited("%s: peer %u: transport ended (%d)\n",
				    peer->ovpn->dev->name, peer->id, err);
		wake_userspace(stream);
	}
	ovpn_peer_die(peer, READ_ONCE(stream->death) - 1);
}

/**
 * ovpn_stream_kick - there is plaintext for a stream peer
 * @peer: the peer; its queue is open and locked, so the stream is attached
 */
void ovpn_stream_kick(struct ovpn_peer *peer)
{
	struct ovpn_stream *stream;

	stream = rcu_dereference_protected(peer->stream,
					   lockdep_is_held(&peer->queue.fq.lock));
	mod_delayed_work(ovpn_wq, &stream->tx.work, 0);
}
