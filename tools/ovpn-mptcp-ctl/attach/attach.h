/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One end of a tunnel without OpenVPN. service.c has the loop; attach_client.c
 * and attach_server.c decide what happens, each for its role. A server has one
 * of these for each of its clients.
 */
#ifndef ATTACH_H
#define ATTACH_H

#include <sys/types.h>

#include "attach/claim.h"
#include "attach/config.h"
#include "attach/credentials.h"
#include "attach/gateway.h"
#include "attach/handshake.h"
#include "attach/session.h"
#include "attach/waits.h"
#include "keep/keep.h"
#include "kernel/watch.h"

/* in milliseconds: from the first byte to the last of a new connection */
#define ATTACH_HANDSHAKE_MS	10000
/* the same on a connection that carries a tunnel: the keepalive knows better
 * when that is dead
 */
#define ATTACH_REKEY_MS		60000

struct attach;

/**
 * struct attach_role - client or server
 * @open: begins; before the device is made
 * @start: the device is there
 * @wait: adds what the role waits for
 * @run: does what can be done now, whatever woke the loop
 * @died: the connection that carried the peer has ended
 * @idle: whether no handshake is under way but that of the live connection
 * @reload: @next is about to be the configuration
 * @hangup: somebody sent SIGHUP, and what was to be read again was
 * @close: frees what the role holds
 */
struct attach_role {
	enum status (*open)(struct attach *attach);
	enum status (*start)(struct attach *attach);
	void (*wait)(struct attach *attach, struct waits *waits);
	enum status (*run)(struct attach *attach, uint64_t now);
	void (*died)(struct attach *attach, uint64_t now);
	bool (*idle)(struct attach *attach);
	void (*reload)(struct attach *attach, const struct config *next);
	void (*hangup)(struct attach *attach);
	void (*close)(struct attach *attach);
};

extern const struct attach_role attach_client;
extern const struct attach_role attach_server;

/**
 * struct attach - an end
 * @command: its name, for messages
 * @out: where what keep does is printed
 * @alone: the process has no other end
 * @role: client or server
 * @of_role: what the role keeps
 * @config: what it was told
 * @device: name of the device, which somebody may have changed
 * @credentials: who we are and whom we expect
 * @ciphers: enum agree_cipher, the best first
 * @cipher_count: how many
 * @mptcp: sockets are MPTCP
 * @claim: to the name of the device
 * @gateway: the way out of the machine
 * @dns: its name servers are, or are about to be, those of the machine
 * @dns_process: that is told so, or 0
 * @session: the tunnel
 * @watch: notifications of the kernel
 * @keep: brings lost paths back
 * @keeps: it is wanted
 * @keep_at: when it wants to be called
 * @live: connection that carries the peer, or did last: the kernel lets go of
 *	a peer whose socket is closed
 * @alive: it still does
 * @last: socket that carried the peer before; -1 for none. It is open until
 *	the other end has moved, too, which would take its end for a failure.
 * @attached_at: clock_ms() since when
 * @ever: the tunnel was up once
 * @why: what the module told last about the end of a connection
 * @why_at: clock_ms() of that
 * @key_used_up: the module wants a new key
 * @told_interval: of keepalive pings, as the log has it
 * @status_at: clock_ms() when the paths are to be counted again
 * @paths: what was found, in words
 */
struct attach {
	const char *command;
	struct out *out;
	bool alone;
	const struct attach_role *role;
	void *of_role;
	struct config config;
	char device[IFNAMSIZ];
	struct credentials credentials;
	uint8_t ciphers[CONFIG_CIPHERS_MAX];
	size_t cipher_count;
	bool mptcp;
	struct claim claim;
	struct gateway gateway;
	bool dns;
	pid_t dns_process;
	struct session session;
	struct watch watch;
	struct keep keep;
	bool keeps;
	uint64_t keep_at;
	struct handshake live;
	bool alive;
	int last;
	uint64_t attached_at;
	bool ever;
	char why[96];
	uint64_t why_at;
	bool key_used_up;
	uint32_t told_interval;
	uint64_t status_at;
	char paths[160];
};

/* An end with its credentials: claims the device, makes it, and begins. Says what
 * failed, and then nothing is left of it but what it was told.
 */
enum status attach_open(struct attach *attach);
/* Does what can be done now; the end of it is a status other than STATUS_OK. */
enum status attach_step(struct attach *attach, uint64_t now);
void attach_wait(struct attach *attach, struct waits *waits);
/* Looks after its paths as the configuration says now. */
enum status attach_keep(struct attach *attach);
void attach_close(struct attach *attach);

/* Lines of the log, with the name of the device. */
__attribute__((format(printf, 2, 3)))
void attach_say(const struct attach *attach, const char *format, ...);
/* The same, for programs as well: the journal has @level and the event's name. */
__attribute__((format(printf, 4, 5)))
void attach_event(const struct attach *attach, int level, const char *event,
		  const char *format, ...);
/* For people who watch: only on a terminal. */
__attribute__((format(printf, 2, 3)))
void attach_progress(const struct attach *attach, const char *format, ...);

/* A connection that the kernel has taken, and whose handshake may go on: it
 * carries the peer from now on.
 */
void attach_carry(struct attach *attach, struct handshake *handshake);
/* The other end has moved, too: the last connection is closed. */
void attach_moved(struct attach *attach);
/* The connection that carries the peer has ended; @why in words. */
void attach_died(struct attach *attach, const char *why);
/* Keys of the handshake go to a slot. */
enum status attach_install(struct attach *attach, struct handshake *handshake,
			   uint32_t slot);
/* Of the configuration. */
struct keepalive attach_keepalive(const struct attach *attach);
/* The interval that both ends of a handshake use. */
uint32_t attach_interval(const struct handshake *handshake);
/* "attached to 203.0.113.5:1194 over mptcp, ..." */
void attach_tell(struct attach *attach, const char *what);
/* Gives a socket the congestion control that is wanted, if any; a socket that
 * connects or listens, see congestion_set().
 */
void attach_congestion(const struct attach *attach, int fd);
/* Whether a connection is what --require-mptcp asks for; says so if not. */
bool attach_is_enough(const struct attach *attach, int fd, bool *warned);

/* What the machine gets of the tunnel, see attach_machine.c: when the device is
 * there; when the tunnel stands; when it does not any more; from time to time.
 */
enum status attach_machine_begin(struct attach *attach);
enum status attach_machine_stand(struct attach *attach);
void attach_machine_died(struct attach *attach);
void attach_machine_look(struct attach *attach);
/* Another configuration: what may be refused; and when it is the one, or the last
 * one stays. @had: mark of the connection
 */
enum status attach_machine_prepare(struct attach *attach,
				   const struct config *next);
void attach_machine_change(struct attach *attach, uint32_t had);
void attach_machine_end(struct attach *attach);

/* Name servers, see attach_dns.c: before the device is made; the tunnel stands;
 * they are to be those from before; from time to time.
 */
void attach_dns_begin(struct attach *attach);
void attach_dns_stand(struct attach *attach);
void attach_dns_rest(struct attach *attach);
void attach_dns_look(struct attach *attach);
/* Until what was asked for is done. */
void attach_dns_wait(struct attach *attach);

/* Tells systemd if it is alone, and the log when the number of paths has changed. Says so when
 * the device is gone, and there is nothing left to be the end of.
 */
enum status attach_status(struct attach *attach, uint64_t now);
/* The kernel refused what it never refuses: look at the device at once. */
void attach_doubt(struct attach *attach);

#endif /* ATTACH_H */
