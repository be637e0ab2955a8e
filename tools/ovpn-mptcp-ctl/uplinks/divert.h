/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes ways around an uplink that is silently dead, and takes them away. */
#ifndef UPLINKS_DIVERT_H
#define UPLINKS_DIVERT_H

#include "uplinks/apply.h"
#include "uplinks/detour.h"

/**
 * struct uplinks_divert - what is kept from one look to the next
 * @detours: that there are
 * @begun: detours of an earlier process were looked for
 * @soon: a look in a second may find something to do
 */
struct uplinks_divert {
	struct uplinks_detours detours;
	bool begun;
	bool soon;
};

/* Looks at the connections that wait, and does what is to be done. @store: is
 * locked; @made: what is in it. @now: milliseconds. Says what went wrong with
 * the store, and when the kernel does not tell what there is.
 */
enum status uplinks_divert(struct uplinks_divert *divert,
			   const struct uplinks_store *store,
			   const struct uplinks_conf *conf,
			   struct uplinks_made *made, uint64_t now,
			   uplinks_reporter report, void *arg);

#endif /* UPLINKS_DIVERT_H */
