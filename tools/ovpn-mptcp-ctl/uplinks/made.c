// SPDX-License-Identifier: GPL-2.0-or-later
/* What setup has made and the kernel does not remember as ours, in memory. */

#include <stdlib.h>
#include <string.h>

#include "uplinks/made.h"

struct uplinks_made_endpoint *
uplinks_made_endpoint(const struct uplinks_made *made,
		      const struct address *address)
{
	size_t i;

	for (i = 0; i < made->endpoints.count; i++) {
		if (address_same_ip(&made->endpoints.items[i].address, address))
			return &made->endpoints.items[i];
	}
	return NULL;
}

struct uplinks_made_filter *uplinks_made_filter(const struct uplinks_made *made,
						int index)
{
	size_t i;

	for (i = 0; i < made->filters.count; i++) {
		if (made->filters.items[i].index == index)
			return &made->filters.items[i];
	}
	return NULL;
}

void uplinks_made_free(struct uplinks_made *made)
{
	free(made->endpoints.items);
	free(made->filters.items);
	memset(made, 0, sizeof(*made));
}
