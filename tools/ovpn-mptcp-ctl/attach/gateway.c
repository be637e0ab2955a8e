// SPDX-License-Identifier: GPL-2.0-or-later
/* The tunnel of attach as the way out of this machine. */

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "attach/dial.h"
#include "attach/gateway.h"
#include "base/memory.h"
#include "kernel/egress.h"
#include "kernel/links.h"
#include "kernel/rp_filter.h"

/* Entries of the main table with longer prefixes are networks, which stay as near
 * as they are. Shorter ones are defaults in pieces, such as 2000::/3.
 */
#define NEARLY_ALL_BITS	7
/* of a route that counts when there is no other one */
#define LAST_METRIC	UINT32_MAX
/* what the kernel takes for no metric in IPv6: IP6_RT_PRIO_USER */
#define METRIC_IP6	1024
/* a list that changes while it is read is read again */
#define TRIES		5

static const int families[] = { AF_INET, AF_INET6 };

/* enum: preference of our rules, as a distance from the first one */
enum {
	/* Not rules, but notes: the reverse path filter of this interface (iif)
	 * was 0, or 1, before it was made loose.
	 */
	NOTE_HAD_0,
	NOTE_HAD_1,
	/* what the main table knows better than by default */
	RULE_NETWORKS,
	RULE_TUNNEL,
};

/**
 * struct found - a rule or a route of ours that there is
 * @note: NOTE_HAD_0, NOTE_HAD_1 or -1
 * @device: of a note
 * @msg: as the kernel tells of it
 */
struct found {
	int note;
	char device[IFNAMSIZ];
	struct nl_msg *msg;
};

struct findings_of_ours {
	struct found *items;
	size_t count;
};

/* A kernel that has no packets of IPv6 leaks none. */
static bool lacks_family(int family, int error)
{
	return family == AF_INET6 &&
	       (error == EAFNOSUPPORT || error == EOPNOTSUPP) &&
	       !dial_has_ipv6();
}

static struct nl_msg *rule_request(int type, int flags, int family, int which)
{
	struct fib_rule_hdr info = {
		.family = family, .action = FR_ACT_TO_TBL,
		.flags = FIB_RULE_INVERT,
	};
	uint8_t protocol = GATEWAY_PROTOCOL;
	struct nl_msg *msg;

	if (which < RULE_NETWORKS) {
		info.action = FR_ACT_NOP;
		info.flags = 0;
	}
	msg = netlink_request(type, flags);
	netlink_add_header(msg, &info, sizeof(info));
	netlink_add_u32(msg, FRA_PRIORITY, GATEWAY_PREFERENCE + which);
	netlink_add(msg, FRA_PROTOCOL, &protocol, sizeof(protocol));
	return msg;
}

/* A rule that is there already is as good. */
static int add_rule(struct gateway *gateway, int family, int which)
{
	struct nl_msg *msg = rule_request(RTM_NEWRULE,
					  NLM_F_CREATE | NLM_F_EXCL, family,
					  which);
	int err;

	netlink_add_u32(msg, FRA_FWMARK, EGRESS_MARK);
	netlink_add_u32(msg, FRA_FWMASK, UINT32_MAX);
	netlink_add_u32(msg, FRA_TABLE, which == RULE_TUNNEL ?
			GATEWAY_TABLE : RT_TABLE_MAIN);
	if (which == RULE_NETWORKS)
		netlink_add_u32(msg, FRA_SUPPRESS_PREFIXLEN, NEARLY_ALL_BITS);
	err = netlink_talk(&gateway->route, msg, NULL, NULL);
	return err == EEXIST ? 0 : err;
}

static enum status add_rules(struct gateway *gateway,
			     const struct config *config, int family)
{
	int err = add_rule(gateway, family, RULE_NETWORKS);

	if (!err)
		err = add_rule(gateway, family, RULE_TUNNEL);
	if (!err || lacks_family(family, err))
		return STATUS_OK;
	return netlink_refused(&gateway->route, "%s: gateway: rules",
			       config->device);
}

static struct nl_msg *route_request(int type, int flags, int family,
				    unsigned char kind, uint32_t metric)
{
	struct rtmsg info = {
		.rtm_family = family, .rtm_protocol = GATEWAY_PROTOCOL,
		.rtm_type = kind,
		.rtm_scope = kind == RTN_UNICAST && family == AF_INET ?
			     RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
	};
	struct nl_msg *msg = netlink_request(type, flags);

	netlink_add_header(msg, &info, sizeof(info));
	netlink_add_u32(msg, RTA_TABLE, GATEWAY_TABLE);
	netlink_add_u32(msg, RTA_PRIORITY, metric);
	return msg;
}

