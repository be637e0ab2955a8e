// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <fcntl.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/socket.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chance.h"
#include "door.h"
#include "linux/ovpn_dco_mptcp.h"
#include "rtnl.h"
#include "sockets.h"
#include "world.h"

/* the last device is none of ours; those between are for inputs to make */
#define FOREIGN		(WORLD_DEVICES - 1)
#define PEERS_MAX	64

struct device {
	char name[IF_NAMESIZE];
	unsigned int index;
	bool moved;
};

static struct device devices[WORLD_DEVICES];
static struct nl_sock *here, *there, *caretaker;
static int elsewhere = -1;

static bool make_device(unsigned int number)
{
	struct device *dev = &devices[number];
	/* OVPN_MPTCP_IFLA_MODE of one byte, padded */
	const uint8_t mode[8] = { 5, 0, OVPN_MPTCP_IFLA_MODE, 0, number % 2 };

	dev->moved = false;
	dev->index = 0;
	if (rtnl_new(here, dev->name, doors[number / 2].kind, mode, sizeof(mode)) ||
	    rtnl_up(here, dev->name, 1)) {
		printf("FAIL: device %s cannot be made\n", dev->name);
		return false;
	}
	dev->index = if_nametoindex(dev->name);
	return true;
}

static struct nl_sock *rtnl_of(int netns)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct nl_sock *sk = NULL;

	if (!setns(netns, CLONE_NEWNET)) {
		sk = rtnl_open();
		if (setns(home, CLONE_NEWNET)) {
			nl_socket_free(sk);
			sk = NULL;
		}
	}
	close(home);
	return sk;
}

static int netns(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

bool world_enter(const char *home, const char *other)
{
	int fd = netns(home);
	bool ok;

	elsewhere = netns(other);
	ok = fd >= 0 && elsewhere >= 0 && !setns(fd, CLONE_NEWNET);
	if (!ok)
		printf("FAIL: no network namespaces %s and %s\n", home, other);
	close(fd);
	return ok;
}

bool world_open(void)
{
	unsigned int i;

	here = rtnl_open();
	there = rtnl_of(elsewhere);
	caretaker = nl_socket_alloc();
	if (!here || !there || !caretaker || genl_connect(caretaker)) {
		printf("FAIL: no netlink\n");
		return false;
	}
	for (i = 0; i < FOREIGN; i++)
		snprintf(devices[i].name, IF_NAMESIZE, "f%u", i);
	snprintf(devices[FOREIGN].name, IF_NAMESIZE, "lo");
	devices[FOREIGN].index = if_nametoindex("lo");
	for (i = 0; i < WORLD_OWN; i++) {
		if (!make_device(i))
			return false;
	}
	return sockets_open(elsewhere);
}

uint32_t world_resolve(uint32_t word)
{
	unsigned int number = word & 0xff;

	switch (word & ~0xffu) {
	case REFERENCE_DEVICE(0):
		return number < WORLD_DEVICES ? devices[number].index : word;
	case REFERENCE_SOCKET(0):
		return sockets_fd(number);
	default:
		return word;
	}
}

void world_link(const struct step *step)
{
	struct device *dev = &devices[step->object % FOREIGN];
	const char *kind = doors[step->kind % DOORS].kind;
	uint32_t mtu;

	switch (step->command) {
	case LINK_NEW:
		rtnl_new(here, dev->name, kind, step->bytes, step->len);
		break;
	case LINK_DEL:
		rtnl_del(here, dev->name);
		break;
	case LINK_CHANGE:
		rtnl_change(here, dev->index, kind, step->bytes, step->len);
		break;
	case LINK_MOVE:
		dev->moved |= !rtnl_move(here, dev->name, elsewhere);
		break;
	case LINK_MTU:
		memcpy(&mtu, step->bytes, sizeof(mtu));
		rtnl_mtu(here, dev->name, mtu);
		break;
	case LINK_GET:
		rtnl_get(here, dev->name);
		break;
	default:
		rtnl_up(here, dev->name, step->command == LINK_UP);
	}
	dev->index = if_nametoindex(dev->name);
}

/* peers of a device */
struct peers {
	unsigned int n;
	uint32_t ids[PEERS_MAX];
};

static int note_peer(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[OVPN_MPTCP_A_MAX + 1], *peer[OVPN_MPTCP_A_PEER_MAX + 1];
	struct peers *peers = arg;

	if (!genlmsg_parse(nlmsg_hdr(msg), 0, tb, OVPN_MPTCP_A_MAX, NULL) &&
	    tb[OVPN_MPTCP_A_PEER] &&
	    !nla_parse_nested(peer, OVPN_MPTCP_A_PEER_MAX, tb[OVPN_MPTCP_A_PEER], NULL) &&
	    peer[OVPN_MPTCP_A_PEER_ID] && peers->n < PEERS_MAX)
		peers->ids[peers->n++] = nla_get_u32(peer[OVPN_MPTCP_A_PEER_ID]);
	return NL_OK;
}

static struct nl_msg *about(unsigned int index, uint8_t command, int flags)
{
	struct nl_msg *msg = nlmsg_alloc();

	genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, doors[DOOR_NATIVE].id, 0, flags, command, 0);
	nla_put_u32(msg, OVPN_MPTCP_A_IFINDEX, index);
	return msg;
}

