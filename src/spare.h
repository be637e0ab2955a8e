/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which path of a connection makes way when the kernel is about to refuse others.
 *
 * The far end says once that an address is gone, and over a dead path when all its
 * lines got other addresses at the same time. The kernel (mptcp_pm_allow_new_subflow(),
 * Linux 6.1 to 7.3) counts such paths until TCP gives them up, after a quarter of an
 * hour. As long as there is room, silent paths stay: their lines may come back.
 * Arithmetic only, which tests/unit compiles, too.
 */
#ifndef _OVPN_SPARE_H_
#define _OVPN_SPARE_H_

#include <linux/types.h>

/* So many paths should be able to join: two lines may get other addresses at once. */
#define OVPN_SPARE_FREE		2
/* Milliseconds without an answer after which a path that was replaced makes way for
 * others; and any path, when none answers.
 */
#define OVPN_SPARE_REPLACED_MS	2000
#define OVPN_SPARE_LOST_MS	5000

/**
 * struct ovpn_spare_path - what is known of a path
 * @silent_ms: the far end has not answered for so many milliseconds; 0 if it does
 * @age_ms: the path was found so many milliseconds ago; the same for paths that
 *	    were found together
 */
struct ovpn_spare_path {
	u32 silent_ms;
	u32 age_ms;
};

/* A path that answers has come after this one, and since this one is silent. */
static inline bool ovpn_spare_is_replaced(const struct ovpn_spare_path *path,
					  const struct ovpn_spare_path *all,
					  unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (!all[i].silent_ms && all[i].age_ms < path->age_ms &&
		    all[i].age_ms <= path->silent_ms)
			return true;
	}
	return false;
}

/* The far end could come back by a new path alone, and there is no room for one.
 * The last path stays in any case: the connection is nothing without.
 */
static inline bool ovpn_spare_is_lost(const struct ovpn_spare_path *path,
				      unsigned int count, bool is_full)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (path[i].silent_ms < OVPN_SPARE_LOST_MS)
			return false;
	}
	return is_full && count > 1;
}

/**
 * ovpn_spare_find - the path that makes way
 * @path: all paths of a connection that has room for fewer than OVPN_SPARE_FREE
 * @count: how many
 * @is_full: it has room for none
 *
 * Return: the number of the one that is silent for the longest time, of those that
 * were replaced, or of all if none answers; -1 for none
 */
static inline int ovpn_spare_find(const struct ovpn_spare_path *path,
				  unsigned int count, bool is_full)
{
	bool is_lost = ovpn_spare_is_lost(path, count, is_full);
	u32 longest = OVPN_SPARE_REPLACED_MS;
	unsigned int i;
	int found = -1;

	for (i = 0; i < count; i++) {
		if (path[i].silent_ms < longest ||
		    !(is_lost || ovpn_spare_is_replaced(&path[i], path, count)))
			continue;
		longest = path[i].silent_ms;
		found = i;
	}
	return found;
}

#endif /* _OVPN_SPARE_H_ */
