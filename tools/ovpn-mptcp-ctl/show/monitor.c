// SPDX-License-Identifier: GPL-2.0-or-later
/* The verb monitor: notifications of the module as they come. */

#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/names.h"
#include "cli/command.h"
#include "kernel/links.h"
#include "kernel/native.h"
#include "show/print.h"
#include "show/print_path.h"

/* a burst of notifications, as when a server with many peers ends */
#define RECEIVE_BUFFER (1 << 20)

/**
 * struct watch - what the callback of libnl needs
 * @out: where events go
 * @links: names of devices, for they may be gone when an event comes
 * @wanted: name of the only device that is of interest, or NULL
 * @status: why it ends
 */
struct watch {
	struct out *out;
	struct links links;
	const char *wanted;
	enum status status;
};

static void begin_event(struct out *out, const char *event)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	print_begin(out);
	out_number(out, "time_ms", NULL, UNIT_NONE,
		   now.tv_sec * 1000ull + now.tv_nsec / 1000000);
	out_string(out, "event", LOOK(.width = 0), event);
}

static enum status end_event(struct out *out)
{
	out_text(out, "\n");
	out_end(out);
	return out_flush();
}

/* Devices that came after the start are looked up when they are first seen. */
static const char *device_name(struct watch *watch, int ifindex)
{
	const struct device *device = links_by_index(&watch->links, ifindex);
	struct links fresh;

	if (!device && !links_load(&fresh)) {
		links_free(&watch->links);
		watch->links = fresh;
		device = links_by_index(&watch->links, ifindex);
	}
	return device ? device->name : NULL;
}

static void begin_device_event(struct watch *watch, const char *event,
			       const char *name, int ifindex)
{
	struct out *out = watch->out;

	begin_event(out, event);
	if (name)
		out_string(out, "dev", LOOK("  ", "", STYLE_DEVICE, 0), name);
	out_number(out, "ifindex", name ? NULL : LOOK(.before = "  interface "), UNIT_NONE,
		   ifindex);
}

static void peer_del_event(struct watch *watch, const char *name, int ifindex,
			   struct nlattr *nest)
{
	struct nlattr *tb[OVPN_MPTCP_A_PEER_MAX + 1];
	char number[NAME_SIZE];

	if (nla_parse_nested(tb, OVPN_MPTCP_A_PEER_MAX, nest, NULL) < 0 ||
	    !tb[OVPN_MPTCP_A_PEER_ID] || !tb[OVPN_MPTCP_A_PEER_DEL_REASON])
		return;
	begin_device_event(watch, "peer-del", name, ifindex);
	out_number(watch->out, "peer", LOOK("  peer ", "", STYLE_PEER, 0),
		   UNIT_NONE, netlink_uint(tb[OVPN_MPTCP_A_PEER_ID]));
	out_string(watch->out, "reason", LOOK(.before = "  reason "),
		   name_of(reason_names,
			   netlink_uint(tb[OVPN_MPTCP_A_PEER_DEL_REASON]),
			   number, sizeof(number)));
	watch->status = end_event(watch->out);
}

static void peer_float_event(struct watch *watch, const char *name, int ifindex,
			     struct nlattr *nest)
{
	struct nlattr *tb[OVPN_MPTCP_A_PEER_MAX + 1];
	char through[IFNAMSIZ];
	struct address remote;
	uint32_t scope;

	if (nla_parse_nested(tb, OVPN_MPTCP_A_PEER_MAX, nest, NULL) < 0 ||
	    !tb[OVPN_MPTCP_A_PEER_ID])
		return;
	native_parse_remote(tb, &remote, &scope);
	if (!remote.family)
		return;
	begin_device_event(watch, "peer-float", name, ifindex);
	out_number(watch->out, "peer", LOOK("  peer ", "", STYLE_PEER, 0),
		   UNIT_NONE, netlink_uint(tb[OVPN_MPTCP_A_PEER_ID]));
	print_remote(watch->out, LOOK(.before = "  now at "), &remote);
	if (scope && if_indextoname(scope, through))
		out_string(watch->out, "remote_dev", LOOK(.before = " through "), through);
	watch->status = end_event(watch->out);
}

