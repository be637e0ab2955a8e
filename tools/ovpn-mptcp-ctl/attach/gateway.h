/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tunnel of attach as the way out of this machine: a routing table with
 * nothing but a default route into the tunnel, and rules that lead everything
 * there but what the sockets of attach itself send, which have a mark. All of it
 * is known by its protocol number, so that the kernel remembers what is ours when
 * attach is killed; and what leads anywhere goes with the device.
 */
#ifndef GATEWAY_H
#define GATEWAY_H

#include "attach/claim.h"
#include "attach/config.h"
#include "kernel/egress.h"
#include "kernel/netlink.h"

/* Routes and rules of a gateway have this number as their origin; setup of
 * uplinks has another one.
 */
#define GATEWAY_PROTOCOL	118
/* before the tables of uplinks */
#define GATEWAY_TABLE		1193999
/* Before the rules of uplinks, which lead packets by their source: with a gateway
 * the source is no reason to leave beside the tunnel.
 */
#define GATEWAY_PREFERENCE	11930

/**
 * struct gateway - the way out
 * @route: conversation with rtnetlink; open while there is a gateway
 * @claim: to be the only one in this network namespace
 * @ours: there may be rules and routes that we have made
 * @leads: everything goes into the tunnel
 */
struct gateway {
	struct netlink route;
	struct claim claim;
	bool ours;
	bool leads;
};

/* Each function says what went wrong. All zero bytes and claim.fd of -1 are no
 * gateway.
 */

/* Before the device is made. Takes back what a gateway has left that was killed,
 * also when there is to be none. If nothing may leak, nothing leaves from now on.
 */
enum status gateway_open(struct gateway *gateway, const struct config *config,
			 const char *command);
/* The device is up, and has its addresses: everything goes there. Good to be
 * called again: makes what somebody else has removed, and sees to new uplinks.
 */
enum status gateway_lead(struct gateway *gateway, const struct config *config,
			 int ifindex);
/* Everything goes as if there was no tunnel. */
void gateway_rest(struct gateway *gateway);
/* The same, for good. */
void gateway_close(struct gateway *gateway);

/* The mark of sockets, or 0. */
static inline uint32_t gateway_mark(const struct config *config)
{
	return config->gateway == CONFIG_YES ? EGRESS_MARK : 0;
}

#endif /* GATEWAY_H */
