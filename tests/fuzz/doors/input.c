// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "door.h"
#include "input.h"

struct step *input_add(struct input *input, int target, int command)
{
	struct step *step;

	if (input->n == INPUT_STEPS)
		return NULL;
	step = &input->steps[input->n++];
	memset(step, 0, sizeof(*step));
	step->target = target;
	step->command = command;
	return step;
}

static void print_step(const struct step *step, FILE *to)
{
	static const char *const links[] = {
		"new", "del", "up", "down", "mtu", "change", "move", "get",
	};
	static const char *const sockets[] = {
		"close", "far close", "far write", "read", "write",
	};
	const struct command *command;
	int i;

	switch (step->target) {
	case TARGET_LINK:
		fprintf(to, "link %d %s", step->object, links[step->command]);
		if (step->command == LINK_NEW)
			fprintf(to, " %s", doors[step->kind].kind);
		break;
	case TARGET_SOCKET:
		fprintf(to, "socket %d %s", step->object, sockets[step->command]);
		break;
	default:
		command = door_command(&doors[step->target], step->command);
		fprintf(to, "%s %s(%d) flags %#x", doors[step->target].family,
			command ? command->name : "", step->command, step->flags);
		if (step->missing)
			fprintf(to, " without %d bytes%s", step->missing,
				step->how & STEP_LIE ? ", not told" : "");
		if (step->how & STEP_HOLD)
			fprintf(to, ", not read");
	}
	fprintf(to, ":");
	for (i = 0; i < step->len; i++)
		fprintf(to, "%s%02x", i % 4 ? "" : " ", step->bytes[i]);
	fprintf(to, "\n");
}

void input_print(const struct input *input, FILE *to)
{
	int i;

	for (i = 0; i < input->n; i++) {
		fprintf(to, "#   ");
		print_step(&input->steps[i], to);
	}
}
