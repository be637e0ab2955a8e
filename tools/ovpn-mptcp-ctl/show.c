// SPDX-License-Identifier: GPL-2.0-or-later
/* The verb show: what there is, from four corners of the kernel. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "endpoints.h"
#include "links.h"
#include "memory.h"
#include "native.h"
#include "paths.h"
#include "print.h"
#include "show.h"

/* everything that is read before something is shown */
struct view {
	struct links links;
	struct paths paths;
	struct endpoints endpoints;
	struct devices devices;
	struct native native;
};

/* Whether a new MPTCP socket can be had: available, disabled or missing. */
static const char *probe_mptcp(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP);

	if (fd >= 0) {
		close(fd);
		return "available";
	}
	/* what net.mptcp.enabled=0 answers; a kernel without says otherwise */
	return errno == ENOPROTOOPT ? "disabled" : "missing";
}

static enum status load_keys(struct view *view, struct device *device,
			     struct peer *peer)
{
	size_t slot;

	for (slot = 0; slot < ARRAY_SIZE(peer->keys); slot++) {
		/* an empty slot, or a peer that went away meanwhile */
		if (native_key(&view->native, device->index, peer->id, slot,
			       &peer->keys[slot]) &&
		    view->native.netlink.error != ENOENT)
			return netlink_refused(&view->native.netlink,
					       "keys of %s", device->name);
	}
	return STATUS_OK;
}

static enum status load_device(struct view *view, struct device *device,
			       const uint32_t *id)
{
	struct netlink *netlink = &view->native.netlink;
	enum status status = STATUS_OK;
	size_t i;
	int err;

	if (id)
		err = native_peer(&view->native, device->index, *id,
				  &device->peers);
	else
		err = native_peers(&view->native, device->index, &device->peers);
	/* the kinds of OpenVPN's doors may belong to the modules they mimic */
	if (err == EINVAL && strcmp(device->kind, OVPN_MPTCP_NAME)) {
		device->foreign = true;
		return STATUS_OK;
	}
	if (err)
		return netlink_refused(netlink, "peers of %s", device->name);
	for (i = 0; !status && i < device->peers.count; i++) {
		struct peer *peer = &device->peers.items[i];

		status = load_keys(view, device, peer);
		paths_of_peer(&view->paths, peer);
		endpoints_missing(&view->endpoints, device->name, peer);
	}
	return status;
}

static enum status load_devices(struct view *view, const struct request *request,
				const uint32_t *id)
{
	enum status status = STATUS_OK;
	size_t i;

	if (request->device) {
		const struct device *device;

		device = links_tunnel(&view->links, request->command->name,
				      request->device);
		if (!device)
			return STATUS_USAGE;
		*LIST_ADD(&view->devices) = *device;
	}
	for (i = 0; !request->device && i < view->links.all.count; i++) {
		if (device_is_tunnel(&view->links.all.items[i]))
			*LIST_ADD(&view->devices) = view->links.all.items[i];
	}
	for (i = 0; !status && i < view->devices.count; i++)
		status = load_device(view, &view->devices.items[i], id);
	return status;
}

static enum status load(struct view *view, const struct request *request,
			const uint32_t *id)
{
	enum status status = links_load(&view->links);

	/* connections before peers: a peer that appears in between is shown
	 * without paths, and none with those of another
	 */
	if (!status)
		status = paths_load(&view->paths, &view->links);
	if (!status)
		status = endpoints_load(&view->endpoints, &view->links);
	if (!status)
		status = load_devices(view, request, id);
	return status;
}

enum status show_peers(const struct request *request, const uint32_t *id)
{
	struct view view = { 0 };
	const char *mptcp;
	enum status status;

	status = native_open(&view.native);
	if (status)
		return status;
	status = load(&view, request, id);
	if (!status) {
		mptcp = probe_mptcp();
		print_devices(request->out, &view.devices, mptcp);
		if (strcmp(mptcp, "available")) {
			say("%s: expected MPTCP, and it is %s: %s",
			    request->command->name, mptcp,
			    *mptcp == 'd' ? "sysctl net.mptcp.enabled=1" :
			    "the kernel was built without CONFIG_MPTCP");
			status = STATUS_NO_MPTCP;
		}
	}
	devices_free(&view.devices);
	links_free(&view.links);
	free(view.paths.items);
	free(view.endpoints.items);
	native_close(&view.native);
	return status;
}

enum status show(const struct request *request)
{
	return show_peers(request, NULL);
}
