// SPDX-License-Identifier: GPL-2.0
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <string.h>

#include "chance.h"
#include "door.h"
#include "generate.h"
#include "mutate.h"
#include "value.h"
#include "world.h"

#define FOUND_MAX	64
#define DEPTH_MAX	3

/**
 * struct found - an attribute in the bytes of a step
 * @at: offset of its header
 * @depth: how many nests are around it
 * @around: offsets of their headers, the outermost first
 * @place: the same, by number
 * @policy: of the attributes beside it, -1 for none
 */
struct found {
	unsigned int at;
	int depth;
	unsigned int around[DEPTH_MAX];
	struct place place;
	int policy;
};

static struct nlattr *attr_at(struct step *step, unsigned int at)
{
	return (struct nlattr *)(step->bytes + at);
}

/* Where the next attribute is; 0 at the end, and where what follows makes no sense. */
static unsigned int step_over(struct step *step, unsigned int at, unsigned int end)
{
	struct nlattr *attr = attr_at(step, at);

	if (attr->nla_len < NLA_HDRLEN || at + attr->nla_len > end)
		return 0;
	return at + NLA_ALIGN(attr->nla_len);
}

static int find(struct step *step, unsigned int at, unsigned int end, struct found inside,
		struct found *all, int n)
{
	const struct door *door = &doors[step->target];

	while (n < FOUND_MAX && at + NLA_HDRLEN <= end) {
		unsigned int next = step_over(step, at, end);
		struct nlattr *attr = attr_at(step, at);
		struct found deeper = inside;

		if (!next)
			break;
		all[n] = inside;
		all[n++].at = at;
		if (attr->nla_type & NLA_F_NESTED && inside.depth < DEPTH_MAX) {
			deeper.around[deeper.depth++] = at;
			if (deeper.depth == 1)
				deeper.place.nest = nla_type(attr);
			else
				deeper.place.inner = nla_type(attr);
			deeper.policy = value_nest(door, inside.policy, nla_type(attr));
			n = find(step, at + NLA_HDRLEN, at + attr->nla_len, deeper, all, n);
		}
		at = next;
	}
	return n;
}

static int find_all(struct step *step, struct found *all)
{
	struct found top = { .policy = -1 };
	const struct command *command;

	command = door_command(&doors[step->target], step->command);
	if (command)
		top.policy = command->policy;
	return find(step, 0, step->len, top, all, 0);
}

/* Replaces bytes; the nests around grow or shrink. */
static void replace(struct step *step, const struct found *where, unsigned int at,
		    unsigned int remove, const void *with, unsigned int len)
{
	int i, grows = (int)len - (int)remove;

	if (at > step->len)
		return;
	if (at + remove > step->len)
		remove = step->len - at;
	if (step->len - remove + len > STEP_BYTES)
		return;
	memmove(step->bytes + at + len, step->bytes + at + remove, step->len - at - remove);
	if (len)
		memcpy(step->bytes + at, with, len);
	step->len = step->len - remove + len;
	for (i = 0; i < where->depth; i++)
		attr_at(step, where->around[i])->nla_len += grows;
}

static void new_value(struct step *step, const struct found *where)
{
	uint8_t with[NLA_HDRLEN + VALUE_BYTES + NLA_ALIGNTO] = { 0 };
	struct nlattr *attr = attr_at(step, where->at), *made = (struct nlattr *)with;
	const struct door *door = &doors[step->target];
	size_t len = value_make(door, where->policy, where->place, nla_type(attr),
				with + NLA_HDRLEN);

	made->nla_type = attr->nla_type;
	made->nla_len = NLA_HDRLEN + len;
	replace(step, where, where->at, NLA_ALIGN(attr->nla_len), with, NLA_ALIGN(made->nla_len));
}

static void one_more(struct step *step, const struct found *where)
{
	const struct door *door = &doors[step->target];
	uint8_t with[STEP_BYTES];
	size_t len = generate_attr(door, where->policy, where->place, with, sizeof(with));

	replace(step, where, where->at, 0, with, len);
}

static void resize(struct step *step, const struct found *where)
{
	static const uint8_t zeros[64];
	struct nlattr *attr = attr_at(step, where->at);
	unsigned int had = NLA_ALIGN(attr->nla_len), len = attr->nla_len;

	if (chance_percent(50))
		len -= chance_below(len - NLA_HDRLEN + 1);
	else
		len += 1 + chance_below(chance_percent(80) ? 8 : 56);
	if (step->len + NLA_ALIGN(len) - had > STEP_BYTES)
		return;
	attr->nla_len = len;
	if (NLA_ALIGN(len) < had)
		replace(step, where, where->at + NLA_ALIGN(len), had - NLA_ALIGN(len), NULL, 0);
	else
		replace(step, where, where->at + had, 0, zeros, NLA_ALIGN(len) - had);
}

static void remove_attr(struct step *step, const struct found *where)
{
	replace(step, where, where->at, NLA_ALIGN(attr_at(step, where->at)->nla_len), NULL, 0);
}

static void change_attr(struct step *step, const struct found *where)
{
	struct nlattr *attr = attr_at(step, where->at);
	uint8_t copy[STEP_BYTES];
	unsigned int size = NLA_ALIGN(attr->nla_len);

	if (where->at + size > step->len)
		size = step->len - where->at;
	switch (chance_below(16)) {
	case 0:
	case 1:
	case 2:
		remove_attr(step, where);
		break;
	case 3:
		memcpy(copy, attr, size);
		replace(step, where, where->at, 0, copy, size);
		break;
	case 4:
		attr->nla_type = (attr->nla_type & ~NLA_TYPE_MASK) | chance_below(70);
		break;
	case 5:
		attr->nla_len = chance_percent(50) ? chance_below(64) : chance_below(0x10000);
		break;
	case 6:
		attr->nla_type ^= chance_percent(70) ? NLA_F_NESTED : NLA_F_NET_BYTEORDER;
		break;
	case 7:
		replace(step, where, where->at + NLA_HDRLEN, size - NLA_HDRLEN, NULL, 0);
		attr->nla_len = NLA_HDRLEN;
		break;
	case 8:
		resize(step, where);
		break;
	case 9:
	case 10:
	case 11:
		one_more(step, where);
		break;
	default:
		new_value(step, where);
	}
}

