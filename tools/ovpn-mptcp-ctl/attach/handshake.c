// SPDX-License-Identifier: GPL-2.0-or-later
/* Moves the records of a handshake between a socket and a channel. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "attach/handshake.h"
#include "attach/waits.h"

void handshake_init(struct handshake *handshake)
{
	memset(handshake, 0, sizeof(*handshake));
	handshake->fd = -1;
}

void handshake_take(struct handshake *handshake, int fd)
{
	handshake_init(handshake);
	handshake->fd = fd;
	address_of_peer(fd, &handshake->remote);
	record_reader_init(&handshake->reader);
}

void handshake_begin(struct handshake *handshake, enum channel_role role,
		     const struct credentials *credentials, uint64_t limit)
{
	handshake->channel = channel_open(role, credentials);
	handshake->deadline = clock_ms() + limit;
	handshake->refused = false;
	handshake->error[0] = '\0';
}

void handshake_fail(struct handshake *handshake, const char *format, ...)
{
	va_list args;

	/* the first reason is the one that tells */
	if (handshake->error[0])
		return;
	va_start(args, format);
	vsnprintf(handshake->error, sizeof(handshake->error), format, args);
	va_end(args);
}

bool handshake_is_flushed(const struct handshake *handshake)
{
	return handshake->out_sent == handshake->out_size;
}

/* Sends what there is. Once the module has the socket, a send takes a record
 * as a whole or not at all; before that, it may take a part.
 */
static int flush(struct handshake *handshake)
{
	for (;;) {
		ssize_t n;

		if (handshake_is_flushed(handshake)) {
			handshake->out_sent = 0;
			handshake->out_size = channel_output(handshake->channel,
							     handshake->out);
			if (!handshake->out_size)
				return 0;
		}
		n = send(handshake->fd, handshake->out + handshake->out_sent,
			 handshake->out_size - handshake->out_sent,
			 MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n >= 0) {
			handshake->out_sent += n;
			continue;
		}
		if (errno == EAGAIN)
			return 0;
		if (errno == EINTR)
			continue;
		handshake_fail(handshake, "the connection broke (%s)",
			       errno_text(errno));
		return -1;
	}
}

/* Returns 1 when a record is complete, 0 when nothing more is there, -1 at the
 * end of the stream.
 */
static int read_record(struct handshake *handshake)
{
	struct record_reader *reader = &handshake->reader;

	for (;;) {
		enum record_verdict verdict;
		size_t most;
		void *room;
		ssize_t n;

		most = record_room(reader, &room);
		n = recv(handshake->fd, room, most, MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0) {
			handshake_fail(handshake, "the connection broke (%s)",
				       errno_text(errno));
			return -1;
		}
		if (!n) {
			handshake_fail(handshake, "the other end closed the connection");
			return -1;
		}
		verdict = record_add(reader, n);
		if (verdict == RECORD_WHOLE)
			return 1;
		if (verdict == RECORD_BROKEN) {
			handshake->refused = true;
			handshake_fail(handshake, "%s", reader->error);
			return -1;
		}
	}
}

static int take_record(struct handshake *handshake)
{
	const unsigned char *bytes;
	size_t size;
	int err;

	bytes = record_tls(&handshake->reader, &size);
	err = channel_input(handshake->channel, bytes, size);
	record_reader_init(&handshake->reader);
	return err;
}

static enum channel_event failed(struct handshake *handshake)
{
	/* an alert tells the other end why */
	if (handshake->channel)
		flush(handshake);
	return CHANNEL_FAILED;
}

enum channel_event handshake_step(struct handshake *handshake)
{
	for (;;) {
		enum channel_event event;
		int got;

		event = channel_step(handshake->channel, &handshake->agreement);
		if (event == CHANNEL_FAILED) {
			handshake->refused = true;
			handshake_fail(handshake, "%s",
				       channel_error(handshake->channel));
			return failed(handshake);
		}
		if (flush(handshake))
			return CHANNEL_FAILED;
		if (event != CHANNEL_MORE)
			return event;
		if (clock_ms() >= handshake->deadline) {
			handshake_fail(handshake, "the handshake took too long");
			return CHANNEL_FAILED;
		}
		if (!handshake_is_flushed(handshake))
			return CHANNEL_MORE;
		got = read_record(handshake);
		if (!got)
			return CHANNEL_MORE;
		if (got < 0)
			return failed(handshake);
		/* what is wrong with it shows in the next step */
		take_record(handshake);
	}
}

int handshake_say(struct handshake *handshake)
{
	if (channel_say(handshake->channel, &handshake->agreement)) {
		handshake->refused = true;
		handshake_fail(handshake, "%s",
			       channel_error(handshake->channel));
		return -1;
	}
	return flush(handshake);
}

void handshake_end(struct handshake *handshake)
{
	channel_close(handshake->channel);
	handshake->channel = NULL;
	handshake->deadline = 0;
}

void handshake_close(struct handshake *handshake)
{
	handshake_end(handshake);
	if (handshake->fd >= 0)
		close(handshake->fd);
	handshake->fd = -1;
}

short handshake_events(const struct handshake *handshake)
{
	return handshake_is_flushed(handshake) ? POLLIN : POLLOUT;
}

int handshake_idle(struct handshake *handshake)
{
	char byte;
	ssize_t n;

	n = recv(handshake->fd, &byte, sizeof(byte), MSG_DONTWAIT | MSG_PEEK);
	if (n > 0)
		return 1;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	handshake->error[0] = '\0';
	if (n < 0)
		handshake_fail(handshake, "the connection broke (%s)",
			       errno_text(errno));
	else
		handshake_fail(handshake, "the other end closed the connection");
	return -1;
}
