// SPDX-License-Identifier: GPL-2.0-or-later
/* Brings lost paths back, spares slow ones, tells of tunnels without a peer:
 * reads what there is, lets keep_plan.c, keep_slow.c and keep_alone.c decide,
 * acts.
 */

#include <errno.h>
#include <linux/mptcp.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "keep/keep.h"
#include "keep/keep_flag.h"
#include "kernel/endpoints.h"
#include "kernel/paths.h"

/* what belongs together comes together */
#define SETTLE_MS	100
/* the part of the time that looking may take is one of so many */
#define LOOK_SHARE	4
/* without the module, or when the kernel refuses to tell */
#define BLIND_MS	60000
/* an endpoint that was lost is tried again so often */
#define LOST_MS		1000

uint64_t keep_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ull + now.tv_nsec / 1000000;
}

static void look_soon(struct keep *keep, uint64_t at)
{
	if (at < keep->not_before)
		at = keep->not_before;
	if (at < keep->next)
		keep->next = at;
}

/* struct events - what the callbacks of libnl need */
struct events {
	struct keep *keep;
	uint64_t now;
	bool any;
};

static int on_mptcp_event(struct nl_msg *msg, void *arg)
{
	struct events *events = arg;

	(void)msg;
	events->any |= events->keep->has_endpoints;
	return NL_OK;
}

static void touch(struct events *events, int ifindex)
{
	const struct device *device = links_by_index(&events->keep->links,
						     ifindex);

	if (device)
		keep_plan_touch(&events->keep->plan, device->name, events->now);
}

static int on_link_event(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	const struct ifinfomsg *link = nlmsg_data(hdr);
	const struct ifaddrmsg *address = nlmsg_data(hdr);
	struct events *events = arg;

	if (links_know(&events->keep->links, hdr))
		return NL_OK;
	if (hdr->nlmsg_type == RTM_NEWLINK)
		touch(events, link->ifi_index);
	else if (hdr->nlmsg_type == RTM_NEWADDR ||
		 hdr->nlmsg_type == RTM_DELADDR)
		touch(events, (int)address->ifa_index);
	events->any = true;
	return NL_OK;
}

static void take_events(struct keep *keep, uint64_t now)
{
	struct events events = { .keep = keep, .now = now };
	struct netlink *all[] = { &keep->mptcp_events, &keep->link_events };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		int err;

		if (!all[i]->sock)
			continue;
		nl_socket_modify_cb(all[i]->sock, NL_CB_VALID, NL_CB_CUSTOM,
				    all[i] == &keep->mptcp_events ?
				    on_mptcp_event : on_link_event, &events);
		do {
			errno = 0;
			err = nl_recvmsgs_default(all[i]->sock);
			/* more came than could be taken: the look tells */
			if (err < 0 && errno == ENOBUFS)
				events.any = true;
		} while (err >= 0 || errno == ENOBUFS || errno == EINTR);
	}
	if (events.any)
		look_soon(keep, now + SETTLE_MS);
}

static enum status listen_to_links(struct keep *keep)
{
	static const int groups[] = {
		RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
	};

	return netlink_listen(&keep->link_events, NETLINK_ROUTE, groups,
			      ARRAY_SIZE(groups));
}

static enum status listen_to_mptcp(struct keep *keep)
{
	struct netlink *nl = &keep->mptcp_events;
	struct netlink_family family;
	enum status status;
	int group, err;

	status = netlink_open(nl, NETLINK_GENERIC);
	if (status)
		return status;
	err = netlink_family_find(nl, MPTCP_PM_NAME, MPTCP_PM_EV_GRP_NAME,
				  &family);
	if (err == ENOENT)
		return failure(STATUS_NO_MPTCP, "keep: expected MPTCP, and it is missing: the kernel was built without CONFIG_MPTCP");
	if (err)
		return netlink_refused(nl, "netlink family " MPTCP_PM_NAME);
	group = (int)family.group;
	return netlink_listen(nl, NETLINK_GENERIC, &group, 1);
}

enum status keep_open(struct keep *keep, const struct keep_options *options)
{
	enum status status;

	memset(keep, 0, sizeof(*keep));
	keep->options = *options;
	keep->plan.manage = options->manage;
	keep->slow.manage = options->manage;
	/* first the events, then the look: so nothing is missed in between */
	status = native_open(&keep->native);
	if (!status)
		status = listen_to_mptcp(keep);
	if (!status)
		status = listen_to_links(keep);
	if (!status)
		status = links_load(&keep->links);
	if (!status && options->device &&
	    !links_tunnel(&keep->links, "keep", options->device))
		status = STATUS_USAGE;
	if (status)
		keep_close(keep);
	return status;
}

