// SPDX-License-Identifier: GPL-2.0-or-later
/* TLS 1.3 through memory. */

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "attach/tls.h"

/* One suite, which every TLS 1.3 library has that also serves in FIPS mode; its
 * hash is that of the pre-shared key, too. The handshake is short: there is
 * nothing to gain from a choice.
 */
#define SUITE		"TLS_AES_256_GCM_SHA384"
#define SUITE_BYTES	{ 0x13, 0x02 }
#define GROUPS		"X25519:P-256"
/* RSA from 2048 bits, elliptic curves from 224, whatever openssl.cnf says */
#define SECURITY_LEVEL	2

/* A session as the library wants it: new, of our suite, with this key. */
static SSL_SESSION *psk_session(SSL *ssl, const unsigned char *psk, size_t size)
{
	static const unsigned char suite[] = SUITE_BYTES;
	const SSL_CIPHER *cipher = SSL_CIPHER_find(ssl, suite);
	SSL_SESSION *session = SSL_SESSION_new();

	if (cipher && session &&
	    SSL_SESSION_set1_master_key(session, psk, size) &&
	    SSL_SESSION_set_cipher(session, cipher) &&
	    SSL_SESSION_set_protocol_version(session, TLS1_3_VERSION))
		return session;
	SSL_SESSION_free(session);
	return NULL;
}

static int use_psk(SSL *ssl, const EVP_MD *md, const unsigned char **identity,
		   size_t *size, SSL_SESSION **session)
{
	struct tls *tls = SSL_get_app_data(ssl);
	const struct credentials *credentials = tls->credentials;

	(void)md;
	tls->whose = credentials;
	*session = psk_session(ssl, credentials->psk, credentials->psk_size);
	*identity = (const unsigned char *)credentials->identity;
	*size = strlen(credentials->identity);
	return *session ? 1 : 0;
}

/* An identity of somebody else in a log line: nothing but visible characters. */
static void unknown_identity(struct tls *tls, const unsigned char *identity,
			     size_t size)
{
	char shown[CREDENTIALS_IDENTITY_MAX + 1];
	size_t i;

	for (i = 0; i < size && i < CREDENTIALS_IDENTITY_MAX; i++)
		shown[i] = identity[i] > ' ' && identity[i] <= '~' ?
			   identity[i] : '?';
	shown[i] = '\0';
	if (tls->credentials->next)
		snprintf(tls->why, sizeof(tls->why),
			 "expected the identity of a peer, the other end has %s",
			 shown);
	else
		snprintf(tls->why, sizeof(tls->why),
			 "expected the identity %s, the other end has %s",
			 tls->credentials->identity, shown);
}

/* For an identity that is not known there is a key that no peer has: a stranger
 * learns the same from a wrong identity as from a wrong key.
 */
static int find_psk(SSL *ssl, const unsigned char *identity, size_t size,
		    SSL_SESSION **session)
{
	struct tls *tls = SSL_get_app_data(ssl);
	const struct credentials *credentials;
	unsigned char nobody[CREDENTIALS_PSK_MIN];

	tls->psk_offered = true;
	for (credentials = tls->credentials; credentials;
	     credentials = credentials->next) {
		if (size != strlen(credentials->identity) ||
		    memcmp(identity, credentials->identity, size))
			continue;
		tls->why[0] = '\0';
		tls->whose = credentials;
		*session = psk_session(ssl, credentials->psk,
				       credentials->psk_size);
		return *session ? 1 : 0;
	}
	unknown_identity(tls, identity, size);
	if (RAND_bytes(nobody, sizeof(nobody)) != 1)
		return 0;
	*session = psk_session(ssl, nobody, sizeof(nobody));
	OPENSSL_cleanse(nobody, sizeof(nobody));
	return *session ? 1 : 0;
}

static bool is_pinned(const struct credentials *credentials,
		      const unsigned char *fingerprint)
{
	bool pinned = false;
	size_t i;

	for (i = 0; i < credentials->fingerprint_count; i++)
		pinned |= !CRYPTO_memcmp(credentials->fingerprints[i],
					 fingerprint,
					 CREDENTIALS_FINGERPRINT_SIZE);
	return pinned;
}

/* In place of the chain, names and dates: the fingerprint says which
 * certificate it is, and TLS proves that the other end has its key. Who should
 * no longer be let in is taken out of the configuration. Dates would keep out
 * a host whose clock is not set yet, and no other one.
 */
