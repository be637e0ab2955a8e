/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What keeps a configuration of OpenVPN from being offloaded over MPTCP, and what
 * is to stand there instead; see docs/openvpn-options.md.
 */
#ifndef OFFLOAD_H
#define OFFLOAD_H

#include "import/ovpn_file.h"

/**
 * enum change_kind - what is said of a directive
 * @CHANGE_REPLACED: another one stands in its place
 * @CHANGE_REMOVED: it is left out
 * @CHANGE_ADDED: it was not there
 * @CHANGE_NONE: it stays, and does something else with offload, or nothing
 * @CHANGE_BLOCKED: it stays, and with it the data stay in userspace
 * @CHANGE_OTHER_END: something for the other end
 */
enum change_kind {
	CHANGE_REPLACED,
	CHANGE_REMOVED,
	CHANGE_ADDED,
	CHANGE_NONE,
	CHANGE_BLOCKED,
	CHANGE_OTHER_END,
};

/**
 * struct change - a change, or why there is none
 * @kind: of what sort
 * @line: number, or 0
 * @was: the line as it was, or NULL
 * @now: the line as it is to be, or NULL
 * @why: in words; they live as long as the program
 */
struct change {
	enum change_kind kind;
	size_t line;
	char *was;
	char *now;
	const char *why;
};

struct changes {
	struct change *items;
	size_t count;
};

/* Whether it is the configuration of a server. */
bool offload_is_server(const struct ovpn_file *file);
/* In the order of the file. */
void offload_find(struct changes *changes, const struct ovpn_file *file);
size_t offload_blocked(const struct changes *changes);
void changes_free(struct changes *changes);

#endif /* OFFLOAD_H */
