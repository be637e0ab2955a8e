/* SPDX-License-Identifier: GPL-2.0 */
/* An input: a short sequence of requests, and of what happens beside them. */
#ifndef INPUT_H
#define INPUT_H

#include <stdint.h>
#include <stdio.h>

#define INPUT_STEPS	20
#define STEP_BYTES	1024

/* Besides the doors, whose numbers come first. */
enum { TARGET_LINK = 3, TARGET_SOCKET, TARGETS };

/*
 * TARGET_LINK: what happens to device @object; @bytes is what the link kind
 * @kind gets to see, or the MTU
 */
enum {
	LINK_NEW, LINK_DEL, LINK_UP, LINK_DOWN, LINK_MTU, LINK_CHANGE, LINK_MOVE, LINK_GET,
	LINK_VERBS
};

/* TARGET_SOCKET: what happens to socket @object; @bytes is what is written */
enum { SOCKET_CLOSE, SOCKET_FAR_CLOSE, SOCKET_FAR_WRITE, SOCKET_READ, SOCKET_WRITE, SOCKET_VERBS };

/*
 * STEP_HOLD: the answer is not read before the input ends
 * STEP_LIE: the message is said to be complete when it is not
 */
enum { STEP_HOLD = 1, STEP_LIE = 2 };

/**
 * struct step - one request or event
 * @target: a door, or TARGET_LINK, TARGET_SOCKET
 * @command: number of the command, or LINK_x, SOCKET_x
 * @how: STEP_x
 * @object: see there
 * @kind: link kind, by the number of its door
 * @flags: NLM_F_x
 * @missing: so many bytes of the message are not sent
 * @len: of @bytes
 * @bytes: attributes, see there
 *
 * A word of @bytes may be a reference: the interface index of a device, or the
 * file descriptor of a socket, as they are when the step is taken.
 */
struct step {
	uint8_t target;
	uint8_t command;
	uint8_t how;
	uint8_t object;
	uint8_t kind;
	uint16_t flags;
	uint16_t missing;
	uint16_t len;
	uint8_t bytes[STEP_BYTES] __attribute__((aligned(4)));
};

struct input {
	int n;
	struct step steps[INPUT_STEPS];
};

#define REFERENCE		0xfd5a0000u
#define REFERENCE_DEVICE(n)	(REFERENCE | 0x100 | (n))
#define REFERENCE_SOCKET(n)	(REFERENCE | 0x200 | (n))

/* The next step to fill in, or NULL when the input is full. */
struct step *input_add(struct input *input, int target, int command);
void input_print(const struct input *input, FILE *to);

#endif
