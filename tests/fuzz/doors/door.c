// SPDX-License-Identifier: GPL-2.0
#include <linux/genetlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <stdio.h>

#include "door.h"
#include "linux/ovpn_dco_mptcp.h"
#include "linux/ovpn_dco_v2.h"

struct door doors[DOORS] = {
	[DOOR_NATIVE] = { .family = OVPN_MPTCP_NAME, .kind = OVPN_MPTCP_NAME },
	[DOOR_V2] = { .family = OVPN_V2_NAME, .kind = OVPN_V2_LINK_KIND, .v2 = true },
	[DOOR_OVPN] = { .family = OVPN_NAME, .kind = OVPN_NAME },
};

static const char *const native_names[] = {
	[OVPN_MPTCP_CMD_PEER_NEW] = "PEER_NEW",
	[OVPN_MPTCP_CMD_PEER_SET] = "PEER_SET",
	[OVPN_MPTCP_CMD_PEER_GET] = "PEER_GET",
	[OVPN_MPTCP_CMD_PEER_DEL] = "PEER_DEL",
	[OVPN_MPTCP_CMD_KEY_NEW] = "KEY_NEW",
	[OVPN_MPTCP_CMD_KEY_GET] = "KEY_GET",
	[OVPN_MPTCP_CMD_KEY_SWAP] = "KEY_SWAP",
	[OVPN_MPTCP_CMD_KEY_DEL] = "KEY_DEL",
	[OVPN_MPTCP_CMD_SET_SOCK] = "SET_SOCK",
};

static const char *const v2_names[] = {
	[OVPN_V2_CMD_NEW_PEER] = "NEW_PEER",
	[OVPN_V2_CMD_SET_PEER] = "SET_PEER",
	[OVPN_V2_CMD_DEL_PEER] = "DEL_PEER",
	[OVPN_V2_CMD_NEW_KEY] = "NEW_KEY",
	[OVPN_V2_CMD_SWAP_KEYS] = "SWAP_KEYS",
	[OVPN_V2_CMD_DEL_KEY] = "DEL_KEY",
	[OVPN_V2_CMD_GET_PEER] = "GET_PEER",
};

static const char *name_of(const struct door *door, uint32_t number)
{
	const char *const *names = door->v2 ? v2_names : native_names;
	size_t n = door->v2 ? sizeof(v2_names) : sizeof(native_names);

	return number < n / sizeof(*names) && names[number] ? names[number] : "?";
}

struct command *door_command(struct door *door, uint8_t number)
{
	int i;

	for (i = 0; i < door->n_commands; i++) {
		if (door->commands[i].number == number)
			return &door->commands[i];
	}
	return NULL;
}

int door_nest(const struct door *door, uint8_t command)
{
	if (door->v2)
		return OVPN_V2_A_NEW_PEER + command - OVPN_V2_CMD_NEW_PEER;
	return command >= OVPN_MPTCP_CMD_KEY_NEW && command <= OVPN_MPTCP_CMD_KEY_DEL ?
	       OVPN_MPTCP_A_KEYCONF : OVPN_MPTCP_A_PEER;
}

static int learn_family(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[CTRL_ATTR_MAX + 1], *op, *of[CTRL_ATTR_OP_MAX + 1];
	struct door *door = arg;
	int rem;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, CTRL_ATTR_MAX, NULL) || !tb[CTRL_ATTR_OPS])
		return NL_SKIP;
	nla_for_each_nested(op, tb[CTRL_ATTR_OPS], rem) {
		struct command *command = &door->commands[door->n_commands];
		uint32_t flags;

		if (nla_parse_nested(of, CTRL_ATTR_OP_MAX, op, NULL) || !of[CTRL_ATTR_OP_ID] ||
		    !of[CTRL_ATTR_OP_FLAGS] || door->n_commands == COMMANDS_MAX)
			return NL_SKIP;
		flags = nla_get_u32(of[CTRL_ATTR_OP_FLAGS]);
		command->number = nla_get_u32(of[CTRL_ATTR_OP_ID]);
		command->name = name_of(door, command->number);
		command->can_do = flags & GENL_CMD_CAP_DO;
		command->can_dump = flags & GENL_CMD_CAP_DUMP;
		command->policy = -1;
		door->n_commands++;
	}
	return NL_OK;
}

