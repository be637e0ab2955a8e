// SPDX-License-Identifier: GPL-2.0
/*
 * The door of OpenVPN 2.7: family ovpn. It has the native schema without what is
 * private, so the native handlers serve it; they know it by the type of a request.
 */

#include <linux/module.h>
#include <net/genetlink.h>

#include "dev.h"
#include "netlink.h"
#include "netlink_native.h"

/* A socket that cannot be taken is always -ENOTSOCK here, as in the kernel's own
 * module; the text says why. That includes a lack of memory: on -ENOMEM
 * OpenVPN 2.7 ends its process, and with it all tunnels.
 */
static int new_peer_errno(int err)
{
	switch (err) {
	case -ENODEV:
	case -EEXIST:
	case -EADDRINUSE:
	case -EAFNOSUPPORT:
		return err;
	case -EDESTADDRREQ:	/* the remote address is missing */
	case -EISCONN:		/* it is given, and the socket has its own */
		return -EINVAL;
	default:
		return -ENOTSOCK;
	}
}

/* Validated, run and told like those of the native family. */
static struct genl_family ovpn_family __ro_after_init = {
	.name		= OVPN_NAME,
	.version	= OVPN_MPTCP_VERSION,
	.maxattr	= OVPN_MPTCP_A_MAX,
	.netnsok	= true,
	.parallel_ops	= true,
	.ops		= ovpn_native_ops,
	.n_ops		= OVPN_NATIVE_OPS_PUBLIC,
	.mcgrps		= ovpn_native_groups,
	.n_mcgrps	= OVPN_NATIVE_GROUPS,
	.pre_doit	= ovpn_netlink_pre_doit,
	.post_doit	= ovpn_netlink_post_doit,
	.module		= THIS_MODULE,
};

struct ovpn_door ovpn_door_ovpn = {
	.family			= &ovpn_family,
	.link			= &ovpn_dev_link_ovpn,
	.client			= "OpenVPN 2.7",
	.key_nest		= OVPN_MPTCP_A_KEYCONF,
	.carrier_follows_peer	= true,
	.follows_socket		= true,
	.new_peer_errno		= new_peer_errno,
	.enabled		= true,
	.notify_peer_del	= ovpn_native_notify_peer_del,
	.notify_key_swap	= ovpn_native_notify_key_swap,
	.notify_peer_float	= ovpn_native_notify_peer_float,
};

MODULE_ALIAS_GENL_FAMILY(OVPN_NAME);
