// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * attach without a kernel module: what it asks of the kernel is printed, and
 * granted; with STUB_LINK, devices are real ones of kind veth. Control records pass through a plain socket as they do through one
 * that the module has, so two of these make a whole tunnel but for its data.
 */

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attach/service.h"
#include "base/memory.h"
#include "base/output.h"
#include "keep/keep.h"
#include "kernel/links.h"
#include "kernel/native_change.h"
#include "kernel/rtnl.h"
#include "kernel/watch.h"
#include "show/view.h"

static uint64_t packets;

/* index of the first one, which nobody else has */
#define FIRST		7777
#define DEVICES_MAX	64

/**
 * struct made - a device that was asked for
 * @there: it was not removed
 * @name: of it
 * @has_peer: it has a peer, as long as the socket is open that it was given last
 * @peer_fd: that socket
 * @peer_sock: the same, as long as that is it
 * @watch: who is told about it
 * @has_news: not read yet: the last peer went
 * @news_reason: for this reason
 */
static struct made {
	bool there;
	char name[IFNAMSIZ];
	bool has_peer;
	int peer_fd;
	struct stat peer_sock;
	const struct watch *watch;
	bool has_news;
	uint32_t news_reason;
} made[DEVICES_MAX];
static int made_count;

__attribute__((format(printf, 1, 2)))
static void for_real(const char *format, ...)
{
	char command[256];
	va_list args;

	if (!getenv("STUB_LINK"))
		return;
	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if (system(command))
		say("expected success of: %s", command);
}

static const char *name_of_index(int ifindex)
{
	static char name[IF_NAMESIZE];

	return if_indextoname(ifindex, name) ? name : "none";
}

static struct made *of(int ifindex)
{
	return &made[ifindex - FIRST];
}

static void give(int ifindex, int fd)
{
	of(ifindex)->has_peer = true;
	of(ifindex)->peer_fd = fd;
	fstat(fd, &of(ifindex)->peer_sock);
}

static bool has_one(int ifindex)
{
	struct made *device = of(ifindex);
	struct stat now;

	device->has_peer = device->has_peer && !fstat(device->peer_fd, &now) &&
			   now.st_ino == device->peer_sock.st_ino;
	return device->has_peer;
}

static void take(int ifindex, uint32_t reason)
{
	of(ifindex)->has_news = has_one(ifindex);
	of(ifindex)->news_reason = reason;
	of(ifindex)->has_peer = false;
}

enum status native_open(struct native *native)
{
	return netlink_open(&native->netlink, NETLINK_GENERIC);
}

void native_close(struct native *native)
{
	netlink_close(&native->netlink);
}

int native_peers(struct native *native, int ifindex, struct peers *peers)
{
	return native_peer(native, ifindex, 1, peers);
}

int native_peer(struct native *native, int ifindex, uint32_t id,
		struct peers *peers)
{
	(void)native;
	(void)id;
	if (!has_one(ifindex))
		return 0;
	peers->items = calloc(1, sizeof(*peers->items));
	peers->count = 1;
	/* a few more each time, for who counts them */
	packets += 100;
	peers->items[0].link.tx_packets = packets;
	return 0;
}

int native_peer_new(struct native *native, int ifindex,
		    const struct native_peer_config *config)
{
	(void)native;
	take(ifindex, OVPN_MPTCP_DEL_REASON_TEARDOWN);
	give(ifindex, config->fd);
	say("KERNEL peer-new %u keepalive %u %u", config->id, config->interval,
	    config->timeout);
	return 0;
}

int native_peer_keepalive(struct native *native, int ifindex, uint32_t id,
			  uint32_t interval, uint32_t timeout)
{
	(void)native;
	(void)ifindex;
	say("KERNEL peer-keepalive %u %u %u", id, interval, timeout);
	return 0;
}

int native_peer_del(struct native *native, int ifindex, uint32_t id)
{
	(void)native;
	take(ifindex, OVPN_MPTCP_DEL_REASON_USERSPACE);
	say("KERNEL peer-del %u", id);
	return 0;
}

int native_peer_set_sock(struct native *native, int ifindex, uint32_t id,
			 int fd)
{
	(void)native;
	give(ifindex, fd);
	say("KERNEL set-sock %u", id);
	return 0;
}

