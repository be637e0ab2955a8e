/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which other program minds an interface, or has made an endpoint. */
#ifndef UPLINKS_MANAGERS_H
#define UPLINKS_MANAGERS_H

#include "base/model.h"
#include "kernel/host.h"
#include "uplinks/made.h"

/**
 * struct uplinks_managers - programs that run
 * @host: where to look
 * @mptcpd: makes endpoints of its own
 */
struct uplinks_managers {
	const struct host *host;
	bool mptcpd;
};

void uplinks_managers_load(struct uplinks_managers *managers,
			   const struct host *host);
/* Who gives an interface its addresses, as far as that can be told, or NULL. */
const char *uplinks_manager(const struct uplinks_managers *managers,
			    const struct device *device);
/* Who has made an endpoint of an interface, as far as that can be told: setup,
 * another program, or "others".
 */
const char *uplinks_endpoint_maker(const struct uplinks_managers *managers,
				   const struct uplinks_made *made,
				   const struct endpoint *endpoint,
				   const struct device *device);

#endif /* UPLINKS_MANAGERS_H */
