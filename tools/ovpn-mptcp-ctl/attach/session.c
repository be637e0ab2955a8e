// SPDX-License-Identifier: GPL-2.0-or-later
/* A tunnel of attach as the kernel has it: device, peer and keys. */

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "attach/gateway.h"
#include "attach/session.h"
#include "attach/waits.h"
#include "kernel/links.h"
#include "kernel/rtnl.h"

static const char *name_of_device(const struct session *session)
{
	return session->config->device;
}

static void forget_keys(struct session *session)
{
	memset(session->key_ids, SESSION_NO_KEY, sizeof(session->key_ids));
	session->old_until = 0;
}

/* Whether a device is without a user: left by a run that was killed. */
static enum status may_replace(struct session *session, const char *command,
			       const struct device *device)
{
	struct peers peers = { 0 };
	enum status status = STATUS_OK;
	int err;

	if (strcmp(device->kind, OVPN_MPTCP_NAME))
		return usage_error("%s: expected the name of a device to make, and %s is one of kind %s",
				   command, device->name,
				   device->kind[0] ? device->kind : "none");
	err = native_peers(&session->native, device->index, &peers);
	if (err)
		status = netlink_refused(&session->native.netlink,
					 "peers of %s", device->name);
	else if (peers.count)
		status = system_error(EBUSY, "%s: expected the name of a device to make, and %s is in use",
				      command, device->name);
	free(peers.items);
	return status;
}

static enum status remove_leftover(struct session *session, const char *command)
{
	const struct device *device;
	enum status status;
	struct links links;

	status = links_load(&links);
	if (status)
		return status;
	device = links_by_name(&links, name_of_device(session));
	if (device) {
		status = may_replace(session, command, device);
		if (!status &&
		    rtnl_device_del(&session->route, device->index))
			status = netlink_refused(&session->route, "%s",
						 device->name);
	}
	links_free(&links);
	return status;
}

static enum status make_device(struct session *session)
{
	const char *name = name_of_device(session);
	const struct device *device;
	enum status status;
	struct links links;

	if (rtnl_device_add(&session->route, name, NULL))
		return netlink_refused(&session->route, "%s", name);
	status = links_load(&links);
	if (status)
		return status;
	device = links_by_name(&links, name);
	if (device)
		session->ifindex = device->index;
	else
		status = system_error(ENODEV, "%s: somebody removed the device",
				      name);
	links_free(&links);
	/* before it has a peer: keep shall not take this one's paths for its own */
	if (!status && rtnl_device_alias(&session->route, session->ifindex,
					 DEVICE_ALIAS_ATTACH))
		status = netlink_refused(&session->route, "%s: alias", name);
	return status;
}

enum status session_open(struct session *session, const struct config *config,
			 const char *command)
{
	enum status status;

	memset(session, 0, sizeof(*session));
	session->config = config;
	forget_keys(session);
	status = native_open(&session->native);
	if (status)
		return status;
	status = netlink_open(&session->route, NETLINK_ROUTE);
	if (!status)
		status = remove_leftover(session, command);
	if (!status)
		status = make_device(session);
	if (status)
		session_close(session);
	return status;
}

void session_close(struct session *session)
{
	/* the peer and its keys, addresses and routes go with the device; it
	 * may be gone already
	 */
	if (session->ifindex)
		rtnl_device_del(&session->route, session->ifindex);
	session->ifindex = 0;
	if (session->route.sock)
		netlink_close(&session->route);
	if (session->native.netlink.sock)
		native_close(&session->native);
}

static enum status refused_prefix(struct session *session, const char *word,
				  const struct prefix *prefix)
{
	char ip[ADDRESS_SIZE];

	return netlink_refused(&session->route, "%s: %s %s/%u",
			       name_of_device(session), word,
			       address_text(&prefix->address, ip),
			       prefix->length);
}

enum status session_configure(struct session *session)
{
	const struct config *config = session->config;
	size_t i;

	if (session->configured)
		return STATUS_OK;
	session->configured = true;
	if (rtnl_device_up(&session->route, session->ifindex, config->mtu))
		return netlink_refused(&session->route, "%s: mtu %u",
				       name_of_device(session), config->mtu);
	for (i = 0; i < config->addresses.count; i++) {
		if (rtnl_address_add(&session->route, session->ifindex,
				     &config->addresses.items[i]))
			return refused_prefix(session, "address",
					      &config->addresses.items[i]);
	}
	for (i = 0; i < config->routes.count; i++) {
		if (rtnl_route_add(&session->route, session->ifindex,
				   &config->routes.items[i]))
			return refused_prefix(session, "route",
					      &config->routes.items[i]);
	}
	return STATUS_OK;
}