static bool list_peers(unsigned int index, struct peers *peers)
{
	struct nl_msg *msg = about(index, OVPN_MPTCP_CMD_PEER_GET, NLM_F_DUMP);
	bool ok;

	peers->n = 0;
	nl_socket_modify_cb(caretaker, NL_CB_VALID, NL_CB_CUSTOM, note_peer, peers);
	ok = nl_send_auto(caretaker, msg) >= 0 && !nl_recvmsgs_default(caretaker);
	nlmsg_free(msg);
	return ok;
}

/* The native door sees the devices of all doors. */
static bool empty_device(const struct device *dev)
{
	struct peers peers;
	unsigned int i;

	if (!list_peers(dev->index, &peers)) {
		printf("FAIL: the peers of %s cannot be listed\n", dev->name);
		return false;
	}
	for (i = 0; i < peers.n; i++) {
		struct nl_msg *msg = about(dev->index, OVPN_MPTCP_CMD_PEER_DEL, 0);
		struct nlattr *nest = nla_nest_start(msg, OVPN_MPTCP_A_PEER);

		nla_put_u32(msg, OVPN_MPTCP_A_PEER_ID, peers.ids[i]);
		nla_nest_end(msg, nest);
		/* it may go by itself at this very moment */
		nl_send_sync(caretaker, msg);
	}
	return true;
}

static bool restore_links(void)
{
	unsigned int i;

	for (i = 0; i < FOREIGN; i++) {
		struct device *dev = &devices[i];

		if (dev->moved)
			rtnl_del(there, dev->name);
		dev->moved = false;
		if (i >= WORLD_OWN && dev->index) {
			rtnl_del(here, dev->name);
			dev->index = 0;
		}
		if (i < WORLD_OWN && !dev->index && !make_device(i))
			return false;
		if (i < WORLD_OWN && rtnl_up(here, dev->name, 1)) {
			printf("FAIL: device %s does not go up\n", dev->name);
			return false;
		}
	}
	return true;
}

/* which devices and sockets an input has met */
struct met {
	bool devices[WORLD_DEVICES], sockets[WORLD_SOCKETS], links;
};

static void meet_words(const struct step *step, struct met *met)
{
	const uint32_t *words = (const uint32_t *)step->bytes;
	int i;

	for (i = 0; i < (step->len + 3) / 4; i++) {
		unsigned int number = words[i] & 0xff;

		if ((words[i] & ~0xffu) == REFERENCE_DEVICE(0) && number < WORLD_DEVICES)
			met->devices[number] = true;
		if ((words[i] & ~0xffu) == REFERENCE_SOCKET(0) && number < WORLD_SOCKETS)
			met->sockets[number] = true;
	}
}

static void meet(const struct input *input, struct met *met)
{
	int i;

	memset(met, 0, sizeof(*met));
	for (i = 0; i < input->n; i++) {
		const struct step *step = &input->steps[i];

		if (step->target == TARGET_LINK)
			met->links = true;
		else if (step->target == TARGET_SOCKET)
			met->sockets[step->object % WORLD_SOCKETS] = true;
		else
			meet_words(step, met);
	}
}

bool world_restore(const struct input *input)
{
	struct met met;
	unsigned int i;

	meet(input, &met);
	if (met.links && !restore_links())
		return false;
	for (i = 0; i < WORLD_OWN; i++) {
		if (met.devices[i] && !empty_device(&devices[i]))
			return false;
	}
	for (i = 0; i < WORLD_SOCKETS; i++) {
		if (met.sockets[i] && !sockets_restore(i))
			return false;
	}
	return true;
}

static void drop_devices(void)
{
	unsigned int i;

	for (i = 0; i < FOREIGN; i++) {
		if (devices[i].moved)
			rtnl_del(there, devices[i].name);
		if (devices[i].index)
			rtnl_del(here, devices[i].name);
		devices[i].index = 0;
	}
}

bool world_renew(void)
{
	unsigned int i;

	/* devices go while they have peers, or sockets go first */
	if (chance_percent(50))
		sockets_drop();
	drop_devices();
	sockets_drop();
	for (i = 0; i < WORLD_OWN; i++) {
		if (!make_device(i))
			return false;
	}
	return true;
}

void world_close(void)
{
	drop_devices();
	sockets_close();
	nl_socket_free(here);
	nl_socket_free(there);
	nl_socket_free(caretaker);
	close(elsewhere);
}
