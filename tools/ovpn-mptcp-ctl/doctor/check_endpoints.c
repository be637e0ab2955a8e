// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor: limits and endpoints of MPTCP's own path manager. */

#include <linux/mptcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/checks.h"
#include "kernel/egress.h"

static bool is_subflow(const struct endpoint *endpoint)
{
	return endpoint->flags & MPTCP_PM_ADDR_FLAG_SUBFLOW;
}

void check_limits(const struct limits *limits, const struct endpoints *endpoints,
		  struct findings *findings)
{
	bool opens = limits->accepted;
	size_t i;

	for (i = 0; i < endpoints->count; i++)
		opens |= is_subflow(&endpoints->items[i]);
	if (limits->known && !limits->subflows) {
		finding_add(findings, LEVEL_PROBLEM, "limits",
			    "no connection may have a second path (MPTCP limit subflows is 0)");
		finding_fix(findings,
			    "ip mptcp limits set subflows 8 add_addr_accepted 8");
	} else if (limits->known) {
		finding_add(findings, LEVEL_GOOD, "limits",
			    "a connection may have %u further path%s, %u of them to addresses that the other end announces",
			    limits->subflows, limits->subflows == 1 ? "" : "s",
			    limits->accepted);
	}
	if (opens)
		return;
	finding_add(findings, LEVEL_ADVICE, "endpoints-none",
		    "this machine opens no second path by itself: it has no MPTCP endpoint with the flag subflow, and accepts no address of the other end. A server needs none, a client does");
	finding_fix(findings, "on a client: " PROGRAM " uplinks setup");
}

/* Far ends of what is there, one of each family; an address without an owner is only good
 * to ask for the usual way out.
 */
static struct address far_end(const struct view *view, int family, bool *real)
{
	struct address address;
	size_t i, j, k;

	for (i = 0; i < view->devices.count; i++) {
		const struct peers *peers = &view->devices.items[i].peers;

		for (j = 0; j < peers->count; j++) {
			const struct paths *paths = &peers->items[j].paths;

			for (k = 0; k < paths->count; k++) {
				/* MPTCP has no business there */
				if (paths->items[k].datagrams)
					continue;
				*real = true;
				if (paths->items[k].remote.family == family)
					return paths->items[k].remote;
			}
		}
	}
	*real = false;
	egress_far(&address, family);
	return address;
}

static void check_tunnel_address(const struct endpoint *endpoint,
				 const char *text, const char *device,
				 bool networkmanager, struct findings *findings)
{
	finding_add(findings, LEVEL_PROBLEM, "endpoint-tunnel",
		    "endpoint %u, %s, is the address of the tunnel %s: a path of the tunnel would run inside the tunnel itself",
		    endpoint->id, text, device);
	if (networkmanager)
		finding_fix(findings,
			    "ip mptcp endpoint delete id %u; NetworkManager may make it again: nmcli connection modify CONNECTION connection.mptcp-flags disabled, for the connection of %s",
			    endpoint->id, device);
	else
		finding_fix(findings, "ip mptcp endpoint delete id %u",
			    endpoint->id);
}

static const char *device_of(const struct view *view, int index)
{
	const struct device *device = links_by_index(&view->links, index);

	return device ? device->name : "another interface";
}

static void report_wrong_way(const struct endpoint *endpoint, const char *text,
			     const char *owner, const char *to, const char *way,
			     struct findings *findings)
{
	if (way)
		finding_add(findings, LEVEL_PROBLEM, "endpoint-no-dev",
			    "endpoint %u, %s, has no dev: its packets to %s leave through %s, and the address is one of %s",
			    endpoint->id, text, to, way, owner);
	else
		finding_add(findings, LEVEL_PROBLEM, "endpoint-no-dev",
			    "endpoint %u, %s, has no dev, and nothing leads from this address to %s",
			    endpoint->id, text, to);
	finding_fix(findings,
		    "ip mptcp endpoint delete id %u; ip mptcp endpoint add %s dev %s id %u subflow%s",
		    endpoint->id, text, owner, endpoint->id,
		    endpoint->flags & MPTCP_PM_ADDR_FLAG_BACKUP ? " backup" : "");
}

static int rp_filter(const struct host *host, const char *device)
{
	char text[8];

	host_text(host, text, sizeof(text),
		  "/proc/sys/net/ipv4/conf/%s/rp_filter", device);
	return atoi(text);
}

/* Would the kernel drop what comes in there? It does when a packet back would
 * leave through another interface, whatever the endpoint is bound to. IPv6 has
 * no such sysctl.
 */
