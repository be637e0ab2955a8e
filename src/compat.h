/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All differences between kernels, as named features. A feature is decided by
 * what the headers say (a macro, a header file, the type of a function or of a
 * slot), because stable updates move interfaces inside one release. Where only
 * a version can tell, the comment says why it is safe.
 */
#ifndef _OVPN_COMPAT_H_
#define _OVPN_COMPAT_H_

#include <linux/netdevice.h>
#include <linux/net.h>
#include <linux/version.h>
#include <net/genetlink.h>
#include <net/ip6_fib.h>
#include <net/rtnetlink.h>
#include <net/sock.h>

/* 6.5 moved the segmentation helpers into a header of their own */
#if __has_include(<net/gso.h>)
#include <net/gso.h>
#endif

/* 6.12 replaced the LLTX feature bit by a field */
static inline void ovpn_compat_set_lltx(struct net_device *dev)
{
#ifdef NETIF_F_LLTX
	dev->features |= NETIF_F_LLTX;
#else
	dev->lltx = true;
#endif
}

/* 6.10 (and 6.1.183) introduced dst_rt6_info() */
static inline const struct rt6_info *
ovpn_compat_rt6(const struct dst_entry *dst)
{
#ifdef dst_rt6_info
	return dst_rt6_info(dst);
#else
	return (const struct rt6_info *)dst;
#endif
}

/*
 * 6.15 gave rtnl_link_ops.newlink one block of parameters instead of four
 * arguments. The type of the slot tells which form this kernel has; a third
 * form fails to compile. The block is an incomplete type on older kernels, so
 * its member is reached through a selection that names a stand-in there.
 */
struct rtnl_newlink_params;

struct ovpn_compat_newlink_args {
	struct nlattr **data;
};

#define OVPN_COMPAT_NEWLINK_SELECT(params_form, args_form)		\
	_Generic(((struct rtnl_link_ops *)0)->newlink,			\
		 int (*)(struct net_device *,				\
			 struct rtnl_newlink_params *,			\
			 struct netlink_ext_ack *): (params_form),	\
		 int (*)(struct net *, struct net_device *,		\
			 struct nlattr **, struct nlattr **,		\
			 struct netlink_ext_ack *): (args_form))

/* wraps newlink(dev, data, extack) in both forms */
#define OVPN_COMPAT_NEWLINK_DEFINE(newlink)				\
static int __maybe_unused						\
newlink##_params(struct net_device *dev,				\
		 struct rtnl_newlink_params *params,			\
		 struct netlink_ext_ack *extack)			\
{									\
	struct ovpn_compat_newlink_args *none = NULL;			\
									\
	return newlink(dev,						\
		       OVPN_COMPAT_NEWLINK_SELECT(params, none)->data,	\
		       extack);						\
}									\
									\
static int __maybe_unused						\
newlink##_args(struct net *src_net, struct net_device *dev,		\
	       struct nlattr *tb[], struct nlattr *data[],		\
	       struct netlink_ext_ack *extack)				\
{									\
	return newlink(dev, data, extack);				\
}

/* the form that fits the slot */
#define OVPN_COMPAT_NEWLINK(newlink)					\
	OVPN_COMPAT_NEWLINK_SELECT(newlink##_params, newlink##_args)

/*
 * 7.1 dropped the address length from proto.recvmsg. A file that replaces the
 * method writes it in the new form and says OVPN_COMPAT_PROTO_RECVMSG(its name)
 * behind it; the slot gets whichever form it has.
 */
typedef int (*ovpn_recvmsg_addr_t)(struct sock *, struct msghdr *, size_t, int,
				   int *);
typedef int (*ovpn_recvmsg_t)(struct sock *, struct msghdr *, size_t, int);

#define OVPN_COMPAT_PROTO_RECVMSG(fn)					\
	static int __maybe_unused fn##_addr(struct sock *sk,		\
					    struct msghdr *msg,		\
					    size_t len, int flags,	\
					    int *addr_len)		\
	{								\
		return fn(sk, msg, len, flags);				\
	}								\
	static_assert(true)

#define OVPN_COMPAT_PROTO_RECVMSG_SLOT(fn)				\
	_Generic(((struct proto *)NULL)->recvmsg,			\
		 ovpn_recvmsg_addr_t: fn##_addr,			\
		 ovpn_recvmsg_t: fn)

static inline int ovpn_compat_call_addr(const void *fn, struct sock *sk,
					struct msghdr *msg, size_t len,
					int flags)
{
	int addr_len = 0;

	return ((ovpn_recvmsg_addr_t)fn)(sk, msg, len, flags, &addr_len);
}

static inline int ovpn_compat_call(const void *fn, struct sock *sk,
				   struct msghdr *msg, size_t len, int flags)
{
	return ((ovpn_recvmsg_t)fn)(sk, msg, len, flags);
}

static inline int ovpn_compat_proto_recvmsg(const struct proto *prot,
					    struct sock *sk,
					    struct msghdr *msg, size_t len,
					    int flags)
{
	return _Generic(prot->recvmsg,
			ovpn_recvmsg_addr_t: ovpn_compat_call_addr,
			ovpn_recvmsg_t: ovpn_compat_call)
		(prot->recvmsg, sk, msg, len, flags);
}

/*
 * 6.5 removed sendpage from proto_ops. By version: the member cannot be tested
 * for, and no stable update has removed it. On later kernels sendfile() and
 * splice() come through sendmsg.
 */
static inline void ovpn_compat_no_sendpage(struct proto_ops *ops)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
	ops->sendpage = sock_no_sendpage;
#endif
}

#endif /* _OVPN_COMPAT_H_ */
