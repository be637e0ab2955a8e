/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interfaces and their addresses, by rtnetlink. */
#ifndef LINKS_H
#define LINKS_H

#include "base/model.h"

/**
 * struct local - an address of an interface
 * @address: which
 * @index: of the interface
 * @length: of the prefix of its network, bits
 * @scope: RT_SCOPE_UNIVERSE and so on
 * @tentative: IPv6 still asks whether another host has it
 * @deprecated: IPv6: good for what is there, not for what is new
 * @second: IPv4: not the first one of its network; IPv6: a privacy address
 */
struct local {
	struct address address;
	int index;
	uint8_t length;
	uint8_t scope;
	bool tentative;
	bool deprecated;
	bool second;
};

struct locals {
	struct local *items;
	size_t count;
};

struct links {
	struct devices all;
	struct locals locals;
};

enum status links_load(struct links *links);
void links_free(struct links *links);

/* NULL when there is none */
const struct device *links_by_name(const struct links *links, const char *name);
const struct device *links_by_index(const struct links *links, int index);
/* The tunnel device of this name; says why when it is NULL. */
const struct device *links_tunnel(const struct links *links, const char *command,
				  const char *name);
/* The interface that has this address, or NULL. */
const struct device *links_by_address(const struct links *links,
				      const struct address *address);

struct nlmsghdr;

/* Whether news of an interface or an address say what is known: routers tell
 * the lifetime of an address again and again, and drivers much else.
 */
bool links_know(const struct links *links, struct nlmsghdr *news);

#endif /* LINKS_H */
