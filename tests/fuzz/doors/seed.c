// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "door.h"
#include "linux/ovpn_dco_mptcp.h"
#include "linux/ovpn_dco_v2.h"
#include "seed.h"

#define ID		1
#define VPN4		htonl(0x0a080002)

/* Sockets that carry a peer, and for each another one that can take its place. */
static const struct {
	int number, other;
	bool datagrams, v6;
} carriers[] = {
	{ 0, 1 }, { 2, 3 }, { 4, 0, .v6 = true }, { 5, 4, .v6 = true }, { 10, 0 },
	{ 6, 0, .datagrams = true }, { 7, 2, .datagrams = true, .v6 = true },
};

#define CARRIERS	(sizeof(carriers) / sizeof(carriers[0]))

/* A request about a device, whose nest is open until finish(). */
struct writer {
	struct input *input;
	const struct door *door;
	int device;
	uint8_t command;
	struct nl_msg *msg;
	struct nlattr *nest;
};

static void begin(struct writer *w, uint8_t command)
{
	w->command = command;
	w->msg = nlmsg_alloc_simple(0, 0);
	/* the number of this attribute is the same in all families */
	nla_put_u32(w->msg, OVPN_MPTCP_A_IFINDEX, REFERENCE_DEVICE(w->device));
	w->nest = nla_nest_start(w->msg, door_nest(w->door, command));
}

static void send_out(struct writer *w, int flags)
{
	struct step *step = input_add(w->input, w->door - doors, w->command);
	struct nlmsghdr *nlh = nlmsg_hdr(w->msg);

	step->flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	step->len = nlmsg_datalen(nlh);
	memcpy(step->bytes, nlmsg_data(nlh), step->len);
	nlmsg_free(w->msg);
}

static void finish(struct writer *w)
{
	nla_nest_end(w->msg, w->nest);
	send_out(w, 0);
}

static void dump(struct writer *w, uint8_t command)
{
	begin(w, command);
	nla_nest_cancel(w->msg, w->nest);
	send_out(w, NLM_F_DUMP);
}

static void put_keydir(struct nl_msg *msg, int number, const uint8_t *key, int key_len)
{
	struct nlattr *nest = nla_nest_start(msg, number);

	nla_put(msg, OVPN_MPTCP_A_KEYDIR_CIPHER_KEY, key_len, key);
	nla_put(msg, OVPN_MPTCP_A_KEYDIR_NONCE_TAIL, OVPN_MPTCP_NONCE_TAIL_SIZE, key);
	nla_nest_end(msg, nest);
}

static const struct in6_addr vpn6 = { .s6_addr = { 0xfd, 8, [15] = 2 } };
static const uint8_t key[32] = { 1 };

static void native_peer(struct writer *w, unsigned int carrier, bool mp)
{
	const struct in6_addr *own6 = &in6addr_loopback;

	begin(w, OVPN_MPTCP_CMD_PEER_NEW);
	nla_put_u32(w->msg, OVPN_MPTCP_A_PEER_ID, ID);
	nla_put_u32(w->msg, OVPN_MPTCP_A_PEER_SOCKET, REFERENCE_SOCKET(carriers[carrier].number));
	if (carriers[carrier].datagrams && carriers[carrier].v6) {
		nla_put(w->msg, OVPN_MPTCP_A_PEER_REMOTE_IPV6, sizeof(*own6), own6);
		nla_put(w->msg, OVPN_MPTCP_A_PEER_LOCAL_IPV6, sizeof(*own6), own6);
	} else if (carriers[carrier].datagrams) {
		nla_put_u32(w->msg, OVPN_MPTCP_A_PEER_REMOTE_IPV4, htonl(INADDR_LOOPBACK));
	}
	if (carriers[carrier].datagrams)
		nla_put_u16(w->msg, OVPN_MPTCP_A_PEER_REMOTE_PORT, htons(1194));
	if (mp) {
		nla_put_u32(w->msg, OVPN_MPTCP_A_PEER_VPN_IPV4, VPN4);
		nla_put(w->msg, OVPN_MPTCP_A_PEER_VPN_IPV6, sizeof(vpn6), &vpn6);
	}
	finish(w);
}

static void native_key(struct writer *w, uint8_t command, uint32_t slot, bool whole)
{
	begin(w, command);
	nla_put_u32(w->msg, OVPN_MPTCP_A_KEYCONF_PEER_ID, ID);
	if (command != OVPN_MPTCP_CMD_KEY_SWAP)
		nla_put_u32(w->msg, OVPN_MPTCP_A_KEYCONF_SLOT, slot);
	if (whole) {
		nla_put_u32(w->msg, OVPN_MPTCP_A_KEYCONF_KEY_ID, slot);
		nla_put_u32(w->msg, OVPN_MPTCP_A_KEYCONF_CIPHER_ALG,
			    OVPN_MPTCP_CIPHER_AES_GCM + slot);
		put_keydir(w->msg, OVPN_MPTCP_A_KEYCONF_ENCRYPT_DIR, key, slot ? 32 : 16);
		put_keydir(w->msg, OVPN_MPTCP_A_KEYCONF_DECRYPT_DIR, key, slot ? 32 : 16);
	}
	finish(w);
}

