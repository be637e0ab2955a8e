// SPDX-License-Identifier: GPL-2.0-or-later
/* Notifications of the module and of MPTCP's path manager. */

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/mptcp.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <string.h>

#include "kernel/watch.h"

static void parse_peer(struct watch_news *news, struct nlattr *nest)
{
	struct nlattr *tb[OVPN_MPTCP_A_PEER_MAX + 1];

	if (nla_parse_nested(tb, OVPN_MPTCP_A_PEER_MAX, nest, NULL) < 0 ||
	    !tb[OVPN_MPTCP_A_PEER_ID] || !tb[OVPN_MPTCP_A_PEER_DEL_REASON])
		return;
	news->event = WATCH_PEER_DEL;
	news->peer = netlink_uint(tb[OVPN_MPTCP_A_PEER_ID]);
	news->reason = netlink_uint(tb[OVPN_MPTCP_A_PEER_DEL_REASON]);
}

static void parse_key(struct watch_news *news, struct nlattr *nest)
{
	struct nlattr *tb[OVPN_MPTCP_A_KEYCONF_MAX + 1];

	if (nla_parse_nested(tb, OVPN_MPTCP_A_KEYCONF_MAX, nest, NULL) < 0 ||
	    !tb[OVPN_MPTCP_A_KEYCONF_PEER_ID])
		return;
	news->event = WATCH_KEY_USED_UP;
	news->peer = netlink_uint(tb[OVPN_MPTCP_A_KEYCONF_PEER_ID]);
}

/* one message a datagram */
static int on_module(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[OVPN_MPTCP_A_MAX + 1];
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct watch_news *news = arg;

	if (genlmsg_parse(hdr, 0, tb, OVPN_MPTCP_A_MAX, NULL) < 0 ||
	    !tb[OVPN_MPTCP_A_IFINDEX])
		return NL_OK;
	news->ifindex = (int)netlink_uint(tb[OVPN_MPTCP_A_IFINDEX]);
	if (genlmsg_hdr(hdr)->cmd == OVPN_MPTCP_CMD_PEER_DEL_NTF &&
	    tb[OVPN_MPTCP_A_PEER])
		parse_peer(news, tb[OVPN_MPTCP_A_PEER]);
	else if (genlmsg_hdr(hdr)->cmd == OVPN_MPTCP_CMD_KEY_SWAP_NTF &&
		 tb[OVPN_MPTCP_A_KEYCONF])
		parse_key(news, tb[OVPN_MPTCP_A_KEYCONF]);
	return NL_OK;
}

static int on_path(struct nl_msg *msg, void *arg)
{
	struct watch_news *news = arg;

	(void)msg;
	news->event = WATCH_PATHS;
	return NL_OK;
}

static enum status listen_to(struct netlink *nl, uint32_t group,
			     int (*handler)(struct nl_msg *msg, void *arg),
			     struct watch_news *news)
{
	enum status status = netlink_open(nl, NETLINK_GENERIC);

	if (status)
		return status;
	nl_socket_disable_seq_check(nl->sock);
	nl_socket_modify_cb(nl->sock, NL_CB_VALID, NL_CB_CUSTOM, handler, news);
	nl_socket_set_nonblocking(nl->sock);
	errno = 0;
	if (nl_socket_add_membership(nl->sock, group) < 0) {
		status = system_error(errno, "the kernel refuses to tell what happens");
		netlink_close(nl);
	}
	return status;
}

enum status watch_open(struct watch *watch, struct native *native)
{
	struct netlink_family family;
	enum status status;

	memset(watch, 0, sizeof(*watch));
	status = listen_to(&watch->module, native->family.group, on_module,
			   &watch->news);
	if (status)
		return status;
	/* nothing depends on it but how soon a path is shown */
	if (!netlink_family_find(&native->netlink, MPTCP_PM_NAME,
				 MPTCP_PM_EV_GRP_NAME, &family) && family.group)
		status = listen_to(&watch->paths, family.group, on_path,
				   &watch->news);
	if (status)
		watch_close(watch);
	return status;
}

void watch_close(struct watch *watch)
{
	if (watch->module.sock)
		netlink_close(&watch->module);
	if (watch->paths.sock)
		netlink_close(&watch->paths);
}

static enum watch_event next_of(struct watch *watch, struct netlink *nl)
{
	memset(&watch->news, 0, sizeof(watch->news));
	while (nl->sock) {
		errno = 0;
		if (nl_recvmsgs_default(nl->sock) >= 0) {
			if (watch->news.event)
				break;
			continue;
		}
		if (errno == ENOBUFS)
			watch->news.event = WATCH_LOST;
		if (errno != EINTR)
			break;
	}
	return watch->news.event;
}

enum watch_event watch_next(struct watch *watch)
{
	enum watch_event event = next_of(watch, &watch->module);

	return event ? event : next_of(watch, &watch->paths);
}