static void check_answers(const struct view *view, const struct host *host,
			  const struct endpoint *endpoint, const char *text,
			  const struct device *owner, const struct address *to,
			  struct findings *findings)
{
	int all = rp_filter(host, "all"), own = rp_filter(host, owner->name);
	char to_text[ADDRESS_SIZE];
	struct egress egress;

	/* the larger one counts, and 2 only wants that there is some way */
	if (endpoint->address.family != AF_INET || (all > own ? all : own) != 1 ||
	    !egress_ask(&egress, to, &endpoint->address, 0) ||
	    egress.error || !egress.index || egress.index == owner->index)
		return;
	finding_add(findings, LEVEL_PROBLEM, "endpoint-rp-filter",
		    "endpoint %u, %s dev %s: answers from %s are dropped there, for the usual way to it is %s, and rp_filter of %s is 1 (strict)",
		    endpoint->id, text, owner->name, address_text(to, to_text),
		    device_of(view, egress.index), all > own ? "all interfaces" :
		    owner->name);
	finding_fix(findings,
		    "sysctl -w net/ipv4/conf/%s/rp_filter=2; to keep it: echo net/ipv4/conf/%s/rp_filter=2 >/etc/sysctl.d/90-mptcp-%s.conf; or a rule: ip rule add from %s table 100, with the default route of %s in that table",
		    owner->name, owner->name, owner->name, text, owner->name);
}

/* Do packets of this endpoint leave through the interface of its address? */
static void check_way(const struct view *view, const struct host *host,
		      const struct endpoint *endpoint, const char *text,
		      const struct device *owner, struct findings *findings)
{
	char to_text[ADDRESS_SIZE];
	struct address to;
	struct egress egress;
	bool real;

	to = far_end(view, endpoint->address.family, &real);
	address_text(&to, to_text);
	/* without a far end the machine may rightly know no way */
	if (!egress_ask(&egress, &to, &endpoint->address,
			endpoint->ifindex) ||
	    (egress.error && !real))
		return;
	if (!egress.error && egress.index == owner->index) {
		check_answers(view, host, endpoint, text, owner, &to, findings);
		return;
	}
	if (!endpoint->ifindex) {
		report_wrong_way(endpoint, text, owner->name, to_text,
				 egress.error ? NULL :
				 device_of(view, egress.index), findings);
		return;
	}
	finding_add(findings, LEVEL_PROBLEM, "endpoint-no-route",
		    "endpoint %u, %s dev %s, has no route to %s (%s)",
		    endpoint->id, text, endpoint->device, to_text,
		    egress.error ? errno_text(egress.error) : "it leads elsewhere");
	finding_fix(findings,
		    "ip route add default via GATEWAY dev %s metric 1000, with the gateway of %s",
		    endpoint->device, endpoint->device);
}

static void check_endpoint(const struct view *view, const struct host *host,
			   const struct endpoint *endpoint, bool networkmanager,
			   struct findings *findings)
{
	const struct device *owner = links_by_address(&view->links,
						      &endpoint->address);
	char text[ADDRESS_SIZE];

	address_text(&endpoint->address, text);
	if (!owner) {
		finding_add(findings, LEVEL_PROBLEM, "endpoint-no-address",
			    "endpoint %u, %s, is not an address of this machine%s%s",
			    endpoint->id, text, endpoint->device[0] ? ", dev " : "",
			    endpoint->device);
		finding_fix(findings,
			    "give it to an interface, or ip mptcp endpoint delete id %u",
			    endpoint->id);
	} else if (device_is_tunnel(owner)) {
		check_tunnel_address(endpoint, text, owner->name,
				     networkmanager, findings);
	} else if (!owner->up) {
		finding_add(findings, LEVEL_ADVICE, "endpoint-down",
			    "endpoint %u, %s: its interface %s is down",
			    endpoint->id, text, owner->name);
		finding_fix(findings, "ip link set %s up", owner->name);
	} else if (is_subflow(endpoint)) {
		check_way(view, host, endpoint, text, owner, findings);
	}
}

void check_endpoints(const struct view *view, const struct host *host,
		     bool networkmanager, struct findings *findings)
{
	size_t i, before = findings->count;

	for (i = 0; i < view->endpoints.count; i++)
		check_endpoint(view, host, &view->endpoints.items[i],
			       networkmanager, findings);
	if (view->endpoints.count && findings->count == before)
		finding_add(findings, LEVEL_GOOD, "endpoints",
			    "%zu endpoint%s with a way out", view->endpoints.count,
			    view->endpoints.count == 1 ? "" : "s");
}
