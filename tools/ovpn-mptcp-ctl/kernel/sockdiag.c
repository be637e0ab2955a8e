// SPDX-License-Identifier: GPL-2.0-or-later
/* Sockets of this network namespace, by sock_diag. */

#include <linux/sock_diag.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <sys/socket.h>

#include "base/memory.h"
#include "kernel/sockdiag.h"

const struct inet_diag_msg *sockdiag_parse(const struct nlmsghdr *message,
					   struct nlattr **tb)
{
	const struct inet_diag_msg *info = nlmsg_data(message);

	if (message->nlmsg_type != SOCK_DIAG_BY_FAMILY ||
	    nlmsg_parse((struct nlmsghdr *)message, sizeof(*info), tb,
			INET_DIAG_MAX, NULL) < 0)
		return NULL;
	return info;
}

int sockdiag_list(struct netlink *nl, int protocol, uint32_t states,
		  uint8_t ext, netlink_handler handler, void *arg)
{
	static const int families[] = { AF_INET, AF_INET6 };
	int err = 0;
	size_t i;

	for (i = 0; !err && i < ARRAY_SIZE(families); i++) {
		struct inet_diag_req_v2 request = {
			.sdiag_family = families[i],
			.sdiag_protocol = protocol,
			.idiag_ext = ext,
			.idiag_states = states,
		};
		struct nl_msg *msg = netlink_request(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP);

		netlink_add_header(msg, &request, sizeof(request));
		err = netlink_talk(nl, msg, handler, arg);
	}
	return err;
}
