// SPDX-License-Identifier: GPL-2.0-or-later
/* Which way a packet would go, by rtnetlink. */

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "egress.h"
#include "netlink.h"

static void on_route(const struct nlmsghdr *message, void *arg)
{
	struct nlattr *tb[RTA_MAX + 1];
	struct egress *egress = arg;

	if (message->nlmsg_type != RTM_NEWROUTE ||
	    nlmsg_parse((struct nlmsghdr *)message, sizeof(struct rtmsg), tb,
			RTA_MAX, NULL) < 0 || !tb[RTA_OIF])
		return;
	egress->index = (int)nla_get_u32(tb[RTA_OIF]);
}

bool egress_ask(struct egress *egress, const struct address *to,
		const struct address *from, int device)
{
	size_t size = to->family == AF_INET6 ? 16 : 4;
	struct rtmsg header = {
		.rtm_family = to->family,
		.rtm_dst_len = 8 * size,
		.rtm_src_len = 8 * size,
		/* The entry of the table. Without it, a bound socket without
		 * a route would be told that everybody is its neighbour.
		 */
		.rtm_flags = RTM_F_FIB_MATCH,
	};
	struct netlink nl;
	struct nl_msg *msg;

	memset(egress, 0, sizeof(*egress));
	if (to->family != from->family || netlink_open(&nl, NETLINK_ROUTE))
		return false;
	msg = netlink_request(RTM_GETROUTE, 0);
	netlink_add_header(msg, &header, sizeof(header));
	netlink_add(msg, RTA_DST, to->ip, size);
	netlink_add(msg, RTA_SRC, from->ip, size);
	if (device)
		netlink_add_u32(msg, RTA_OIF, device);
	egress->error = netlink_talk(&nl, msg, on_route, egress);
	netlink_close(&nl);
	return true;
}
