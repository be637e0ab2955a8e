/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How fast counters grow. */
#ifndef RATES_H
#define RATES_H

#include "base/model.h"

/* intervals that a chart can show */
#define RATES_HISTORY 64

/**
 * struct meter - what is measured of a path, or of all of a peer
 * @ifindex: of the tunnel
 * @peer: id
 * @local: end of the path; of no family for the peer
 * @remote: end of the path
 * @last: counters at the last reading: bytes sent, bytes received, packets
 *	dropped
 * @tx: bits per second
 * @rx: bits per second
 * @drops: packets dropped in the last interval
 * @history: @tx and @rx of the last intervals; the newest is at @head - 1
 * @head: where the next goes
 * @length: how many there are
 * @seen: at the last reading
 */
struct meter {
	int ifindex;
	uint32_t peer;
	struct address local;
	struct address remote;
	uint64_t last[3];
	uint64_t tx;
	uint64_t rx;
	uint64_t drops;
	struct {
		uint64_t tx, rx;
	} history[RATES_HISTORY];
	unsigned int head;
	unsigned int length;
	bool seen;
};

/**
 * struct rates - all meters
 * @items: meters
 * @count: how many
 * @time_us: of the last reading
 * @interval_us: between the last two readings, 0 after the first
 */
struct rates {
	struct meter *items;
	size_t count;
	uint64_t time_us;
	uint64_t interval_us;
};

/* Bits per second between two readings of a counter of bytes. A counter that
 * went back began anew; nothing is known of no time at all.
 */
uint64_t rate_bits(uint64_t before, uint64_t now, uint64_t interval_us);

/* Reads all counters. @time_us: of a clock that only goes forward */
void rates_update(struct rates *rates, const struct devices *devices,
		  uint64_t time_us);
void rates_free(struct rates *rates);

/* Never NULL after an update with the same model. */
const struct meter *rates_of_path(const struct rates *rates,
				  const struct device *device,
				  const struct peer *peer,
				  const struct path *path);
const struct meter *rates_of_peer(const struct rates *rates,
				  const struct device *device,
				  const struct peer *peer);

/* The largest rate, of either direction, that a path of the peer had lately. */
uint64_t rates_peak(const struct rates *rates, const struct device *device,
		    const struct peer *peer);

#endif /* RATES_H */
