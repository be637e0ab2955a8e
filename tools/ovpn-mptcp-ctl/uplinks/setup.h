/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the commands of the uplinks check first. */
#ifndef UPLINKS_SETUP_H
#define UPLINKS_SETUP_H

#include "cli/command.h"

/* Without MPTCP there is nothing to set up; says so. */
enum status uplinks_expect_mptcp(const struct request *request);

#endif /* UPLINKS_SETUP_H */
