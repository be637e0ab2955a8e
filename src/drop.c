// SPDX-License-Identifier: GPL-2.0
#include "peer.h"
#include "trace.h"

/**
 * ovpn_drops_add - packets of a peer are dropped
 * @drops: counters of the peer
 * @reason: why
 * @packets: how many; 0 counts nothing
 *
 * Any context.
 */
void ovpn_drops_add(struct ovpn_drops *drops, enum ovpn_mptcp_drop reason,
		    unsigned int packets)
{
	struct ovpn_peer *peer = container_of(drops, struct ovpn_peer, drops);

	if (!packets)
		return;
	atomic64_add(packets, &drops->n[reason]);
	trace_ovpn_drop(peer, reason, packets);
}