static void native_id(struct writer *w, uint8_t command)
{
	begin(w, command);
	nla_put_u32(w->msg, OVPN_MPTCP_A_PEER_ID, ID);
	finish(w);
}

static void native_socket(struct writer *w, int number)
{
	begin(w, OVPN_MPTCP_CMD_SET_SOCK);
	nla_put_u32(w->msg, OVPN_MPTCP_A_PEER_ID, ID);
	nla_put_u32(w->msg, OVPN_MPTCP_A_PEER_SOCKET, REFERENCE_SOCKET(number));
	finish(w);
}

static void native_set(struct writer *w, unsigned int carrier, bool mp)
{
	begin(w, OVPN_MPTCP_CMD_PEER_SET);
	nla_put_u32(w->msg, OVPN_MPTCP_A_PEER_ID, ID);
	nla_put_u32(w->msg, OVPN_MPTCP_A_PEER_KEEPALIVE_INTERVAL, 10);
	nla_put_u32(w->msg, OVPN_MPTCP_A_PEER_KEEPALIVE_TIMEOUT, 60);
	nla_put_u32(w->msg, OVPN_MPTCP_A_PEER_TX_ID, ID + 1);
	if (carriers[carrier].datagrams && !carriers[carrier].v6) {
		nla_put_u32(w->msg, OVPN_MPTCP_A_PEER_REMOTE_IPV4, htonl(INADDR_LOOPBACK));
		nla_put_u16(w->msg, OVPN_MPTCP_A_PEER_REMOTE_PORT, htons(5000));
	}
	if (mp)
		nla_put_u32(w->msg, OVPN_MPTCP_A_PEER_VPN_IPV4, htonl(0x0a080003));
	finish(w);
}

static void native_life(struct writer *w, unsigned int carrier, bool mp)
{
	native_peer(w, carrier, mp);
	native_key(w, OVPN_MPTCP_CMD_KEY_NEW, OVPN_MPTCP_SLOT_PRIMARY, true);
	native_key(w, OVPN_MPTCP_CMD_KEY_NEW, OVPN_MPTCP_SLOT_SECONDARY, true);
	native_key(w, OVPN_MPTCP_CMD_KEY_GET, OVPN_MPTCP_SLOT_PRIMARY, false);
	native_key(w, OVPN_MPTCP_CMD_KEY_SWAP, 0, false);
	native_set(w, carrier, mp);
	native_id(w, OVPN_MPTCP_CMD_PEER_GET);
	dump(w, OVPN_MPTCP_CMD_PEER_GET);
	if (w->door == &doors[DOOR_NATIVE])
		native_socket(w, carriers[carrier].other);
	native_key(w, OVPN_MPTCP_CMD_KEY_DEL, OVPN_MPTCP_SLOT_SECONDARY, false);
	native_id(w, OVPN_MPTCP_CMD_PEER_DEL);
}

static void v2_peer(struct writer *w, unsigned int carrier, bool mp)
{
	const struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(1194),
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(1194),
					 .sin6_addr = in6addr_loopback };

	begin(w, OVPN_V2_CMD_NEW_PEER);
	nla_put_u32(w->msg, OVPN_V2_A_NEW_PEER_ID, ID);
	nla_put_u32(w->msg, OVPN_V2_A_NEW_PEER_SOCKET, REFERENCE_SOCKET(carriers[carrier].number));
	if (carriers[carrier].v6)
		nla_put(w->msg, OVPN_V2_A_NEW_PEER_REMOTE, sizeof(v6), &v6);
	else
		nla_put(w->msg, OVPN_V2_A_NEW_PEER_REMOTE, sizeof(v4), &v4);
	if (mp) {
		nla_put_u32(w->msg, OVPN_V2_A_NEW_PEER_IPV4, VPN4);
		nla_put(w->msg, OVPN_V2_A_NEW_PEER_IPV6, sizeof(vpn6), &vpn6);
	}
	finish(w);
}

static void v2_key(struct writer *w, uint8_t slot)
{
	begin(w, OVPN_V2_CMD_NEW_KEY);
	nla_put_u32(w->msg, OVPN_V2_A_NEW_KEY_PEER_ID, ID);
	nla_put_u8(w->msg, OVPN_V2_A_NEW_KEY_SLOT, slot);
	nla_put_u8(w->msg, OVPN_V2_A_NEW_KEY_ID, slot);
	nla_put_u16(w->msg, OVPN_V2_A_NEW_KEY_CIPHER, OVPN_V2_CIPHER_AES_GCM + slot);
	put_keydir(w->msg, OVPN_V2_A_NEW_KEY_ENCRYPT, key, slot ? 32 : 16);
	put_keydir(w->msg, OVPN_V2_A_NEW_KEY_DECRYPT, key, slot ? 32 : 16);
	finish(w);
}

