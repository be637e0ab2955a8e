// SPDX-License-Identifier: GPL-2.0-or-later
/* A change as the command that a person would type. */

#include <linux/mptcp.h>
#include <linux/rtnetlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "uplinks/service.h"
#include "uplinks/words.h"

/* A name with quotes in it takes four times its length. */
#define QUOTED_SIZE (4 * IFNAMSIZ)

/**
 * struct line - a command that grows
 * @text: where
 * @size: of that
 * @length: of what is there
 */
struct line {
	char *text;
	size_t size;
	size_t length;
};

__attribute__((format(printf, 2, 3)))
static void append(struct line *line, const char *format, ...)
{
	va_list args;
	int length;

	if (line->length >= line->size)
		return;
	va_start(args, format);
	length = vsnprintf(line->text + line->length, line->size - line->length,
			   format, args);
	va_end(args);
	if (length > 0)
		line->length += length;
}

/* The kernel lets a name have nearly any character. */
static const char *quote(const char *name, char *text)
{
	char *end = text;

	if (strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@:+") ==
	    strlen(name))
		return name;
	*end++ = '\'';
	for (; *name; name++) {
		if (*name == '\'')
			end = stpcpy(end, "'\\'");
		*end++ = *name;
	}
	strcpy(end, "'");
	return text;
}

static const char *ip(int family)
{
	return family == AF_INET6 ? "ip -6" : "ip";
}

static void put_limits(struct line *line, const struct limits *limits)
{
	append(line, "ip mptcp limits set subflows %u add_addr_accepted %u",
	       limits->subflows, limits->accepted);
}

static void put_route(struct line *line, const struct uplinks_change *change)
{
	const struct uplinks_route *route = &change->route;
	char address[ADDRESS_SIZE], quoted[QUOTED_SIZE];

	/* a gateway of IPv6 alone would make it a route of IPv6 */
	append(line, "%s route %s ", route->family == AF_INET &&
	       route->gateway.family == AF_INET6 ? "ip -4" : ip(route->family),
	       change->how == UPLINKS_TAKE ? "del" :
	       change->what == UPLINKS_DETOUR ? "prepend" : "replace");
	if (route->length)
		append(line, "%s/%u", address_text(&route->to, address),
		       route->length);
	else
		append(line, "default");
	if (route->gateway.family)
		append(line, " via %s%s",
		       route->gateway.family != route->family ? "inet6 " : "",
		       address_text(&route->gateway, address));
	append(line, " dev %s table %u proto %u", quote(change->by, quoted),
	       route->table, route->protocol);
	if (route->source.family)
		append(line, " src %s", address_text(&route->source, address));
	if (route->metric)
		append(line, " metric %u", route->metric);
	if (route->mtu)
		append(line, " mtu %u", route->mtu);
	if (route->onlink)
		append(line, " onlink");
}

static void put_rule(struct line *line, const struct uplinks_change *change)
{
	const struct uplinks_rule *rule = &change->rule;
	char address[ADDRESS_SIZE];

	append(line, "%s rule %s from %s lookup %u pref %u protocol %u",
	       ip(rule->family), change->how == UPLINKS_TAKE ? "del" : "add",
	       address_text(&rule->from, address), rule->table,
	       rule->preference, rule->protocol);
}

static void put_endpoint(struct line *line, const struct uplinks_change *change,
			 const char *device)
{
	const struct endpoint *endpoint = &change->endpoint;
	bool backup = endpoint->flags & MPTCP_PM_ADDR_FLAG_BACKUP;
	char address[ADDRESS_SIZE];

	if (change->how == UPLINKS_SET) {
		append(line, "ip mptcp endpoint change id %u %sbackup",
		       endpoint->id, backup ? "" : "no");
		return;
	}
	if (change->how != UPLINKS_MAKE)
		append(line, "ip mptcp endpoint delete id %u", endpoint->id);
	if (change->how == UPLINKS_TAKE)
		return;
	append(line, "%sip mptcp endpoint add %s dev %s",
	       change->how == UPLINKS_MOVE ? "; " : "",
	       address_text(&endpoint->address, address), device);
	if (endpoint->id)
		append(line, " id %u", endpoint->id);
	append(line, " subflow%s", backup ? " backup" : "");
}

const char *uplinks_command(const struct uplinks_change *change, char *text,
			    size_t size)
{
	struct line line = { text, size, 0 };
	char quoted[QUOTED_SIZE];
	const char *device = quote(change->device, quoted);

	text[0] = '\0';
	if (change->how == UPLINKS_LEAVE)
		return text;
	switch (change->what) {
	case UPLINKS_LIMITS:
		put_limits(&line, &change->limits);
		break;
	case UPLINKS_ROUTE:
	case UPLINKS_DETOUR:
		put_route(&line, change);
		break;
	case UPLINKS_RULE:
		put_rule(&line, change);
		break;
	case UPLINKS_FILTER:
		append(&line, "sysctl -w net/ipv4/conf/%s/rp_filter=%u", device,
		       change->how == UPLINKS_TAKE ? change->filter.had :
		       change->filter.set);
		break;
	case UPLINKS_ENDPOINT:
		put_endpoint(&line, change, device);
		break;
	case UPLINKS_SERVICE:
		append(&line, "systemctl %s --now %s",
		       change->how == UPLINKS_TAKE ? "disable" : "enable",
		       UPLINKS_UNIT);
		break;
	}
	return text;
}
