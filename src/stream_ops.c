// SPDX-License-Identifier: GPL-2.0
/*
 * What userspace gets when it uses a socket that carries a peer: its control
 * records, and nothing that would take bytes out of the stream or cut into it.
 */
#include <asm/ioctls.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <linux/uaccess.h>
#include <net/inet_connection_sock.h>

#include "compat.h"
#include "stream.h"

static DEFINE_MUTEX(prepare_lock);

/**
 * ovpn_stream_kind_of - protocol and family of a socket whose operations are ours
 * @sock: the socket
 *
 * Return: the kind
 */
const struct ovpn_stream_kind *ovpn_stream_kind_of(const struct socket *sock)
{
	return container_of(READ_ONCE(sock->ops), struct ovpn_stream_kind, ops);
}

/**
 * ovpn_stream_ops_ours - whether socket operations are ours
 * @ops: operations of a socket
 *
 * Return: true if so
 */
bool ovpn_stream_ops_ours(const struct proto_ops *ops)
{
	return ops->release == ovpn_stream_release;
}

/**
 * ovpn_stream_read - read the stream itself
 * @stream: the stream
 * @msg: where to
 * @len: at most so many bytes
 * @flags: of recvmsg()
 *
 * The struct proto of the socket is our copy, so the saved one is called.
 *
 * Return: what the protocol says
 */
int ovpn_stream_read(struct ovpn_stream *stream, struct msghdr *msg, size_t len,
		     int flags)
{
	return ovpn_compat_proto_recvmsg(stream->kind->orig_prot, stream->sk,
					 msg, len, flags);
}

/* recvmsg() of userspace, whichever way it came. MSG_ERRQUEUE must reach the
 * error queue, and find -EAGAIN there: OpenVPN asks until it gets an error.
 */
static int user_recvmsg(struct ovpn_stream *stream, struct msghdr *msg,
			size_t len, int flags)
{
	if (unlikely(flags & MSG_ERRQUEUE))
		return ovpn_stream_read(stream, msg, len, flags);
	return ovpn_stream_rx_control(stream, msg, len, flags);
}

static int ops_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
		       int flags)
{
	msg->msg_namelen = 0;
	return user_recvmsg(ovpn_stream_of(sock->sk), msg, len, flags);
}

static int ops_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	return ovpn_stream_tx_control(ovpn_stream_of(sock->sk), msg, len);
}

/* Only what the reader and writer of userspace will meet: data records in the
 * socket's own queue must wake no reader, and a wake-up must not lead to -EAGAIN.
 */
static __poll_t ops_poll(struct file *file, struct socket *sock,
			 struct poll_table_struct *wait)
{
	struct sock *sk = sock->sk;
	struct ovpn_stream *stream = ovpn_stream_of(sk);
	__poll_t mask = 0;

	sock_poll_wait(file, sock, wait);
	if (READ_ONCE(stream->ended))
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP | EPOLLHUP;
	if (sk->sk_prot->sock_is_readable &&
	    sk->sk_prot->sock_is_readable(sk))
		mask |= EPOLLIN | EPOLLRDNORM;
	else if (!skb_queue_empty_lockless(&stream->rx.control))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (ovpn_stream_tx_has_room(stream))
		mask |= EPOLLOUT | EPOLLWRNORM;
	if (!skb_queue_empty_lockless(&sk->sk_error_queue))
		mask |= EPOLLERR;
	return mask;
}

/* how much userspace can read, not what is in the stream */
static int ops_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	struct sk_buff_head *control = &ovpn_stream_of(sock->sk)->rx.control;
	struct sk_buff *skb;
	int bytes = 0;

	if (cmd != SIOCINQ)
		return ovpn_stream_kind_of(sock)->orig->ioctl(sock, cmd, arg);
	spin_lock_bh(&control->lock);
	skb_queue_walk(control, skb)
		bytes += skb->len;
	spin_unlock_bh(&control->lock);
	return put_user(bytes, (int __user *)arg);
}

static int ops_set_rcvlowat(struct sock *sk, int val)
{
	return 0;
}

/* Kernel TLS would take the operations and callbacks from under us, and a change
 * of the address family swaps them. Whoever was past this when the socket became
 * ours meets the ULP and the struct proto of its kind.
 */
static int ops_setsockopt(struct socket *sock, int level, int optname,
			  sockptr_t optval, unsigned int optlen)
{
	if ((level == SOL_TCP && optname == TCP_ULP) ||
	    (level == SOL_IPV6 && optname == IPV6_ADDRFORM))
		return -EBUSY;
	return ovpn_stream_kind_of(sock)->orig->setsockopt(sock, level, optname,
							   optval, optlen);
}

static ssize_t ops_splice_read(struct socket *sock, loff_t *ppos,
			       struct pipe_inode_info *pipe, size_t len,
			       unsigned int flags)
{
	return -EINVAL;
}

/* For readers that come through struct proto, as inet_recvmsg() does, and for
 * those that read TCP's queue themselves when they find its own function here
 * (io_uring).
 */
