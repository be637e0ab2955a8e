// SPDX-License-Identifier: GPL-2.0
/*
 * The policies that the kernel tells say how long a value is and between which
 * limits. That a number is a file descriptor, they do not say; nor do they tell
 * of integers in network byte order.
 */
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <string.h>

#include "chance.h"
#include "input.h"
#include "linux/ovpn_dco_mptcp.h"
#include "linux/ovpn_dco_v2.h"
#include "value.h"
#include "world.h"

enum meaning {
	PLAIN, DEVICE, SOCKET, PEER, ADDRESS4, ADDRESS6, ADDRESS, SOCKADDR, PORT, KEY, TAIL,
};

#define NATIVE(nest, attr, meaning)						\
	{ false, { OVPN_MPTCP_A_##nest, 0 }, OVPN_MPTCP_A_##nest##_##attr, meaning }
#define V2(nest, attr, meaning)							\
	{ true, { OVPN_V2_A_##nest, 0 }, OVPN_V2_A_##nest##_##attr, meaning }
/* the numbers inside are the same in all families */
#define KEYDIR(v2, nest, inner)							\
	{ v2, { nest, inner }, OVPN_MPTCP_A_KEYDIR_CIPHER_KEY, KEY },		\
	{ v2, { nest, inner }, OVPN_MPTCP_A_KEYDIR_NONCE_TAIL, TAIL }

static const struct row {
	bool v2;
	struct place place;
	int attr;
	enum meaning meaning;
} rows[] = {
	{ false, { 0, 0 }, OVPN_MPTCP_A_IFINDEX, DEVICE },
	NATIVE(PEER, ID, PEER),
	NATIVE(PEER, TX_ID, PEER),
	NATIVE(PEER, SOCKET, SOCKET),
	NATIVE(PEER, REMOTE_IPV4, ADDRESS4),
	NATIVE(PEER, REMOTE_IPV6, ADDRESS6),
	NATIVE(PEER, REMOTE_PORT, PORT),
	NATIVE(PEER, VPN_IPV4, ADDRESS4),
	NATIVE(PEER, VPN_IPV6, ADDRESS6),
	NATIVE(PEER, LOCAL_IPV4, ADDRESS4),
	NATIVE(PEER, LOCAL_IPV6, ADDRESS6),
	NATIVE(PEER, LOCAL_PORT, PORT),
	NATIVE(KEYCONF, PEER_ID, PEER),
	KEYDIR(false, OVPN_MPTCP_A_KEYCONF, OVPN_MPTCP_A_KEYCONF_ENCRYPT_DIR),
	KEYDIR(false, OVPN_MPTCP_A_KEYCONF, OVPN_MPTCP_A_KEYCONF_DECRYPT_DIR),
	{ true, { 0, 0 }, OVPN_V2_A_IFINDEX, DEVICE },
	V2(NEW_PEER, ID, PEER),
	V2(NEW_PEER, REMOTE, SOCKADDR),
	V2(NEW_PEER, SOCKET, SOCKET),
	V2(NEW_PEER, IPV4, ADDRESS4),
	V2(NEW_PEER, IPV6, ADDRESS6),
	V2(NEW_PEER, LOCAL_IP, ADDRESS),
	V2(SET_PEER, ID, PEER),
	V2(DEL_PEER, ID, PEER),
	V2(NEW_KEY, PEER_ID, PEER),
	KEYDIR(true, OVPN_V2_A_NEW_KEY, OVPN_V2_A_NEW_KEY_ENCRYPT),
	KEYDIR(true, OVPN_V2_A_NEW_KEY, OVPN_V2_A_NEW_KEY_DECRYPT),
	V2(SWAP_KEYS, PEER_ID, PEER),
	V2(DEL_KEY, PEER_ID, PEER),
	V2(GET_PEER, ID, PEER),
};

static enum meaning meaning_of(const struct door *door, struct place place, int attr)
{
	unsigned int i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].v2 == door->v2 && rows[i].place.nest == place.nest &&
		    rows[i].place.inner == place.inner && rows[i].attr == attr)
			return rows[i].meaning;
	}
	return PLAIN;
}

static const struct attr_policy *policy_of(const struct door *door, int policy, int attr)
{
	static const struct attr_policy unknown = { .nest = -1, .max = ~0ULL, .max_len = 32 };

	if (policy < 0 || attr >= POLICY_ATTRS || !door->policies[policy].attrs[attr].type)
		return &unknown;
	return &door->policies[policy].attrs[attr];
}

int value_nest(const struct door *door, int policy, int attr)
{
	return policy_of(door, policy, attr)->nest;
}

bool value_known(const struct door *door, int policy, struct place place, int attr)
{
	return policy_of(door, policy, attr)->type || meaning_of(door, place, attr) != PLAIN;
}

bool value_vital(const struct door *door, struct place place, int attr)
{
	switch (meaning_of(door, place, attr)) {
	case DEVICE:
	case SOCKET:
	case KEY:
	case TAIL:
		return true;
	case PEER:
		/* the native schema has another one, of packets */
		return door->v2 || attr != OVPN_MPTCP_A_PEER_TX_ID;
	default:
		return false;
	}
}

static uint32_t device(const struct door *door)
{
	static const uint32_t odd[] = { 0, 1, 99999, ~0u, 1u << 31 };

	/* the two devices of this door, mostly */
	if (chance_percent(80))
		return REFERENCE_DEVICE(2 * (unsigned int)(door - doors) + chance_below(2));
	if (chance_percent(80))
		return REFERENCE_DEVICE(chance_below(WORLD_DEVICES));
	return chance_of(odd);
}

static uint32_t fd(void)
{
	static const uint32_t odd[] = { 0, ~0u, 1u << 31, 1 << 20, 3, 900 };

	if (chance_percent(90))
		return REFERENCE_SOCKET(chance_below(WORLD_SOCKETS));
	return chance_of(odd);
}

static uint32_t peer(void)
{
	static const uint32_t odd[] = { 3, 77, 0xffffff, 0x1000000, ~0u, 0x800000 };

	return chance_percent(85) ? chance_below(3) : chance_of(odd);
}

static uint32_t address4(void)
{
	static const uint32_t others[] = {
		0, INADDR_LOOPBACK, INADDR_BROADCAST, 0xe0000001, 0x0a010102, 0x01020304,
	};

	return htonl(chance_percent(60) ? 0x0a080000 + chance_below(4) : chance_of(others));
}

static void address6(uint8_t *to)
{
	static const char *const addresses[] = {
		"::", "::1", "fd08::1", "fd08::2", "fd08::3", "fd01::1", "fe80::1", "ff02::1",
		"::ffff:10.8.0.1", "::ffff:127.0.0.1", "::10.8.0.1", "2001:db8::1",
	};

	inet_pton(AF_INET6, chance_of(addresses), to);
}

static uint16_t port(void)
{
	static const uint16_t ports[] = { 0, 1, 1194, 1194, 1194, 5000, 65535 };

	return htons(chance_of(ports));
}

static size_t address(uint8_t *to)
{
	uint32_t v4 = address4();

	address6(to);
	if (chance_percent(50))
		return chance_percent(95) ? 16 : chance_below(24);
	memcpy(to, &v4, sizeof(v4));
	return 4;
}

static size_t sockaddr(uint8_t *to)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = port() };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = port() };

	if (chance_percent(50)) {
		v4.sin_addr.s_addr = address4();
		memcpy(to, &v4, sizeof(v4));
		return sizeof(v4);
	}
	address6(v6.sin6_addr.s6_addr);
	v6.sin6_scope_id = chance_below(2);
	if (chance_percent(20))
		v6.sin6_scope_id = REFERENCE_DEVICE(chance_below(WORLD_DEVICES));
	memcpy(to, &v6, sizeof(v6));
	return sizeof(v6);
}

