// SPDX-License-Identifier: GPL-2.0-or-later
/* Two channels that talk through memory. */

#include "channel_pair.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

static void end_init(struct end *end, enum channel_role role,
		     const struct credentials *credentials,
		     struct stream *from, struct stream *to)
{
	end->channel = channel_open(role, credentials);
	record_reader_init(&end->reader);
	end->from = from;
	end->to = to;
}

static void stream_init(struct stream *stream)
{
	stream->limit = SIZE_MAX;
	stream->flip = SIZE_MAX;
}

struct pair *pair_new(const struct credentials *client,
		      const struct credentials *server)
{
	struct pair *pair = calloc(1, sizeof(*pair));
	struct agreement *hello = &pair->client.agreement;

	stream_init(&pair->up);
	stream_init(&pair->down);
	end_init(&pair->client, CHANNEL_CLIENT, client, &pair->down, &pair->up);
	end_init(&pair->server, CHANNEL_SERVER, server, &pair->up, &pair->down);
	pair->piece = RECORD_MAX;
	pair->tls_piece = RECORD_MAX;
	hello->purpose = AGREE_NEW;
	hello->key_id = 5;
	memset(hello->session, 0x5e, sizeof(hello->session));
	hello->offers[0] = 200;
	hello->offers[1] = AGREE_AES_256_GCM;
	hello->offers[2] = AGREE_CHACHA20_POLY1305;
	hello->offer_count = 3;
	return pair;
}

void pair_free(struct pair *pair)
{
	channel_close(pair->client.channel);
	channel_close(pair->server.channel);
	free(pair);
}

bool heard(const struct end *end, enum channel_event event)
{
	return end->heard & 1u << event;
}

static void take_keys(struct end *end)
{
	end->has_keys = !channel_keys(end->channel, &end->agreement,
				      &end->keys);
	assert_true(end->has_keys);
}

static void react(struct pair *pair, struct end *end)
{
	static const uint8_t allowed[] = { AGREE_AES_128_GCM,
					   AGREE_CHACHA20_POLY1305,
					   AGREE_AES_256_GCM };
	struct agreement *agreement = &end->agreement;

	switch (end->event) {
	case CHANNEL_UP:
		if (end == &pair->client)
			assert_int_equal(channel_say(end->channel, agreement), 0);
		break;
	case CHANNEL_HELLO:
		agreement->reason = pair->refuse;
		agreement->cipher = agree_choose(agreement, allowed,
						 sizeof(allowed));
		agreement->peer_id = 0x123456;
		agreement->resumed = true;
		if (!pair->refuse)
			take_keys(end);
		assert_int_equal(channel_say(end->channel, agreement), 0);
		break;
	case CHANNEL_ANSWER:
		if (agreement->reason)
			break;
		take_keys(end);
		assert_int_equal(channel_say(end->channel, agreement), 0);
		break;
	default:
		break;
	}
}

void end_step(struct pair *pair, struct end *end)
{
	enum channel_event event;

	while ((event = channel_step(end->channel, &end->agreement)) !=
	       CHANNEL_MORE) {
		end->event = event;
		end->heard |= 1u << event;
		if (event == CHANNEL_FAILED || event == pair->hold)
			break;
		react(pair, end);
	}
}

bool end_send(struct end *end)
{
	unsigned char record[RECORD_MAX];
	bool moved = false;
	size_t size;

	while ((size = channel_output(end->channel, record))) {
		assert_in_range(size, RECORD_PREFIX + RECORD_BODY_MIN,
				RECORD_MAX);
		assert_true(end->to->size + size <= STREAM_MAX);
		memcpy(end->to->bytes + end->to->size, record, size);
		end->to->size += size;
		moved = true;
	}
	return moved;
}

/* Like recv(): at most a piece, at most what is there. */
static size_t stream_read(struct stream *stream, unsigned char *to, size_t size,
			  size_t piece)
{
	size_t there = stream->size < stream->limit ? stream->size :
						      stream->limit;

	if (size > there - stream->pos)
		size = there - stream->pos;
	if (size > piece)
		size = piece;
	memcpy(to, stream->bytes + stream->pos, size);
	if (stream->flip >= stream->pos && stream->flip < stream->pos + size)
		to[stream->flip - stream->pos] ^= 1;
	stream->pos += size;
	return size;
}

static void end_input(struct pair *pair, struct end *end)
{
	const unsigned char *tls;
	size_t size, part;

	tls = record_tls(&end->reader, &size);
	for (; size; tls += part, size -= part) {
		part = size < pair->tls_piece ? size : pair->tls_piece;
		if (channel_input(end->channel, tls, part)) {
			end_step(pair, end);
			return;
		}
		if (part < size)
			assert_false(channel_is_empty(end->channel));
		end_step(pair, end);
	}
}

