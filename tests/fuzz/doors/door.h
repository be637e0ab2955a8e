/* SPDX-License-Identifier: GPL-2.0 */
/* The doors of the module, as the kernel describes them. */
#ifndef DOOR_H
#define DOOR_H

#include <stdbool.h>
#include <stdint.h>

#include "policy.h"

#define DOORS		3
#define COMMANDS_MAX	16

/* how often a kind of request was sent, and how often it was granted */
struct tally {
	unsigned int sent, granted;
};

/**
 * struct command - what a door offers
 * @number: of the command
 * @name: for reports
 * @can_do: it is a request
 * @can_dump: it is a dump
 * @policy: what the attributes of a request must be, by number; -1 if unknown
 * @done: requests
 * @dumped: dumps
 */
struct command {
	uint8_t number;
	const char *name;
	bool can_do, can_dump;
	int policy;
	struct tally done, dumped;
};

/**
 * struct door - one family
 * @family: its name
 * @kind: of its devices
 * @v2: it has the attributes of OpenVPN 2.6, otherwise the native ones
 * @id: type of its messages
 * @group: where its notifications go
 */
struct door {
	const char *family;
	const char *kind;
	bool v2;
	int id;
	int group;
	struct command commands[COMMANDS_MAX];
	int n_commands;
	struct policy policies[POLICY_MAX];
};

enum { DOOR_NATIVE, DOOR_V2, DOOR_OVPN };
extern struct door doors[DOORS];

/* false: the reason was printed */
bool doors_learn(void);
struct command *door_command(struct door *door, uint8_t number);
/* The nest that belongs to a command. */
int door_nest(const struct door *door, uint8_t command);
/* Prints what was granted; returns the number of what never was. */
unsigned int doors_report(void);

#endif