static int verify(X509_STORE_CTX *store, void *arg)
{
	unsigned char fingerprint[EVP_MAX_MD_SIZE];
	char text[CREDENTIALS_FINGERPRINT_TEXT];
	struct tls *tls = arg;
	X509 *certificate = X509_STORE_CTX_get0_cert(store);

	X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
	if (tls->credentials->psk_size) {
		snprintf(tls->why, sizeof(tls->why),
			 "expected a pre-shared key, the other end has a certificate");
		return 0;
	}
	if (!certificate ||
	    !X509_digest(certificate, EVP_sha256(), fingerprint, NULL))
		return 0;
	tls->whose = tls->credentials;
	while (tls->whose && !is_pinned(tls->whose, fingerprint))
		tls->whose = tls->whose->next;
	tls->proved = tls->whose;
	if (tls->proved) {
		X509_STORE_CTX_set_error(store, X509_V_OK);
		return 1;
	}
	credentials_format_fingerprint(fingerprint, text);
	snprintf(tls->why, sizeof(tls->why),
		 "expected a certificate with a fingerprint of peer-fingerprint, the other end has %s",
		 text);
	return 0;
}

/* What could come late: new session tickets, key updates, requests for a
 * certificate. All would be bytes of TLS that the three messages do not count.
 */
static void watch(int sent, int version, int type, const void *bytes,
		  size_t size, SSL *ssl, void *arg)
{
	struct tls *tls = arg;

	(void)version;
	(void)bytes;
	(void)size;
	(void)ssl;
	if (!sent && type == SSL3_RT_HANDSHAKE && tls->up)
		tls->late = true;
}

/* Everything that openssl.cnf might have set otherwise is set here. */
static bool set_protocol(SSL_CTX *ctx)
{
	SSL_CTX_set_security_level(ctx, SECURITY_LEVEL);
	SSL_CTX_clear_options(ctx, SSL_OP_ALLOW_NO_DHE_KEX |
			      SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
			    SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_mode(ctx, SSL_MODE_NO_AUTO_CHAIN);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_quiet_shutdown(ctx, 1);
	return SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) &&
	       SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) &&
	       SSL_CTX_set_ciphersuites(ctx, SUITE) &&
	       SSL_CTX_set1_groups_list(ctx, GROUPS) &&
	       SSL_CTX_set_num_tickets(ctx, 0) &&
	       SSL_CTX_set_max_early_data(ctx, 0) &&
	       SSL_CTX_set_recv_max_early_data(ctx, 0);
}

static bool set_credentials(SSL_CTX *ctx, struct tls *tls)
{
	static const unsigned char context[] = "attach";
	const struct credentials *credentials = tls->credentials;

	/* with a pre-shared key, too: then every certificate is refused */
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER |
			   SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, verify, tls);
	/* a pre-shared key is a session for the library, and it wants those of
	 * servers that verify to have a context
	 */
	if (!tls->client &&
	    !SSL_CTX_set_session_id_context(ctx, context, sizeof(context)))
		return false;
	if (credentials->psk_size) {
		SSL_CTX_set_psk_use_session_callback(ctx, use_psk);
		SSL_CTX_set_psk_find_session_callback(ctx, find_psk);
		return true;
	}
	return SSL_CTX_use_certificate(ctx, credentials->certificate) &&
	       SSL_CTX_use_PrivateKey(ctx, credentials->key);
}

static bool set_memory(struct tls *tls)
{
	BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());

	if (!in || !out) {
		BIO_free(in);
		BIO_free(out);
		return false;
	}
	SSL_set_bio(tls->ssl, in, out);
	tls->in = in;
	tls->out = out;
	return true;
}

int tls_open(struct tls *tls, bool client,
	     const struct credentials *credentials)
{
	SSL_CTX *ctx;

	memset(tls, 0, sizeof(*tls));
	tls->client = client;
	tls->credentials = credentials;
	ERR_clear_error();
	ctx = SSL_CTX_new(client ? TLS_client_method() : TLS_server_method());
	if (ctx && set_protocol(ctx) && set_credentials(ctx, tls))
		tls->ssl = SSL_new(ctx);
	/* the connection holds it */
	SSL_CTX_free(ctx);
	if (!tls->ssl || !set_memory(tls)) {
		tls_explain(tls);
		return -1;
	}
	SSL_set_app_data(tls->ssl, tls);
	SSL_set_msg_callback(tls->ssl, watch);
	SSL_set_msg_callback_arg(tls->ssl, tls);
	if (client)
		SSL_set_connect_state(tls->ssl);
	else
		SSL_set_accept_state(tls->ssl);
	return 0;
}

/* Follows the headers of TLS records: type, version, length of what follows. So
 * that their end is known without asking what the library keeps.
 */
