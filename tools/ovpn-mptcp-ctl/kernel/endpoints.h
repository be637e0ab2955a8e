/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses that MPTCP is told to use, by the family mptcp_pm. */
#ifndef ENDPOINTS_H
#define ENDPOINTS_H

#include "base/message.h"
#include "base/model.h"
#include "kernel/links.h"

/* Returns 0 or an errno; ENOENT: there is no MPTCP. */
int endpoints_read(struct endpoints *endpoints, const struct links *links);
/* The same, and says why not. A kernel without MPTCP has none. */
enum status endpoints_load(struct endpoints *endpoints,
			   const struct links *links);

/**
 * struct limits - of the kernel's path manager
 * @known: it told them
 * @subflows: further paths of a connection
 * @accepted: addresses of the other end that are used
 */
struct limits {
	bool known;
	uint32_t subflows;
	uint32_t accepted;
};

/* Returns 0 or an errno; ENOENT: there is no MPTCP. */
int endpoints_limits(struct limits *limits);
/* Returns 0 or an errno. */
int endpoints_set_limits(const struct limits *limits);

/* Copies those that should be a path of the peer and are not. */
void endpoints_missing(const struct endpoints *all, const char *tunnel,
		       struct peer *peer);

/* What may be added to the first subflow of a connection; UINT32_MAX when not known. */
enum status endpoints_limit(uint32_t *subflows);

/**
 * enum renewal - what became of an endpoint that was to be announced again
 * @RENEWAL_DONE: it is there as before, and announced
 * @RENEWAL_GONE: somebody else had removed it, so it was not added either
 * @RENEWAL_LOST: it was removed, and the kernel refused to add it
 * @RENEWAL_REFUSED: it is there as before; nothing was done
 */
enum renewal {
	RENEWAL_DONE,
	RENEWAL_GONE,
	RENEWAL_LOST,
	RENEWAL_REFUSED,
};

/* Removes and adds an endpoint in one system call. @error: errno of the kernel */
enum renewal endpoint_renew(const struct endpoint *endpoint, int *error);
/* Adds one, with the number that it has, or one that the kernel chooses for 0.
 * Returns 0 or an errno.
 */
int endpoint_add(const struct endpoint *endpoint);
/* Removes one, by its number. Returns 0 or an errno. */
int endpoint_del(const struct endpoint *endpoint);
/* Makes one a backup or normal, for its paths at both ends and for those to
 * come. Returns 0 or an errno.
 */
int endpoint_set_backup(const struct endpoint *endpoint, bool backup);

#endif /* ENDPOINTS_H */
