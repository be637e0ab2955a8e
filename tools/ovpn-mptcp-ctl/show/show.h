/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices, peers and paths for people. */
#ifndef SHOW_H
#define SHOW_H

#include "cli/command.h"

/* @device: NULL for all; @id: NULL for all peers */
enum status show_peers(const struct request *request, const uint32_t *id);

#endif /* SHOW_H */
