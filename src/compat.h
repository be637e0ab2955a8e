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
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/version.h>
#include <net/genetlink.h>
#include <net/inet_dscp.h>
#include <net/ip6_fib.h>
#include <net/route.h>
#include <net/rtnetlink.h>
#include <net/sock.h>
#include <net/tcp.h>
#include <net/udp_tunnel.h>
#include <uapi/linux/mptcp.h>

/* 6.5 moved the segmentation helpers into a header of their own */
#if __has_include(<net/gso.h>)
#include <net/gso.h>
#endif

/* 6.7 (and 6.1.67) gave groups flags of their own, and before that they had the
 * one of the commands that asks for the same
 */
#ifndef GENL_MCAST_CAP_NET_ADMIN
#define GENL_MCAST_CAP_NET_ADMIN	GENL_UNS_ADMIN_PERM
#endif

struct genl_split_ops;

/* what genl_family.pre_doit and .post_doit get first: 6.2 changed its type */
#define OVPN_COMPAT_GENL_OPS						\
	typeof(_Generic(((struct genl_family *)NULL)->pre_doit,		\
		 int (*)(const struct genl_ops *, struct sk_buff *,	\
			 struct genl_info *):				\
			(const struct genl_ops *)NULL,			\
		 int (*)(const struct genl_split_ops *, struct sk_buff *, \
			 struct genl_info *):				\
			(const struct genl_split_ops *)NULL))

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

/* The type of service of a flow has been a dscp_t since 6.18, and a byte of
 * that name before. Kernels route by its upper six bits, and as long as there
 * is a mask for it, by the bits of that.
 */
