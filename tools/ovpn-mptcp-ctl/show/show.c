// SPDX-License-Identifier: GPL-2.0-or-later
/* The verb show. */

#include <string.h>

#include "show/print.h"
#include "show/show.h"
#include "show/view.h"

enum status show_peers(const struct request *request, const uint32_t *id)
{
	struct view view = { 0 };
	const char *mptcp;
	enum status status;

	status = native_open(&view.native);
	if (status)
		return status;
	status = view_load(&view, request->command->name, request->device, id);
	if (!status) {
		mptcp = view_mptcp();
		print_devices(request->out, &view.devices, mptcp);
		if (strcmp(mptcp, "available")) {
			say("%s: expected MPTCP, and it is %s: %s",
			    request->command->name, mptcp,
			    *mptcp == 'd' ? "sysctl net.mptcp.enabled=1" :
			    "the kernel was built without CONFIG_MPTCP");
			status = STATUS_NO_MPTCP;
		}
	}
	view_free(&view);
	native_close(&view.native);
	return status;
}

enum status show(const struct request *request)
{
	return show_peers(request, NULL);
}
