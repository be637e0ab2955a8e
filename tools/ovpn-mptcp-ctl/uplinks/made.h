/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What setup has made and the kernel does not remember as ours: endpoints, and
 * numbers that were others before. It is written down before it is made, and
 * forgotten with the kernel's state, at the next start of the machine.
 */
#ifndef UPLINKS_MADE_H
#define UPLINKS_MADE_H

#include "kernel/endpoints.h"

/**
 * struct uplinks_made_endpoint - an endpoint
 * @address: of it
 * @backup: it was made, or changed to be, a backup
 */
struct uplinks_made_endpoint {
	struct address address;
	bool backup;
};

/**
 * struct uplinks_made_filter - the sysctl rp_filter of an interface
 * @index: of the interface
 * @had: what it was
 * @set: what it was made
 */
struct uplinks_made_filter {
	int index;
	uint32_t had;
	uint32_t set;
};

/**
 * struct uplinks_made - all of it
 * @limits_had: of MPTCP; not known when they were not changed
 * @limits_set: what they were made
 * @endpoints: that were made
 * @filters: that were changed
 */
struct uplinks_made {
	struct limits limits_had;
	struct limits limits_set;
	struct {
		struct uplinks_made_endpoint *items;
		size_t count;
	} endpoints;
	struct {
		struct uplinks_made_filter *items;
		size_t count;
	} filters;
};

struct uplinks_made_endpoint *
uplinks_made_endpoint(const struct uplinks_made *made,
		      const struct address *address);
struct uplinks_made_filter *uplinks_made_filter(const struct uplinks_made *made,
						int index);
void uplinks_made_free(struct uplinks_made *made);

/* Where it is written down, one file a network namespace. */
#define UPLINKS_DIRECTORY "/run/ovpn-mptcp-uplinks"

/**
 * struct uplinks_store - the file of this network namespace
 * @lock: descriptor that keeps others away, or -1
 * @path: of the file
 */
struct uplinks_store {
	int lock;
	char path[96];
};

/* Waits until no other process writes. Says what failed. */
enum status uplinks_store_open(struct uplinks_store *store);
void uplinks_store_close(struct uplinks_store *store);
/* Sets @found: whether setup was run, and not undone. Without a lock it is what
 * was there at some time. Says what failed.
 */
enum status uplinks_store_load(const struct uplinks_store *store,
			       struct uplinks_made *made, bool *found);
/* All of it or nothing, whatever happens meanwhile. */
enum status uplinks_store_save(const struct uplinks_store *store,
			       const struct uplinks_made *made);
/* Setup was undone. */
enum status uplinks_store_remove(const struct uplinks_store *store);

/* The file without its lock, to look only. */
void uplinks_store_find(struct uplinks_store *store);
/* Not so without root. */
bool uplinks_store_is_readable(const struct uplinks_store *store);
/* To be the one who follows what changes: a descriptor that is to be kept open,
 * or -1 when there is one already.
 */
int uplinks_store_claim(const struct uplinks_store *store);
/* Whether somebody follows what changes. */
bool uplinks_store_is_claimed(const struct uplinks_store *store);

#endif /* UPLINKS_MADE_H */
