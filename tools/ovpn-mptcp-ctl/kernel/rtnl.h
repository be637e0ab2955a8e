/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device of a tunnel, its addresses and routes: changes by rtnetlink. */
#ifndef RTNL_H
#define RTNL_H

#include "base/address.h"
#include "kernel/netlink.h"

/* Each returns 0, or the errno of the kernel; see netlink_talk(). */

/* @mode: enum ovpn_mptcp_mode, or NULL for what the kernel takes */
int rtnl_device_add(struct netlink *nl, const char *name, const uint8_t *mode);
int rtnl_device_alias(struct netlink *nl, int ifindex, const char *alias);
int rtnl_device_del(struct netlink *nl, int ifindex);
/* Sets the MTU and switches the device on. */
int rtnl_device_up(struct netlink *nl, int ifindex, uint32_t mtu);
int rtnl_address_add(struct netlink *nl, int ifindex,
		     const struct prefix *prefix);
int rtnl_route_add(struct netlink *nl, int ifindex,
		   const struct prefix *prefix);
int rtnl_address_del(struct netlink *nl, int ifindex,
		     const struct prefix *prefix);
int rtnl_route_del(struct netlink *nl, int ifindex,
		   const struct prefix *prefix);

/**
 * struct rtnl_route - an entry of a routing table
 * @table: RT_TABLE_MAIN and so on
 * @length: of its prefix, bits
 * @metric: the smaller one of two entries with the same prefix is used
 */
struct rtnl_route {
	uint32_t table;
	uint8_t length;
	uint32_t metric;
};

/* What @prefix has as a metric when it is a route. */
uint32_t rtnl_route_metric(const struct prefix *prefix);

/**
 * struct rtnl_flow - packets of a socket
 * @to: their destination
 * @from: their source, or NULL
 * @mark: of the socket
 */
struct rtnl_flow {
	const struct address *to;
	const struct address *from;
	uint32_t mark;
};

/* The entry that leads them. */
int rtnl_route_entry(struct netlink *nl, const struct rtnl_flow *flow,
		     struct rtnl_route *route);
/* Where they would go: @ifindex is 0 when nowhere. */
int rtnl_route_find(struct netlink *nl, const struct rtnl_flow *flow,
		    int *ifindex);

#endif /* RTNL_H */