static inline void ovpn_compat_fl4_set_dscp(struct flowi4 *fl4,
					    const struct iphdr *iph)
{
#if defined(IPTOS_RT_MASK)
	fl4->flowi4_tos = iph->tos & IPTOS_RT_MASK;
#elif defined(flowi4_tos)
	fl4->flowi4_tos = iph->tos & INET_DSCP_MASK;
#else
	fl4->flowi4_dscp = inet_dsfield_to_dscp(iph->tos);
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

/* 6.6 turned the bit fields of inet sockets into flags */
static inline bool ovpn_compat_get_mc_loop(const struct sock *sk)
{
#ifdef inet_test_bit
	return inet_test_bit(MC_LOOP, sk);
#else
	return inet_sk(sk)->mc_loop;
#endif
}

static inline void ovpn_compat_set_mc_loop(struct sock *sk, bool on)
{
#ifdef inet_assign_bit
	inet_assign_bit(MC_LOOP, sk, on);
#else
	inet_sk(sk)->mc_loop = on;
#endif
}

/* 6.16 gave encapsulated OpenVPN a number, which nothing but the in-tree module
 * looks at
 */
#ifndef UDP_ENCAP_OVPNINUDP
#define UDP_ENCAP_OVPNINUDP	8
#endif

/* 7.1.5 takes the sock instead of the socket */
typedef void (*ovpn_udp_setup_socket_t)(struct net *, struct socket *,
					struct udp_tunnel_sock_cfg *);
typedef void (*ovpn_udp_setup_sock_t)(struct net *, struct sock *,
				      struct udp_tunnel_sock_cfg *);

static inline void
ovpn_compat_setup_udp_tunnel_sock(struct net *net, struct sock *sk,
				  struct udp_tunnel_sock_cfg *cfg)
{
	setup_udp_tunnel_sock(net,
			      _Generic(&setup_udp_tunnel_sock,
				       ovpn_udp_setup_socket_t: sk->sk_socket,
				       ovpn_udp_setup_sock_t: sk),
			      cfg);
}

/*
 * 6.17 gave udp_tunnel_xmit_skb() flags for the control block. Type of service 0
 * and no DF: outer packets may be fragmented. BH must be disabled since 6.12.78.
 */
typedef void (*ovpn_udp4_xmit_t)(struct rtable *, struct sock *,
				 struct sk_buff *, __be32, __be32, __u8, __u8,
				 __be16, __be16, __be16, bool, bool);
typedef void (*ovpn_udp4_xmit_flags_t)(struct rtable *, struct sock *,
				       struct sk_buff *, __be32, __be32, __u8,
				       __u8, __be16, __be16, __be16, bool, bool,
				       u16);

static __always_inline void
ovpn_compat_udp4_xmit(const void *fn, struct rtable *rt, struct sock *sk,
		      struct sk_buff *skb, __be32 src, __be32 dst, u8 ttl,
		      __be16 sport, __be16 dport, bool nocheck)
{
	((ovpn_udp4_xmit_t)fn)(rt, sk, skb, src, dst, 0, ttl, 0, sport, dport,
			       false, nocheck);
}

static __always_inline void
ovpn_compat_udp4_xmit_flags(const void *fn, struct rtable *rt, struct sock *sk,
			    struct sk_buff *skb, __be32 src, __be32 dst, u8 ttl,
			    __be16 sport, __be16 dport, bool nocheck)
{
	((ovpn_udp4_xmit_flags_t)fn)(rt, sk, skb, src, dst, 0, ttl, 0, sport,
				     dport, false, nocheck, 0);
}

#define ovpn_compat_udp_tunnel_xmit(...)				\
	(_Generic(&udp_tunnel_xmit_skb,					\
		 ovpn_udp4_xmit_t: ovpn_compat_udp4_xmit,		\
		 ovpn_udp4_xmit_flags_t: ovpn_compat_udp4_xmit_flags)	\
		(udp_tunnel_xmit_skb, __VA_ARGS__))

/*
 * udp_tunnel6_xmit_skb(): 6.8 made the addresses const, 6.17 (and 6.12.95) made
 * it return nothing, 6.17 gave it flags. It returned 0 always. Without a device
 * it counts nothing.
 */
typedef int (*ovpn_udp6_xmit_int_t)(struct dst_entry *, struct sock *,
				    struct sk_buff *, struct net_device *,
				    struct in6_addr *, struct in6_addr *,
				    __u8, __u8, __be32, __be16, __be16, bool);
typedef int (*ovpn_udp6_xmit_const_t)(struct dst_entry *, struct sock *,
				      struct sk_buff *, struct net_device *,
				      const struct in6_addr *,
				      const struct in6_addr *, __u8, __u8,
				      __be32, __be16, __be16, bool);
typedef void (*ovpn_udp6_xmit_void_t)(struct dst_entry *, struct sock *,
				      struct sk_buff *, struct net_device *,
				      const struct in6_addr *,
				      const struct in6_addr *, __u8, __u8,
				      __be32, __be16, __be16, bool);
typedef void (*ovpn_udp6_xmit_flags_t)(struct dst_entry *, struct sock *,
				       struct sk_buff *, struct net_device *,
				       const struct in6_addr *,
				       const struct in6_addr *, __u8, __u8,
				       __be32, __be16, __be16, bool, u16);

#define OVPN_COMPAT_UDP6_XMIT(form, call_as, ...)			\
static __always_inline void						\
ovpn_compat_udp6_xmit_##form(const void *fn, struct dst_entry *dst,	\
			     struct sock *sk, struct sk_buff *skb,	\
			     const struct in6_addr *saddr,		\
			     const struct in6_addr *daddr, u8 ttl,	\
			     __be16 sport, __be16 dport, bool nocheck)	\
{									\
	((call_as)fn)(dst, sk, skb, NULL, (struct in6_addr *)saddr,	\
		      (struct in6_addr *)daddr, 0, ttl, 0, sport,	\
		      dport, nocheck, ##__VA_ARGS__);			\
}

OVPN_COMPAT_UDP6_XMIT(int, ovpn_udp6_xmit_int_t)
OVPN_COMPAT_UDP6_XMIT(const, ovpn_udp6_xmit_const_t)
OVPN_COMPAT_UDP6_XMIT(void, ovpn_udp6_xmit_void_t)
OVPN_COMPAT_UDP6_XMIT(flags, ovpn_udp6_xmit_flags_t, 0)

#define ovpn_compat_udp_tunnel6_xmit(...)				\
	(_Generic(&udp_tunnel6_xmit_skb,					\
		 ovpn_udp6_xmit_int_t: ovpn_compat_udp6_xmit_int,	\
		 ovpn_udp6_xmit_const_t: ovpn_compat_udp6_xmit_const,	\
		 ovpn_udp6_xmit_void_t: ovpn_compat_udp6_xmit_void,	\
		 ovpn_udp6_xmit_flags_t: ovpn_compat_udp6_xmit_flags)	\
		(udp_tunnel6_xmit_skb, __VA_ARGS__))

/*
 * 6.8 counts all subflows. Before that there is only the number of those that
 * joined: the first one was there before them, and may be gone. By version: a
 * member cannot be tested for.
 */
static inline u32 ovpn_compat_mptcp_subflows(const struct mptcp_info *info)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
	return info->mptcpi_subflows_total;
#else
	return info->mptcpi_subflows + 1;
#endif
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

/*
 * Who wrote less than the socket takes wants to hear of room all the same:
 * acknowledgements look at SOCK_NOSPACE, which subflows share. Before 6.12 MPTCP
 * has a private bit besides, which only polling a full socket sets; @asking
 * makes it full for that long. By version: nothing in the headers shows it.
 */
#define OVPN_COMPAT_ROOM_BY_POLL	\
	(LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0))

