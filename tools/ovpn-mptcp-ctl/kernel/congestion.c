// SPDX-License-Identifier: GPL-2.0-or-later
/* Congestion control of the stream's own sockets. */

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel/congestion.h"
#include "kernel/host.h"

#define AVAILABLE "/proc/sys/net/ipv4/tcp_available_congestion_control"

int congestion_set(int fd, const char *name)
{
	return setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, strlen(name));
}

static enum status refused(int err, const char *device, const char *name)
{
	const struct host host = { .root = "" };
	char list[256];

	if (err != ENOENT)
		return system_error(err, "%s: the kernel refuses congestion %s",
				    device, name);
	host_text(&host, list, sizeof(list), AVAILABLE);
	return system_error(err, "%s: expected a congestion control that this kernel has, not %s: modprobe tcp_%s, or choose one of %s",
			    device, name, name, list);
}

enum status congestion_check(const char *device, const char *name)
{
	enum status status = STATUS_OK;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);

	if (fd < 0)
		return system_error(errno, "%s: no socket", device);
	if (congestion_set(fd, name))
		status = refused(errno, device, name);
	close(fd);
	return status;
}
