/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interfaces and their addresses, by rtnetlink. */
#ifndef LINKS_H
#define LINKS_H

#include "model.h"

/**
 * struct local - an address of an interface
 * @address: which
 * @index: of the interface
 * @tentative: IPv6 still asks whether another host has it
 */
struct local {
	struct address address;
	int index;
	bool tentative;
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

#endif /* LINKS_H */
