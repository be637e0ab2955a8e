/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses that MPTCP is told to use, by the family mptcp_pm. */
#ifndef ENDPOINTS_H
#define ENDPOINTS_H

#include "links.h"
#include "model.h"

/* A kernel without MPTCP has none. */
enum status endpoints_load(struct endpoints *endpoints,
			   const struct links *links);

/* Copies those that should be a path of the peer and are not. */
void endpoints_missing(const struct endpoints *all, const char *tunnel,
		       struct peer *peer);

#endif /* ENDPOINTS_H */
