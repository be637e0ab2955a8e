/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the two ends of attach tell each other inside TLS: HELLO of the client,
 * ANSWER of the server, FINISH of the client. See docs/attach.md.
 */
#ifndef AGREE_H
#define AGREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/keyfile.h"

#define AGREE_VERSION		2
#define AGREE_SESSION_SIZE	16
#define AGREE_CIPHERS_MAX	8
/* largest message: a HELLO with all offers */
#define AGREE_SIZE_MAX		(29 + AGREE_CIPHERS_MAX)
#define AGREE_KEY_ID_MAX	7
#define AGREE_PEER_ID_MAX	0xffffff
/* seconds */
#define AGREE_KEEPALIVE_MAX	86400
/* largest key material, see agree_keys() */
#define AGREE_MATERIAL_MAX	(2 * (KEYFILE_KEY_MAX + OVPN_MPTCP_NONCE_TAIL_SIZE))
#define AGREE_CONTEXT_SIZE	2
#define AGREE_LABEL		"EXPORTER-ovpn-dco-mptcp data keys v1"

/**
 * enum agree_type - first byte of a message
 * @AGREE_HELLO: the client's wish
 * @AGREE_ANSWER: what the server makes of it
 * @AGREE_FINISH: the client has the keys, too
 */
enum agree_type {
	AGREE_HELLO = 1,
	AGREE_ANSWER,
	AGREE_FINISH,
};

/**
 * enum agree_purpose - what the client wants new keys for
 * @AGREE_NEW: a session that the server does not have
 * @AGREE_RESUME: a session that goes on over a new connection
 * @AGREE_REKEY: the session of this very connection
 */
enum agree_purpose {
	AGREE_NEW = 1,
	AGREE_RESUME,
	AGREE_REKEY,
};

/**
 * enum agree_cipher - cipher of the data channel, as a byte of a message
 * @AGREE_NO_CIPHER: in an ANSWER that refuses
 * @AGREE_AES_128_GCM: key of 16 bytes
 * @AGREE_AES_256_GCM: key of 32 bytes
 * @AGREE_CHACHA20_POLY1305: key of 32 bytes
 */
enum agree_cipher {
	AGREE_NO_CIPHER,
	AGREE_AES_128_GCM,
	AGREE_AES_256_GCM,
	AGREE_CHACHA20_POLY1305,
};

/**
 * enum agree_reason - why a server refuses
 * @AGREE_ACCEPTED: it does not
 * @AGREE_BAD_VERSION: a version of these messages that it does not speak
 * @AGREE_BAD_MESSAGE: the HELLO is malformed
 * @AGREE_BAD_CIPHER: none of the offers may be used
 * @AGREE_BAD_SESSION: it does not have the session that is to be rekeyed
 * @AGREE_BAD_KEY_ID: the key id is in use
 * @AGREE_BUSY: not now; try again later
 * @AGREE_FAILED: its kernel refused; its log says more
 * @AGREE_STOPPING: it is about to end
 * @AGREE_NO_MPTCP: it wants MPTCP, and the connection is TCP
 */
enum agree_reason {
	AGREE_ACCEPTED,
	AGREE_BAD_VERSION,
	AGREE_BAD_MESSAGE,
	AGREE_BAD_CIPHER,
	AGREE_BAD_SESSION,
	AGREE_BAD_KEY_ID,
	AGREE_BUSY,
	AGREE_FAILED,
	AGREE_STOPPING,
	AGREE_NO_MPTCP,
};

/**
 * struct keepalive - what one end has in its configuration
 * @interval: seconds of silence after which it sends a ping; 0 is never
 * @timeout: seconds of silence after which it gives the other end up; 0 is never
 */
struct keepalive {
	uint32_t interval;
	uint32_t timeout;
};

/**
 * struct agreement - a HELLO, and the ANSWER to it
 * @purpose: HELLO: enum agree_purpose
 * @key_id: HELLO: number of the new key in data packets, 0..7; not one that
 *	    the session has in a slot
 * @session: HELLO: random bytes that the client chose when it started
 * @client: HELLO: keepalive of the client
 * @offers: HELLO: ciphers, the best first, each once, never 0. What a newer
 *	    version offers is kept, and never chosen.
 * @offer_count: HELLO: 1..AGREE_CIPHERS_MAX
 * @reason: ANSWER: enum agree_reason, or one of a newer version
 * @cipher: ANSWER: one of the offers
 * @resumed: ANSWER: the server had the session, its packets go on
 * @peer_id: ANSWER: peer id in data packets of both directions, 24 bits
 * @server: ANSWER: keepalive of the server
 *
 * Set what the message to be said needs; the rest does not matter. When a
 * message was received, the fields of the other one are not touched, so one
 * structure serves for the whole exchange. Nothing in it is secret.
 */
struct agreement {
	uint8_t purpose;
	uint8_t key_id;
	uint8_t session[AGREE_SESSION_SIZE];
	struct keepalive client;
	uint8_t offers[AGREE_CIPHERS_MAX];
	size_t offer_count;
	uint8_t reason;
	uint8_t cipher;
	bool resumed;
	uint32_t peer_id;
	struct keepalive server;
};

/* Writes a message. Returns its size, or 0 for an agreement that cannot be
 * said: a field is out of its range.
 */
size_t agree_encode(enum agree_type type, const struct agreement *agreement,
		    unsigned char message[AGREE_SIZE_MAX]);

/* Reads a message of a @type. Returns AGREE_ACCEPTED; or AGREE_BAD_VERSION or
 * AGREE_BAD_MESSAGE with @expected set and @agreement as it was.
 */
enum agree_reason agree_parse(enum agree_type type, const void *message,
			      size_t size, struct agreement *agreement,
			      const char **expected);

/* The first offer that is among @ciphers; AGREE_NO_CIPHER when none is. */
enum agree_cipher agree_choose(const struct agreement *hello,
			       const uint8_t *ciphers, size_t count);

/* The interval that both ends use, so that neither gives the other one up which
 * is well: the shorter one, and short enough for both timeouts. 0 is never.
 */
uint32_t agree_interval(const struct keepalive *one,
			const struct keepalive *other);

/* "the server refused: expected ..." of a person: what a reason means. */
const char *agree_reason_text(unsigned int reason);

/* As in configurations: "AES-256-GCM"; NULL for one that is not known. */
const char *agree_cipher_name(unsigned int cipher);
/* Case does not matter; AGREE_NO_CIPHER for a name that is not known. */
enum agree_cipher agree_cipher_parse(const char *name);
/* Bytes of the key; 0 for one that is not known. */
size_t agree_key_size(unsigned int cipher);
/* enum ovpn_mptcp_cipher; OVPN_MPTCP_CIPHER_NONE for one that is not known. */
unsigned int agree_kernel_cipher(unsigned int cipher);

/* How the exporter's context looks for a cipher and a key id. */
void agree_context(unsigned int cipher, unsigned int key_id,
		   unsigned char context[AGREE_CONTEXT_SIZE]);
/* Bytes of key material a cipher needs; 0 for one that is not known. */
size_t agree_material_size(unsigned int cipher);
/* Cuts key material into keys. The client encrypts with its front half. */
void agree_keys(unsigned int cipher, const unsigned char *material,
		bool client, struct keyfile *keys);

#endif /* AGREE_H */
