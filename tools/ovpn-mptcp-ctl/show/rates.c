// SPDX-License-Identifier: GPL-2.0-or-later
/* How fast counters grow. */

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "show/rates.h"

uint64_t rate_bits(uint64_t before, uint64_t now, uint64_t interval_us)
{
	uint64_t bytes = now < before ? now : now - before;

	if (!interval_us)
		return 0;
	/* 8 bits, and a million microseconds: too large for 64 bits */
	return (uint64_t)(bytes * 8e6 / interval_us + 0.5);
}

static bool address_same(const struct address *a, const struct address *b)
{
	return a->port == b->port && address_same_ip(a, b);
}

static struct meter *find(const struct rates *rates, int ifindex, uint32_t peer,
			  const struct address *local,
			  const struct address *remote)
{
	size_t i;

	for (i = 0; i < rates->count; i++) {
		struct meter *meter = &rates->items[i];

		if (meter->ifindex == ifindex && meter->peer == peer &&
		    address_same(&meter->local, local) &&
		    address_same(&meter->remote, remote))
			return meter;
	}
	return NULL;
}

static void record(struct meter *meter, uint64_t interval_us,
		   const uint64_t *counters)
{
	meter->tx = rate_bits(meter->last[0], counters[0], interval_us);
	meter->rx = rate_bits(meter->last[1], counters[1], interval_us);
	meter->drops = counters[2] < meter->last[2] ? counters[2] :
		       counters[2] - meter->last[2];
	meter->history[meter->head].tx = meter->tx;
	meter->history[meter->head].rx = meter->rx;
	meter->head = (meter->head + 1) % RATES_HISTORY;
	if (meter->length < RATES_HISTORY)
		meter->length++;
}

static void update(struct rates *rates, int ifindex, uint32_t peer,
		   const struct address *local, const struct address *remote,
		   const uint64_t *counters)
{
	struct meter *meter = find(rates, ifindex, peer, local, remote);

	if (meter) {
		record(meter, rates->interval_us, counters);
	} else {
		meter = LIST_ADD(rates);
		meter->ifindex = ifindex;
		meter->peer = peer;
		meter->local = *local;
		meter->remote = *remote;
	}
	memcpy(meter->last, counters, sizeof(meter->last));
	meter->seen = true;
}

static void update_peer(struct rates *rates, const struct device *device,
			const struct peer *peer)
{
	static const struct address nowhere;
	uint64_t counters[3] = { peer->vpn.tx_bytes, peer->vpn.rx_bytes };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(peer->drops); i++)
		counters[2] += peer->drops[i];
	update(rates, device->index, peer->id, &nowhere, &nowhere, counters);
	for (i = 0; i < peer->paths.count; i++) {
		const struct path *path = &peer->paths.items[i];
		uint64_t of_path[3] = { path->tx_bytes, path->rx_bytes };

		update(rates, device->index, peer->id, &path->local,
		       &path->remote, of_path);
	}
}

/* What was not seen is gone; should it come back, it is new. The array grows at
 * powers of two, so it may be moved once more than needed.
 */
static void forget(struct rates *rates)
{
	struct rates kept = { .time_us = rates->time_us,
			      .interval_us = rates->interval_us };
	size_t i;

	for (i = 0; i < rates->count; i++) {
		if (rates->items[i].seen)
			*LIST_ADD(&kept) = rates->items[i];
	}
	free(rates->items);
	*rates = kept;
}

void rates_update(struct rates *rates, const struct devices *devices,
		  uint64_t time_us)
{
	size_t i, j;

	rates->interval_us = rates->time_us ? time_us - rates->time_us : 0;
	rates->time_us = time_us;
	for (i = 0; i < rates->count; i++)
		rates->items[i].seen = false;
	for (i = 0; i < devices->count; i++) {
		const struct device *device = &devices->items[i];

		for (j = 0; j < device->peers.count; j++)
			update_peer(rates, device, &device->peers.items[j]);
	}
	forget(rates);
}

void rates_free(struct rates *rates)
{
	free(rates->items);
	memset(rates, 0, sizeof(*rates));
}

const struct meter *rates_of_path(const struct rates *rates,
				  const struct device *device,
				  const struct peer *peer,
				  const struct path *path)
{
	return find(rates, device->index, peer->id, &path->local, &path->remote);
}

const struct meter *rates_of_peer(const struct rates *rates,
				  const struct device *device,
				  const struct peer *peer)
{
	static const struct address nowhere;

	return find(rates, device->index, peer->id, &nowhere, &nowhere);
}

uint64_t rates_peak(const struct rates *rates, const struct device *device,
		    const struct peer *peer)
{
	uint64_t peak = 0;
	size_t i;
	unsigned int j;

	for (i = 0; i < rates->count; i++) {
		const struct meter *meter = &rates->items[i];

		if (meter->ifindex != device->index || meter->peer != peer->id ||
		    !meter->local.family)
			continue;
		for (j = 0; j < meter->length; j++) {
			if (meter->history[j].tx > peak)
				peak = meter->history[j].tx;
			if (meter->history[j].rx > peak)
				peak = meter->history[j].rx;
		}
	}
	return peak;
}
