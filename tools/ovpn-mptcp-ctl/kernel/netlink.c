// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libnl translates an errno into one of its own numbers on the way, so that
 * several become one. The callbacks here keep the number that the kernel sent,
 * and the text that came with it.
 */

#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "kernel/netlink.h"

/* not in the headers of every libc */
#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

/* a burst of events, as when a server with many connections ends */
#define RECEIVE_BUFFER	(1 << 20)

struct answer {
	struct netlink *nl;
	netlink_handler handler;
	void *arg;
};

static void keep_text(struct netlink *nl, const void *start, int size)
{
	const struct nlattr *attr;

	if (size <= 0)
		return;
	attr = nla_find(start, size, NLMSGERR_ATTR_MSG);
	if (attr && nla_len(attr) > 0)
		snprintf(nl->text, sizeof(nl->text), "%.*s", nla_len(attr),
			 (const char *)nla_data(attr));
}

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct answer *answer = arg;

	if (answer->handler)
		answer->handler(nlmsg_hdr(msg), answer->arg);
	return NL_OK;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct answer *answer = arg;

	(void)msg;
	answer->nl->done = true;
	return NL_STOP;
}

/* The end of a dump carries an errno, and texts behind it. */
static int on_finish(struct nl_msg *msg, void *arg)
{
	const struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct answer *answer = arg;
	const int *code = nlmsg_data(hdr);

	answer->nl->done = true;
	if (nlmsg_datalen(hdr) < (int)sizeof(*code) || *code >= 0)
		return NL_STOP;
	answer->nl->error = -*code;
	if (hdr->nlmsg_flags & NLM_F_ACK_TLVS)
		keep_text(answer->nl,
			  (const char *)code + NLMSG_ALIGN(sizeof(*code)),
			  nlmsg_datalen(hdr) - NLMSG_ALIGN(sizeof(*code)));
	return NL_STOP;
}

static int on_interrupted(struct nl_msg *msg, void *arg)
{
	struct answer *answer = arg;

	(void)msg;
	answer->nl->interrupted = true;
	return NL_OK;
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *err, void *arg)
{
	const struct nlmsghdr *hdr = (const void *)((char *)err - NLMSG_HDRLEN);
	size_t offset = sizeof(*err);
	struct answer *answer = arg;

	(void)from;
	answer->nl->done = true;
	answer->nl->error = -err->error;
	if (!(hdr->nlmsg_flags & NLM_F_CAPPED))
		offset += NLMSG_ALIGN(err->msg.nlmsg_len) - NLMSG_HDRLEN;
	if (hdr->nlmsg_flags & NLM_F_ACK_TLVS &&
	    offset < (size_t)nlmsg_datalen(hdr))
		keep_text(answer->nl, (const char *)err + offset,
			  nlmsg_datalen(hdr) - offset);
	return NL_STOP;
}

enum status netlink_open(struct netlink *nl, int protocol)
{
	static const int options[] = {
		NETLINK_EXT_ACK,
		/* or the answer to a new key would contain the key */
		NETLINK_CAP_ACK,
		NETLINK_GET_STRICT_CHK,
	};
	size_t i;
	int one = 1;

	memset(nl, 0, sizeof(*nl));
	nl->sock = nl_socket_alloc();
	if (!nl->sock)
		exit(system_error(ENOMEM, "out of memory"));
	errno = 0;
	if (nl_connect(nl->sock, protocol) < 0) {
		enum status status = system_error(errno, "the kernel gives no netlink socket of protocol %d",
						  protocol);

		netlink_close(nl);
		return status;
	}
	/* older kernels lack some of them: fewer words, that is all */
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		setsockopt(nl_socket_get_fd(nl->sock), SOL_NETLINK, options[i],
			   &one, sizeof(one));
	return STATUS_OK;
}

void netlink_close(struct netlink *nl)
{
	nl_socket_free(nl->sock);
	nl->sock = NULL;
}

static void *need(void *allocated)
{
	if (!allocated)
		exit(system_error(ENOMEM, "out of memory"));
	return allocated;
}

struct nl_msg *netlink_request(int type, int flags)
{
	return need(nlmsg_alloc_simple(type, flags | NLM_F_REQUEST));
}

struct nl_msg *netlink_genl_request(int family, int version, int command, int flags)
{
	struct nl_msg *msg = need(nlmsg_alloc());

