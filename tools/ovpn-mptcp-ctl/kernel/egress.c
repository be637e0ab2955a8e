// SPDX-License-Identifier: GPL-2.0-or-later
/* Which way a packet would go, by rtnetlink. */

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "kernel/egress.h"
#include "kernel/netlink.h"

static void on_route(const struct nlmsghdr *message, void *arg)
{
	struct nlattr *tb[RTA_MAX + 1];
	struct egress *egress = arg;

	if (message->nlmsg_type != RTM_NEWROUTE ||
	    nlmsg_parse((struct nlmsghdr *)message, sizeof(struct rtmsg), tb,
			RTA_MAX, NULL) < 0 || !tb[RTA_OIF])
		return;
	egress->index = (int)nla_get_u32(tb[RTA_OIF]);
	/* what was asked for is not told again */
	if (!egress->source.family && tb[RTA_PREFSRC])
		address_set(&egress->source,
			    nla_len(tb[RTA_PREFSRC]) == 16 ? AF_INET6 : AF_INET,
			    nla_data(tb[RTA_PREFSRC]), 0);
}

/* Sends the question, and reads the answer. */
static bool ask(struct egress *egress, struct nl_msg *msg)
{
	struct netlink nl;

	if (netlink_open(&nl, NETLINK_ROUTE)) {
		nlmsg_free(msg);
		return false;
	}
	egress->error = netlink_talk(&nl, msg, on_route, egress);
	netlink_close(&nl);
	return true;
}

static size_t size_of(const struct address *address)
{
	return address->family == AF_INET6 ? 16 : 4;
}

bool egress_ask(struct egress *egress, const struct address *to,
		const struct address *from, int device)
{
	size_t size = size_of(to);
	struct rtmsg header = {
		.rtm_family = to->family,
		.rtm_dst_len = 8 * size,
		.rtm_src_len = 8 * size,
		/* The entry of the table. Without it, a bound socket without
		 * a route would be told that everybody is its neighbour. But
		 * an entry may have several ways, and one is chosen.
		 */
		.rtm_flags = device ? RTM_F_FIB_MATCH : 0,
	};
	struct nl_msg *msg;

	memset(egress, 0, sizeof(*egress));
	if (to->family != from->family)
		return false;
	msg = netlink_request(RTM_GETROUTE, 0);
	netlink_add_header(msg, &header, sizeof(header));
	netlink_add(msg, RTA_DST, to->ip, size);
	netlink_add(msg, RTA_SRC, from->ip, size);
	/* the ways of tunnels, beside one of attach that is the gateway */
	netlink_add_u32(msg, RTA_MARK, EGRESS_MARK);
	if (device)
		netlink_add_u32(msg, RTA_OIF, device);
	return ask(egress, msg);
}

bool egress_udp(struct egress *egress, const struct udp_flow *flow)
{
	uint16_t sport = htons(flow->from.port), dport = htons(flow->to.port);
	uint8_t protocol = IPPROTO_UDP;
	size_t size = size_of(&flow->to);
	struct rtmsg header = {
		.rtm_family = flow->to.family,
		.rtm_dst_len = 8 * size,
	};
	struct nl_msg *msg;

	memset(egress, 0, sizeof(*egress));
	if (!address_is_any(&flow->from)) {
		egress->source = flow->from;
		header.rtm_src_len = 8 * size;
	}
	msg = netlink_request(RTM_GETROUTE, 0);
	netlink_add_header(msg, &header, sizeof(header));
	netlink_add(msg, RTA_DST, flow->to.ip, size);
	if (header.rtm_src_len)
		netlink_add(msg, RTA_SRC, flow->from.ip, size);
	if (flow->device)
		netlink_add_u32(msg, RTA_OIF, flow->device);
	if (flow->mark)
		netlink_add_u32(msg, RTA_MARK, flow->mark);
	/* there may be rules about them */
	netlink_add(msg, RTA_IP_PROTO, &protocol, sizeof(protocol));
	netlink_add(msg, RTA_SPORT, &sport, sizeof(sport));
	netlink_add(msg, RTA_DPORT, &dport, sizeof(dport));
	return ask(egress, msg);
}

void egress_far(struct address *address, int family)
{
	unsigned char ip[16];

	/* for documentation: RFC 5737, RFC 3849 */
	inet_pton(family, family == AF_INET6 ? "2001:db8::1" : "192.0.2.1", ip);
	address_set(address, family, ip, 0);
}
