// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel says of the ways out of this machine, by rtnetlink. */

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/icmpv6.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/egress.h"
#include "kernel/netlink.h"
#include "kernel/rp_filter.h"
#include "uplinks/world.h"

/* a table that changes while it is read is read again */
#define TRIES 5

static bool is_ip(const struct nlattr *attr, int family)
{
	return nla_len(attr) == (family == AF_INET6 ? 16 : 4);
}

static void take_address(struct address *address, int family,
			 const struct nlattr *attr)
{
	if (attr && is_ip(attr, family))
		address_set(address, family, nla_data(attr), 0);
}

/* A gateway of the other family stands elsewhere. */
static void take_gateway(struct uplinks_route *route, struct nlattr **tb)
{
	const struct rtvia *via;

	take_address(&route->gateway, route->family, tb[RTA_GATEWAY]);
	if (!tb[RTA_VIA] || nla_len(tb[RTA_VIA]) < (int)sizeof(*via))
		return;
	via = nla_data(tb[RTA_VIA]);
	if (via->rtvia_family == AF_INET6 &&
	    nla_len(tb[RTA_VIA]) == (int)sizeof(*via) + 16)
		address_set(&route->gateway, AF_INET6, via->rtvia_addr, 0);
}

/* As the kernel compares routers, RFC 4191. */
static uint8_t rank_of(const struct nlattr *preference)
{
	if (!preference)
		return 1;
	switch (*(const uint8_t *)nla_data(preference)) {
	case ICMPV6_ROUTER_PREF_HIGH:
		return 2;
	case ICMPV6_ROUTER_PREF_LOW:
		return 0;
	}
	return 1;
}

static uint32_t mtu_of(struct nlattr *metrics)
{
	const struct nlattr *mtu = metrics ? nla_find(nla_data(metrics),
						      nla_len(metrics),
						      RTAX_MTU) : NULL;

	return mtu ? nla_get_u32(mtu) : 0;
}

/* What may be of interest; a router may have very many others. */
static bool is_wanted(const struct uplinks_route *route)
{
	return !route->length || route->table > UPLINKS_TABLE ||
	       (route->table == RT_TABLE_MAIN &&
		uplinks_is_of_machine(route->protocol)) ||
	       uplinks_route_is_detour(route);
}

static void add_hops(struct uplinks_routes *routes,
		     const struct uplinks_route *common, struct nlattr *hops)
{
	struct nlattr *tb[RTA_MAX + 1];
	int rest = nla_len(hops);
	struct rtnexthop *hop;

	for (hop = nla_data(hops); RTNH_OK(hop, rest);
	     rest -= RTNH_ALIGN(hop->rtnh_len), hop = RTNH_NEXT(hop)) {
		struct uplinks_route *route;

		/* its interface is down */
		if (hop->rtnh_flags & RTNH_F_DEAD)
			continue;
		route = LIST_ADD(routes);
		*route = *common;
		route->index = hop->rtnh_ifindex;
		route->onlink = hop->rtnh_flags & RTNH_F_ONLINK;
		if (nla_parse(tb, RTA_MAX, (struct nlattr *)RTNH_DATA(hop),
			      hop->rtnh_len - sizeof(*hop), NULL) >= 0)
			take_gateway(route, tb);
	}
}

static void on_route(const struct nlmsghdr *message, void *arg)
{
	const struct rtmsg *info = nlmsg_data(message);
	struct uplinks_routes *routes = arg;
	struct nlattr *tb[RTA_MAX + 1];
	struct uplinks_route route = { .family = info->rtm_family };

	if (message->nlmsg_type != RTM_NEWROUTE ||
	    nlmsg_parse((struct nlmsghdr *)message, sizeof(*info), tb, RTA_MAX,
			NULL) < 0 || info->rtm_type != RTN_UNICAST ||
	    info->rtm_flags & RTM_F_CLONED ||
	    (info->rtm_family != AF_INET && info->rtm_family != AF_INET6))
		return;
	route.table = tb[RTA_TABLE] ? nla_get_u32(tb[RTA_TABLE]) :
				      info->rtm_table;
	route.length = info->rtm_dst_len;
	route.protocol = info->rtm_protocol;
	if (!is_wanted(&route))
		return;
	take_address(&route.to, route.family, tb[RTA_DST]);
	take_address(&route.source, route.family, tb[RTA_PREFSRC]);
	take_gateway(&route, tb);
	route.metric = tb[RTA_PRIORITY] ? nla_get_u32(tb[RTA_PRIORITY]) : 0;
	route.mtu = mtu_of(tb[RTA_METRICS]);
	route.rank = rank_of(tb[RTA_PREF]);
	route.onlink = info->rtm_flags & RTNH_F_ONLINK;
	if (tb[RTA_MULTIPATH]) {
		add_hops(routes, &route, tb[RTA_MULTIPATH]);
		return;
	}
	if (!tb[RTA_OIF])
		return;
	route.index = (int)nla_get_u32(tb[RTA_OIF]);
	*LIST_ADD(routes) = route;
}

/* Whether a rule is about other things than the source. */
static bool is_narrow(const struct fib_rule_hdr *info, struct nlattr **tb)
{
	static const int selectors[] = {
		FRA_IIFNAME, FRA_OIFNAME, FRA_FWMARK, FRA_SUPPRESS_IFGROUP,
		FRA_SUPPRESS_PREFIXLEN, FRA_UID_RANGE, FRA_IP_PROTO,
		FRA_SPORT_RANGE, FRA_DPORT_RANGE,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(selectors); i++) {
		/* told with a value that means nothing, too */
		if (tb[selectors[i]] &&
		    !(selectors[i] == FRA_SUPPRESS_PREFIXLEN &&
		      nla_get_u32(tb[selectors[i]]) == UINT32_MAX))
			return true;
	}
	return info->action != FR_ACT_TO_TBL || info->dst_len || info->tos ||
	       info->flags & FIB_RULE_INVERT ||
	       (tb[FRA_L3MDEV] && *(uint8_t *)nla_data(tb[FRA_L3MDEV]));
}