static inline void ovpn_compat_want_room(const struct proto_ops *orig,
					 struct socket *sock, bool *asking)
{
	set_bit(SOCK_NOSPACE, &sock->flags);
	if (OVPN_COMPAT_ROOM_BY_POLL) {
		WRITE_ONCE(*asking, true);
		orig->poll(NULL, sock, NULL);
		WRITE_ONCE(*asking, false);
	}
	/* the bits are set before the writer looks again */
	smp_mb();
}

/*
 * 6.6 made MPTCP's scheduler choose a path for each write. Before, one goes on
 * with the path of the last one until that has got a burst. By version: nothing
 * in the headers shows it.
 */
#define OVPN_COMPAT_BURST_STAYS	\
	(LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0))

/*
 * 6.10 gave tcp_congestion_ops.cong_control the ACK and its flags.
 * The type of the slot tells which form this kernel has.
 */
#define OVPN_COMPAT_CONG_CONTROL(control)				\
static void __maybe_unused						\
control##_ack(struct sock *sk, u32 ack, int flag,			\
	      const struct rate_sample *rs)				\
{									\
	control(sk, rs);						\
}

#define OVPN_COMPAT_CONG_CONTROL_SLOT(control)				\
	_Generic(((struct tcp_congestion_ops *)0)->cong_control,	\
		 void (*)(struct sock *, const struct rate_sample *):	\
			(control),					\
		 void (*)(struct sock *, u32, int,			\
			  const struct rate_sample *): (control##_ack))

/* 6.7 allocates shrinkers; before, they were registered wherever they were. Like
 * the kernel's own function, the one that frees takes NULL.
 */
typedef unsigned long (*ovpn_shrink_t)(struct shrinker *,
				       struct shrink_control *);

#ifdef SHRINKER_ALLOCATED
static inline struct shrinker *
ovpn_compat_shrinker_new(const char *name, ovpn_shrink_t count,
			 ovpn_shrink_t scan)
{
	struct shrinker *shrinker = shrinker_alloc(0, "%s", name);

	if (!shrinker)
		return NULL;
	shrinker->count_objects = count;
	shrinker->scan_objects = scan;
	shrinker_register(shrinker);
	return shrinker;
}

static inline void ovpn_compat_shrinker_free(struct shrinker *shrinker)
{
	shrinker_free(shrinker);
}
#else
static inline struct shrinker *
ovpn_compat_shrinker_new(const char *name, ovpn_shrink_t count,
			 ovpn_shrink_t scan)
{
	struct shrinker *shrinker = kzalloc(sizeof(*shrinker), GFP_KERNEL);

	if (!shrinker)
		return NULL;
	shrinker->seeks = DEFAULT_SEEKS;
	shrinker->count_objects = count;
	shrinker->scan_objects = scan;
	if (!register_shrinker(shrinker, "%s", name))
		return shrinker;
	kfree(shrinker);
	return NULL;
}

static inline void ovpn_compat_shrinker_free(struct shrinker *shrinker)
{
	if (!shrinker)
		return;
	unregister_shrinker(shrinker);
	kfree(shrinker);
}
#endif

#endif /* _OVPN_COMPAT_H_ */
