// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a channel refuses, in words that help at both ends: other credentials,
 * and other ends that are no channels but plain OpenSSL, set up to do what a
 * channel never does.
 */

#include "channel_pair.h"

#include <openssl/ssl.h>

static struct credentials *psk, *left, *right;

static int start(void **state)
{
	(void)state;
	psk = psk_credentials("site-a", 0x11);
	left = certificate_credentials();
	right = certificate_credentials();
	pin(left, right);
	pin(right, left);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	credentials_free(psk);
	credentials_free(left);
	credentials_free(right);
	return 0;
}

/* Returns the alert of the server, to be freed. */
static struct stream *refuses(const struct credentials *client,
			      const struct credentials *server,
			      const char *client_says, const char *server_says)
{
	struct pair *pair = pair_new(client, server);
	struct stream *down = malloc(sizeof(*down));

	pair_run(pair);
	assert_true(heard(&pair->client, CHANNEL_FAILED));
	assert_true(heard(&pair->server, CHANNEL_FAILED));
	assert_says(&pair->client, client_says);
	assert_says(&pair->server, server_says);
	assert_nothing_agreed(pair);
	memcpy(down, &pair->down, sizeof(*down));
	pair_free(pair);
	return down;
}

/* A stranger cannot tell whether an identity exists. */
static void other_key_or_identity(void **state)
{
	static const char both[] = "refused our identity or pre-shared key: both must be the same";
	struct credentials *key = psk_credentials("site-a", 0x12);
	struct credentials *identity = psk_credentials("site-b", 0x11);
	struct credentials *longer = psk_credentials("site-a", 0x11);
	struct stream *first, *second;

	(void)state;
	longer->psk_size++;
	first = refuses(key, psk, both,
			"expected our pre-shared key, the other end has another one");
	second = refuses(identity, psk, both,
			 "expected the identity site-a, the other end has site-b");
	assert_int_equal(first->size, second->size);
	assert_memory_equal(first->bytes, second->bytes, first->size);
	free(second);
	free(first);
	free(refuses(longer, psk, both, "another one"));
	credentials_free(key);
	credentials_free(identity);
	credentials_free(longer);
}

static void unknown_certificate(void **state)
{
	struct credentials *stranger = certificate_credentials();
	char text[CREDENTIALS_FINGERPRINT_TEXT], has[200];

	(void)state;
	pin(stranger, left);
	pin(stranger, right);
	credentials_fingerprint(stranger, text);
	snprintf(has, sizeof(has), "fingerprint of peer-fingerprint, the other end has %s",
		 text);
	free(refuses(stranger, right, "refused our certificate", has));
	free(refuses(left, stranger, has, "refused our certificate"));
	credentials_free(stranger);
}

static void other_kind(void **state)
{
	(void)state;
	free(refuses(psk, right,
		     "expected a pre-shared key, the other end has a certificate",
		     "refused our certificate"));
	free(refuses(left, psk, "does it have a certificate, too?",
		     "expected a pre-shared key, the other end has none"));
}

/* One byte of a fingerprint, wherever it is. */
static void nearly_pinned(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < CREDENTIALS_FINGERPRINT_SIZE; i++) {
		struct credentials nearly = *right;

		nearly.fingerprints[0][i] ^= 0x80;
		free(refuses(left, &nearly, "refused our certificate",
			     "peer-fingerprint"));
	}
}

/**
 * struct plain - an end that is OpenSSL as it comes
 * @ctx: its settings
 * @ssl: itself
 * @channel: the other end
 * @agreement: of the other end
 * @event: last event there that was not CHANNEL_MORE
 */
struct plain {
	SSL_CTX *ctx;
	SSL *ssl;
	struct channel *channel;
	struct agreement agreement;
	enum channel_event event;
};

static int plain_use(SSL *ssl, const EVP_MD *md, const unsigned char **identity,
		     size_t *size, SSL_SESSION **session)
{
	static const unsigned char suite[] = { 0x13, 0x02 };

	(void)md;
	*session = SSL_SESSION_new();
	SSL_SESSION_set1_master_key(*session, psk->psk, psk->psk_size);
	SSL_SESSION_set_cipher(*session, SSL_CIPHER_find(ssl, suite));
	SSL_SESSION_set_protocol_version(*session, TLS1_3_VERSION);
	*identity = (const unsigned char *)psk->identity;
	*size = strlen(psk->identity);
	return 1;
}

