// SPDX-License-Identifier: GPL-2.0-or-later
/* Neighbours that do not say where they are, by rtnetlink. */

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/neighbours.h"
#include "kernel/netlink.h"

static void on_neighbour(const struct nlmsghdr *message, void *arg)
{
	const struct ndmsg *info = nlmsg_data(message);
	struct neighbours *neighbours = arg;
	struct nlattr *tb[NDA_MAX + 1];
	struct neighbour *neighbour;

	if (message->nlmsg_type != RTM_NEWNEIGH ||
	    nlmsg_parse((struct nlmsghdr *)message, sizeof(*info), tb, NDA_MAX,
			NULL) < 0 ||
	    !(info->ndm_state & (NUD_INCOMPLETE | NUD_FAILED)) ||
	    (info->ndm_family != AF_INET && info->ndm_family != AF_INET6) ||
	    !tb[NDA_DST] || nla_len(tb[NDA_DST]) !=
			    (info->ndm_family == AF_INET6 ? 16 : 4))
		return;
	neighbour = LIST_ADD(neighbours);
	neighbour->index = info->ndm_ifindex;
	address_set(&neighbour->address, info->ndm_family,
		    nla_data(tb[NDA_DST]), 0);
}

enum status neighbours_load_lost(struct neighbours *neighbours)
{
	struct ndmsg request = { .ndm_family = AF_UNSPEC };
	struct nl_msg *msg;
	enum status status;
	struct netlink nl;

	memset(neighbours, 0, sizeof(*neighbours));
	status = netlink_open(&nl, NETLINK_ROUTE);
	if (status)
		return status;
	msg = netlink_request(RTM_GETNEIGH, NLM_F_DUMP);
	netlink_add_header(msg, &request, sizeof(request));
	if (netlink_talk(&nl, msg, on_neighbour, neighbours))
		status = netlink_refused(&nl, "list of neighbours");
	netlink_close(&nl);
	return status;
}