static void on_rule(const struct nlmsghdr *message, void *arg)
{
	const struct fib_rule_hdr *info = nlmsg_data(message);
	struct uplinks_rules *rules = arg;
	struct nlattr *tb[FRA_MAX + 1];
	struct uplinks_rule *rule;

	if (message->nlmsg_type != RTM_NEWRULE ||
	    nlmsg_parse((struct nlmsghdr *)message, sizeof(*info), tb, FRA_MAX,
			NULL) < 0 ||
	    (info->family != AF_INET && info->family != AF_INET6))
		return;
	rule = LIST_ADD(rules);
	rule->family = info->family;
	rule->length = info->src_len;
	take_address(&rule->from, info->family, tb[FRA_SRC]);
	rule->preference = tb[FRA_PRIORITY] ? nla_get_u32(tb[FRA_PRIORITY]) : 0;
	rule->table = tb[FRA_TABLE] ? nla_get_u32(tb[FRA_TABLE]) : info->table;
	if (tb[FRA_PROTOCOL])
		rule->protocol = *(uint8_t *)nla_data(tb[FRA_PROTOCOL]);
	rule->narrow = is_narrow(info, tb);
}

/* Reads a whole table, again when it has changed meanwhile. @reset: forgets
 * what was read
 */
static int dump(struct netlink *nl, int type, const void *header, size_t size,
		netlink_handler handler, void *list, void (*reset)(void *list))
{
	struct nl_msg *msg;
	int err, i = 0;

	do {
		reset(list);
		msg = netlink_request(type, NLM_F_DUMP);
		netlink_add_header(msg, header, size);
		err = netlink_talk(nl, msg, handler, list);
	} while (!err && nl->interrupted && ++i < TRIES);
	return err;
}

static void reset_routes(void *list)
{
	struct uplinks_routes *routes = list;

	free(routes->items);
	memset(routes, 0, sizeof(*routes));
}

static void reset_rules(void *list)
{
	struct uplinks_rules *rules = list;

	free(rules->items);
	memset(rules, 0, sizeof(*rules));
}

static enum status load_tables(struct uplinks_world *world)
{
	struct fib_rule_hdr rules = { .family = AF_UNSPEC };
	struct rtmsg routes = { .rtm_family = AF_UNSPEC };
	enum status status;
	struct netlink nl;

	status = netlink_open(&nl, NETLINK_ROUTE);
	if (status)
		return status;
	if (dump(&nl, RTM_GETROUTE, &routes, sizeof(routes), on_route,
		 &world->routes, reset_routes))
		status = netlink_refused(&nl, "list of routes");
	/* a kernel without rules has none */
	else if (dump(&nl, RTM_GETRULE, &rules, sizeof(rules), on_rule,
		      &world->rules, reset_rules) && nl.error != EOPNOTSUPP)
		status = netlink_refused(&nl, "list of rules");
	else if (rp_filter_all(&nl, &world->rp_filter))
		status = netlink_refused(&nl, "sysctl rp_filter");
	netlink_close(&nl);
	return status;
}

static bool leads_out(const struct uplinks_world *world, int index, int family)
{
	size_t i;

	for (i = 0; i < world->routes.count; i++) {
		const struct uplinks_route *route = &world->routes.items[i];

		if (route->index == index && route->family == family &&
		    uplinks_route_leads_out(route))
			return true;
	}
	return false;
}

static void load_ways(struct uplinks_world *world,
		      const struct uplinks_far *far)
{
	size_t i;

	for (i = 0; i < world->links.locals.count; i++) {
		const struct local *local = &world->links.locals.items[i];
		int family = local->address.family;
		const struct address *to = family == AF_INET6 ? &far->ip6 :
					   &far->ip4;
		struct uplinks_way *way;
		struct egress egress;

		if (local->scope >= RT_SCOPE_LINK ||
		    !leads_out(world, local->index, family) ||
		    !egress_ask(&egress, to, &local->address, 0))
			continue;
		way = LIST_ADD(&world->ways);
		way->address = local->address;
		way->index = egress.index;
		way->error = egress.error;
	}
}

enum status uplinks_world_load(struct uplinks_world *world,
			       const struct uplinks_far *far)
{
	struct uplinks_far usual;
	enum status status;
	int err;

	memset(world, 0, sizeof(*world));
	egress_far(&usual.ip4, AF_INET);
	egress_far(&usual.ip6, AF_INET6);
	if (far && far->ip4.family)
		usual.ip4 = far->ip4;
	if (far && far->ip6.family)
		usual.ip6 = far->ip6;
	status = links_load(&world->links);
	if (!status)
		status = load_tables(world);
	if (!status) {
		load_ways(world, &usual);
		err = endpoints_read(&world->endpoints, &world->links);
		if (!err)
			err = endpoints_limits(&world->limits);
		world->unseen = err == EPERM;
		if (err && err != EPERM && err != ENOENT)
			status = system_error(err, "list of MPTCP endpoints: the kernel refuses");
	}
	if (status)
		uplinks_world_free(world);
	return status;
}

void uplinks_world_free(struct uplinks_world *world)
{
	links_free(&world->links);
	reset_routes(&world->routes);
	reset_rules(&world->rules);
	free(world->ways.items);
	free(world->endpoints.items);
	memset(world, 0, sizeof(*world));
}
