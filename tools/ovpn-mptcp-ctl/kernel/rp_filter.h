/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reverse path filter of IPv4, by rtnetlink: a service with its own view of
 * /proc cannot change it there.
 */
#ifndef RP_FILTER_H
#define RP_FILTER_H

#include "kernel/netlink.h"

/* 1 drops what would not be answered that way, 2 asks for any way */
#define RP_FILTER_STRICT	1
#define RP_FILTER_LOOSE		2

/* Each returns 0, or the errno of the kernel. */

/* The sysctl for all interfaces: the larger one of it and that of an interface
 * counts.
 */
int rp_filter_all(struct netlink *nl, uint32_t *value);
int rp_filter_set(struct netlink *nl, int index, uint32_t value);

#endif /* RP_FILTER_H */