static void v2_id(struct writer *w, uint8_t command, int id)
{
	begin(w, command);
	nla_put_u32(w->msg, id, ID);
	if (command == OVPN_V2_CMD_SET_PEER) {
		nla_put_u32(w->msg, OVPN_V2_A_SET_PEER_INTERVAL, 10);
		nla_put_u32(w->msg, OVPN_V2_A_SET_PEER_TIMEOUT, 60);
	}
	if (command == OVPN_V2_CMD_DEL_KEY)
		nla_put_u8(w->msg, OVPN_V2_A_DEL_KEY_SLOT, OVPN_V2_KEY_SLOT_SECONDARY);
	finish(w);
}

static void v2_life(struct writer *w, unsigned int carrier, bool mp)
{
	v2_peer(w, carrier, mp);
	v2_key(w, OVPN_V2_KEY_SLOT_PRIMARY);
	v2_key(w, OVPN_V2_KEY_SLOT_SECONDARY);
	v2_id(w, OVPN_V2_CMD_SWAP_KEYS, OVPN_V2_A_SWAP_KEYS_PEER_ID);
	v2_id(w, OVPN_V2_CMD_SET_PEER, OVPN_V2_A_SET_PEER_ID);
	v2_id(w, OVPN_V2_CMD_GET_PEER, OVPN_V2_A_GET_PEER_ID);
	dump(w, OVPN_V2_CMD_GET_PEER);
	v2_id(w, OVPN_V2_CMD_DEL_KEY, OVPN_V2_A_DEL_KEY_PEER_ID);
	v2_id(w, OVPN_V2_CMD_DEL_PEER, OVPN_V2_A_DEL_PEER_ID);
}

/* A peer whose connection ends, and goes on with another one. */
static void native_end(struct writer *w, unsigned int carrier)
{
	static const uint8_t record[] = { 0, 5, 9 << 3, 0, 0, 1, 2 };
	int number = carriers[carrier].number;
	struct step *step;

	native_peer(w, carrier, false);
	native_key(w, OVPN_MPTCP_CMD_KEY_NEW, OVPN_MPTCP_SLOT_PRIMARY, true);
	step = input_add(w->input, TARGET_SOCKET, SOCKET_FAR_WRITE);
	step->object = number;
	step->len = sizeof(record);
	memcpy(step->bytes, record, sizeof(record));
	input_add(w->input, TARGET_SOCKET, SOCKET_FAR_CLOSE)->object = number;
	native_id(w, OVPN_MPTCP_CMD_PEER_GET);
	input_add(w->input, TARGET_SOCKET, SOCKET_READ)->object = number;
	native_socket(w, carriers[carrier].other);
	native_id(w, OVPN_MPTCP_CMD_PEER_GET);
	input_add(w->input, TARGET_SOCKET, SOCKET_CLOSE)->object = carriers[carrier].other;
}

static void link_life(struct input *input, unsigned int door)
{
	static const int verbs[] = { LINK_NEW, LINK_UP, LINK_GET, LINK_CHANGE, LINK_DOWN };
	static const uint8_t mode[8] = { 5, 0, OVPN_MPTCP_IFLA_MODE, 0, OVPN_MPTCP_MODE_MP };
	unsigned int i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		struct step *step = input_add(input, TARGET_LINK, verbs[i]);

		step->object = 2 * DOORS;
		step->kind = door;
		if (verbs[i] != LINK_NEW)
			continue;
		step->len = sizeof(mode);
		memcpy(step->bytes, mode, sizeof(mode));
	}
	i = door == DOOR_NATIVE ? LINK_DEL : LINK_MOVE;
	input_add(input, TARGET_LINK, i)->object = 2 * DOORS;
}

static void life(struct input *input, unsigned int door, unsigned int carrier)
{
	bool mp = (door + carrier) % 2;
	struct writer w = { .input = input, .door = &doors[door], .device = 2 * door + mp };

	if (w.door->v2)
		v2_life(&w, carrier, mp);
	else
		native_life(&w, carrier, mp);
}

static void end(struct input *input, unsigned int carrier)
{
	struct writer w = {
		.input = input, .door = &doors[DOOR_NATIVE], .device = 2 * DOOR_NATIVE,
	};

	native_end(&w, carrier);
}

int seed_make(unsigned int n, struct input *input)
{
	input->n = 0;
	if (n < DOORS * CARRIERS)
		life(input, n % DOORS, n / DOORS);
	else if (n < DOORS * CARRIERS + DOORS)
		link_life(input, n % DOORS);
	else if (n < DOORS * CARRIERS + DOORS + 2)
		end(input, n % 2);
	return input->n;
}
