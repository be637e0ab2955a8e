// SPDX-License-Identifier: GPL-2.0-or-later
/* The verbs of the noun link. */

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "tunnel.h"

/* Consumes the message. */
static enum status send_route(const struct request *request, struct nl_msg *msg)
{
	struct netlink netlink;
	enum status status = netlink_open(&netlink, NETLINK_ROUTE);

	if (status) {
		nlmsg_free(msg);
		return status;
	}
	if (netlink_talk(&netlink, msg, NULL, NULL))
		status = netlink_refused(&netlink, "%s %s",
					 request->command->name,
					 request->device);
	netlink_close(&netlink);
	return status;
}

enum status link_add(const struct request *request)
{
	const struct value *mode = request_value(request, "mode");
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct nlattr *nest, *data;
	struct native native;
	enum status status;
	struct nl_msg *msg;
	uint8_t number;

	/* or the kernel would say that it does not know the kind */
	status = native_open(&native);
	if (status)
		return status;
	native_close(&native);

	msg = netlink_request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	netlink_add_header(msg, &info, sizeof(info));
	netlink_add(msg, IFLA_IFNAME, request->device,
		    strlen(request->device) + 1);
	nest = netlink_nest(msg, IFLA_LINKINFO);
	netlink_add(msg, IFLA_INFO_KIND, OVPN_MPTCP_NAME,
		    strlen(OVPN_MPTCP_NAME));
	if (mode->given) {
		data = netlink_nest(msg, IFLA_INFO_DATA);
		number = mode->number[0];
		netlink_add(msg, OVPN_MPTCP_IFLA_MODE, &number, sizeof(number));
		nla_nest_end(msg, data);
	}
	nla_nest_end(msg, nest);
	return send_route(request, msg);
}

enum status link_del(const struct request *request)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct native native;
	enum status status;
	struct nl_msg *msg;

	/* only a tunnel is ours to remove */
	status = tunnel_open(&native, request, &info.ifi_index);
	if (status)
		return status;
	native_close(&native);

	msg = netlink_request(RTM_DELLINK, 0);
	netlink_add_header(msg, &info, sizeof(info));
	return send_route(request, msg);
}
