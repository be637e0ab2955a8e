/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doctor: ways out of this machine that MPTCP does not use. */
#ifndef CHECK_UPLINKS_H
#define CHECK_UPLINKS_H

#include "base/finding.h"
#include "uplinks/print_uplinks.h"

/* What is wrong with what is shown. */
void uplinks_judge(const struct uplinks_view *view, struct findings *findings);
/* The same of this machine. */
void check_uplinks(const struct host *host, struct findings *findings);

#endif /* CHECK_UPLINKS_H */
