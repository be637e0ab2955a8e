// SPDX-License-Identifier: GPL-2.0-or-later
/* Life of the model, and addresses. */

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "model.h"

void address_set(struct address *address, int family, const void *ip,
		 uint16_t port)
{
	memset(address, 0, sizeof(*address));
	if (family == AF_INET6 && IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)ip)) {
		family = AF_INET;
		ip = (const char *)ip + 12;
	}
	address->family = family;
	memcpy(address->ip, ip, family == AF_INET6 ? 16 : 4);
	address->port = port;
}

bool address_same_ip(const struct address *a, const struct address *b)
{
	return a->family == b->family &&
	       !memcmp(a->ip, b->ip, sizeof(a->ip));
}

bool address_is_any(const struct address *address)
{
	static const unsigned char any[sizeof(address->ip)];

	return !memcmp(address->ip, any, sizeof(any));
}

bool address_parse(struct address *address, const char *text)
{
	unsigned char ip[16];

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, ip) == 1)
		address_set(address, AF_INET, ip, 0);
	else if (inet_pton(AF_INET6, text, ip) == 1)
		address_set(address, AF_INET6, ip, 0);
	return address->family;
}

const char *address_text(const struct address *address, char *buffer)
{
	if (!inet_ntop(address->family, address->ip, buffer, ADDRESS_SIZE))
		strcpy(buffer, "?");
	return buffer;
}

const char *address_port_text(const struct address *address, char *buffer)
{
	char ip[ADDRESS_SIZE];

	snprintf(buffer, ADDRESS_PORT_SIZE,
		 address->family == AF_INET6 ? "[%s]:%u" : "%s:%u",
		 address_text(address, ip), address->port);
	return buffer;
}

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
