// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzz target for a whole channel. Input: one byte (bit 0: the channel is a
 * client; the rest: how long the pieces are), then the TLS bytes that the other
 * end sends. Without the pre-shared key nobody gets as far as a message, and
 * there are never keys. With the argument sample=DIR it writes inputs to begin
 * with: what the two ends of a good handshake send.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/channel.h"
#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct credentials credentials = { .psk_size = 32, .identity = "a" };

/* Moves what one end has to send to the other one, and into a file. */
static size_t move(struct channel *from, struct channel *to, FILE *file)
{
	unsigned char record[RECORD_MAX];
	size_t size, moved = 0;

	while ((size = channel_output(from, record))) {
		size -= RECORD_PREFIX + 1;
		fwrite(record + RECORD_PREFIX + 1, 1, size, file);
		channel_input(to, record + RECORD_PREFIX + 1, size);
		moved += size;
	}
	return moved;
}

static FILE *sample(const char *dir, const char *name, int options)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	check(file != NULL, path);
	putc(options, file);
	return file;
}

static void write_samples(const char *dir)
{
	struct channel *client = channel_open(CHANNEL_CLIENT, &credentials);
	struct channel *server = channel_open(CHANNEL_SERVER, &credentials);
	FILE *up = sample(dir, "client", 0xfe), *down = sample(dir, "server", 0xff);
	struct agreement agreement = {
		.purpose = AGREE_NEW, .offers = { AGREE_AES_256_GCM },
		.offer_count = 1,
	};
	size_t moved;

	do {
		if (channel_step(client, &agreement) == CHANNEL_UP)
			check(!channel_say(client, &agreement), "HELLO");
		moved = move(client, server, up);
		while (channel_step(server, &agreement) == CHANNEL_UP)
			;
		moved += move(server, client, down);
	} while (moved);
	fclose(up);
	fclose(down);
	channel_close(client);
	channel_close(server);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	int i;

	credentials_init();
	for (i = 1; i < *argc; i++) {
		if (!strncmp((*argv)[i], "sample=", 7)) {
			write_samples((*argv)[i] + 7);
			exit(0);
		}
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char record[RECORD_MAX], *exact;
	struct agreement agreement = { 0 };
	struct channel *channel;
	enum channel_event event;
	size_t pos, piece, n;
	struct keyfile keys;

	if (!size)
		return 0;
	piece = 1 + (data[0] >> 1) * 8;
	channel = channel_open(data[0] & 1 ? CHANNEL_CLIENT : CHANNEL_SERVER,
			       &credentials);
	event = channel_step(channel, &agreement);
	check(event == CHANNEL_MORE, "nothing came yet");
	for (pos = 1; pos < size; pos += n) {
		n = size - pos < piece ? size - pos : piece;
		/* of its exact size, so that the sanitizer sees one byte too many */
		exact = malloc(n);
		memcpy(exact, data + pos, n);
		channel_input(channel, exact, n);
		free(exact);
		event = channel_step(channel, &agreement);
		while (channel_output(channel, record))
			;
		check(event == CHANNEL_MORE || event == CHANNEL_FAILED,
		      "nobody is let in");
		if (event == CHANNEL_FAILED) {
			check(channel_error(channel)[0], "a failure says why");
			break;
		}
	}
	check(channel_keys(channel, &agreement, &keys), "no keys");
	check(channel_step(channel, &agreement) == CHANNEL_FAILED, "for good");
	channel_close(channel);
	return 0;
}