static void follow(struct tls *tls, const unsigned char *bytes, size_t size)
{
	while (size) {
		size_t part = size;

		if (tls->body_left) {
			if (part > tls->body_left)
				part = tls->body_left;
			tls->body_left -= part;
		} else {
			part = 1;
			tls->head[tls->head_have++] = *bytes;
			if (tls->head_have == sizeof(tls->head)) {
				tls->body_left = (size_t)tls->head[3] << 8 |
						 tls->head[4];
				tls->head_have = 0;
			}
		}
		bytes += part;
		size -= part;
	}
}

int tls_put(struct tls *tls, const void *bytes, size_t size)
{
	if (!size)
		return 0;
	follow(tls, bytes, size);
	if (BIO_write(tls->in, bytes, size) == (int)size)
		return 0;
	tls_explain(tls);
	return -1;
}

size_t tls_pending(const struct tls *tls)
{
	return tls->out ? BIO_ctrl_pending(tls->out) : 0;
}

int tls_get(struct tls *tls, void *bytes, size_t size)
{
	if (BIO_read(tls->out, bytes, size) == (int)size)
		return 0;
	tls_explain(tls);
	return -1;
}

/* The library was told all this. It must not be the only one who knows. */
static const char *check_handshake(const struct tls *tls)
{
	bool psk = tls->credentials->psk_size;
	EVP_PKEY *share = NULL;
	bool shared;

	if (SSL_version(tls->ssl) != TLS1_3_VERSION)
		return "expected TLS 1.3, the other end has something older";
	if (psk != !!SSL_session_reused(tls->ssl))
		return psk ? "expected a pre-shared key, the other end used none" :
			     "expected a certificate, the other end used none";
	if (!psk && !tls->proved)
		return "expected a certificate of peer-fingerprint, the other end showed none";
	shared = SSL_get_peer_tmp_key(tls->ssl, &share) && share;
	EVP_PKEY_free(share);
	if (!shared)
		return "expected a key exchange of its own for every connection, the other end offered none";
	return NULL;
}

/* Returns 0 when the library only wants input, or -1. */
static int outcome(struct tls *tls, int ret)
{
	if (tls->late) {
		/* an answer to it, perhaps; it is not waited for */
		(void)BIO_reset(tls->out);
		snprintf(tls->error, sizeof(tls->error),
			 "expected no handshake message of TLS after the handshake");
		return -1;
	}
	switch (SSL_get_error(tls->ssl, ret)) {
	case SSL_ERROR_WANT_READ:
		return 0;
	case SSL_ERROR_ZERO_RETURN:
		snprintf(tls->error, sizeof(tls->error),
			 "expected a message, the other end ended TLS");
		return -1;
	default:
		tls_explain(tls);
		return -1;
	}
}

int tls_handshake(struct tls *tls)
{
	const char *wrong;
	int ret;

	ERR_clear_error();
	ret = SSL_do_handshake(tls->ssl);
	if (ret != 1)
		return outcome(tls, ret);
	wrong = check_handshake(tls);
	if (wrong) {
		snprintf(tls->error, sizeof(tls->error), "%s", wrong);
		return -1;
	}
	tls->up = true;
	return 1;
}

int tls_read(struct tls *tls, void *bytes, size_t size)
{
	int ret;

	ERR_clear_error();
	ret = SSL_read(tls->ssl, bytes, size);
	return ret > 0 && !tls->late ? ret : outcome(tls, ret);
}

int tls_write(struct tls *tls, const void *bytes, size_t size)
{
	ERR_clear_error();
	if (SSL_write(tls->ssl, bytes, size) == (int)size)
		return 0;
	tls_explain(tls);
	return -1;
}

int tls_export(struct tls *tls, const char *label,
	       const unsigned char *context, size_t context_size,
	       unsigned char *material, size_t size)
{
	ERR_clear_error();
	if (SSL_export_keying_material(tls->ssl, material, size, label,
				       strlen(label), context, context_size,
				       1) == 1)
		return 0;
	OPENSSL_cleanse(material, size);
	tls_explain(tls);
	return -1;
}

bool tls_input_is_empty(const struct tls *tls)
{
	return !tls->head_have && !tls->body_left &&
	       (!tls->in || !BIO_ctrl_pending(tls->in)) &&
	       (!tls->ssl || !SSL_has_pending(tls->ssl));
}

void tls_close(struct tls *tls)
{
	/* frees in and out, too */
	SSL_free(tls->ssl);
	OPENSSL_cleanse(tls, sizeof(*tls));
}