static int plain_find(SSL *ssl, const unsigned char *identity, size_t size,
		      SSL_SESSION **session)
{
	const unsigned char *found;
	size_t length;

	(void)identity;
	(void)size;
	return plain_use(ssl, NULL, &found, &length, session);
}

static void plain_start(struct plain *plain, bool client,
			const struct credentials *other)
{
	memset(plain, 0, sizeof(*plain));
	plain->ctx = SSL_CTX_new(client ? TLS_client_method() :
					  TLS_server_method());
	SSL_CTX_set_security_level(plain->ctx, 0);
	/* whatever openssl.cnf says */
	SSL_CTX_set_ciphersuites(plain->ctx, "TLS_AES_256_GCM_SHA384");
	SSL_CTX_set1_groups_list(plain->ctx, "X25519");
	SSL_CTX_set_verify(plain->ctx, SSL_VERIFY_NONE, NULL);
	plain->channel = channel_open(client ? CHANNEL_SERVER : CHANNEL_CLIENT,
				      other);
	if (other->psk_size && client)
		SSL_CTX_set_psk_use_session_callback(plain->ctx, plain_use);
	else if (other->psk_size)
		SSL_CTX_set_psk_find_session_callback(plain->ctx, plain_find);
}

static void plain_connect(struct plain *plain)
{
	plain->ssl = SSL_new(plain->ctx);
	SSL_set_bio(plain->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	if (SSL_CTX_get_ssl_method(plain->ctx) == TLS_client_method())
		SSL_set_connect_state(plain->ssl);
	else
		SSL_set_accept_state(plain->ssl);
}

static void plain_stop(struct plain *plain)
{
	channel_close(plain->channel);
	SSL_free(plain->ssl);
	SSL_CTX_free(plain->ctx);
}

/* What @plain has to send, the channel gets, and the other way round. */
static void plain_exchange(struct plain *plain)
{
	unsigned char record[RECORD_MAX];
	enum channel_event event;
	bool moved;
	int n;

	do {
		moved = false;
		while ((event = channel_step(plain->channel,
					     &plain->agreement)) !=
		       CHANNEL_MORE) {
			plain->event = event;
			if (event == CHANNEL_FAILED)
				break;
		}
		while ((n = channel_output(plain->channel, record))) {
			BIO_write(SSL_get_rbio(plain->ssl),
				  record + RECORD_PREFIX + 1,
				  n - RECORD_PREFIX - 1);
			moved = true;
		}
		if (!SSL_is_init_finished(plain->ssl))
			SSL_do_handshake(plain->ssl);
		while ((n = BIO_read(SSL_get_wbio(plain->ssl), record,
				     sizeof(record))) > 0) {
			channel_input(plain->channel, record, n);
			moved = true;
		}
	} while (moved);
}

static void assert_refused(struct plain *plain, const char *text)
{
	assert_int_equal(plain->event, CHANNEL_FAILED);
	if (!strstr(channel_error(plain->channel), text))
		fail_msg("'%s' does not say '%s'",
			 channel_error(plain->channel), text);
	plain_stop(plain);
}

/* The key exchange without ephemeral keys: a recorded tunnel could be read by
 * whoever finds the pre-shared key later. The client has no group that the
 * channel has; only without a key exchange could the two agree.
 */
static void psk_without_dhe(void **state)
{
	struct plain plain;

	(void)state;
	plain_start(&plain, true, psk);
	SSL_CTX_set_options(plain.ctx, SSL_OP_ALLOW_NO_DHE_KEX);
	SSL_CTX_set1_groups_list(plain.ctx, "P-521");
	plain_connect(&plain);
	plain_exchange(&plain);
	assert_false(SSL_is_init_finished(plain.ssl));
	assert_refused(&plain, "no suitable key share");

	/* a server cannot either: it was not offered */
	plain_start(&plain, false, psk);
	SSL_CTX_set_options(plain.ctx, SSL_OP_ALLOW_NO_DHE_KEX);
	SSL_CTX_set1_groups_list(plain.ctx, "P-521");
	plain_connect(&plain);
	plain_exchange(&plain);
	assert_false(SSL_is_init_finished(plain.ssl));
	assert_refused(&plain, "refused");
}

static void older_tls(void **state)
{
	const struct credentials *all[] = { psk, right };
	struct plain plain;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		plain_start(&plain, true, all[i]);
		SSL_CTX_set_max_proto_version(plain.ctx, TLS1_2_VERSION);
		plain_connect(&plain);
		plain_exchange(&plain);
		assert_refused(&plain, "expected TLS 1.3");

		plain_start(&plain, false, all[i]);
		SSL_CTX_set_max_proto_version(plain.ctx, TLS1_2_VERSION);
		SSL_CTX_use_certificate(plain.ctx, left->certificate);
		SSL_CTX_use_PrivateKey(plain.ctx, left->key);
		plain_connect(&plain);
		plain_exchange(&plain);
		assert_refused(&plain, "refused TLS 1.3");
	}
}

