// SPDX-License-Identifier: GPL-2.0-or-later
/* Life of the model. */

#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/model.h"

bool device_is_tunnel(const struct device *device)
{
	static const char *const kinds[] = {
		OVPN_MPTCP_NAME, "ovpn-dco", "ovpn",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!strcmp(device->kind, kinds[i]))
			return true;
	}
	return false;
}

bool device_awaits_peer(const struct device *device)
{
	return !strcmp(device->kind, "ovpn-dco") && !device->foreign &&
	       device->mode == OVPN_MPTCP_MODE_P2P && !device->peers.count;
}

bool path_is_live(const struct path *path)
{
	return path->datagrams || path->state == TCP_ESTABLISHED;
}

size_t peer_live_paths(const struct peer *peer)
{
	size_t i, live = 0;

	for (i = 0; i < peer->paths.count; i++)
		live += path_is_live(&peer->paths.items[i]);
	return live;
}

bool peer_is_offloaded(const struct peer *peer)
{
	return peer->keys[OVPN_MPTCP_SLOT_PRIMARY].present && peer->transport[0];
}

bool peer_last_received(const struct peer *peer, uint32_t *idle_ms)
{
	bool known = false;
	size_t i;

	*idle_ms = UINT32_MAX;
	for (i = 0; i < peer->paths.count; i++) {
		const struct path *path = &peer->paths.items[i];

		if (path->datagrams)
			continue;
		known = true;
		if (path->idle_ms < *idle_ms)
			*idle_ms = path->idle_ms;
	}
	return known;
}

const char *peer_congestion(const struct peer *peer)
{
	const char *name = NULL;
	size_t i;

	for (i = 0; i < peer->paths.count; i++) {
		const struct path *path = &peer->paths.items[i];

		if (path->state != TCP_ESTABLISHED)
			continue;
		if (name && strcmp(name, path->congestion))
			return NULL;
		name = path->congestion;
	}
	return name && *name ? name : NULL;
}

void peer_free(struct peer *peer)
{
	free(peer->paths.items);
	free(peer->missing.items);
}

void devices_free(struct devices *devices)
{
	size_t i, j;

	for (i = 0; i < devices->count; i++) {
		struct peers *peers = &devices->items[i].peers;

		for (j = 0; j < peers->count; j++)
			peer_free(&peers->items[j]);
		free(peers->items);
	}
	free(devices->items);
	memset(devices, 0, sizeof(*devices));
}