void keep_fds(const struct keep *keep, struct pollfd fds[KEEP_FDS])
{
	fds[0].fd = nl_socket_get_fd(keep->mptcp_events.sock);
	fds[1].fd = nl_socket_get_fd(keep->link_events.sock);
	fds[0].events = POLLIN;
	fds[1].events = POLLIN;
}

/* Peers of our devices; those of another module have none. Whose paths attach
 * minds are its own, unless this very device was asked for.
 */
static enum status load_peers(struct keep *keep, const struct links *links,
			      struct devices *devices)
{
	const char *only = keep->options.device;
	size_t i, tunnels = 0;

	for (i = 0; i < links->all.count; i++) {
		const struct device *device = &links->all.items[i];
		int err;

		if (!device_is_tunnel(device) ||
		    (only && strcmp(only, device->name)))
			continue;
		if (!only && device->attached) {
			tunnels++;
			continue;
		}
		*LIST_ADD(devices) = *device;
		err = native_peers(&keep->native, device->index,
				   &devices->items[devices->count - 1].peers);
		/* the door of another module; or it went away just now */
		devices->items[devices->count - 1].foreign = err == EINVAL;
		if (err == EINVAL || err == ENODEV)
			continue;
		if (err)
			return netlink_refused(&keep->native.netlink,
					       "peers of %s", device->name);
		tunnels++;
	}
	keep->tunnels = tunnels;
	return STATUS_OK;
}

/* The module was unloaded, and may come again: its numbers are then others. */
static enum status reach_module(struct keep *keep)
{
	enum status status;

	if (keep->native.netlink.sock)
		return STATUS_OK;
	status = native_open(&keep->native);
	/* its devices have gone before it */
	if (status == STATUS_NO_MODULE)
		keep->tunnels = 0;
	return status;
}

static void lose_module(struct keep *keep)
{
	if (keep->native.netlink.sock)
		native_close(&keep->native);
}

static void report(struct keep *keep, const struct keep_event *event)
{
	keep->options.report(event, keep->options.arg);
}

/* As whoever configured it wants it to be. */
static struct endpoint original(const struct keep *keep,
				const struct endpoint *endpoint)
{
	struct endpoint original = *endpoint;

	if (keep_slow_made(&keep->slow, endpoint))
		original.flags &= ~MPTCP_PM_ADDR_FLAG_BACKUP;
	return original;
}

static void refused(struct keep_event *event, enum keep_event_type type,
		    int error)
{
	event->type = type;
	snprintf(event->reason, sizeof(event->reason), "%s",
		 errno_text(error));
}

/* With the flags that it has: a new path of a slow one is a backup, too. */
static void renew(struct keep *keep, struct keep_event *event)
{
	int error;

	switch (endpoint_renew(&event->endpoint, &error)) {
	case RENEWAL_DONE:
		break;
	case RENEWAL_GONE:
		event->type = KEEP_REMOVED;
		keep_plan_gone(&keep->plan, &event->endpoint);
		break;
	case RENEWAL_LOST:
		/* it is forgotten until it is there again */
		*LIST_ADD(&keep->lost) = original(keep, &event->endpoint);
		refused(event, KEEP_DROPPED, error);
		keep_plan_gone(&keep->plan, &event->endpoint);
		break;
	case RENEWAL_REFUSED:
		refused(event, KEEP_REFUSED, error);
		break;
	}
	report(keep, event);
}

static void set_backup(struct keep *keep, struct keep_event *event)
{
	bool backup = event->type == KEEP_SLOW || event->type == KEEP_TESTED;
	bool test = event->type == KEEP_TEST || event->type == KEEP_TESTED;
	int error = endpoint_set_backup(&event->endpoint, backup);

	if (error)
		refused(event, KEEP_REFUSED, error);
	if (error || !test)
		report(keep, event);
}

static void act(struct keep *keep, struct keep_event *event)
{
	switch (event->type) {
	case KEEP_RENEW:
		renew(keep, event);
		break;
	case KEEP_SLOW:
	case KEEP_FAST:
	case KEEP_TEST:
	case KEEP_TESTED:
		set_backup(keep, event);
		break;
	case KEEP_NO_PEER:
		keep_flag_set(event->tunnel, true);
		report(keep, event);
		break;
	case KEEP_PEER:
		keep_flag_set(event->tunnel, false);
		report(keep, event);
		break;
	case KEEP_NO_DEVICE:
		keep_flag_set(event->tunnel, false);
		break;
	default:
		report(keep, event);
	}
}

/* What was removed here is owed to whoever configured it. When the address is
 * there again under any number, somebody else has paid.
 */
static void pay_back(struct keep *keep, const struct endpoints *all)
{
	size_t i, j, kept = 0;

	for (i = 0; i < keep->lost.count; i++) {
		const struct endpoint *lost = &keep->lost.items[i];

		for (j = 0; j < all->count; j++) {
			if (address_same_ip(&all->items[j].address,
					    &lost->address))
				break;
		}
		if (j == all->count && endpoint_add(lost))
			keep->lost.items[kept++] = *lost;
	}
	keep->lost.count = kept;
}