static void no_certificate(void **state)
{
	struct plain plain;

	(void)state;
	plain_start(&plain, true, right);
	plain_connect(&plain);
	plain_exchange(&plain);
	assert_refused(&plain, "expected a certificate, the other end has none");
}

/* A certificate that is pinned, and a key that is another. */
static void certificate_without_its_key(void **state)
{
	struct credentials *thief = certificate_credentials();
	X509 *own = thief->certificate;
	struct pair *pair;

	(void)state;
	pin(thief, right);
	/* the library refuses that, too */
	thief->certificate = left->certificate;
	assert_int_equal(credentials_check(thief, "test"), STATUS_USAGE);
	pair = pair_new(thief, right);
	pair_run(pair);
	assert_true(heard(&pair->client, CHANNEL_FAILED));
	assert_nothing_agreed(pair);
	pair_free(pair);
	thief->certificate = own;
	credentials_free(thief);
}

static void tickets(void **state)
{
	struct plain plain;
	char byte;

	(void)state;
	plain_start(&plain, false, psk);
	SSL_CTX_set_num_tickets(plain.ctx, 2);
	plain_connect(&plain);
	plain_exchange(&plain);
	SSL_read(plain.ssl, &byte, 1);
	plain_exchange(&plain);
	assert_refused(&plain, "no handshake message of TLS after the handshake");
}

/* A client up to where it says what is given. */
static void plain_says(struct plain *plain, const void *message, size_t size)
{
	if (!plain->ssl) {
		plain_start(plain, true, psk);
		plain_connect(plain);
		plain_exchange(plain);
		assert_int_equal(plain->event, CHANNEL_UP);
	}
	assert_int_equal(SSL_write(plain->ssl, message, size), size);
	plain_exchange(plain);
}

static const unsigned char hello[] = {
	1, 2, 2, 3, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l',
	'm', 'n', 'o', 'p', 0, 0, 0, 5, 0, 0, 0, 20, 2, 99, 1
};

/* By hand, from the documentation. */
static void keys_are_as_documented(void **state)
{
	static const char label[] = "EXPORTER-ovpn-dco-mptcp data keys v1";
	static const unsigned char context[] = { 1, 3 };
	unsigned char material[48], answer[64];
	struct plain plain = { 0 };
	struct keyfile keys;

	(void)state;
	plain_says(&plain, hello, sizeof(hello));
	assert_int_equal(plain.event, CHANNEL_HELLO);
	assert_int_equal(plain.agreement.purpose, AGREE_RESUME);
	assert_int_equal(plain.agreement.key_id, 3);
	assert_memory_equal(plain.agreement.session, "abcdefghijklmnop", 16);
	assert_int_equal(plain.agreement.offer_count, 2);
	plain.agreement.reason = AGREE_ACCEPTED;
	plain.agreement.cipher = AGREE_AES_128_GCM;
	plain.agreement.resumed = false;
	plain.agreement.peer_id = 0x010203;
	assert_int_equal(channel_keys(plain.channel, &plain.agreement, &keys),
			 0);
	assert_int_equal(channel_say(plain.channel, &plain.agreement), 0);
	plain_exchange(&plain);
	assert_int_equal(SSL_read(plain.ssl, answer, sizeof(answer)), 16);
	assert_memory_equal(answer, "\2\2\0\1\0\1\2\3\0\0\0\0\0\0\0\0", 16);

	assert_int_equal(SSL_export_keying_material(plain.ssl, material,
						    sizeof(material), label,
						    strlen(label), context,
						    sizeof(context), 1), 1);
	assert_int_equal(keys.decrypt.size, 16);
	assert_memory_equal(keys.decrypt.key, material, 16);
	assert_memory_equal(keys.decrypt.nonce_tail, material + 16, 8);
	assert_int_equal(keys.encrypt.size, 16);
	assert_memory_equal(keys.encrypt.key, material + 24, 16);
	assert_memory_equal(keys.encrypt.nonce_tail, material + 40, 8);

	plain_says(&plain, "\3\2", 2);
	assert_int_equal(plain.event, CHANNEL_FINISH);
	assert_true(channel_is_empty(plain.channel));

	/* and one more word */
	plain_says(&plain, "\3\2", 2);
	assert_refused(&plain, "expected no message now");
}

