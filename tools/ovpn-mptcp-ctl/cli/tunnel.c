// SPDX-License-Identifier: GPL-2.0-or-later
/* A request about one device. */

#include "cli/tunnel.h"
#include "kernel/links.h"

enum status tunnel_open(struct native *native, const struct request *request,
			int *ifindex)
{
	enum status status = native_open(native);
	const struct device *device;
	struct links links;

	if (status)
		return status;
	status = links_load(&links);
	if (!status) {
		device = links_tunnel(&links, request->command->name,
				      request->device);
		if (device)
			*ifindex = device->index;
		else
			status = STATUS_USAGE;
		links_free(&links);
	}
	if (status)
		native_close(native);
	return status;
}

enum status tunnel_close(struct native *native, const struct request *request,
			 int err)
{
	enum status status = STATUS_OK;

	if (err)
		status = netlink_refused(&native->netlink, "%s %s",
					 request->command->name,
					 request->device);
	native_close(native);
	return status;
}

enum status tunnel_change(const struct request *request,
			  int (*change)(struct native *native, int ifindex,
					const struct request *request))
{
	struct native native;
	enum status status;
	int ifindex;

	status = tunnel_open(&native, request, &ifindex);
	if (status)
		return status;
	return tunnel_close(&native, request,
			    change(&native, ifindex, request));
}

enum status tunnel_send(struct native *native, const struct request *request,
			struct nl_msg *msg, struct nlattr *nest)
{
	return tunnel_close(native, request,
			    native_send(native, msg, nest, NULL, NULL));
}
