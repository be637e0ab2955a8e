/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the model is shown. The JSON is documented in docs/json.md. */
#ifndef PRINT_H
#define PRINT_H

#include "base/finding.h"
#include "base/model.h"
#include "base/output.h"

/* Increased when a key goes or changes its meaning; not when one is added. */
#define SCHEMA_VERSION 1

/* @mptcp: available, disabled or missing */
void print_devices(struct out *out, const struct devices *devices,
		   const char *mptcp);
void print_key(struct out *out, const char *device, const struct key *key);

void print_findings(struct out *out, const struct findings *findings);

/* Begins the outermost object of an answer. */
void print_begin(struct out *out);

#endif /* PRINT_H */
