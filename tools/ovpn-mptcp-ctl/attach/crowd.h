/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who makes room when more strangers come than there are places. */
#ifndef CROWD_H
#define CROWD_H

#include <stddef.h>
#include <stdint.h>

#include "base/model.h"

#define CROWD_MAX	64

/**
 * crowd_choose - which of some connections makes room for another one
 * @all: where they come from
 * @count: how many; at least one, CROWD_MAX at most
 * @chance: any number
 *
 * One of the network that has most, and of the smaller network inside of it that
 * has most, and so on, so that a stranger with many addresses drives out its own.
 * Among those that are left chance decides: who is quick enough to drive out the
 * oldest of them always would keep out everybody who needs longer.
 *
 * Returns its place in @all.
 */
size_t crowd_choose(const struct address *all, size_t count, uint32_t chance);

#endif /* CROWD_H */
