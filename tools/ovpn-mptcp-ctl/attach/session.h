/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tunnel of attach as the kernel has it: device, peer and keys. */
#ifndef SESSION_H
#define SESSION_H

#include "attach/agree.h"
#include "attach/config.h"
#include "kernel/native_change.h"

/* How long the last key decrypts what is late. */
#define SESSION_OLD_KEY_MS	60000

/* no key is in the slot */
#define SESSION_NO_KEY		0xff

/**
 * struct session - a tunnel
 * @config: of the process
 * @native: conversation with the module
 * @route: conversation with rtnetlink
 * @ifindex: of the device; 0 for none
 * @configured: addresses and routes are there
 * @has_peer: the kernel has the peer, alive or dead
 * @peer: its id
 * @interval: of its keepalive pings, seconds
 * @timeout: of its keepalive, seconds
 * @key_ids: what stands in the slots, SESSION_NO_KEY for nothing
 * @old_until: when the secondary key goes, in clock_ms(); 0 for none that is to
 */
struct session {
	const struct config *config;
	struct native native;
	struct netlink route;
	int ifindex;
	bool configured;
	bool has_peer;
	uint32_t peer;
	uint32_t interval;
	uint32_t timeout;
	uint8_t key_ids[OVPN_MPTCP_SLOT_SECONDARY + 1];
	uint64_t old_until;
};

/* Each function says what went wrong. */

/* The device; one that an earlier run left is replaced. */
enum status session_open(struct session *session, const struct config *config,
			 const char *command);
/* Removes it with everything that belongs to it. */
void session_close(struct session *session);

/* MTU, addresses, routes; once. */
enum status session_configure(struct session *session);
/* The same for another configuration, when those of the last one are there: what
 * is no longer in it goes. @remote: other end of the connection, or NULL. Says
 * what failed, and then nothing is changed.
 */
enum status session_reconfigure(struct session *session,
				const struct config *next,
				const struct address *remote);
/* Whether they will once session_configure() has set the routes, as far as that
 * can be told before.
 */
bool session_will_swallow(struct session *session, const struct address *remote,
			  const struct address *local);
/* Whether packets to an outer address would go into the tunnel itself. */
bool session_swallows(struct session *session, const struct address *remote,
		      const struct address *local);

/* A new peer on a connected socket; the last one goes with its keys.
 * @interval: of its keepalive pings
 */
enum status session_new_peer(struct session *session, uint32_t id,
			     uint32_t interval, int fd);
/* The peer that is there gets that interval, and the timeout of the
 * configuration.
 */
enum status session_keepalive(struct session *session, uint32_t interval);
/* The peer goes: its connection is of no use, and is about to be closed. */
void session_drop_peer(struct session *session);
/* The peer goes on over another socket. */
enum status session_move(struct session *session, int fd);
enum status session_new_key(struct session *session, uint32_t slot,
			    const struct agreement *agreement,
			    const struct keyfile *bytes);
enum status session_swap_keys(struct session *session);
/* Removes the old key when it is time. Returns when that is, or 0. */
uint64_t session_age(struct session *session, uint64_t now);
/* Whether the kernel still has the peer, whatever happened. */
bool session_still_has_peer(struct session *session);
/* Whether it still has the device; true when it does not say. @name: as it has it
 * now, untouched when it does not say
 */
bool session_still_has_device(const struct session *session,
			      char name[IFNAMSIZ]);
/* What the peer has sent and received on the wire. Returns whether it is known. */
bool session_traffic(struct session *session, struct traffic *traffic);

#endif /* SESSION_H */
