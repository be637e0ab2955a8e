// SPDX-License-Identifier: GPL-2.0-or-later
/* Who makes room when more strangers come than there are places. */

#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "attach/crowd.h"
#include "base/memory.h"

/* Bytes of an address that make a network. IPv6: what a provider gives to a site,
 * to a home, and to a link; a host has all of the last 64 bits. IPv4: networks
 * as they are sold, and the address.
 */
static const size_t networks6[] = { 4, 6, 7, 8 };
static const size_t networks4[] = { 2, 3, 4 };

static bool in_network(const struct address *a, const struct address *b,
		       size_t level)
{
	size_t bytes = a->family == AF_INET6 ? networks6[level] :
		networks4[level < ARRAY_SIZE(networks4) ? level :
							  ARRAY_SIZE(networks4) - 1];

	return a->family == b->family && !memcmp(a->ip, b->ip, bytes);
}

/* Leaves those of the places in @left whose network has most of them. */
static size_t narrow(const struct address *all, size_t *left, size_t count,
		     size_t level)
{
	size_t has[CROWD_MAX], most = 0, kept = 0, i, j;

	for (i = 0; i < count; i++) {
		has[i] = 0;
		for (j = 0; j < count; j++)
			has[i] += in_network(&all[left[i]], &all[left[j]],
					     level);
		if (has[i] > most)
			most = has[i];
	}
	for (i = 0; i < count; i++) {
		if (has[i] == most)
			left[kept++] = left[i];
	}
	return kept;
}

size_t crowd_choose(const struct address *all, size_t count, uint32_t chance)
{
	size_t left[CROWD_MAX], level, i;

	for (i = 0; i < count; i++)
		left[i] = i;
	for (level = 0; level < ARRAY_SIZE(networks6); level++)
		count = narrow(all, left, count, level);
	return left[chance % count];
}
