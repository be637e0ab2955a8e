/* SPDX-License-Identifier: GPL-2.0 */
/* What requests are about: devices and sockets, all in a network namespace of their own. */
#ifndef WORLD_H
#define WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "input.h"

/*
 * Two devices a door, point-to-point and multi-peer; some that inputs make; and
 * one that is none of ours.
 */
#define WORLD_OWN	6
#define WORLD_DEVICES	10
#define WORLD_SOCKETS	28

/*
 * Names of network namespaces: where all happens from now on, and another one.
 * false: the reason was printed.
 */
bool world_enter(const char *home, const char *elsewhere);
bool world_open(void);
/* What a reference stands for now. */
uint32_t world_resolve(uint32_t word);
/* What happens to a device. */
void world_link(const struct step *step);
/* After an input: as it was before. false: the reason was printed. */
bool world_restore(const struct input *input);
/* All new. */
bool world_renew(void);
void world_close(void);

#endif