static void change_bytes(struct step *step)
{
	if (!step->len)
		return;
	if (chance_percent(70))
		step->bytes[chance_below(step->len)] ^= 1 << chance_below(8);
	else
		step->bytes[chance_below(step->len)] = chance_below(256);
}

/*
 * The same on another device, or with another socket: all references to one
 * become references to another one.
 */
static void change_reference(struct input *input)
{
	bool device = chance_percent(50);
	uint32_t from = device ? REFERENCE_DEVICE(chance_below(WORLD_OWN)) :
				 REFERENCE_SOCKET(chance_below(WORLD_SOCKETS));
	uint32_t to = device ? REFERENCE_DEVICE(chance_below(WORLD_DEVICES)) :
			       REFERENCE_SOCKET(chance_below(WORLD_SOCKETS));
	int i, at;

	for (i = 0; i < input->n; i++) {
		uint32_t *words = (uint32_t *)input->steps[i].bytes;

		for (at = 0; at < input->steps[i].len / 4; at++) {
			if (words[at] == from)
				words[at] = to;
		}
	}
}

/* Through the other door with the same numbers. */
static void change_door(struct step *step)
{
	if (step->target == DOOR_NATIVE)
		step->target = DOOR_OVPN;
	else if (step->target == DOOR_OVPN)
		step->target = DOOR_NATIVE;
}

static void change_step(struct step *step)
{
	struct found all[FOUND_MAX];
	int n;

	if (step->target >= DOORS) {
		if (chance_percent(50))
			generate_step(step);
		else
			change_bytes(step);
		return;
	}
	switch (chance_below(20)) {
	case 0:
	case 1:
		generate_manners(step, door_command(&doors[step->target], step->command));
		break;
	case 2:
		change_bytes(step);
		break;
	case 3:
		change_door(step);
		break;
	case 4:
		step->missing = chance_below(step->len + 8);
		step->how |= chance_percent(50) ? STEP_LIE : 0;
		break;
	default:
		n = find_all(step, all);
		if (n)
			change_attr(step, &all[chance_below(n)]);
	}
}

static void take_out(struct input *input, int at)
{
	struct step *step = &input->steps[at];

	input->n--;
	memmove(step, step + 1, (input->n - at) * sizeof(*step));
}

static void put_in(struct input *input, int at, const struct step *step)
{
	struct step *place;

	if (input->n == INPUT_STEPS)
		take_out(input, chance_below(INPUT_STEPS));
	if (at > input->n)
		at = input->n;
	place = &input->steps[at];
	memmove(place + 1, place, (input->n - at) * sizeof(*place));
	*place = *step;
	input->n++;
}

/* An event is of interest for sockets that the input is about. */
static void aim(struct step *step, const struct input *input)
{
	const struct step *other = &input->steps[chance_below(input->n)];
	const uint32_t *words = (const uint32_t *)other->bytes;
	int i;

	for (i = 0; i < other->len / 4; i++) {
		if ((words[i] & ~0xffu) == REFERENCE_SOCKET(0))
			step->object = words[i] & 0xff;
	}
}

static void change_order(struct input *input, const struct input *other)
{
	int at = chance_below(input->n + 1), from;
	struct step step;

	switch (chance_below(5)) {
	case 0:
		if (input->n > 1)
			take_out(input, chance_below(input->n));
		break;
	case 1:
		step = input->steps[chance_below(input->n)];
		put_in(input, at, &step);
		break;
	case 2:
		generate_step(&step);
		if (step.target == TARGET_SOCKET)
			aim(&step, input);
		put_in(input, at, &step);
		break;
	default:
		/* a piece of the other one */
		from = chance_below(other->n);
		do {
			put_in(input, at++, &other->steps[from++]);
		} while (from < other->n && at < INPUT_STEPS && chance_percent(70));
	}
}

/* Changed copies beside a step: they meet what it meets, and what comes later still makes sense. */
static void add_variants(struct input *input)
{
	unsigned int at = chance_below(input->n), n = 1 + chance_below(4);
	const struct step original = input->steps[at];

	while (n--) {
		struct step step = original;

		change_step(&step);
		put_in(input, at + chance_below(2), &step);
	}
}

void mutate(struct input *input, const struct input *other)
{
	int n = 1 + chance_below(chance_percent(80) ? 3 : 8);

	while (n--) {
		switch (chance_below(10)) {
		case 0:
			change_reference(input);
			break;
		case 1:
		case 2:
			change_order(input, other);
			break;
		case 3:
		case 4:
			change_step(&input->steps[chance_below(input->n)]);
			break;
		default:
			add_variants(input);
		}
	}
}

bool mutate_leave_out(struct input *input, int at)
{
	const struct step original = input->steps[at];
	struct found all[FOUND_MAX];
	int i, n;

	if (original.target >= DOORS)
		return false;
	input->n = at + 1;
	n = find_all(&input->steps[at], all);
	for (i = 0; i < n && input->n < INPUT_STEPS; i++) {
		struct step step = original;

		remove_attr(&step, &all[i]);
		put_in(input, at, &step);
	}
	return n;
}