static bool covers(const struct prefix *prefix,
		   const struct address *address)
{
	int i;

	if (prefix->address.family != address->family)
		return false;
	for (i = 0; i < prefix->length; i++) {
		if ((prefix->address.ip[i / 8] ^ address->ip[i / 8]) &
		    (0x80 >> i % 8))
			return false;
	}
	return true;
}

/* Whether packets to an outer address would go into the tunnel with these routes,
 * as far as that can be told before they are set.
 */
static bool would_swallow(struct session *session,
			  const struct config_prefixes *routes,
			  const struct address *remote,
			  const struct address *local)
{
	const struct rtnl_flow flow = {
		remote, local, gateway_mark(session->config)
	};
	struct rtnl_route now;
	size_t i;

	/* Ours go to the main table; who has others knows what they do. No
	 * route decides about a link-local address.
	 */
	if (remote->scope ||
	    rtnl_route_entry(&session->route, &flow, &now) ||
	    now.table != RT_TABLE_MAIN)
		return false;
	for (i = 0; i < routes->count; i++) {
		const struct prefix *route = &routes->items[i];

		if (!covers(route, remote))
			continue;
		if (route->length > now.length ||
		    (route->length == now.length &&
		     rtnl_route_metric(route) < now.metric))
			return true;
	}
	return false;
}

bool session_will_swallow(struct session *session, const struct address *remote,
			  const struct address *local)
{
	return !session->configured &&
	       would_swallow(session, &session->config->routes, remote, local);
}

static bool has_prefix(const struct config_prefixes *list,
		       const struct prefix *prefix)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		const struct prefix *item = &list->items[i];

		if (address_same_ip(&item->address, &prefix->address) &&
		    item->length == prefix->length &&
		    item->metric == prefix->metric)
			return true;
	}
	return false;
}

typedef int (*change_prefix)(struct netlink *nl, int ifindex,
			     const struct prefix *prefix);

/* What is in @list, and not in @known; up to @max of it. Returns how many were
 * changed; fewer than there are when the kernel refused one, and @status says so.
 */
static size_t change_all(struct session *session, const char *word,
			 change_prefix change, const struct config_prefixes *list,
			 const struct config_prefixes *known, size_t max,
			 enum status *status)
{
	size_t i, done = 0;

	for (i = 0; i < list->count && done < max; i++) {
		if (has_prefix(known, &list->items[i]))
			continue;
		if (change(&session->route, session->ifindex,
			   &list->items[i])) {
			*status = refused_prefix(session, word, &list->items[i]);
			break;
		}
		done++;
	}
	return done;
}

/* The kernel takes away more than it is told: other addresses of a network with its
 * first one, and routes with the last address.
 */
static void restore(struct session *session, const char *word,
		    change_prefix add, const struct config_prefixes *list)
{
	size_t i;
	int err;

	for (i = 0; i < list->count; i++) {
		err = add(&session->route, session->ifindex, &list->items[i]);
		if (err && err != EEXIST)
			refused_prefix(session, word, &list->items[i]);
	}
}

enum status session_reconfigure(struct session *session,
				const struct config *next,
				const struct address *remote)
{
	const struct config *last = session->config;
	enum status status = STATUS_OK, removal;
	size_t addresses, routes;
	char text[ADDRESS_PORT_SIZE];

	if (!session->configured)
		return STATUS_OK;
	if (remote && would_swallow(session, &next->routes, remote, NULL))
		return usage_error("%s: a route leads %s, which is the other end, into the tunnel itself: add a route to it by way of your gateway",
				   name_of_device(session),
				   address_port_text(remote, text));
	if (next->mtu != last->mtu &&
	    rtnl_device_up(&session->route, session->ifindex, next->mtu))
		return netlink_refused(&session->route, "%s: mtu %u",
				       name_of_device(session), next->mtu);
	addresses = change_all(session, "address", rtnl_address_add,
			       &next->addresses, &last->addresses, SIZE_MAX,
			       &status);
	routes = status ? 0 : change_all(session, "route", rtnl_route_add,
					 &next->routes, &last->routes,
					 SIZE_MAX, &status);
	if (status) {
		change_all(session, "route", rtnl_route_del, &next->routes,
			   &last->routes, routes, &removal);
		change_all(session, "address", rtnl_address_del,
			   &next->addresses, &last->addresses, addresses,
			   &removal);
		rtnl_device_up(&session->route, session->ifindex, last->mtu);
		return status;
	}
	change_all(session, "route", rtnl_route_del, &last->routes,
		   &next->routes, SIZE_MAX, &removal);
	addresses = change_all(session, "address", rtnl_address_del,
			       &last->addresses, &next->addresses, SIZE_MAX,
			       &removal);
	if (!addresses)
		return STATUS_OK;
	restore(session, "address", rtnl_address_add, &next->addresses);
	restore(session, "route", rtnl_route_add, &next->routes);
	return STATUS_OK;
}