/* Nothing leaves until there is a device to lead it to. */
static enum status bar(struct gateway *gateway, const struct config *config,
		       int family)
{
	int err = netlink_talk(&gateway->route,
			       route_request(RTM_NEWROUTE,
					     NLM_F_CREATE | NLM_F_REPLACE,
					     family, RTN_UNREACHABLE,
					     LAST_METRIC), NULL, NULL);

	if (!err || lacks_family(family, err))
		return STATUS_OK;
	return netlink_refused(&gateway->route,
			       "%s: gateway: unreachable route",
			       config->device);
}

static void unbar(struct gateway *gateway, int family)
{
	/* it need not be there */
	netlink_talk(&gateway->route,
		     route_request(RTM_DELROUTE, 0, family, RTN_UNREACHABLE,
				   LAST_METRIC), NULL, NULL);
}

static bool has_family(const struct config *config, int family)
{
	size_t i;

	for (i = 0; i < config->addresses.count; i++) {
		if (config->addresses.items[i].address.family == family)
			return true;
	}
	return false;
}

/* Where the tunnel has no IPv6, it swallows what would leak. From a link-local
 * address: then programs prefer IPv4 when the other end has both (RFC 6724), and
 * do not wait in vain.
 */
static const struct local *poor_source(const struct links *links, int ifindex)
{
	size_t i;

	for (i = 0; i < links->locals.count; i++) {
		const struct local *local = &links->locals.items[i];

		if (local->index == ifindex && !local->tentative &&
		    local->address.family == AF_INET6 &&
		    local->scope == RT_SCOPE_LINK)
			return local;
	}
	return NULL;
}

static int add_route(struct gateway *gateway, const struct config *config,
		     const struct links *links, int ifindex, int family)
{
	const struct local *source = NULL;
	struct nl_msg *msg;

	if (family == AF_INET6 && !has_family(config, family))
		source = poor_source(links, ifindex);
	msg = route_request(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, family,
			    RTN_UNICAST, family == AF_INET6 ? METRIC_IP6 : 0);
	netlink_add_u32(msg, RTA_OIF, ifindex);
	if (source)
		netlink_add(msg, RTA_PREFSRC, source->address.ip,
			    sizeof(source->address.ip));
	return netlink_talk(&gateway->route, msg, NULL, NULL);
}

/* What must not leak has no way at all: somebody has switched the device off, or
 * IPv6 there, for which it has no room with a small MTU.
 */
static bool must_bar(const struct config *config, int family, int error)
{
	if (config->leak == CONFIG_YES)
		return false;
	if (error == ENETDOWN)
		return true;
	return family == AF_INET6 && !has_family(config, family) &&
	       (error == EACCES || error == ENODEV || error == EINVAL);
}

static enum status lead_family(struct gateway *gateway,
			       const struct config *config,
			       const struct links *links, int ifindex,
			       int family)
{
	int err;

	if (config->leak == CONFIG_YES && !has_family(config, family))
		return STATUS_OK;
	err = add_route(gateway, config, links, ifindex, family);
	if (must_bar(config, family, err))
		return bar(gateway, config, family);
	if (err && !lacks_family(family, err))
		return netlink_refused(&gateway->route,
				       "%s: gateway: default route",
				       config->device);
	unbar(gateway, family);
	return add_rules(gateway, config, family);
}

/* Whether packets from an address of this interface leave by it to everybody. */
static bool leads_out(const struct links *links, const struct device *device)
{
	struct egress egress;
	struct address far;
	size_t i;

	egress_far(&far, AF_INET);
	for (i = 0; i < links->locals.count; i++) {
		const struct local *local = &links->locals.items[i];

		if (local->index == device->index &&
		    local->address.family == AF_INET &&
		    egress_ask(&egress, &far, &local->address, device->index) &&
		    !egress.error && egress.index == device->index)
			return true;
	}
	return false;
}

/* A strict filter would drop the answers of the server: without the mark, the
 * way back is the tunnel. What it was is written down first.
 */
