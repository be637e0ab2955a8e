// SPDX-License-Identifier: GPL-2.0-or-later
/* Makes changes, and writes down first what the kernel does not remember. */

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/mptcp.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/netlink.h"
#include "kernel/rp_filter.h"
#include "uplinks/apply.h"

static size_t ip_size(int family)
{
	return family == AF_INET6 ? 16 : 4;
}

/* A gateway of the other family stands elsewhere. */
static void add_gateway(struct nl_msg *msg, const struct uplinks_route *route)
{
	const struct address *gateway = &route->gateway;
	struct {
		uint16_t family;
		unsigned char ip[16];
	} via = { .family = gateway->family };

	if (!gateway->family)
		return;
	if (gateway->family == route->family) {
		netlink_add(msg, RTA_GATEWAY, gateway->ip,
			    ip_size(gateway->family));
		return;
	}
	memcpy(via.ip, gateway->ip, sizeof(via.ip));
	netlink_add(msg, RTA_VIA, &via, sizeof(via));
}

/* A detour comes before what others have there, and replaces nothing. */
static int change_route(struct netlink *nl, const struct uplinks_route *route,
			bool take)
{
	int flags = uplinks_route_is_detour(route) ? NLM_F_CREATE :
		    NLM_F_CREATE | NLM_F_REPLACE;
	struct rtmsg info = {
		.rtm_family = route->family, .rtm_dst_len = route->length,
		.rtm_protocol = route->protocol, .rtm_type = RTN_UNICAST,
		.rtm_scope = route->gateway.family || route->family == AF_INET6 ?
			     RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
		.rtm_flags = route->onlink ? RTNH_F_ONLINK : 0,
	};
	struct nl_msg *msg;
	struct nlattr *nest;

	msg = take ? netlink_request(RTM_DELROUTE, 0) :
	      netlink_request(RTM_NEWROUTE, flags);
	netlink_add_header(msg, &info, sizeof(info));
	netlink_add_u32(msg, RTA_TABLE, route->table);
	netlink_add_u32(msg, RTA_OIF, route->index);
	if (route->length)
		netlink_add(msg, RTA_DST, route->to.ip, ip_size(route->family));
	add_gateway(msg, route);
	if (route->source.family)
		netlink_add(msg, RTA_PREFSRC, route->source.ip,
			    ip_size(route->family));
	if (route->metric)
		netlink_add_u32(msg, RTA_PRIORITY, route->metric);
	if (route->mtu && !take) {
		nest = netlink_nest(msg, RTA_METRICS);
		netlink_add_u32(msg, RTAX_MTU, route->mtu);
		nla_nest_end(msg, nest);
	}
	return netlink_talk(nl, msg, NULL, NULL);
}

static int change_rule(struct netlink *nl, const struct uplinks_rule *rule,
		       bool take)
{
	struct fib_rule_hdr info = {
		.family = rule->family, .src_len = rule->length,
		.action = FR_ACT_TO_TBL,
	};
	struct nl_msg *msg;

	msg = take ? netlink_request(RTM_DELRULE, 0) :
	      netlink_request(RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL);
	netlink_add_header(msg, &info, sizeof(info));
	netlink_add(msg, FRA_SRC, rule->from.ip, ip_size(rule->family));
	netlink_add_u32(msg, FRA_TABLE, rule->table);
	netlink_add_u32(msg, FRA_PRIORITY, rule->preference);
	netlink_add(msg, FRA_PROTOCOL, &rule->protocol, sizeof(rule->protocol));
	return netlink_talk(nl, msg, NULL, NULL);
}

static int move_endpoint(const struct endpoint *endpoint)
{
	int error;

	switch (endpoint_renew(endpoint, &error)) {
	case RENEWAL_DONE:
	/* somebody has removed it: the next look sees what to do */
	case RENEWAL_GONE:
		return 0;
	default:
		return error;
	}
}

static int change_endpoint(const struct uplinks_change *change)
{
	const struct endpoint *endpoint = &change->endpoint;

	switch (change->how) {
	case UPLINKS_MAKE:
		return endpoint_add(endpoint);
	case UPLINKS_MOVE:
		return move_endpoint(endpoint);
	case UPLINKS_SET:
		return endpoint_set_backup(endpoint, endpoint->flags &
					   MPTCP_PM_ADDR_FLAG_BACKUP);
	default:
		return endpoint_del(endpoint);
	}
}

static int make(struct netlink *nl, const struct uplinks_change *change)
{
	bool take = change->how == UPLINKS_TAKE;

	switch (change->what) {
	case UPLINKS_LIMITS:
		return endpoints_set_limits(&change->limits);
	case UPLINKS_ROUTE:
	case UPLINKS_DETOUR:
		return change_route(nl, &change->route, take);
	case UPLINKS_RULE:
		return change_rule(nl, &change->rule, take);
	case UPLINKS_FILTER:
		return rp_filter_set(nl, change->filter.index,
				     take ? change->filter.had :
				     change->filter.set);
	case UPLINKS_ENDPOINT:
		return change_endpoint(change);
	case UPLINKS_SERVICE:
		break;
	}
	return EINVAL;
}