static int learn_policy(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[CTRL_ATTR_MAX + 1], *op, *of[CTRL_ATTR_POLICY_DUMP_MAX + 1];
	struct door *door = arg;
	int rem;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, CTRL_ATTR_MAX, NULL))
		return NL_SKIP;
	if (tb[CTRL_ATTR_POLICY])
		policy_learn(door->policies, tb[CTRL_ATTR_POLICY]);
	if (!tb[CTRL_ATTR_OP_POLICY])
		return NL_OK;
	nla_for_each_nested(op, tb[CTRL_ATTR_OP_POLICY], rem) {
		struct command *command = door_command(door, nla_type(op));

		if (command && !nla_parse_nested(of, CTRL_ATTR_POLICY_DUMP_MAX, op, NULL) &&
		    of[CTRL_ATTR_POLICY_DO] && nla_get_u32(of[CTRL_ATTR_POLICY_DO]) < POLICY_MAX)
			command->policy = nla_get_u32(of[CTRL_ATTR_POLICY_DO]);
	}
	return NL_OK;
}

static bool ask(struct nl_sock *sk, struct door *door, uint8_t command, int flags,
		nl_recvmsg_msg_cb_t learn)
{
	struct nl_msg *msg = nlmsg_alloc();
	bool ok = false;

	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, learn, door);
	if (msg &&
	    genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, GENL_ID_CTRL, 0, flags, command, 2) &&
	    !nla_put_u16(msg, CTRL_ATTR_FAMILY_ID, door->id) && nl_send_auto(sk, msg) >= 0 &&
	    !nl_recvmsgs_default(sk))
		ok = flags & NLM_F_DUMP || !nl_wait_for_ack(sk);
	nlmsg_free(msg);
	return ok;
}

static bool learn(struct nl_sock *sk, struct door *door)
{
	int i;

	door->id = genl_ctrl_resolve(sk, door->family);
	door->group = genl_ctrl_resolve_grp(sk, door->family, OVPN_MPTCP_MCGRP_PEERS);
	if (door->id < 0 || door->group < 0 ||
	    !ask(sk, door, CTRL_CMD_GETFAMILY, 0, learn_family) ||
	    !ask(sk, door, CTRL_CMD_GETPOLICY, NLM_F_DUMP, learn_policy) || !door->n_commands)
		return false;
	for (i = 0; i < door->n_commands; i++) {
		if (door->commands[i].policy < 0)
			return false;
	}
	return true;
}

bool doors_learn(void)
{
	struct nl_sock *sk = nl_socket_alloc();
	int i, err = sk ? genl_connect(sk) : -1;

	for (i = 0; i < DOORS && !err; i++) {
		if (!learn(sk, &doors[i])) {
			printf("FAIL: the kernel does not describe family %s\n", doors[i].family);
			err = -1;
		}
	}
	nl_socket_free(sk);
	return !err;
}

static unsigned int report(const char *name, const char *how, const struct tally *tally)
{
	printf("#   %s%s: %u of %u\n", name, how, tally->granted, tally->sent);
	return !tally->granted;
}

unsigned int doors_report(void)
{
	unsigned int never = 0;
	int i, j;

	for (i = 0; i < DOORS; i++) {
		printf("# family %s, requests granted:\n", doors[i].family);
		for (j = 0; j < doors[i].n_commands; j++) {
			const struct command *command = &doors[i].commands[j];

			if (command->can_do)
				never += report(command->name, "", &command->done);
			if (command->can_dump)
				never += report(command->name, ", dump", &command->dumped);
		}
	}
	return never;
}
