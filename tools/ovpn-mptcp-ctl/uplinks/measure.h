/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long a server takes to answer, from each uplink. */
#ifndef UPLINKS_MEASURE_H
#define UPLINKS_MEASURE_H

#include "base/target.h"
#include "uplinks/find.h"

/**
 * struct uplinks_trip - a connection from an uplink to the server and back
 * @address: where it begins
 * @error: errno, ETIMEDOUT: no answer
 * @rtt_us: round trip, when there is no error
 */
struct uplinks_trip {
	struct address address;
	int error;
	uint32_t rtt_us;
};

struct uplinks_trips {
	struct uplinks_trip *items;
	size_t count;
};

/* The first address of the server of each family, with the port. Says why it
 * has none.
 */
enum status uplinks_resolve(struct uplinks_far *far,
			    const struct target *target);
/* Connects from the address that each uplink has for an endpoint, all at one
 * time, and closes again.
 */
void uplinks_measure(struct uplinks_trips *trips, const struct uplinks *uplinks,
		     const struct uplinks_far *far);

#endif /* UPLINKS_MEASURE_H */
