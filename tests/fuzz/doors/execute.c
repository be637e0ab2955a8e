// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "coverage.h"
#include "door.h"
#include "execute.h"
#include "sockets.h"
#include "world.h"

/* An answer that does not end is left alone. */
#define READS_MAX	256

/**
 * struct answer - what the kernel said about a request
 * @known: it said how it went
 * @err: an errno, or 0
 * @text: it came with a text
 */
struct answer {
	bool known;
	int err;
	bool text;
};

struct totals totals;

static struct nl_sock *asking, *listening;
static unsigned long *steps_done;
static uint32_t sequence;

bool execute_open(unsigned long *progress)
{
	int i, on = 1;

	steps_done = progress;
	asking = nl_socket_alloc();
	listening = nl_socket_alloc();
	if (!asking || !listening || genl_connect(asking) || genl_connect(listening) ||
	    setsockopt(nl_socket_get_fd(asking), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)) ||
	    setsockopt(nl_socket_get_fd(asking), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on))) {
		printf("FAIL: no generic netlink\n");
		return false;
	}
	for (i = 0; i < DOORS; i++) {
		if (nl_socket_add_membership(listening, doors[i].group)) {
			printf("FAIL: no notifications of family %s\n", doors[i].family);
			return false;
		}
	}
	return true;
}

/* Who waits for it lives in another process. */
static void step_is_done(void)
{
	__atomic_fetch_add(steps_done, 1, __ATOMIC_RELAXED);
}

/* References become what they stand for. Returns the length of the message. */
static size_t build(const struct step *step, uint32_t *words)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)words;
	struct genlmsghdr *genl = NLMSG_DATA(nlh);
	size_t i, len = NLMSG_LENGTH(GENL_HDRLEN) + step->len;

	memset(words, 0, NLMSG_LENGTH(GENL_HDRLEN));
	nlh->nlmsg_type = doors[step->target].id;
	nlh->nlmsg_flags = step->flags;
	nlh->nlmsg_seq = ++sequence;
	genl->cmd = step->command;
	genl->version = 1;
	memcpy(words + NLMSG_LENGTH(GENL_HDRLEN) / 4, step->bytes, step->len);
	for (i = NLMSG_LENGTH(GENL_HDRLEN) / 4; i < len / 4; i++)
		words[i] = world_resolve(words[i]);
	nlh->nlmsg_len = len;
	if (step->missing) {
		len -= step->missing < len ? step->missing : len;
		if (!(step->how & STEP_LIE))
			nlh->nlmsg_len = len;
	}
	return len;
}

/* Behind the error are attributes; what was asked is not repeated (NETLINK_CAP_ACK). */
static bool has_text(const struct nlmsghdr *nlh)
{
	size_t before = nlh->nlmsg_type == NLMSG_ERROR ? sizeof(struct nlmsgerr) : sizeof(int);
	struct nlattr *attrs = (struct nlattr *)((char *)NLMSG_DATA(nlh) + before);
	int len = nlh->nlmsg_len - NLMSG_LENGTH(before);

	return nlh->nlmsg_flags & NLM_F_ACK_TLVS && len > 0 &&
	       nla_find(attrs, len, NLMSGERR_ATTR_MSG);
}

static void parse(const void *said, ssize_t len, uint32_t seq, struct answer *answer)
{
	const struct nlmsghdr *nlh;

	for (nlh = said; NLMSG_OK(nlh, len); nlh = NLMSG_NEXT(nlh, len)) {
		if (nlh->nlmsg_seq != seq || nlh->nlmsg_len < NLMSG_LENGTH(sizeof(int)) ||
		    (nlh->nlmsg_type != NLMSG_ERROR && nlh->nlmsg_type != NLMSG_DONE))
			continue;
		answer->known = true;
		answer->err = -*(const int *)NLMSG_DATA(nlh);
		answer->text = has_text(nlh);
	}
}

/* Reads what there is; returns how much that was. */
static unsigned int receive(int fd, uint32_t seq, struct answer *answer)
{
	static uint32_t said[16 << 10];
	unsigned int count = 0;
	int i;

	for (i = 0; i < READS_MAX; i++) {
		ssize_t len = recv(fd, said, sizeof(said), MSG_DONTWAIT);

		if (len < 0 && errno == EAGAIN)
			break;
		if (len < 0)
			continue;
		count++;
		parse(said, len, seq, answer);
	}
	return count;
}

/*
 * Everything that the doors refuse they explain. What the core refuses before it
 * asks them is another matter: a message that is cut, a dump of what cannot be
 * dumped.
 */
static bool explained(const struct step *step, const struct answer *answer)
{
	if (!answer->err || answer->text || step->missing || step->flags & NLM_F_DUMP)
		return true;
	printf("FAIL: refused with errno %d, and without a text\n", answer->err);
	return false;
}

/* false: the answer is wrong, which was printed */
static bool request(const struct step *step)
{
	uint32_t words[(STEP_BYTES + NLMSG_LENGTH(GENL_HDRLEN)) / 4];
	struct command *command = door_command(&doors[step->target], step->command);
	size_t len = build(step, words);
	struct answer answer = { 0 };
	struct tally *tally;
	bool granted;

	if (send(nl_socket_get_fd(asking), words, len, MSG_DONTWAIT) < 0 || step->how & STEP_HOLD)
		return true;
	receive(nl_socket_get_fd(asking), sequence, &answer);
	granted = answer.known && !answer.err;
	totals.requests++;
	totals.granted += granted;
	if (!command)
		return true;
	tally = &command->done;
	if (command->can_dump && (step->flags & NLM_F_DUMP) == NLM_F_DUMP)
		tally = &command->dumped;
	tally->sent++;
	tally->granted += granted;
	return explained(step, &answer);
}

static bool take(const struct step *step)
{
	switch (step->target) {
	case TARGET_LINK:
		world_link(step);
		return true;
	case TARGET_SOCKET:
		sockets_event(step);
		return true;
	default:
		return request(step);
	}
}

int execute(const struct input *input)
{
	struct answer late = { 0 };
	bool ok = true;
	int i, last = 0;

	totals.inputs++;
	for (i = 0; i < input->n && ok; i++) {
		coverage_begin();
		ok = take(&input->steps[i]);
		if (coverage_end())
			last = i + 1;
		step_is_done();
	}
	receive(nl_socket_get_fd(asking), 0, &late);
	ok = world_restore(input) && ok;
	totals.told += receive(nl_socket_get_fd(listening), 0, &late);
	step_is_done();
	return ok ? last : -1;
}

void execute_close(void)
{
	nl_socket_free(asking);
	nl_socket_free(listening);
}