/* It is as it should be, whoever was faster. */
static bool is_so_anyway(const struct uplinks_change *change, int error)
{
	if (change->how == UPLINKS_TAKE)
		return error == ENOENT || error == ESRCH || error == ENODEV;
	return (change->what == UPLINKS_RULE ||
		change->what == UPLINKS_DETOUR) && error == EEXIST;
}

static void note_before(const struct uplinks_change *change,
			const struct uplinks_world *world,
			struct uplinks_made *made)
{
	struct uplinks_made_endpoint *endpoint;

	if (change->how == UPLINKS_TAKE || change->how == UPLINKS_LEAVE)
		return;
	switch (change->what) {
	case UPLINKS_LIMITS:
		if (!made->limits_had.known)
			made->limits_had = world->limits;
		made->limits_set = change->limits;
		break;
	case UPLINKS_FILTER:
		if (!uplinks_made_filter(made, change->filter.index))
			*LIST_ADD(&made->filters) = change->filter;
		break;
	case UPLINKS_ENDPOINT:
		endpoint = uplinks_made_endpoint(made,
						 &change->endpoint.address);
		if (!endpoint) {
			endpoint = LIST_ADD(&made->endpoints);
			endpoint->address = change->endpoint.address;
			endpoint->backup = change->endpoint.flags &
					   MPTCP_PM_ADDR_FLAG_BACKUP;
		}
		break;
	default:
		break;
	}
}

static void forget_endpoint(struct uplinks_made *made,
			    const struct address *address)
{
	size_t i, kept = 0;

	for (i = 0; i < made->endpoints.count; i++) {
		if (!address_same_ip(&made->endpoints.items[i].address,
				     address))
			made->endpoints.items[kept++] =
				made->endpoints.items[i];
	}
	made->endpoints.count = kept;
}

static void note_after(const struct uplinks_result *result,
		       struct uplinks_made *made)
{
	const struct uplinks_change *change = result->change;
	const struct address *address = &change->endpoint.address;
	struct uplinks_made_endpoint *endpoint;

	if (change->what != UPLINKS_ENDPOINT)
		return;
	/* what is not taken is still ours, what is not made is not */
	if (change->how == UPLINKS_TAKE ? !result->error :
	    change->how == UPLINKS_MAKE && result->error) {
		forget_endpoint(made, address);
	} else if (change->how == UPLINKS_SET && !result->error) {
		endpoint = uplinks_made_endpoint(made, address);
		endpoint->backup = change->endpoint.flags &
				   MPTCP_PM_ADDR_FLAG_BACKUP;
	}
}

/* What is not there any more was taken away by others, or with its interface. */
static void forget_gone(struct uplinks_made *made,
			const struct uplinks_world *world)
{
	size_t i, j, kept = 0;

	for (i = 0; i < made->endpoints.count && !world->unseen; i++) {
		for (j = 0; j < world->endpoints.count; j++) {
			if (address_same_ip(&world->endpoints.items[j].address,
					    &made->endpoints.items[i].address))
				break;
		}
		if (j < world->endpoints.count)
			made->endpoints.items[kept++] =
				made->endpoints.items[i];
	}
	if (!world->unseen)
		made->endpoints.count = kept;
	for (i = 0, kept = 0; i < made->filters.count; i++) {
		if (links_by_index(&world->links,
				   made->filters.items[i].index))
			made->filters.items[kept++] = made->filters.items[i];
	}
	made->filters.count = kept;
}

static enum status make_all(const struct uplinks_changes *changes,
			    struct uplinks_made *made,
			    uplinks_reporter report, void *arg)
{
	enum status status;
	struct netlink nl;
	size_t i;

	status = netlink_open(&nl, NETLINK_ROUTE);
	if (status)
		return status;
	for (i = 0; i < changes->count; i++) {
		struct uplinks_result result = { .change = &changes->items[i] };

		if (result.change->how != UPLINKS_LEAVE) {
			nl.text[0] = '\0';
			result.error = make(&nl, result.change);
			if (is_so_anyway(result.change, result.error))
				result.error = 0;
			if (result.error)
				snprintf(result.text, sizeof(result.text),
					 "%.127s", nl.text);
			note_after(&result, made);
		}
		report(&result, arg);
	}
	netlink_close(&nl);
	return STATUS_OK;
}

static bool has_work(const struct uplinks_changes *changes)
{
	size_t i;

	for (i = 0; i < changes->count; i++) {
		if (changes->items[i].how != UPLINKS_LEAVE)
			return true;
	}
	return false;
}

enum status uplinks_apply(const struct uplinks_changes *changes,
			  const struct uplinks_world *world,
			  const struct uplinks_store *store,
			  struct uplinks_made *made, uplinks_reporter report,
			  void *arg)
{
	enum status status;
	size_t i;

	if (!has_work(changes))
		return make_all(changes, made, report, arg);
	forget_gone(made, world);
	for (i = 0; i < changes->count; i++)
		note_before(&changes->items[i], world, made);
	/* so that whatever happens from here on can be undone */
	status = uplinks_store_save(store, made);
	if (status)
		return status;
	status = make_all(changes, made, report, arg);
	return status ? status : uplinks_store_save(store, made);
}