static void more_behind_a_message(void **state)
{
	struct plain plain = { 0 };

	(void)state;
	plain_start(&plain, true, psk);
	plain_connect(&plain);
	plain_exchange(&plain);
	SSL_write(plain.ssl, hello, sizeof(hello));
	plain_says(&plain, "\3\2", 2);
	assert_refused(&plain, "expected nothing behind the message");
}

static void key_update(void **state)
{
	struct plain plain = { 0 };

	(void)state;
	plain_says(&plain, hello, sizeof(hello));
	assert_int_equal(SSL_key_update(plain.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
	SSL_do_handshake(plain.ssl);
	plain_exchange(&plain);
	assert_refused(&plain, "no handshake message of TLS after the handshake");
}

static void end_of_tls(void **state)
{
	struct plain plain = { 0 };

	(void)state;
	plain_says(&plain, hello, sizeof(hello));
	SSL_shutdown(plain.ssl);
	plain_exchange(&plain);
	assert_refused(&plain, "the other end ended TLS");
}

/* Malformed, or of another version: the client is told. */
static void hello_is_refused(void **state)
{
	unsigned char message[sizeof(hello) + 1], answer[64];
	struct plain plain = { 0 };

	(void)state;
	memcpy(message, hello, sizeof(hello));
	message[1] = 3;
	plain_says(&plain, message, sizeof(message));
	assert_int_equal(SSL_read(plain.ssl, answer, sizeof(answer)), 16);
	assert_memory_equal(answer, "\2\2\1\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_refused(&plain, "expected version 2");

	memset(&plain, 0, sizeof(plain));
	message[1] = 2;
	plain_says(&plain, message, sizeof(message));
	assert_int_equal(SSL_read(plain.ssl, answer, sizeof(answer)), 16);
	assert_memory_equal(answer, "\2\2\2\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_refused(&plain, "HELLO");

	memset(&plain, 0, sizeof(plain));
	plain_says(&plain, "\3\2", 2);
	assert_refused(&plain, "expected a HELLO");
}

static void foreign_bytes(void **state)
{
	static const char *const texts[] = {
		"GET / HTTP/1.1\r\nHost: example.net\r\n\r\n",
		"SSH-2.0-OpenSSH_9.2\r\n", "\x16\x03\x01\xff\xff", "\x80\x2e",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct channel *channel = channel_open(CHANNEL_SERVER, psk);
		struct agreement agreement;

		channel_input(channel, texts[i], strlen(texts[i]));
		if (strlen(texts[i]) < 5)
			channel_input(channel, texts[0], strlen(texts[0]));
		assert_int_equal(channel_step(channel, &agreement),
				 CHANNEL_FAILED);
		if (!strstr(channel_error(channel), "TLS 1.3"))
			fail_msg("%s", channel_error(channel));
		channel_close(channel);
	}
}

/* TLS allows a ClientHello of 16 MB in small records. */
static void too_much(void **state)
{
	struct channel *channel = channel_open(CHANNEL_SERVER, psk);
	unsigned char record[RECORD_TLS_MAX] = { 22, 3, 1, 4, 0xaa, 1, 1, 0, 0 };
	struct agreement agreement;
	size_t sent = 0;

	(void)state;
	while (!channel_input(channel, record, sizeof(record))) {
		sent += sizeof(record);
		assert_in_range(sent, 0, CHANNEL_INPUT_MAX);
	}
	assert_int_equal(channel_step(channel, &agreement), CHANNEL_FAILED);
	assert_non_null(strstr(channel_error(channel), "at most 65536 bytes"));
	channel_close(channel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_key_or_identity),
		cmocka_unit_test(unknown_certificate),
		cmocka_unit_test(other_kind),
		cmocka_unit_test(nearly_pinned),
		cmocka_unit_test(psk_without_dhe),
		cmocka_unit_test(older_tls),
		cmocka_unit_test(no_certificate),
		cmocka_unit_test(certificate_without_its_key),
		cmocka_unit_test(tickets),
		cmocka_unit_test(keys_are_as_documented),
		cmocka_unit_test(more_behind_a_message),
		cmocka_unit_test(key_update),
		cmocka_unit_test(end_of_tls),
		cmocka_unit_test(hello_is_refused),
		cmocka_unit_test(foreign_bytes),
		cmocka_unit_test(too_much),
	};

	credentials_init();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, start, stop);
}
