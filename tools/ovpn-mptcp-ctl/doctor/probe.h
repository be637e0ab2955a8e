/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doctor: does MPTCP arrive at a server? */
#ifndef PROBE_H
#define PROBE_H

#include "base/finding.h"
#include "base/model.h"
#include "base/target.h"

/* Connects to every address of @target, by the usual way and from every
 * endpoint that may be a path, and closes again.
 */
void probe(const struct target *target, const struct endpoints *endpoints,
	   struct findings *findings);

#endif /* PROBE_H */