static size_t bytes(size_t len, uint8_t *to)
{
	/* few different ones: a key that is the same again is a case of its own */
	memset(to, (int)chance_below(3), len);
	if (chance_percent(30))
		chance_bytes(to, len);
	return len;
}

static size_t integer(const struct attr_policy *attr, unsigned int size, uint8_t *to)
{
	uint64_t top = size == 8 ? ~0ULL : (1ULL << 8 * size) - 1;
	uint64_t max = attr->max < top ? attr->max : top, value;

	switch (chance_below(12)) {
	case 0:
		value = max;
		break;
	case 1:
		value = max + 1;
		break;
	case 2:
		value = attr->min - 1;
		break;
	case 3:
		value = chance_between(0, top);
		break;
	case 4:
		value = attr->min;
		break;
	default:
		value = chance_between(attr->min, max - attr->min > 8 ? attr->min + 8 : max);
	}
	memcpy(to, &value, size);
	return size;
}

static size_t plain(const struct attr_policy *attr, uint8_t *to)
{
	unsigned int size = policy_integer(attr);
	size_t max = attr->max_len < VALUE_BYTES ? attr->max_len : VALUE_BYTES;

	if (size)
		return integer(attr, size, to);
	if (attr->type == NL_ATTR_TYPE_FLAG)
		return 0;
	return bytes(chance_between(attr->min_len < max ? attr->min_len : max, max), to);
}

static size_t word(uint32_t value, uint8_t *to)
{
	memcpy(to, &value, sizeof(value));
	return sizeof(value);
}

size_t value_make(const struct door *door, int policy, struct place place, int attr, uint8_t *to)
{
	static const size_t key_lengths[] = { 16, 16, 24, 32, 32, 32, 0, 31, 256 };
	uint16_t number;

	switch (meaning_of(door, place, attr)) {
	case DEVICE:
		return word(device(door), to);
	case SOCKET:
		return word(fd(), to);
	case PEER:
		return word(peer(), to);
	case ADDRESS4:
		return word(address4(), to);
	case ADDRESS6:
		address6(to);
		return 16;
	case ADDRESS:
		return address(to);
	case SOCKADDR:
		return sockaddr(to);
	case PORT:
		number = port();
		memcpy(to, &number, sizeof(number));
		return sizeof(number);
	case KEY:
		return bytes(chance_of(key_lengths), to);
	case TAIL:
		return bytes(8, to);
	default:
		return plain(policy_of(door, policy, attr), to);
	}
}
