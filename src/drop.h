/* SPDX-License-Identifier: GPL-2.0 */
/* Why a packet was dropped: one counter a reason, for each peer and device. */
#ifndef _OVPN_DROP_H_
#define _OVPN_DROP_H_

#include <linux/atomic.h>
#include <linux/types.h>

#include "uapi/linux/ovpn_dco_mptcp.h"

/* the numbers are UAPI: OVPN_MPTCP_DROP_x is attribute x of the DROPS nest */
#define OVPN_DROP_COUNT		(OVPN_MPTCP_DROP_MAX + 1)

/**
 * struct ovpn_drops - the counters, part of a peer
 * @n: packets by enum ovpn_mptcp_drop; entry 0 is not used
 */
struct ovpn_drops {
	atomic64_t n[OVPN_DROP_COUNT];
};

void ovpn_drops_add_peer(struct ovpn_drops *drops, enum ovpn_mptcp_drop reason,
			 unsigned int packets);
void ovpn_drops_add(struct ovpn_drops *drops, enum ovpn_mptcp_drop reason,
		    unsigned int packets);

#endif /* _OVPN_DROP_H_ */
