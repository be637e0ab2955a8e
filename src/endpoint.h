/* SPDX-License-Identifier: GPL-2.0 */
/* The outer addresses of a peer that is carried by datagrams. */
#ifndef _OVPN_ENDPOINT_H_
#define _OVPN_ENDPOINT_H_

#include <linux/in.h>
#include <linux/in6.h>
#include <net/ipv6.h>

/**
 * struct ovpn_endpoint - where datagrams of a peer go to and come from
 * @family: AF_INET, AF_INET6, or AF_UNSPEC when there is no remote address;
 *	    never AF_INET6 for an IPv4-mapped address
 * @port: remote port, network order, not 0
 * @scope: AF_INET6: interface of a link-local remote address, else 0
 * @remote4: AF_INET: remote address
 * @local4: AF_INET: own address, 0 = as the route says
 * @remote6: AF_INET6: remote address
 * @local6: AF_INET6: own address, :: = as the route says
 */
struct ovpn_endpoint {
	sa_family_t family;
	__be16 port;
	u32 scope;
	union {
		struct {
			__be32 remote4;
			__be32 local4;
		};
		struct {
			struct in6_addr remote6;
			struct in6_addr local6;
		};
	};
};

/**
 * ovpn_endpoint_set4 - fill an endpoint with IPv4 addresses
 * @ep: endpoint
 * @remote: remote address
 * @port: remote port, network order
 * @local: own address, 0 = as the route says
 */
static inline void ovpn_endpoint_set4(struct ovpn_endpoint *ep, __be32 remote,
				      __be16 port, __be32 local)
{
	memset(ep, 0, sizeof(*ep));
	ep->family = AF_INET;
	ep->port = port;
	ep->remote4 = remote;
	ep->local4 = local;
}

/**
 * ovpn_endpoint_set6 - fill an endpoint with IPv6 addresses
 * @ep: endpoint
 * @remote: remote address; an IPv4-mapped one makes it an IPv4 endpoint
 * @port: remote port, network order
 * @scope: interface index, used when @remote is link-local
 * @local: own address of the same kind, :: = as the route says
 */
static inline void ovpn_endpoint_set6(struct ovpn_endpoint *ep,
				      const struct in6_addr *remote,
				      __be16 port, u32 scope,
				      const struct in6_addr *local)
{
	if (ipv6_addr_v4mapped(remote)) {
		/* the last word of :: is 0 as well */
		ovpn_endpoint_set4(ep, remote->s6_addr32[3], port,
				   local->s6_addr32[3]);
		return;
	}
	memset(ep, 0, sizeof(*ep));
	ep->family = AF_INET6;
	ep->port = port;
	ep->scope = ipv6_addr_type(remote) & IPV6_ADDR_LINKLOCAL ? scope : 0;
	ep->remote6 = *remote;
	ep->local6 = *local;
}

/**
 * ovpn_endpoint_same_remote - whether two endpoints have one remote address
 * @a: endpoint
 * @b: endpoint
 *
 * Return: true if so; local addresses do not matter
 */
static inline bool ovpn_endpoint_same_remote(const struct ovpn_endpoint *a,
					     const struct ovpn_endpoint *b)
{
	if (a->family != b->family || a->port != b->port)
		return false;
	if (a->family == AF_INET)
		return a->remote4 == b->remote4;
	return ipv6_addr_equal(&a->remote6, &b->remote6) &&
	       a->scope == b->scope;
}

/**
 * ovpn_endpoint_same_local - whether two endpoints have one local address
 * @a: endpoint
 * @b: endpoint of the same family
 *
 * Return: true if so
 */
static inline bool ovpn_endpoint_same_local(const struct ovpn_endpoint *a,
					    const struct ovpn_endpoint *b)
{
	if (a->family == AF_INET)
		return a->local4 == b->local4;
	return ipv6_addr_equal(&a->local6, &b->local6);
}

#endif /* _OVPN_ENDPOINT_H_ */