static enum status loosen(struct gateway *gateway, const struct config *config,
			  const struct device *device)
{
	struct nl_msg *msg;
	int err;

	msg = rule_request(RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, AF_INET,
			   device->rp_filter ? NOTE_HAD_1 : NOTE_HAD_0);
	netlink_add(msg, FRA_IIFNAME, device->name, strlen(device->name) + 1);
	err = netlink_talk(&gateway->route, msg, NULL, NULL);
	if (!err || err == EEXIST)
		err = rp_filter_set(&gateway->route, device->index,
				    RP_FILTER_LOOSE);
	if (!err || err == ENODEV)
		return STATUS_OK;
	return netlink_refused(&gateway->route,
			       "%s: gateway: rp_filter of %s, which is strict and would drop the answers of the server",
			       config->device, device->name);
}

static enum status loosen_all(struct gateway *gateway,
			      const struct config *config,
			      const struct links *links)
{
	enum status status = STATUS_OK;
	uint32_t all = 0;
	size_t i;

	/* a kernel that does not say has none that is strict for all */
	rp_filter_all(&gateway->route, &all);
	for (i = 0; i < links->all.count && !status; i++) {
		const struct device *device = &links->all.items[i];
		uint32_t own = device->rp_filter;

		if ((own > all ? own : all) == RP_FILTER_STRICT &&
		    !device->loopback && !device_is_tunnel(device) &&
		    leads_out(links, device))
			status = loosen(gateway, config, device);
	}
	return status;
}

enum status gateway_lead(struct gateway *gateway, const struct config *config,
			 int ifindex)
{
	enum status status;
	struct links links;
	size_t i;

	status = links_load(&links);
	if (status)
		return status;
	gateway->leads = true;
	status = loosen_all(gateway, config, &links);
	for (i = 0; i < ARRAY_SIZE(families) && !status; i++)
		status = lead_family(gateway, config, &links, ifindex,
				     families[i]);
	links_free(&links);
	return status;
}

static struct found *keep_message(struct findings_of_ours *found,
				  const struct nlmsghdr *message)
{
	struct found *one = LIST_ADD(found);

	one->note = -1;
	one->msg = nlmsg_convert((struct nlmsghdr *)message);
	if (!one->msg)
		exit(system_error(ENOMEM, "out of memory"));
	return one;
}

static void on_rule(const struct nlmsghdr *message, void *arg)
{
	struct nlattr *tb[FRA_MAX + 1];
	struct found *one;
	int which;

	if (message->nlmsg_type != RTM_NEWRULE ||
	    nlmsg_parse((struct nlmsghdr *)message, sizeof(struct fib_rule_hdr),
			tb, FRA_MAX, NULL) < 0 || !tb[FRA_PROTOCOL] ||
	    *(uint8_t *)nla_data(tb[FRA_PROTOCOL]) != GATEWAY_PROTOCOL ||
	    !tb[FRA_PRIORITY])
		return;
	which = (int)(nla_get_u32(tb[FRA_PRIORITY]) - GATEWAY_PREFERENCE);
	if (which < NOTE_HAD_0 || which > RULE_TUNNEL)
		return;
	one = keep_message(arg, message);
	if (which > NOTE_HAD_1 || !tb[FRA_IIFNAME])
		return;
	one->note = which;
	nla_strlcpy(one->device, tb[FRA_IIFNAME], sizeof(one->device));
}

static void on_route(const struct nlmsghdr *message, void *arg)
{
	const struct rtmsg *info = nlmsg_data(message);
	struct nlattr *tb[RTA_MAX + 1];

	if (message->nlmsg_type == RTM_NEWROUTE &&
	    nlmsg_parse((struct nlmsghdr *)message, sizeof(*info), tb, RTA_MAX,
			NULL) >= 0 && tb[RTA_TABLE] &&
	    nla_get_u32(tb[RTA_TABLE]) == GATEWAY_TABLE &&
	    info->rtm_protocol == GATEWAY_PROTOCOL)
		keep_message(arg, message);
}

static void forget(struct findings_of_ours *found)
{
	size_t i;

	for (i = 0; i < found->count; i++)
		nlmsg_free(found->items[i].msg);
	free(found->items);
	memset(found, 0, sizeof(*found));
}

static struct nl_msg *rules_request(void)
{
	struct fib_rule_hdr header = { .family = AF_UNSPEC };
	struct nl_msg *msg = netlink_request(RTM_GETRULE, NLM_F_DUMP);