/* A name for a key: not the key. */
static unsigned int digest(const struct keyfile_dir *dir)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned int size = 0;

	EVP_Digest(dir, sizeof(*dir), sum, &size, EVP_sha256(), NULL);
	return (unsigned int)sum[0] << 24 | sum[1] << 16 | sum[2] << 8 | sum[3];
}

int native_key_new(struct native *native, int ifindex, const struct key *key,
		   const struct keyfile *bytes)
{
	const char *missing = getenv("STUB_NO_CIPHER");

	(void)ifindex;
	if (missing && strtoul(missing, NULL, 10) == key->cipher)
		return native->netlink.error = ENOENT;
	say("KERNEL key-new slot %u id %u cipher %u size %zu encrypt %08x decrypt %08x",
	    key->slot, key->id, key->cipher, bytes->encrypt.size,
	    digest(&bytes->encrypt), digest(&bytes->decrypt));
	return 0;
}

int native_key_swap(struct native *native, int ifindex, uint32_t peer)
{
	(void)native;
	(void)ifindex;
	say("KERNEL key-swap %u", peer);
	return 0;
}

int native_key_del(struct native *native, int ifindex, uint32_t peer,
		   uint32_t slot)
{
	(void)native;
	(void)ifindex;
	say("KERNEL key-del %u slot %u", peer, slot);
	return 0;
}

int rtnl_device_add(struct netlink *nl, const char *name, const uint8_t *mode)
{
	(void)nl;
	(void)mode;
	made[made_count].there = true;
	snprintf(made[made_count].name, sizeof(made->name), "%s", name);
	for_real("ip link add index %d name %s arp off type veth peer name end-%.11s && ip link set end-%.11s up addrgenmode none",
		 FIRST + made_count, name, name, name);
	made_count++;
	say("KERNEL device-add %s", name);
	return 0;
}

int rtnl_device_alias(struct netlink *nl, int ifindex, const char *alias)
{
	(void)nl;
	say("KERNEL device-alias %d %s", ifindex, alias);
	return 0;
}

int rtnl_device_del(struct netlink *nl, int ifindex)
{
	(void)nl;
	of(ifindex)->there = false;
	for_real("ip link del %s", name_of_index(ifindex));
	say("KERNEL device-del %d", ifindex);
	return 0;
}

int rtnl_device_up(struct netlink *nl, int ifindex, uint32_t mtu)
{
	(void)nl;
	for_real("ip link set %s up mtu %u", name_of_index(ifindex), mtu);
	say("KERNEL device-up %d mtu %u", ifindex, mtu);
	return 0;
}

static void change_for_real(const char *what, int ifindex,
			    const struct prefix *prefix)
{
	char ip[ADDRESS_SIZE];

	for_real("ip %s %s/%u dev %s", what,
		 address_text(&prefix->address, ip), prefix->length,
		 name_of_index(ifindex));
}

int rtnl_address_add(struct netlink *nl, int ifindex,
		     const struct prefix *prefix)
{
	(void)nl;
	change_for_real("addr add", ifindex, prefix);
	say("KERNEL address-add %d length %u", ifindex, prefix->length);
	return 0;
}

int rtnl_route_add(struct netlink *nl, int ifindex,
		   const struct prefix *prefix)
{
	(void)nl;
	change_for_real("route add", ifindex, prefix);
	say("KERNEL route-add %d length %u", ifindex, prefix->length);
	return 0;
}

int rtnl_address_del(struct netlink *nl, int ifindex,
		     const struct prefix *prefix)
{
	(void)nl;
	change_for_real("addr del", ifindex, prefix);
	say("KERNEL address-del %d length %u", ifindex, prefix->length);
	return 0;
}

int rtnl_route_del(struct netlink *nl, int ifindex,
		   const struct prefix *prefix)
{
	(void)nl;
	change_for_real("route del", ifindex, prefix);
	say("KERNEL route-del %d length %u", ifindex, prefix->length);
	return 0;
}

uint32_t rtnl_route_metric(const struct prefix *prefix)
{
	return prefix->metric;
}

/* STUB_ROUTE: length and metric of the entry that leads to everybody; else that
 * of this machine itself does.
 */
int rtnl_route_entry(struct netlink *nl, const struct rtnl_flow *flow,
		     struct rtnl_route *route)
{
	const char *text = getenv("STUB_ROUTE");
	unsigned int length = 32, metric = 0;

