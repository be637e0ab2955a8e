/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two channels that talk through memory: what each sends is a stream of
 * records, which the other end reads in pieces of a chosen size. Both ends do
 * what attach does: agree, take the keys, confirm.
 */
#ifndef CHANNEL_PAIR_H
#define CHANNEL_PAIR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "attach/channel.h"

#define STREAM_MAX (2 * CHANNEL_INPUT_MAX)

/**
 * struct stream - one direction
 * @size: bytes that were sent
 * @pos: bytes of them that were read
 * @limit: no more than so many bytes arrive
 * @flip: this byte is damaged on its way; SIZE_MAX for none
 * @bytes: everything that was sent
 */
struct stream {
	size_t size;
	size_t pos;
	size_t limit;
	size_t flip;
	unsigned char bytes[STREAM_MAX];
};

/**
 * struct end - one end
 * @channel: its channel
 * @reader: the record that it reads
 * @agreement: what it knows
 * @event: the last event that was not CHANNEL_MORE
 * @heard: a bit for each event that was seen
 * @has_keys: it took keys
 * @keys: those
 * @from: what it reads
 * @to: where it writes
 * @broken: the stream is none of records
 */
struct end {
	struct channel *channel;
	struct record_reader reader;
	struct agreement agreement;
	enum channel_event event;
	unsigned int heard;
	bool has_keys;
	struct keyfile keys;
	struct stream *from;
	struct stream *to;
	bool broken;
};

/**
 * struct pair - both ends, and how they are connected
 * @client: one end
 * @server: the other one
 * @up: from the client to the server
 * @down: from the server to the client
 * @piece: bytes that a read gets at most
 * @tls_piece: bytes of a record that a channel gets at once
 * @hold: nothing follows from this event; MORE for none
 * @refuse: enum agree_reason of the server
 */
struct pair {
	struct end client;
	struct end server;
	struct stream up;
	struct stream down;
	size_t piece;
	size_t tls_piece;
	enum channel_event hold;
	uint8_t refuse;
};

struct pair *pair_new(const struct credentials *client,
		      const struct credentials *server);
void pair_free(struct pair *pair);
/* Until nothing moves any more. */
void pair_run(struct pair *pair);
/* Gives one end what has arrived; returns whether there was something. */
bool end_receive(struct pair *pair, struct end *end);
/* Moves what an end has to send into its stream; returns whether it had. */
bool end_send(struct end *end);
/* channel_step() and what follows from it, until CHANNEL_MORE. */
void end_step(struct pair *pair, struct end *end);

bool heard(const struct end *end, enum channel_event event);
/* Both ends came to their end, with keys that fit. */
void assert_agreed(const struct pair *pair);
/* Neither end believes that all is well, and what keys there are was not used. */
void assert_nothing_agreed(const struct pair *pair);
void assert_says(const struct end *end, const char *text);

struct credentials *psk_credentials(const char *identity, unsigned char fill);
/* A new key with a certificate that has expired long ago. */
struct credentials *certificate_credentials(void);
/* @of's certificate becomes one that @by expects */
void pin(struct credentials *by, const struct credentials *of);
void credentials_free(struct credentials *credentials);

#endif /* CHANNEL_PAIR_H */
