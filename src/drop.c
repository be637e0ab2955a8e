// SPDX-License-Identifier: GPL-2.0
#include "peer.h"
#include "trace.h"

/* the column of the interface's own statistics */
static atomic64_t *of_device(struct ovpn_dev *ovpn,
			     enum ovpn_mptcp_drop reason)
{
	switch (reason) {
	case OVPN_MPTCP_DROP_RX_RUNT ... OVPN_MPTCP_DROP_RX_CONTROL_FULL:
	case OVPN_MPTCP_DROP_RX_QUEUE_FULL:
	case OVPN_MPTCP_DROP_RX_DETACHED:
		return &ovpn->rx_dropped;
	default:
		return &ovpn->tx_dropped;
	}
}

/**
 * ovpn_drops_add_peer - packets of a peer are dropped that the device knows of
 * @drops: counters of the peer
 * @reason: why
 * @packets: how many
 *
 * ovpn_net_xmit() counts for the device what did not get as far as a queue. Any
 * context.
 */
void ovpn_drops_add_peer(struct ovpn_drops *drops, enum ovpn_mptcp_drop reason,
			 unsigned int packets)
{
	struct ovpn_peer *peer = container_of(drops, struct ovpn_peer, drops);

	atomic64_add(packets, &drops->n[reason]);
	trace_ovpn_drop(peer, reason, packets);
}

/**
 * ovpn_drops_add - packets of a peer are dropped
 * @drops: counters of the peer
 * @reason: why
 * @packets: how many; 0 counts nothing
 *
 * They count for the device, too. Any context.
 */
void ovpn_drops_add(struct ovpn_drops *drops, enum ovpn_mptcp_drop reason,
		    unsigned int packets)
{
	struct ovpn_peer *peer = container_of(drops, struct ovpn_peer, drops);

	if (!packets)
		return;
	atomic64_add(packets, of_device(peer->ovpn, reason));
	ovpn_drops_add_peer(drops, reason, packets);
}
