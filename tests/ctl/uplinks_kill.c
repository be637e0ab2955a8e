// SPDX-License-Identifier: GPL-2.0-or-later
/* The tool, killed before or after the call of this number that changes something: KILL_AT */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/netlink.h"

int __real_netlink_talk(struct netlink *nl, struct nl_msg *msg, netlink_handler handler, void *arg);
int __wrap_netlink_talk(struct netlink *nl, struct nl_msg *msg, netlink_handler handler, void *arg);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __real_unlink(const char *path);
int __wrap_unlink(const char *path);

static void point(void)
{
	const char *at = getenv("KILL_AT");
	static int points;

	if (at && ++points == atoi(at))
		raise(SIGKILL);
}

int __wrap_netlink_talk(struct netlink *nl, struct nl_msg *msg, netlink_handler handler, void *arg)
{
	int result;

	/* what only asks changes nothing */
	if (handler)
		return __real_netlink_talk(nl, msg, handler, arg);
	point();
	result = __real_netlink_talk(nl, msg, handler, arg);
	point();
	return result;
}

int __wrap_rename(const char *from, const char *to)
{
	int result;

	point();
	result = __real_rename(from, to);
	point();
	return result;
}

int __wrap_unlink(const char *path)
{
	int result;

	point();
	result = __real_unlink(path);
	point();
	return result;
}
