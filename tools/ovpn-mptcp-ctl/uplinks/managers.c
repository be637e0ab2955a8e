// SPDX-License-Identifier: GPL-2.0-or-later
/* Which other program minds an interface, or has made an endpoint. */

#include <stdio.h>
#include <string.h>

#include "kernel/process.h"
#include "uplinks/managers.h"

/* What the programs write about an interface is a few lines. */
#define STATE_SIZE 4096

static bool has_line(const char *text, const char *line)
{
	size_t length = strlen(line);
	const char *found;

	for (found = text; (found = strstr(found, line)); found += length) {
		if ((found == text || found[-1] == '\n') &&
		    (!found[length] || found[length] == '\n'))
			return true;
	}
	return false;
}

static bool is_of_networkmanager(const struct host *host,
				 const struct device *device)
{
	char text[STATE_SIZE];

	return !host_text(host, text, sizeof(text),
			  "/run/NetworkManager/devices/%d", device->index) &&
	       (has_line(text, "managed=true") || has_line(text, "managed=1"));
}

static bool is_of_networkd(const struct host *host, const struct device *device)
{
	char text[STATE_SIZE];

	return !host_text(host, text, sizeof(text),
			  "/run/systemd/netif/links/%d", device->index) &&
	       strstr(text, "ADMIN_STATE=") &&
	       !has_line(text, "ADMIN_STATE=unmanaged");
}

static bool is_of_ifupdown(const struct host *host, const struct device *device)
{
	char text[STATE_SIZE], line[2 * IFNAMSIZ + 2];

	snprintf(line, sizeof(line), "%s=%s", device->name, device->name);
	return !host_text(host, text, sizeof(text), "/run/network/ifstate") &&
	       has_line(text, line);
}

void uplinks_managers_load(struct uplinks_managers *managers,
			   const struct host *host)
{
	managers->host = host;
	managers->mptcpd = process_runs(host, "mptcpd");
}

const char *uplinks_manager(const struct uplinks_managers *managers,
			    const struct device *device)
{
	if (is_of_networkmanager(managers->host, device))
		return "NetworkManager";
	if (is_of_networkd(managers->host, device))
		return "systemd-networkd";
	if (is_of_ifupdown(managers->host, device))
		return "ifupdown";
	return NULL;
}

const char *uplinks_endpoint_maker(const struct uplinks_managers *managers,
				   const struct uplinks_made *made,
				   const struct endpoint *endpoint,
				   const struct device *device)
{
	if (uplinks_made_endpoint(made, &endpoint->address))
		return "setup";
	if (is_of_networkmanager(managers->host, device))
		return managers->mptcpd ? "NetworkManager or mptcpd" :
		       "NetworkManager";
	return managers->mptcpd ? "mptcpd" : "others";
}