bool session_swallows(struct session *session, const struct address *remote,
		      const struct address *local)
{
	const struct rtnl_flow flow = {
		remote, local, gateway_mark(session->config)
	};
	int ifindex;

	if (!session->configured || remote->scope)
		return false;
	/* no way at all is for others to complain of */
	if (rtnl_route_find(&session->route, &flow, &ifindex))
		return false;
	return ifindex == session->ifindex;
}

enum status session_new_peer(struct session *session, uint32_t id,
			     uint32_t interval, int fd)
{
	struct native_peer_config config = {
		.id = id, .fd = fd, .interval = interval,
		.timeout = session->config->keepalive[1],
	};

	if (native_peer_new(&session->native, session->ifindex, &config))
		return netlink_refused(&session->native.netlink, "%s: new peer",
				       name_of_device(session));
	forget_keys(session);
	session->has_peer = true;
	session->peer = id;
	session->interval = config.interval;
	session->timeout = config.timeout;
	return STATUS_OK;
}

enum status session_keepalive(struct session *session, uint32_t interval)
{
	uint32_t timeout = session->config->keepalive[1];

	if (interval == session->interval && timeout == session->timeout)
		return STATUS_OK;
	if (native_peer_keepalive(&session->native, session->ifindex,
				  session->peer, interval, timeout))
		return netlink_refused(&session->native.netlink, "%s: keepalive",
				       name_of_device(session));
	session->interval = interval;
	session->timeout = timeout;
	return STATUS_OK;
}

void session_drop_peer(struct session *session)
{
	/* closing the connection would do it, but later */
	if (session->has_peer)
		native_peer_del(&session->native, session->ifindex,
				session->peer);
	session->has_peer = false;
	forget_keys(session);
}

enum status session_move(struct session *session, int fd)
{
	if (native_peer_set_sock(&session->native, session->ifindex,
				 session->peer, fd))
		return netlink_refused(&session->native.netlink,
				       "%s: new connection for the peer",
				       name_of_device(session));
	return STATUS_OK;
}

enum status session_new_key(struct session *session, uint32_t slot,
			    const struct agreement *agreement,
			    const struct keyfile *bytes)
{
	struct key key = {
		.peer = session->peer, .slot = slot, .id = agreement->key_id,
		.cipher = agree_kernel_cipher(agreement->cipher),
	};

	if (native_key_new(&session->native, session->ifindex, &key, bytes))
		return netlink_refused(&session->native.netlink, "%s: new key",
				       name_of_device(session));
	session->key_ids[slot] = agreement->key_id;
	if (slot == OVPN_MPTCP_SLOT_SECONDARY)
		session->old_until = 0;
	return STATUS_OK;
}

enum status session_swap_keys(struct session *session)
{
	uint8_t old = session->key_ids[OVPN_MPTCP_SLOT_PRIMARY];

	if (native_key_swap(&session->native, session->ifindex, session->peer))
		return netlink_refused(&session->native.netlink, "%s: swap of keys",
				       name_of_device(session));
	session->key_ids[OVPN_MPTCP_SLOT_PRIMARY] =
		session->key_ids[OVPN_MPTCP_SLOT_SECONDARY];
	session->key_ids[OVPN_MPTCP_SLOT_SECONDARY] = old;
	session->old_until = old == SESSION_NO_KEY ? 0 :
			     clock_ms() + SESSION_OLD_KEY_MS;
	return STATUS_OK;
}

uint64_t session_age(struct session *session, uint64_t now)
{
	if (session->old_until && now >= session->old_until) {
		session->old_until = 0;
		session->key_ids[OVPN_MPTCP_SLOT_SECONDARY] = SESSION_NO_KEY;
		if (native_key_del(&session->native, session->ifindex,
				   session->peer, OVPN_MPTCP_SLOT_SECONDARY))
			netlink_refused(&session->native.netlink,
					"%s: removal of the old key",
					name_of_device(session));
	}
	return session->old_until;
}

bool session_still_has_peer(struct session *session)
{
	struct peers peers = { 0 };
	bool found;

	found = !native_peer(&session->native, session->ifindex, session->peer,
			     &peers) && peers.count;
	free(peers.items);
	if (!found)
		session->has_peer = false;
	return found;
}

bool session_still_has_device(const struct session *session,
			      char name[IFNAMSIZ])
{
	const struct device *device;
	struct links links;

	if (links_load(&links))
		return true;
	device = links_by_index(&links, session->ifindex);
	if (device)
		memcpy(name, device->name, IFNAMSIZ);
	links_free(&links);
	return device;
}

bool session_traffic(struct session *session, struct traffic *traffic)
{
	struct peers peers = { 0 };
	bool known;

	known = !native_peer(&session->native, session->ifindex, session->peer,
			     &peers) && peers.count;
	if (known)
		*traffic = peers.items[0].link;
	free(peers.items);
	return known;
}
