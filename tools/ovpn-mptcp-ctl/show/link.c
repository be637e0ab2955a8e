// SPDX-License-Identifier: GPL-2.0-or-later
/* The verbs of the noun link. */

#include "cli/tunnel.h"
#include "kernel/rtnl.h"

static enum status close_route(struct netlink *netlink,
			       const struct request *request, int err)
{
	enum status status = STATUS_OK;

	if (err)
		status = netlink_refused(netlink, "%s %s",
					 request->command->name,
					 request->device);
	netlink_close(netlink);
	return status;
}

enum status link_add(const struct request *request)
{
	const struct value *mode = request_value(request, "mode");
	uint8_t number = mode->number[0];
	struct netlink netlink;
	struct native native;
	enum status status;

	/* or the kernel would say that it does not know the kind */
	status = native_open(&native);
	if (status)
		return status;
	native_close(&native);

	status = netlink_open(&netlink, NETLINK_ROUTE);
	if (status)
		return status;
	return close_route(&netlink, request,
			   rtnl_device_add(&netlink, request->device,
					   mode->given ? &number : NULL));
}

enum status link_del(const struct request *request)
{
	struct netlink netlink;
	struct native native;
	enum status status;
	int ifindex;

	/* only a tunnel is ours to remove */
	status = tunnel_open(&native, request, &ifindex);
	if (status)
		return status;
	native_close(&native);

	status = netlink_open(&netlink, NETLINK_ROUTE);
	if (status)
		return status;
	return close_route(&netlink, request,
			   rtnl_device_del(&netlink, ifindex));
}
