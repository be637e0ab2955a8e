// SPDX-License-Identifier: GPL-2.0-or-later
/* News of the kernel that may be of an uplink. */

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "base/memory.h"
#include "uplinks/news.h"
#include "uplinks/want.h"

/* What setup has made just now is none. */
static bool is_route_news(struct nlmsghdr *hdr)
{
	const struct rtmsg *info = nlmsg_data(hdr);

	if (nlmsg_datalen(hdr) < (int)sizeof(*info) ||
	    info->rtm_type != RTN_UNICAST || info->rtm_flags & RTM_F_CLONED)
		return false;
	if (info->rtm_protocol == UPLINKS_PROTOCOL)
		return hdr->nlmsg_type == RTM_DELROUTE;
	/* a routing daemon may have very many */
	return !info->rtm_dst_len || uplinks_is_of_machine(info->rtm_protocol);
}

static bool is_rule_news(struct nlmsghdr *hdr)
{
	struct nlattr *tb[FRA_MAX + 1];

	if (hdr->nlmsg_type == RTM_DELRULE)
		return true;
	return nlmsg_parse(hdr, sizeof(struct fib_rule_hdr), tb, FRA_MAX,
			   NULL) < 0 || !tb[FRA_PROTOCOL] ||
	       *(uint8_t *)nla_data(tb[FRA_PROTOCOL]) != UPLINKS_PROTOCOL;
}

static int on_news(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct uplinks_news *news = arg;

	switch (hdr->nlmsg_type) {
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		news->any |= is_route_news(hdr);
		break;
	case RTM_NEWRULE:
	case RTM_DELRULE:
		news->any |= is_rule_news(hdr);
		break;
	default:
		news->any |= !links_know(&news->links, hdr);
	}
	return NL_OK;
}

enum status uplinks_news_open(struct uplinks_news *news)
{
	static const int groups[] = {
		RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
		RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE,
		RTNLGRP_IPV6_RULE,
	};
	enum status status;

	memset(news, 0, sizeof(*news));
	status = netlink_listen(&news->netlink, NETLINK_ROUTE, groups,
				ARRAY_SIZE(groups));
	if (status)
		uplinks_news_close(news);
	else
		nl_socket_modify_cb(news->netlink.sock, NL_CB_VALID,
				    NL_CB_CUSTOM, on_news, news);
	return status;
}

void uplinks_news_close(struct uplinks_news *news)
{
	if (news->netlink.sock)
		netlink_close(&news->netlink);
	links_free(&news->links);
}

void uplinks_news_know(struct uplinks_news *news)
{
	links_free(&news->links);
	/* without it, everything is news */
	links_load(&news->links);
}

bool uplinks_news_take(struct uplinks_news *news)
{
	bool any;
	int err;

	do {
		errno = 0;
		err = nl_recvmsgs_default(news->netlink.sock);
		/* more came than could be taken: the look tells */
		if (err < 0 && errno == ENOBUFS)
			news->any = true;
	} while (err >= 0 || errno == ENOBUFS || errno == EINTR);
	any = news->any;
	news->any = false;
	return any;
}
