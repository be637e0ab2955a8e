/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The claim of one attach to the name of a device, in its network namespace: a
 * listening socket with an abstract name, which goes with the process however
 * that ends. Names of such sockets are free for all, so only one of root, of the
 * same user or of a service with a user of its own counts.
 */
#ifndef CLAIM_H
#define CLAIM_H

#include <stdbool.h>

#include "base/message.h"

/**
 * struct claim - a claim
 * @fd: its socket; -1 for none
 */
struct claim {
	int fd;
};

/* What is claimed instead of a device: no device can have this name. */
#define CLAIM_GATEWAY "/gateway"

/* Says who has it already. The claim of a user without the right to it does not
 * count.
 */
enum status claim_take(struct claim *claim, const char *command,
		       const char *device);
/* Whether somebody has it who may. */
bool claim_is_taken(const char *device);
/* Somebody asked who we are: the kernel has told them. */
void claim_answer(const struct claim *claim);
void claim_drop(struct claim *claim);

#endif /* CLAIM_H */