	need(genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0,
			 flags | NLM_F_REQUEST, command, version));
	return msg;
}

void netlink_add(struct nl_msg *msg, int type, const void *data, size_t size)
{
	if (nla_put(msg, type, size, data) < 0)
		exit(system_error(EMSGSIZE, "a request is too long"));
}

void netlink_add_u32(struct nl_msg *msg, int type, uint32_t value)
{
	netlink_add(msg, type, &value, sizeof(value));
}

struct nlattr *netlink_nest(struct nl_msg *msg, int type)
{
	return need(nla_nest_start(msg, type | NLA_F_NESTED));
}

void netlink_add_header(struct nl_msg *msg, const void *header, size_t size)
{
	if (nlmsg_append(msg, (void *)header, size, NLMSG_ALIGNTO) < 0)
		exit(system_error(EMSGSIZE, "a request is too long"));
}

static struct nl_cb *callbacks(struct answer *answer)
{
	struct nl_cb *cb = need(nl_cb_alloc(NL_CB_DEFAULT));

	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, answer);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, answer);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, answer);
	nl_cb_set(cb, NL_CB_DUMP_INTR, NL_CB_CUSTOM, on_interrupted, answer);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, answer);
	return cb;
}

int netlink_talk(struct netlink *nl, struct nl_msg *msg, netlink_handler handler, void *arg)
{
	struct answer answer = { nl, handler, arg };
	struct nl_cb *cb = callbacks(&answer);

	nl->error = 0;
	nl->text[0] = '\0';
	nl->interrupted = false;
	nl->done = false;
	errno = 0;
	if (nl_send_auto(nl->sock, msg) < 0)
		nl->error = errno ? errno : EIO;
	/* libnl returns after each datagram */
	while (!nl->error && !nl->done) {
		errno = 0;
		if (nl_recvmsgs(nl->sock, cb) < 0 && !nl->done)
			nl->error = errno ? errno : EIO;
	}
	/* it may hold a key */
	explicit_bzero(nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len);
	nlmsg_free(msg);
	nl_cb_put(cb);
	return nl->error;
}

/* What is sent and not yet answered is answered in order. */
static int answer_of(struct netlink *nl, struct nl_cb *cb)
{
	nl->error = 0;
	nl->text[0] = '\0';
	nl->done = false;
	while (!nl->error && !nl->done) {
		errno = 0;
		if (nl_recvmsgs(nl->sock, cb) < 0 && !nl->done)
			nl->error = errno ? errno : EIO;
	}
	return nl->error;
}

void netlink_talk_pair(struct netlink *nl, struct nl_msg *first,
		       struct nl_msg *second, int errors[2])
{
	struct nl_msg *msgs[] = { first, second };
	struct answer answer = { nl, NULL, NULL };
	struct nl_cb *cb = callbacks(&answer);
	unsigned char buffer[512];
	size_t size = 0;
	int i;

	for (i = 0; i < 2; i++) {
		struct nlmsghdr *hdr;

		nl_complete_msg(nl->sock, msgs[i]);
		hdr = nlmsg_hdr(msgs[i]);
		if (size + NLMSG_ALIGN(hdr->nlmsg_len) > sizeof(buffer))
			exit(system_error(EMSGSIZE, "a request is too long"));
		memset(buffer + size, 0, NLMSG_ALIGN(hdr->nlmsg_len));
		memcpy(buffer + size, hdr, hdr->nlmsg_len);
		size += NLMSG_ALIGN(hdr->nlmsg_len);
		nlmsg_free(msgs[i]);
	}
	errno = 0;
	if (nl_sendto(nl->sock, buffer, size) < 0) {
		nl->error = errno ? errno : EIO;
		errors[0] = nl->error;
		errors[1] = nl->error;
	} else {
		errors[0] = answer_of(nl, cb);
		errors[1] = answer_of(nl, cb);
	}
	nl_cb_put(cb);
}

enum status netlink_refused(const struct netlink *nl, const char *format, ...)
{
	char what[128];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (nl->text[0])
		return system_error(nl->error, "%s: the kernel refuses: %s",
				    what, nl->text);
	return system_error(nl->error, "%s: the kernel refuses", what);
}