	netlink_add_header(msg, &header, sizeof(header));
	return msg;
}

/* Those of our table: a router may have very many others. */
static struct nl_msg *routes_request(void)
{
	struct rtmsg header = { .rtm_family = AF_UNSPEC };
	struct nl_msg *msg = netlink_request(RTM_GETROUTE, NLM_F_DUMP);

	netlink_add_header(msg, &header, sizeof(header));
	netlink_add_u32(msg, RTA_TABLE, GATEWAY_TABLE);
	return msg;
}

static void find(struct gateway *gateway, struct findings_of_ours *found,
		 struct nl_msg *(*request)(void), netlink_handler handler)
{
	struct nl_msg *msg;
	int i = 0;

	memset(found, 0, sizeof(*found));
	do {
		forget(found);
		msg = request();
	} while (!netlink_talk(&gateway->route, msg, handler, found) &&
		 gateway->route.interrupted && ++i < TRIES);
}

/* What is told of a rule or a route says which it is. Takes the message. */
static void del(struct gateway *gateway, struct found *found, int type)
{
	struct nlmsghdr *header = nlmsg_hdr(found->msg);

	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST;
	header->nlmsg_seq = NL_AUTO_SEQ;
	header->nlmsg_pid = NL_AUTO_PORT;
	netlink_talk(&gateway->route, found->msg, NULL, NULL);
	found->msg = NULL;
}

/* A filter that somebody has changed since stays so. */
static void tighten(struct gateway *gateway, const struct links *links,
		    const struct found *note)
{
	const struct device *device = links_by_name(links, note->device);

	if (device && device->rp_filter == RP_FILTER_LOOSE)
		rp_filter_set(&gateway->route, device->index,
			      note->note == NOTE_HAD_1);
}

static void take_back(struct gateway *gateway)
{
	struct findings_of_ours found;
	struct links links = { 0 };
	size_t i;

	gateway->leads = false;
	find(gateway, &found, rules_request, on_rule);
	/* what leads first, then what lets answers in, then the note of it */
	for (i = 0; i < found.count; i++) {
		if (found.items[i].note < 0)
			del(gateway, &found.items[i], RTM_DELRULE);
	}
	for (i = 0; i < found.count; i++) {
		if (found.items[i].note < 0)
			continue;
		if (!links.all.count && links_load(&links))
			break;
		tighten(gateway, &links, &found.items[i]);
		del(gateway, &found.items[i], RTM_DELRULE);
	}
	links_free(&links);
	forget(&found);
	find(gateway, &found, routes_request, on_route);
	for (i = 0; i < found.count; i++)
		del(gateway, &found.items[i], RTM_DELROUTE);
	forget(&found);
}

/* Rules of one that was killed stay until this one has its own: nothing leaks
 * meanwhile.
 */
static enum status bar_all(struct gateway *gateway, const struct config *config)
{
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(families) && !status; i++) {
		status = bar(gateway, config, families[i]);
		if (!status)
			status = add_rules(gateway, config, families[i]);
	}
	return status;
}

static enum status open_route(struct gateway *gateway)
{
	return gateway->route.sock ? STATUS_OK :
	       netlink_open(&gateway->route, NETLINK_ROUTE);
}

enum status gateway_open(struct gateway *gateway, const struct config *config,
			 const char *command)
{
	enum status status;

	if (config->gateway != CONFIG_YES && claim_is_taken(CLAIM_GATEWAY))
		return STATUS_OK;
	status = open_route(gateway);
	if (!status && config->gateway != CONFIG_YES) {
		take_back(gateway);
		gateway_close(gateway);
		return STATUS_OK;
	}
	if (!status)
		status = claim_take(&gateway->claim, command, CLAIM_GATEWAY);
	gateway->ours = !status;
	if (!status && config->leak == CONFIG_YES)
		take_back(gateway);
	else if (!status)
		status = bar_all(gateway, config);
	if (status)
		gateway_close(gateway);
	return status;
}

void gateway_rest(struct gateway *gateway)
{
	if (gateway->leads)
		take_back(gateway);
}

void gateway_close(struct gateway *gateway)
{
	if (gateway->ours)
		take_back(gateway);
	gateway->ours = false;
	claim_drop(&gateway->claim);
	if (gateway->route.sock)
		netlink_close(&gateway->route);
}
