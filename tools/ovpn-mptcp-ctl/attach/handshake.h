/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection of attach while its ends agree on keys: moves the records
 * between its socket and a channel. It serves a socket before the module has
 * it and afterwards alike, and reads not one byte more than a record has.
 */
#ifndef HANDSHAKE_H
#define HANDSHAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "attach/channel.h"
#include "attach/dial.h"

/**
 * struct handshake - a connection
 * @fd: its socket, -1 for none
 * @channel: of the handshake that is under way, or NULL
 * @agreement: what was said in it
 * @deadline: when it must be done, in milliseconds of clock_ms()
 * @remote: other end of the first path
 * @reader: of the record that comes
 * @out: a record that is not sent yet, or in part
 * @out_size: bytes of it
 * @out_sent: bytes of it that are sent
 * @refused: the other end was reached, and one of the two did not agree
 * @error: why it failed, one line
 */
struct handshake {
	int fd;
	struct channel *channel;
	struct agreement agreement;
	uint64_t deadline;
	struct address remote;
	struct record_reader reader;
	unsigned char out[RECORD_MAX];
	size_t out_size;
	size_t out_sent;
	bool refused;
	char error[320];
};

void handshake_init(struct handshake *handshake);
/* Takes a connected socket. */
void handshake_take(struct handshake *handshake, int fd);
/* Begins a handshake on it, which must be done in @limit milliseconds. */
void handshake_begin(struct handshake *handshake, enum channel_role role,
		     const struct credentials *credentials, uint64_t limit);
/* Sends and reads until something is to be decided; see channel_step(). Takes
 * no more than one record beyond what it returns. CHANNEL_MORE: wait for
 * handshake_events(). CHANNEL_FAILED: error says why.
 */
enum channel_event handshake_step(struct handshake *handshake);
/* Says what the role's turn demands, from agreement. 0, or -1 with error. */
int handshake_say(struct handshake *handshake);
/* Whether everything that was said is with the kernel. */
bool handshake_is_flushed(const struct handshake *handshake);
/* The handshake is over, well or not; the socket stays. */
void handshake_end(struct handshake *handshake);
/* So is the connection. */
void handshake_close(struct handshake *handshake);
/* For poll(). */
short handshake_events(const struct handshake *handshake);
/* A connection without a handshake: 0 as long as nothing comes, 1 when the
 * other end begins one, -1 with error at its end.
 */
int handshake_idle(struct handshake *handshake);
__attribute__((format(printf, 2, 3)))
void handshake_fail(struct handshake *handshake, const char *format, ...);

#endif /* HANDSHAKE_H */
