/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who we are and whom we expect: a pre-shared key with an identity, or a
 * certificate with its key and the fingerprints of the other end's.
 */
#ifndef CREDENTIALS_H
#define CREDENTIALS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/message.h"

#define CREDENTIALS_PSK_MIN		32
#define CREDENTIALS_PSK_MAX		128
#define CREDENTIALS_IDENTITY_MAX	64
/* for those who name none */
#define CREDENTIALS_IDENTITY		"ovpn-dco-mptcp"
/* of SHA-256 */
#define CREDENTIALS_FINGERPRINT_SIZE	32
#define CREDENTIALS_FINGERPRINT_TEXT	(3 * CREDENTIALS_FINGERPRINT_SIZE)
/* more than one while a certificate is being replaced */
#define CREDENTIALS_FINGERPRINTS_MAX	4
/* larger files hold neither key nor certificate */
#define CREDENTIALS_FILE_MAX		65536

struct x509_st;
struct evp_pkey_st;

/**
 * struct credentials - what a handshake needs; all zero: nothing yet
 * @psk_size: bytes of the pre-shared key; 0 when there is none
 * @psk: the pre-shared key
 * @identity: its name, which is not secret
 * @certificate: ours, or NULL
 * @key: the private key of it, or NULL
 * @fingerprints: SHA-256 of the certificates that the other end may have
 * @fingerprint_count: how many
 * @next: of a server with several clients: those of the next one; NULL for none
 *
 * Secret: credentials_wipe(). It must outlive the channels made with it.
 */
struct credentials {
	size_t psk_size;
	unsigned char psk[CREDENTIALS_PSK_MAX];
	char identity[CREDENTIALS_IDENTITY_MAX + 1];
	struct x509_st *certificate;
	struct evp_pkey_st *key;
	unsigned char fingerprints[CREDENTIALS_FINGERPRINTS_MAX]
				  [CREDENTIALS_FINGERPRINT_SIZE];
	size_t fingerprint_count;
	struct credentials *next;
};

/*
 * Makes OpenSSL wipe whatever it frees: it keeps secrets of a connection in
 * memory that it frees as it is. To be called once, before anything else of
 * OpenSSL; exits when it is too late.
 */
void credentials_init(void);

/*
 * Each of these returns STATUS_OK, or STATUS_USAGE after one line that says
 * the @command, the file or word, and what was expected there; then nothing
 * was added. A file with a secret must belong to root or the user who runs
 * this, and no other user may read or write it. Below $CREDENTIALS_DIRECTORY,
 * where systemd sets the modes, a group may read it.
 */
enum status credentials_read_psk(struct credentials *credentials,
				 const char *command, const char *path);
enum status credentials_set_identity(struct credentials *credentials,
				     const char *command, const char *identity);
enum status credentials_read_certificate(struct credentials *credentials,
					 const char *command, const char *path);
enum status credentials_read_key(struct credentials *credentials,
				 const char *command, const char *path);
enum status credentials_add_fingerprint(struct credentials *credentials,
					const char *command, const char *text);

/*
 * To be called when all is read: exactly one kind, and that complete. Fills in
 * CREDENTIALS_IDENTITY. Returns as the functions above.
 */
enum status credentials_check(struct credentials *credentials,
			      const char *command);

/* Fingerprint of our certificate, colon-separated; needs a certificate. */
void credentials_fingerprint(const struct credentials *credentials,
			     char text[CREDENTIALS_FINGERPRINT_TEXT]);

void credentials_wipe(struct credentials *credentials);

/* Pure parts. They return NULL, or what was expected: nothing of the text is
 * repeated, and nothing secret is left in the result.
 */
const char *credentials_parse_psk(const char *text, size_t size,
				  struct credentials *credentials);
const char *credentials_parse_identity(const char *text, size_t size);
const char *credentials_parse_fingerprint(const char *text, size_t size,
					  unsigned char *fingerprint);
void credentials_format_fingerprint(const unsigned char *fingerprint,
				    char text[CREDENTIALS_FINGERPRINT_TEXT]);

#endif /* CREDENTIALS_H */
