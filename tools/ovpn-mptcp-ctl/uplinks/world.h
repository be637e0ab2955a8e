/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel says of the ways out of this machine, by rtnetlink. */
#ifndef UPLINKS_WORLD_H
#define UPLINKS_WORLD_H

#include <linux/rtnetlink.h>

#include "kernel/endpoints.h"

/* Routes and rules of setup have this number as their origin (rtm_protocol), so
 * that the kernel itself remembers whose they are.
 */
#define UPLINKS_PROTOCOL	119
/* Before the main table, and after what people usually put before that. */
#define UPLINKS_PREFERENCE	11940
/* The table of an interface is this number and that of the interface. */
#define UPLINKS_TABLE		1194000

/**
 * struct uplinks_route - an entry of a routing table, or a way of one that has
 *	several
 * @family: AF_INET or AF_INET6
 * @table: RT_TABLE_MAIN and so on
 * @to: its prefix
 * @length: of that; 0: leads everywhere
 * @gateway: of no family when the other end of the link is everybody; may be
 *	of IPv6 when the route is one of IPv4
 * @index: of the interface
 * @metric: the smaller one of two entries with the same prefix is used
 * @mtu: of the route, 0: that of the interface
 * @source: address for packets that have none, or of no family
 * @protocol: who has made it: RTPROT_DHCP and so on
 * @rank: of a router of IPv6 among others, 0 to 2
 * @onlink: the gateway is a neighbour although no prefix says so
 */
struct uplinks_route {
	int family;
	uint32_t table;
	struct address to;
	uint8_t length;
	struct address gateway;
	int index;
	uint32_t metric;
	uint32_t mtu;
	struct address source;
	uint8_t protocol;
	uint8_t rank;
	bool onlink;
};

struct uplinks_routes {
	struct uplinks_route *items;
	size_t count;
};

/**
 * struct uplinks_rule - which table a packet is led by
 * @family: AF_INET or AF_INET6
 * @preference: the smaller one is asked first
 * @from: source of the packets; of no family for all
 * @length: of the prefix that @from is
 * @table: that is looked into
 * @protocol: who has made it
 * @narrow: it wants more of a packet than its source, or does something else
 *	than to look into a table
 */
struct uplinks_rule {
	int family;
	uint32_t preference;
	struct address from;
	uint8_t length;
	uint32_t table;
	uint8_t protocol;
	bool narrow;
};

struct uplinks_rules {
	struct uplinks_rule *items;
	size_t count;
};

/**
 * struct uplinks_way - where packets from an address of an uplink would leave
 * @address: which
 * @index: of the interface, 0 for nowhere
 * @error: errno of the kernel when there is no way
 */
struct uplinks_way {
	struct address address;
	int index;
	int error;
};

struct uplinks_ways {
	struct uplinks_way *items;
	size_t count;
};

/**
 * struct uplinks_world - what there is
 * @links: interfaces and their addresses
 * @routes: those of unicast that lead everywhere, of any table; those of the
 *	main table that are of this machine or detours; those of the tables that
 *	setup has
 * @rules: all
 * @ways: of each address that an uplink could have
 * @endpoints: of MPTCP
 * @unseen: the kernel does not show them to this user
 * @limits: of MPTCP
 * @rp_filter: sysctl of IPv4, for all interfaces
 */
struct uplinks_world {
	struct links links;
	struct uplinks_routes routes;
	struct uplinks_rules rules;
	struct uplinks_ways ways;
	struct endpoints endpoints;
	bool unseen;
	struct limits limits;
	uint32_t rp_filter;
};

/**
 * struct uplinks_far - where packets are to go to
 * @ip4: by IPv4
 * @ip6: by IPv6
 */
struct uplinks_far {
	struct address ip4;
	struct address ip6;
};

/* @far: NULL, or without a family: addresses without an owner. Says what the
 * kernel refused.
 */
enum status uplinks_world_load(struct uplinks_world *world,
			       const struct uplinks_far *far);
void uplinks_world_free(struct uplinks_world *world);

/* Who has made a route has made it for this machine, and not learned it from
 * other routers.
 */
static inline bool uplinks_is_of_machine(uint8_t protocol)
{
	switch (protocol) {
	case RTPROT_KERNEL:
	case RTPROT_BOOT:
	case RTPROT_STATIC:
	case RTPROT_RA:
	case RTPROT_DHCP:
		return true;
	}
	return false;
}

static inline uint8_t uplinks_bits(int family)
{
	return family == AF_INET6 ? 128 : 32;
}

/* It was made by setup. */
static inline bool uplinks_route_is_ours(const struct uplinks_route *route)
{
	return route->protocol == UPLINKS_PROTOCOL &&
	       route->table > UPLINKS_TABLE;
}

static inline bool uplinks_rule_is_ours(const struct uplinks_rule *rule)
{
	return rule->protocol == UPLINKS_PROTOCOL;
}

/* A host of the main table that keep leads there by another uplink than usual. */
static inline bool uplinks_route_is_detour(const struct uplinks_route *route)
{
	return route->protocol == UPLINKS_PROTOCOL &&
	       route->table == RT_TABLE_MAIN &&
	       route->length == uplinks_bits(route->family);
}

/* It leads everywhere, and was not made by setup. */
static inline bool uplinks_route_leads_out(const struct uplinks_route *route)
{
	return !route->length && !uplinks_route_is_ours(route);
}

#endif /* UPLINKS_WORLD_H */
