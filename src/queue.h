/* SPDX-License-Identifier: GPL-2.0 */
/* Plaintext on its way to a peer: where packets wait, and where they are dropped. */
#ifndef _OVPN_QUEUE_H_
#define _OVPN_QUEUE_H_

#include <linux/skbuff.h>
#include <net/codel.h>
#include <net/fq.h>

#include "drop.h"

/**
 * struct ovpn_queue - FQ-CoDel over the flows of one peer
 * @fq: the flows; its lock protects the whole queue and is taken with BH
 *	disabled
 * @tin: the only tin
 * @codel: CoDel state of each flow
 * @codel_default: CoDel state of the tin's default flow
 * @params: what CoDel goes by; only who takes packets touches it
 * @rest: of a packet in which CoDel has dropped a segment; NULL but within
 *	  ovpn_queue_take()
 * @stats: what CoDel counts
 * @drops: where drops are counted, not owned
 * @open: packets are accepted; false before a socket is attached and after
 *	  it was lost
 * @paused: packets wait, and the worker is not woken: the socket is being changed
 */
struct ovpn_queue {
	struct fq fq;
	struct fq_tin tin;
	struct codel_vars *codel;
	struct codel_vars codel_default;
	struct codel_params params;
	struct sk_buff *rest;
	struct codel_stats stats;
	struct ovpn_drops *drops;
	bool open;
	bool paused;
};

int ovpn_queue_init(struct ovpn_queue *queue, struct ovpn_drops *drops);
void ovpn_queue_destroy(struct ovpn_queue *queue);
bool ovpn_queue_put(struct ovpn_queue *queue, struct sk_buff *skb,
		    void (*kick)(void *arg), void *arg);
struct sk_buff *ovpn_queue_take(struct ovpn_queue *queue);
void ovpn_queue_set_round(struct ovpn_queue *queue, u32 rtt_us);
void ovpn_queue_open(struct ovpn_queue *queue);
void ovpn_queue_close(struct ovpn_queue *queue);
void ovpn_queue_pause(struct ovpn_queue *queue);
void ovpn_queue_resume(struct ovpn_queue *queue);
u32 ovpn_queue_bytes(const struct ovpn_queue *queue);

#endif /* _OVPN_QUEUE_H_ */
