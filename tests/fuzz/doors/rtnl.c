// SPDX-License-Identifier: GPL-2.0
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include "rtnl.h"

struct nl_sock *rtnl_open(void)
{
	struct nl_sock *sk = nl_socket_alloc();

	if (sk && nl_connect(sk, NETLINK_ROUTE)) {
		nl_socket_free(sk);
		return NULL;
	}
	return sk;
}

static struct nl_msg *begin(int type, int flags, const char *name, struct ifinfomsg *info)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);

	nlmsg_append(msg, info, sizeof(*info), NLMSG_ALIGNTO);
	if (name)
		nla_put_string(msg, IFLA_IFNAME, name);
	return msg;
}

static void put_kind(struct nl_msg *msg, const char *kind, const void *data, size_t len)
{
	struct nlattr *linkinfo = nla_nest_start(msg, IFLA_LINKINFO);

	nla_put_string(msg, IFLA_INFO_KIND, kind);
	nla_put(msg, IFLA_INFO_DATA | NLA_F_NESTED, len, data);
	nla_nest_end(msg, linkinfo);
}

int rtnl_new(struct nl_sock *sk, const char *name, const char *kind, const void *data, size_t len)
{
	struct ifinfomsg info = { 0 };
	struct nl_msg *msg = begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, name, &info);

	put_kind(msg, kind, data, len);
	return nl_send_sync(sk, msg);
}

int rtnl_change(struct nl_sock *sk, int index, const char *kind, const void *data, size_t len)
{
	struct ifinfomsg info = { .ifi_index = index };
	struct nl_msg *msg = begin(RTM_NEWLINK, 0, NULL, &info);

	put_kind(msg, kind, data, len);
	return nl_send_sync(sk, msg);
}

int rtnl_del(struct nl_sock *sk, const char *name)
{
	struct ifinfomsg info = { 0 };

	return nl_send_sync(sk, begin(RTM_DELLINK, 0, name, &info));
}

int rtnl_up(struct nl_sock *sk, const char *name, int up)
{
	struct ifinfomsg info = { .ifi_flags = up ? IFF_UP : 0, .ifi_change = IFF_UP };

	return nl_send_sync(sk, begin(RTM_SETLINK, 0, name, &info));
}

int rtnl_mtu(struct nl_sock *sk, const char *name, uint32_t mtu)
{
	struct ifinfomsg info = { 0 };
	struct nl_msg *msg = begin(RTM_SETLINK, 0, name, &info);

	nla_put_u32(msg, IFLA_MTU, mtu);
	return nl_send_sync(sk, msg);
}

int rtnl_move(struct nl_sock *sk, const char *name, int netns)
{
	struct ifinfomsg info = { 0 };
	struct nl_msg *msg = begin(RTM_SETLINK, 0, name, &info);

	nla_put_u32(msg, IFLA_NET_NS_FD, netns);
	return nl_send_sync(sk, msg);
}

int rtnl_get(struct nl_sock *sk, const char *name)
{
	struct ifinfomsg info = { 0 };
	struct nl_msg *msg = begin(RTM_GETLINK, 0, name, &info);
	int err = nl_send_auto(sk, msg);

	nlmsg_free(msg);
	/* the answer comes before the ack, unless it is an error */
	if (err >= 0)
		err = nl_recvmsgs_default(sk);
	return err < 0 ? err : nl_wait_for_ack(sk);
}
