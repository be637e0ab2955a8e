/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLS 1.3 as a channel wants it: through memory, one cipher suite, forward
 * secret, both ends authenticated, no message after the handshake.
 */
#ifndef TLS_H
#define TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "attach/credentials.h"

struct bio_st;
struct ssl_st;

/**
 * struct tls - one end of one connection
 * @ssl: the library's
 * @in: bytes that came and were not used yet; belongs to @ssl
 * @out: bytes that are to be sent; belongs to @ssl
 * @credentials: ours
 * @whose: of them, and those that are next to them, the ones that the other end
 *	has come with
 * @client: role
 * @up: the handshake is done
 * @late: a handshake message came although it is
 * @proved: the certificate of the other end is one that is pinned
 * @psk_offered: server: the client came with a pre-shared key
 * @head_have: bytes of a TLS record header that came
 * @head: those bytes
 * @body_left: bytes that the TLS record lacks
 * @why: what a callback has to say about a failure; "" for nothing
 * @error: one line: what was expected and what came
 */
struct tls {
	struct ssl_st *ssl;
	struct bio_st *in;
	struct bio_st *out;
	const struct credentials *credentials;
	const struct credentials *whose;
	bool client;
	bool up;
	bool late;
	bool proved;
	bool psk_offered;
	size_t head_have;
	unsigned char head[5];
	size_t body_left;
	char why[320];
	char error[320];
};

/* Returns 0, or -1 with @tls->error, as the functions below. The structure must
 * stay where it is. tls_close() in either case.
 */
int tls_open(struct tls *tls, bool client,
	     const struct credentials *credentials);
int tls_put(struct tls *tls, const void *bytes, size_t size);
size_t tls_pending(const struct tls *tls);
/* At most tls_pending() bytes. */
int tls_get(struct tls *tls, void *bytes, size_t size);

/* Returns 1 when it is done, 0 when it needs input, or -1. */
int tls_handshake(struct tls *tls);
/* One TLS record, or what fits of it. Returns bytes, 0 when it needs input, -1 */
int tls_read(struct tls *tls, void *bytes, size_t size);
int tls_write(struct tls *tls, const void *bytes, size_t size);
int tls_export(struct tls *tls, const char *label,
	       const unsigned char *context, size_t context_size,
	       unsigned char *material, size_t size);

/* Whether everything that came was used, and ended where a TLS record ends. */
bool tls_input_is_empty(const struct tls *tls);

/* Wipes. */
void tls_close(struct tls *tls);

/* Sets @tls->error from what OpenSSL says, and empties its list of errors. */
void tls_explain(struct tls *tls);

#endif /* TLS_H */
