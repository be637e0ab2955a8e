// SPDX-License-Identifier: GPL-2.0-or-later
/* Everything that is read before something is shown. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "kernel/endpoints.h"
#include "kernel/paths.h"
#include "show/view.h"

const char *view_mptcp(void)
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
		int err = native_key(&view->native, device->index, peer->id,
				     slot, &peer->keys[slot]);

		/* an empty slot, or a peer or device that went away meanwhile */
		if (err && err != ENOENT && err != ENODEV)
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
	/* the device went away meanwhile */
	if (err == ENODEV)
		return STATUS_OK;
	if (err)
		return netlink_refused(netlink, "peers of %s", device->name);
	for (i = 0; !status && i < device->peers.count; i++) {
		struct peer *peer = &device->peers.items[i];

		status = load_keys(view, device, peer);
		if (!status)
			status = udp_path_of_peer(&view->udp, &view->links, peer);
		paths_of_peer(&view->paths, peer);
		endpoints_missing(&view->endpoints, device->name, peer);
	}
	return status;
}

static enum status load_devices(struct view *view, const char *command,
				const char *name, const uint32_t *id)
{
	enum status status = STATUS_OK;
	size_t i;

	if (name) {
		const struct device *device;

		device = links_tunnel(&view->links, command, name);
		if (!device)
			return STATUS_USAGE;
		*LIST_ADD(&view->devices) = *device;
	}
	for (i = 0; !name && i < view->links.all.count; i++) {
		if (device_is_tunnel(&view->links.all.items[i]))
			*LIST_ADD(&view->devices) = view->links.all.items[i];
	}
	for (i = 0; !status && i < view->devices.count; i++)
		status = load_device(view, &view->devices.items[i], id);
	return status;
}

enum status view_load(struct view *view, const char *command,
		      const char *device, const uint32_t *id)
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
		status = load_devices(view, command, device, id);
	return status;
}

void view_free(struct view *view)
{
	devices_free(&view->devices);
	links_free(&view->links);
	free(view->paths.items);
	free(view->udp.items);
	free(view->endpoints.items);
	memset(&view->paths, 0, sizeof(view->paths));
	memset(&view->udp, 0, sizeof(view->udp));
	memset(&view->endpoints, 0, sizeof(view->endpoints));
}