struct family_search {
	const char *group;
	struct netlink_family *found;
};

static void on_group(const struct nlattr *group, struct family_search *search)
{
	struct nlattr *tb[CTRL_ATTR_MCAST_GRP_MAX + 1];

	if (nla_parse_nested(tb, CTRL_ATTR_MCAST_GRP_MAX,
			     (struct nlattr *)group, NULL) < 0 ||
	    !tb[CTRL_ATTR_MCAST_GRP_NAME] || !tb[CTRL_ATTR_MCAST_GRP_ID])
		return;
	if (!nla_strcmp(tb[CTRL_ATTR_MCAST_GRP_NAME], search->group))
		search->found->group = nla_get_u32(tb[CTRL_ATTR_MCAST_GRP_ID]);
}

static void on_family(const struct nlmsghdr *message, void *arg)
{
	struct nlattr *tb[CTRL_ATTR_MAX + 1], *group;
	struct family_search *search = arg;
	int rest;

	if (genlmsg_parse((struct nlmsghdr *)message, 0, tb, CTRL_ATTR_MAX,
			  NULL) < 0)
		return;
	if (tb[CTRL_ATTR_FAMILY_ID])
		search->found->id = nla_get_u16(tb[CTRL_ATTR_FAMILY_ID]);
	if (!search->group || !tb[CTRL_ATTR_MCAST_GROUPS])
		return;
	nla_for_each_nested(group, tb[CTRL_ATTR_MCAST_GROUPS], rest)
		on_group(group, search);
}

int netlink_family_find(struct netlink *nl, const char *name, const char *group,
		   struct netlink_family *family)
{
	struct family_search search = { group, family };
	struct nl_msg *msg = netlink_genl_request(GENL_ID_CTRL, 1,
					     CTRL_CMD_GETFAMILY, 0);

	memset(family, 0, sizeof(*family));
	netlink_add(msg, CTRL_ATTR_FAMILY_NAME, name, strlen(name) + 1);
	return netlink_talk(nl, msg, on_family, &search);
}

enum status netlink_listen(struct netlink *nl, int protocol, const int *groups,
			   size_t count)
{
	enum status status = nl->sock ? STATUS_OK : netlink_open(nl, protocol);
	size_t i;

	for (i = 0; !status && i < count; i++) {
		errno = 0;
		if (nl_socket_add_membership(nl->sock, groups[i]) < 0)
			status = system_error(errno, "the kernel refuses to tell of changes");
	}
	if (status)
		return status;
	nl_socket_set_buffer_size(nl->sock, RECEIVE_BUFFER, 0);
	nl_socket_disable_seq_check(nl->sock);
	nl_socket_set_nonblocking(nl->sock);
	return STATUS_OK;
}

struct family_visit {
	void (*seen)(const char *name, void *arg);
	void *arg;
};

static void on_each_family(const struct nlmsghdr *message, void *arg)
{
	struct nlattr *tb[CTRL_ATTR_MAX + 1];
	struct family_visit *visit = arg;

	if (genlmsg_parse((struct nlmsghdr *)message, 0, tb, CTRL_ATTR_MAX,
			  NULL) < 0 || !tb[CTRL_ATTR_FAMILY_NAME])
		return;
	visit->seen(nla_get_string(tb[CTRL_ATTR_FAMILY_NAME]), visit->arg);
}

int netlink_families(struct netlink *nl,
		     void (*seen)(const char *name, void *arg), void *arg)
{
	struct family_visit visit = { seen, arg };

	return netlink_talk(nl, netlink_genl_request(GENL_ID_CTRL, 1,
						     CTRL_CMD_GETFAMILY,
						     NLM_F_DUMP),
			    on_each_family, &visit);
}

uint64_t netlink_uint(const struct nlattr *attr)
{
	uint64_t wide;
	uint32_t word;
	uint16_t half;

	switch (nla_len(attr)) {
	case sizeof(wide):
		/* not aligned inside a message */
		memcpy(&wide, nla_data(attr), sizeof(wide));
		return wide;
	case sizeof(word):
		memcpy(&word, nla_data(attr), sizeof(word));
		return word;
	case sizeof(half):
		memcpy(&half, nla_data(attr), sizeof(half));
		return half;
	case 1:
		return *(const uint8_t *)nla_data(attr);
	}
	return 0;
}