bool end_receive(struct pair *pair, struct end *end)
{
	void *room;
	size_t n = record_room(&end->reader, &room);

	if (end->broken || heard(end, CHANNEL_FAILED) ||
	    heard(end, CHANNEL_FINISH))
		return false;
	n = stream_read(end->from, room, n, pair->piece);
	if (!n)
		return false;
	switch (record_add(&end->reader, n)) {
	case RECORD_MORE:
		break;
	case RECORD_BROKEN:
		end->broken = true;
		break;
	case RECORD_WHOLE:
		end_input(pair, end);
		record_reader_init(&end->reader);
		break;
	}
	return true;
}

void pair_run(struct pair *pair)
{
	bool moved;

	if (!pair->up.size)
		end_step(pair, &pair->client);
	do {
		moved = end_send(&pair->client);
		moved |= end_send(&pair->server);
		moved |= end_receive(pair, &pair->client);
		moved |= end_receive(pair, &pair->server);
	} while (moved);
}

static void assert_same_dir(const struct keyfile_dir *a,
			    const struct keyfile_dir *b)
{
	assert_int_equal(a->size, b->size);
	assert_memory_equal(a->key, b->key, a->size);
	assert_memory_equal(a->nonce_tail, b->nonce_tail,
			    sizeof(a->nonce_tail));
}

void assert_agreed(const struct pair *pair)
{
	const struct end *client = &pair->client, *server = &pair->server;

	assert_string_equal(channel_error(client->channel), "");
	assert_string_equal(channel_error(server->channel), "");
	assert_true(heard(client, CHANNEL_ANSWER));
	assert_true(heard(server, CHANNEL_FINISH));
	assert_true(channel_is_empty(client->channel));
	assert_true(channel_is_empty(server->channel));
	assert_same_dir(&client->keys.encrypt, &server->keys.decrypt);
	assert_same_dir(&client->keys.decrypt, &server->keys.encrypt);
	assert_int_equal(client->keys.encrypt.size,
			 agree_key_size(client->agreement.cipher));
	assert_memory_not_equal(client->keys.encrypt.key,
				client->keys.decrypt.key,
				client->keys.encrypt.size);
	assert_int_equal(client->agreement.key_id, server->agreement.key_id);
	assert_int_equal(client->agreement.cipher, server->agreement.cipher);
	assert_int_equal(client->agreement.peer_id, server->agreement.peer_id);
	assert_memory_equal(client->agreement.session,
			    server->agreement.session, AGREE_SESSION_SIZE);
}

void assert_nothing_agreed(const struct pair *pair)
{
	static const struct keyfile nothing;
	struct keyfile keys;

	assert_false(heard(&pair->server, CHANNEL_FINISH));
	if (!pair->server.has_keys) {
		memset(&keys, 0xa5, sizeof(keys));
		assert_int_equal(channel_keys(pair->server.channel,
					      &pair->client.agreement, &keys),
				 -1);
		assert_memory_equal(&keys, &nothing, sizeof(keys));
	}
	if (!pair->client.has_keys) {
		memset(&keys, 0xa5, sizeof(keys));
		assert_int_equal(channel_keys(pair->client.channel,
					      &pair->client.agreement, &keys),
				 -1);
		assert_memory_equal(&keys, &nothing, sizeof(keys));
	}
}

void assert_says(const struct end *end, const char *text)
{
	const char *error = channel_error(end->channel);

	if (!strstr(error, text))
		fail_msg("'%s' does not say '%s'", error, text);
	assert_null(strchr(error, '\n'));
}

struct credentials *psk_credentials(const char *identity, unsigned char fill)
{
	struct credentials *credentials = calloc(1, sizeof(*credentials));

	credentials->psk_size = CREDENTIALS_PSK_MIN;
	memset(credentials->psk, fill, credentials->psk_size);
	assert_int_equal(credentials_set_identity(credentials, "test",
						  identity), STATUS_OK);
	assert_int_equal(credentials_check(credentials, "test"), STATUS_OK);
	return credentials;
}

struct credentials *certificate_credentials(void)
{
	struct credentials *credentials = calloc(1, sizeof(*credentials));
	X509 *certificate = X509_new();

	credentials->key = EVP_EC_gen("P-256");
	assert_non_null(credentials->key);
	assert_true(X509_set_version(certificate, X509_VERSION_3));
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	ASN1_TIME_set(X509_getm_notBefore(certificate), 1);
	ASN1_TIME_set(X509_getm_notAfter(certificate), 2);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN",
				   MBSTRING_ASC, (const unsigned char *)"test",
				   -1, -1, 0);
	X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
	assert_true(X509_set_pubkey(certificate, credentials->key));
	assert_true(X509_sign(certificate, credentials->key, EVP_sha256()));
	credentials->certificate = certificate;
	return credentials;
}

void pin(struct credentials *by, const struct credentials *of)
{
	char text[CREDENTIALS_FINGERPRINT_TEXT];

	credentials_fingerprint(of, text);
	assert_int_equal(credentials_add_fingerprint(by, "test", text),
			 STATUS_OK);
	assert_int_equal(credentials_check(by, "test"), STATUS_OK);
}

void credentials_free(struct credentials *credentials)
{
	credentials_wipe(credentials);
	free(credentials);
}