/* Without @devices, as when they cannot be seen, no file tells of one. */
static void mind_alone(struct keep *keep, const struct devices *devices,
		       uint64_t now, struct keep_events *events)
{
	look_soon(keep, keep_alone_step(&keep->alone, devices, now, events));
}

static uint64_t decide(struct keep *keep, const struct keep_view *view,
		       uint64_t now, struct keep_events *events)
{
	uint64_t next = keep_plan_step(&keep->plan, view, now, events);
	uint64_t test;

	if (keep->options.no_backup)
		return next;
	test = keep_slow_step(&keep->slow, view, now, events);
	return test < next ? test : next;
}

/* Connections before peers: a peer that appears in between has no paths, and
 * none has those of another. A peer without paths is not touched before the
 * next look, for there is a delay. Without endpoints, as on most servers, there
 * is nothing to bring back, and the connections of a busy one are many.
 */
static enum status look(struct keep *keep, uint64_t now)
{
	struct endpoints endpoints = { 0 };
	struct keep_events events = { 0 };
	struct devices devices = { 0 };
	struct paths paths = { 0 };
	struct keep_view view = {
		.links = &keep->links, .paths = &paths,
		.endpoints = &endpoints, .devices = &devices,
	};
	enum status status;
	size_t i;

	links_free(&keep->links);
	status = links_load(&keep->links);
	if (!status)
		status = endpoints_load(&endpoints, &keep->links);
	keep->has_endpoints = endpoints.count;
	if (!status && endpoints.count)
		status = paths_load(&paths, &keep->links);
	if (!status)
		status = endpoints_limit(&view.subflows_max);
	if (!status && keep->lost.count)
		pay_back(keep, &endpoints);
	if (!status)
		status = reach_module(keep);
	if (!status)
		status = load_peers(keep, &keep->links, &devices);
	if (!status) {
		keep->next = decide(keep, &view, now, &events);
		keep_fallback_step(&keep->fallback, &devices, &events);
	} else {
		lose_module(keep);
		keep->next = now + BLIND_MS;
		devices_free(&devices);
	}
	mind_alone(keep, &devices, now, &events);
	for (i = 0; i < events.count; i++)
		act(keep, &events.items[i]);
	if (keep->lost.count)
		look_soon(keep, now + LOST_MS);
	devices_free(&devices);
	free(paths.items);
	free(endpoints.items);
	free(events.items);
	return status;
}

uint64_t keep_step(struct keep *keep, uint64_t now)
{
	uint64_t took;

	take_events(keep, now);
	if (now < keep->next)
		return keep->next;
	look(keep, now);
	took = keep_now() - now;
	keep->not_before = now + took * LOOK_SHARE;
	return keep->next;
}

size_t keep_count_tunnels(struct keep *keep, uint64_t now)
{
	keep->next = 0;
	keep_step(keep, now);
	return keep->tunnels;
}

/* What is a backup because of us is so no longer than we are here. */
static void restore(struct keep *keep)
{
	struct endpoints endpoints = { 0 };
	size_t i;

	if (!keep->slow.count)
		return;
	endpoints_load(&endpoints, &keep->links);
	for (i = 0; i < endpoints.count; i++) {
		const struct endpoint *endpoint = &endpoints.items[i];
		int error;

		if (!keep_slow_made(&keep->slow, endpoint))
			continue;
		error = endpoint_set_backup(endpoint, false);
		if (error)
			system_error(error, "keep: endpoint %u was made a backup, and the kernel refuses to undo that: ip mptcp endpoint change id %u nobackup",
				     endpoint->id, endpoint->id);
	}
	free(endpoints.items);
}

void keep_close(struct keep *keep)
{
	const struct devices none = { 0 };
	struct keep_events events = { 0 };
	size_t i;

	restore(keep);
	mind_alone(keep, &none, keep_now(), &events);
	for (i = 0; i < events.count; i++)
		act(keep, &events.items[i]);
	free(events.items);
	for (i = 0; i < keep->lost.count; i++)
		endpoint_add(&keep->lost.items[i]);
	lose_module(keep);
	if (keep->mptcp_events.sock)
		netlink_close(&keep->mptcp_events);
	if (keep->link_events.sock)
		netlink_close(&keep->link_events);
	links_free(&keep->links);
	keep_plan_free(&keep->plan);
	keep_slow_free(&keep->slow);
	keep_alone_free(&keep->alone);
	keep_fallback_free(&keep->fallback);
	free(keep->lost.items);
	memset(keep, 0, sizeof(*keep));
}