	(void)nl;
	(void)flow;
	if (text)
		sscanf(text, "%u %u", &length, &metric);
	*route = (struct rtnl_route){
		.table = text ? RT_TABLE_MAIN : RT_TABLE_LOCAL,
		.length = length, .metric = metric,
	};
	return 0;
}

int rtnl_route_find(struct netlink *nl, const struct rtnl_flow *flow,
		    int *ifindex)
{
	(void)nl;
	(void)flow;
	*ifindex = 1;
	return 0;
}

/* STUB_RENAMED: a file, whose name is that of the device once it is there. */
static const char *name_now(const struct made *device)
{
	const char *file = getenv("STUB_RENAMED");

	return file && !access(file, F_OK) ? strrchr(file, '/') + 1 :
	       device->name;
}

enum status __real_links_load(struct links *links);
enum status __wrap_links_load(struct links *links);

/* Those that there are, and ours. */
enum status __wrap_links_load(struct links *links)
{
	const char *gone = getenv("STUB_GONE");
	enum status status = __real_links_load(links);
	struct device *device;
	size_t n;
	int i;

	for (n = 0; getenv("STUB_LINK") && n < links->all.count; n++) {
		if (links->all.items[n].index >= FIRST)
			strcpy(links->all.items[n].kind, OVPN_MPTCP_NAME);
	}
	for (i = 0; i < made_count && !status && !getenv("STUB_LINK"); i++) {
		if (!made[i].there || (gone && !access(gone, F_OK)))
			continue;
		device = LIST_ADD(&links->all);
		device->index = FIRST + i;
		snprintf(device->name, sizeof(device->name), "%s",
			 name_now(&made[i]));
		strcpy(device->kind, OVPN_MPTCP_NAME);
	}
	return status;
}

enum status view_load(struct view *view, const char *command,
		      const char *device, const uint32_t *id)
{
	int i;

	(void)view;
	(void)id;
	for (i = 0; i < made_count; i++) {
		if (!made[i].there || strcmp(device, name_now(&made[i])))
			continue;
		say("SEEN %s", device);
		return STATUS_OK;
	}
	return usage_error("%s: no device has the name %s", command, device);
}

void view_free(struct view *view)
{
	(void)view;
}

enum status watch_open(struct watch *watch, struct native *native)
{
	(void)native;
	memset(watch, 0, sizeof(*watch));
	/* who has just made a device */
	made[made_count - 1].watch = watch;
	return netlink_open(&watch->module, NETLINK_GENERIC);
}

void watch_close(struct watch *watch)
{
	netlink_close(&watch->module);
}

enum watch_event watch_next(struct watch *watch)
{
	int i;

	for (i = 0; i < made_count; i++) {
		if (made[i].watch != watch || !made[i].has_news)
			continue;
		made[i].has_news = false;
		watch->news = (struct watch_news){
			WATCH_PEER_DEL, FIRST + i, 1, made[i].news_reason
		};
		return WATCH_PEER_DEL;
	}
	return WATCH_NOTHING;
}

enum status keep_open(struct keep *keep, const struct keep_options *options)
{
	memset(keep, 0, sizeof(*keep));
	keep->options = *options;
	return STATUS_OK;
}

void keep_fds(const struct keep *keep, struct pollfd fds[KEEP_FDS])
{
	int i;

	(void)keep;
	/* poll() passes by what is negative */
	for (i = 0; i < KEEP_FDS; i++)
		fds[i] = (struct pollfd){ .fd = -1 };
}

uint64_t keep_step(struct keep *keep, uint64_t now)
{
	(void)keep;
	return now + 1000;
}

void keep_close(struct keep *keep)
{
	(void)keep;
}

void keep_print(struct out *out, const struct keep_event *event)
{
	(void)out;
	(void)event;
}

void told_print(struct out *out, const struct told *told)
{
	(void)out;
	(void)told;
}

enum status out_flush(void)
{
	return STATUS_OK;
}

int __real_socket(int family, int type, int protocol);
int __wrap_socket(int family, int type, int protocol);

/* Of a kernel that was started with ipv6.disable=1. */
int __wrap_socket(int family, int type, int protocol)
{
	if (family == AF_INET6 && getenv("STUB_NO_IPV6")) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	return __real_socket(family, type, protocol);
}

int main(int argc, char **argv)
{
	static const struct command command = { .name = "attach" };
	struct request request = { .command = &command, .argv = argv + 1 };

	(void)argc;
	return attach(&request);
}