static int prot_recvmsg(struct sock *sk, struct msghdr *msg, size_t len,
			int flags)
{
	return user_recvmsg(ovpn_stream_of(sk), msg, len, flags);
}

OVPN_COMPAT_PROTO_RECVMSG(prot_recvmsg);

static bool prot_is_readable(struct sock *sk)
{
	return !skb_queue_empty_lockless(&ovpn_stream_of(sk)->rx.control);
}

/* the kind of a socket by its struct proto, which is ours until the last call of
 * the owner has returned
 */
static const struct ovpn_stream_kind *kind_of_prot(const struct sock *sk)
{
	return container_of(READ_ONCE(sk->sk_prot), struct ovpn_stream_kind,
			    prot);
}

/* TCP_ZEROCOPY_RECEIVE is a recvmsg() in disguise. */
static int prot_getsockopt(struct sock *sk, int level, int optname,
			   char __user *optval, int __user *optlen)
{
	if (level == SOL_TCP && optname == TCP_ZEROCOPY_RECEIVE)
		return -EBUSY;
	return kind_of_prot(sk)->orig_prot->getsockopt(sk, level, optname,
						       optval, optlen);
}

/* In repair what is written goes elsewhere, and what is read comes from there. */
static int prot_setsockopt(struct sock *sk, int level, int optname,
			   sockptr_t optval, unsigned int optlen)
{
	if (level == SOL_TCP && optname == TCP_REPAIR)
		return -EBUSY;
	return kind_of_prot(sk)->orig_prot->setsockopt(sk, level, optname,
						       optval, optlen);
}

/* For a connect() to AF_UNSPEC that was past the socket operations already: what
 * is unconnected could become a listener, and its children would be ours.
 */
static int prot_disconnect(struct sock *sk, int flags)
{
	return -EBUSY;
}

/**
 * ovpn_stream_kind_prepare - fill the operations of a protocol and family
 * @kind: the kind; its functions are set
 * @sock: a live, unattached socket of that kind
 *
 * Done once. Every member that is set in the original stays set: kernels
 * before 6.12 read the table twice within one call.
 *
 * Return: 0, or -EBUSY when the operations are not those of the other sockets
 * of this kind: somebody else has replaced them, as kernel TLS and other ULPs
 * do, which must not be taken for the protocol itself
 */
int ovpn_stream_kind_prepare(struct ovpn_stream_kind *kind,
			     const struct socket *sock)
{
	const struct proto_ops *orig = READ_ONCE(sock->ops);
	struct proto *prot = READ_ONCE(sock->sk->sk_prot);
	int err = 0;

	if (kind->ulp && (READ_ONCE(inet_csk(sock->sk)->icsk_ulp_ops) ||
			  tcp_sk(sock->sk)->repair))
		return -EBUSY;
	mutex_lock(&prepare_lock);
	if (kind->ready) {
		if (kind->orig != orig || kind->orig_prot != prot)
			err = -EBUSY;
		goto out;
	}
	kind->orig = orig;
	kind->ops = *orig;
	kind->ops.owner = THIS_MODULE;
	kind->ops.release = ovpn_stream_release;
	/* disconnecting would purge the stream; -EOPNOTSUPP */
	kind->ops.connect = sock_no_connect;
	kind->ops.listen = sock_no_listen;
	kind->ops.accept = sock_no_accept;
	kind->ops.poll = ops_poll;
	kind->ops.ioctl = ops_ioctl;
	kind->ops.setsockopt = ops_setsockopt;
	kind->ops.set_rcvlowat = ops_set_rcvlowat;
	kind->ops.sendmsg = ops_sendmsg;
	kind->ops.recvmsg = ops_recvmsg;
	kind->ops.splice_read = ops_splice_read;
	kind->ops.read_sock = NULL;
	kind->ops.read_skb = NULL;
	ovpn_compat_no_sendpage(&kind->ops);
	kind->orig_prot = prot;
	kind->prot = *prot;
	kind->prot.disconnect = prot_disconnect;
	kind->prot.recvmsg = OVPN_COMPAT_PROTO_RECVMSG_SLOT(prot_recvmsg);
	kind->prot.sock_is_readable = prot_is_readable;
	kind->prot.getsockopt = prot_getsockopt;
	kind->prot.setsockopt = prot_setsockopt;
	if (kind->adapt)
		kind->adapt(&kind->prot);
	kind->ready = true;
out:
	mutex_unlock(&prepare_lock);
	return err;
}

/**
 * ovpn_stream_kinds_learn - prepare both families of a protocol at load
 * @kinds: IPv4, IPv6
 * @protocol: IPPROTO_TCP or IPPROTO_MPTCP
 *
 * A throw-away socket, which no other code has touched, shows the operations. Where
 * there is none (net.mptcp.enabled is 0, no IPv6), the first attach learns them
 * from the socket at hand.
 */
void ovpn_stream_kinds_learn(struct ovpn_stream_kind kinds[2], int protocol)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct socket *sock;
	int i;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		if (sock_create_kern(&init_net, families[i], SOCK_STREAM,
				     protocol, &sock))
			continue;
		ovpn_stream_kind_prepare(&kinds[i], sock);
		sock_release(sock);
	}
}