static void key_swap_event(struct watch *watch, const char *name, int ifindex,
			   struct nlattr *nest)
{
	struct nlattr *tb[OVPN_MPTCP_A_KEYCONF_MAX + 1];

	if (nla_parse_nested(tb, OVPN_MPTCP_A_KEYCONF_MAX, nest, NULL) < 0 ||
	    !tb[OVPN_MPTCP_A_KEYCONF_PEER_ID] ||
	    !tb[OVPN_MPTCP_A_KEYCONF_KEY_ID])
		return;
	begin_device_event(watch, "key-used-up", name, ifindex);
	out_number(watch->out, "peer", LOOK("  peer ", "", STYLE_PEER, 0),
		   UNIT_NONE, netlink_uint(tb[OVPN_MPTCP_A_KEYCONF_PEER_ID]));
	out_number(watch->out, "key_id", LOOK(.before = "  key "), UNIT_NONE,
		   netlink_uint(tb[OVPN_MPTCP_A_KEYCONF_KEY_ID]));
	watch->status = end_event(watch->out);
}

static int on_event(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[OVPN_MPTCP_A_MAX + 1];
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct watch *watch = arg;
	const char *name;
	int ifindex;

	if (genlmsg_parse(hdr, 0, tb, OVPN_MPTCP_A_MAX, NULL) < 0 ||
	    !tb[OVPN_MPTCP_A_IFINDEX])
		return NL_OK;
	ifindex = (int)netlink_uint(tb[OVPN_MPTCP_A_IFINDEX]);
	name = device_name(watch, ifindex);
	if (watch->wanted && (!name || strcmp(name, watch->wanted)))
		return NL_OK;
	switch (genlmsg_hdr(hdr)->cmd) {
	case OVPN_MPTCP_CMD_PEER_DEL_NTF:
		if (tb[OVPN_MPTCP_A_PEER])
			peer_del_event(watch, name, ifindex,
				       tb[OVPN_MPTCP_A_PEER]);
		break;
	case OVPN_MPTCP_CMD_PEER_FLOAT_NTF:
		if (tb[OVPN_MPTCP_A_PEER])
			peer_float_event(watch, name, ifindex,
					 tb[OVPN_MPTCP_A_PEER]);
		break;
	case OVPN_MPTCP_CMD_KEY_SWAP_NTF:
		if (tb[OVPN_MPTCP_A_KEYCONF])
			key_swap_event(watch, name, ifindex,
				       tb[OVPN_MPTCP_A_KEYCONF]);
		break;
	}
	return watch->status ? NL_STOP : NL_OK;
}

static enum status plain_event(struct watch *watch, const char *event)
{
	begin_event(watch->out, event);
	return end_event(watch->out);
}

static enum status listen_for_ever(struct native *native, struct watch *watch)
{
	struct nl_sock *sock = native->netlink.sock;

	nl_socket_disable_seq_check(sock);
	nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, on_event, watch);
	watch->status = plain_event(watch, "listening");
	while (!watch->status) {
		errno = 0;
		if (nl_recvmsgs_default(sock) >= 0 || watch->status)
			continue;
		/* more came than we could take */
		if (errno == ENOBUFS)
			watch->status = plain_event(watch, "lost");
		else if (errno != EINTR)
			return system_error(errno, "monitor: the kernel refuses to tell more");
	}
	return watch->status;
}

enum status monitor(const struct request *request)
{
	struct watch watch = { .out = request->out, .wanted = request->device };
	struct native native;
	enum status status;

	/* an event is one line in any case */
	if (request->out->format == OUT_JSON_PRETTY)
		request->out->format = OUT_JSON;
	status = native_open(&native);
	if (status)
		return status;
	status = links_load(&watch.links);
	if (!status && request->device &&
	    !links_tunnel(&watch.links, request->command->name, request->device))
		status = STATUS_USAGE;
	if (!status) {
		nl_socket_set_buffer_size(native.netlink.sock, RECEIVE_BUFFER, 0);
		errno = 0;
		if (nl_socket_add_membership(native.netlink.sock,
					     native.family.group) < 0)
			status = system_error(errno, "monitor: the kernel refuses to tell");
		else
			status = listen_for_ever(&native, &watch);
	}
	links_free(&watch.links);
	native_close(&native);
	return status;
}
