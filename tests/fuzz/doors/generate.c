// SPDX-License-Identifier: GPL-2.0
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "chance.h"
#include "generate.h"
#include "world.h"

/**
 * struct wish - which attributes are wanted
 * @only: the one nest, 0 for all
 * @density: how much of what is not needed, in a hundred
 */
struct wish {
	int only;
	unsigned int density;
};

static void put_attrs(struct nl_msg *msg, const struct door *door, int policy, struct place place,
		      struct wish wish);

static struct place inside(struct place place, int attr)
{
	if (place.nest)
		place.inner = attr;
	else
		place.nest = attr;
	return place;
}

/* What does not fit is left out. */
static void put_attr(struct nl_msg *msg, const struct door *door, int policy, struct place place,
		     int attr, unsigned int density)
{
	struct wish all = { 0, density };
	int nest = value_nest(door, policy, attr);
	uint8_t value[VALUE_BYTES];
	struct nlattr *start;
	size_t len;

	if (nest < 0 || place.inner) {
		len = value_make(door, policy, place, attr, value);
		nla_put(msg, attr, len, value);
		return;
	}
	start = nla_nest_start(msg, attr);
	if (!start)
		return;
	put_attrs(msg, door, nest, inside(place, attr), all);
	nla_nest_end_keep_empty(msg, start);
}

static void put_attrs(struct nl_msg *msg, const struct door *door, int policy, struct place place,
		      struct wish wish)
{
	int attr;

	for (attr = 1; attr < POLICY_ATTRS; attr++) {
		bool vital = value_vital(door, place, attr) || attr == wish.only;

		if (!value_known(door, policy, place, attr) || (!vital && wish.only))
			continue;
		if (chance_percent(vital ? 97 : wish.density))
			put_attr(msg, door, policy, place, attr, wish.density);
	}
}

static size_t take(struct nl_msg *msg, uint8_t *to, size_t room)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	size_t len = nlmsg_datalen(nlh);

	if (len > room)
		len = 0;
	memcpy(to, nlmsg_data(nlh), len);
	nlmsg_free(msg);
	return len;
}

static struct nl_msg *message(void)
{
	struct nl_msg *msg = nlmsg_alloc();

	nlmsg_put(msg, 0, 0, 0, 0, 0);
	return msg;
}

size_t generate_attr(const struct door *door, int policy, struct place place, uint8_t *to,
		     size_t room)
{
	int known[POLICY_ATTRS], n = 0, attr;
	struct nl_msg *msg;

	for (attr = 1; attr < POLICY_ATTRS; attr++) {
		if (value_known(door, policy, place, attr))
			known[n++] = attr;
	}
	if (!n)
		return 0;
	msg = message();
	put_attr(msg, door, policy, place, known[chance_below(n)], 50);
	return take(msg, to, room);
}

void generate_manners(struct step *step, const struct command *command)
{
	static const uint16_t odd_flags[] = {
		NLM_F_ECHO, NLM_F_ROOT, NLM_F_MATCH, NLM_F_ATOMIC, NLM_F_MULTI,
	};
	bool dump = command && command->can_dump && (!command->can_do || chance_percent(40));

	step->how = chance_percent(dump ? 10 : 2) ? STEP_HOLD : 0;
	step->flags = NLM_F_REQUEST | (chance_percent(95) ? NLM_F_ACK : 0);
	if (dump || chance_percent(2))
		step->flags |= NLM_F_DUMP;
	if (chance_percent(5))
		step->flags |= chance_of(odd_flags);
	if (chance_percent(1))
		step->flags = chance_below(0x10000);
	if (chance_percent(2)) {
		step->missing = 1 + chance_below(40);
		step->how |= chance_percent(50) ? STEP_LIE : 0;
	}
}

static void request(struct step *step)
{
	static const unsigned int densities[] = { 0, 15, 50, 90 };
	struct door *door = &doors[step->target];
	const struct command *command = &door->commands[chance_below(door->n_commands)];
	struct nl_msg *msg = message();
	struct place top = { 0, 0 };
	struct wish wish = { .density = chance_of(densities) };

	step->command = command->number;
	generate_manners(step, command);
	/* a dump has the device alone, mostly */
	if (step->flags & NLM_F_DUMP && chance_percent(80))
		wish.only = -1;
	else if (chance_percent(95))
		wish.only = door_nest(door, command->number);
	put_attrs(msg, door, command->policy, top, wish);
	step->len = take(msg, step->bytes, STEP_BYTES);
	if (chance_percent(1))
		step->command = chance_below(256);
}

static void link_event(struct step *step)
{
	static const uint32_t mtus[] = { 0, 67, 68, 576, 1400, 9000, 65535, ~0u };
	struct nl_msg *msg;
	uint32_t mtu;

	step->command = chance_below(LINK_VERBS);
	step->kind = chance_below(DOORS);
	/* the devices that were there before are deleted less often */
	step->object = chance_percent(20) ? chance_below(WORLD_OWN) :
		       WORLD_OWN + chance_below(WORLD_DEVICES - 1 - WORLD_OWN);
	if (step->command == LINK_MTU) {
		mtu = chance_of(mtus);
		step->len = sizeof(mtu);
		memcpy(step->bytes, &mtu, sizeof(mtu));
	}
	if (step->command != LINK_NEW && step->command != LINK_CHANGE)
		return;
	msg = message();
	if (chance_percent(85)) {
		uint8_t mode = chance_percent(90) ? chance_below(2) : chance_below(256);

		nla_put(msg, 1, chance_percent(95) ? sizeof(mode) : chance_below(2), &mode);
	}
	step->len = take(msg, step->bytes, STEP_BYTES);
}

static void socket_event(struct step *step)
{
	step->command = chance_below(SOCKET_VERBS);
	step->object = chance_below(WORLD_SOCKETS);
	if (step->command != SOCKET_FAR_WRITE && step->command != SOCKET_WRITE)
		return;
	step->len = 1 + chance_below(64);
	chance_bytes(step->bytes, step->len);
	/* as a record of the stream: its length, then an opcode, of data mostly */
	if (step->len > 3 && chance_percent(80)) {
		step->bytes[0] = 0;
		step->bytes[1] = step->len - 2;
		step->bytes[2] = chance_percent(70) ? 9 << 3 | chance_below(8) : 5 << 3;
	}
}

void generate_step(struct step *step)
{
	memset(step, 0, sizeof(*step));
	if (chance_percent(88)) {
		step->target = chance_below(DOORS);
		request(step);
	} else if (chance_percent(85)) {
		step->target = TARGET_SOCKET;
		socket_event(step);
	} else {
		/* takes as long as a hundred requests */
		step->target = TARGET_LINK;
		link_event(step);
	}
}

void generate_input(struct input *input)
{
	int i, n = 1 + chance_below(INPUT_STEPS / 2);

	input->n = 0;
	for (i = 0; i < n; i++)
		generate_step(&input->steps[input->n++]);
}
