// SPDX-License-Identifier: GPL-2.0-or-later
/* Channels that agree, and what happens when the stream is cut or damaged. */

#include "channel_pair.h"

static struct credentials *psk;

static int start(void **state)
{
	(void)state;
	psk = psk_credentials("site-a", 0x11);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	credentials_free(psk);
	return 0;
}

static void with_a_key_in_pieces_of_every_size(void **state)
{
	size_t piece;

	(void)state;
	for (piece = 1; piece <= RECORD_MAX; piece += piece < 64 ? 1 : 61) {
		struct pair *pair = pair_new(psk, psk);

		pair->piece = piece;
		pair_run(pair);
		assert_agreed(pair);
		assert_int_equal(pair->client.agreement.cipher,
				 AGREE_AES_256_GCM);
		assert_int_equal(pair->client.agreement.peer_id, 0x123456);
		assert_true(pair->client.agreement.resumed);
		assert_int_equal(pair->server.agreement.key_id, 5);
		pair_free(pair);
	}
}

static void with_certificates_in_pieces(void **state)
{
	static const size_t pieces[] = { 1, 2, 3, 7, 100, RECORD_MAX };
	struct credentials *a = certificate_credentials();
	struct credentials *b = certificate_credentials();
	struct credentials *old = certificate_credentials();
	size_t i;

	(void)state;
	/* while it is being replaced, there are two */
	pin(a, old);
	pin(a, b);
	pin(b, a);
	for (i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		struct pair *pair = pair_new(a, b);

		pair->piece = pieces[i];
		pair_run(pair);
		assert_agreed(pair);
		pair_free(pair);
	}
	credentials_free(a);
	credentials_free(b);
	credentials_free(old);
}

/* TLS bytes come as they like, too, not only records. */
static void input_in_pieces(void **state)
{
	size_t piece;

	(void)state;
	for (piece = 1; piece < 16; piece++) {
		struct pair *pair = pair_new(psk, psk);

		pair->tls_piece = piece;
		pair_run(pair);
		assert_agreed(pair);
		pair_free(pair);
	}
}

static void keys_are_new_each_time(void **state)
{
	enum { TIMES = 20 };
	struct keyfile keys[TIMES];
	int i, j;

	(void)state;
	for (i = 0; i < TIMES; i++) {
		struct pair *pair = pair_new(psk, psk);

		pair_run(pair);
		assert_agreed(pair);
		keys[i] = pair->client.keys;
		pair_free(pair);
		for (j = 0; j < i; j++) {
			assert_memory_not_equal(keys[i].encrypt.key,
						keys[j].encrypt.key, 32);
			assert_memory_not_equal(keys[i].decrypt.key,
						keys[j].decrypt.key, 32);
			assert_memory_not_equal(keys[i].encrypt.key,
						keys[j].decrypt.key, 32);
			assert_memory_not_equal(keys[i].encrypt.nonce_tail,
						keys[j].encrypt.nonce_tail, 8);
		}
	}
}

static void every_cipher(void **state)
{
	unsigned int cipher;

	(void)state;
	for (cipher = AGREE_AES_128_GCM; agree_key_size(cipher); cipher++) {
		struct pair *pair = pair_new(psk, psk);

		pair->client.agreement.offers[1] = cipher;
		pair->client.agreement.offer_count = 2;
		pair_run(pair);
		assert_agreed(pair);
		assert_int_equal(pair->client.agreement.cipher, cipher);
		pair_free(pair);
	}
	assert_int_equal(cipher, AGREE_CHACHA20_POLY1305 + 1);
}

/* What the client sends behind its FINISH is the module's. */
static void reader_stops_behind_finish(void **state)
{
	static const char data[] = "\x00\x20\x48\x00\x00\x01 data";
	size_t piece;

	(void)state;
	for (piece = 1; piece <= 2 * RECORD_MAX; piece *= 3) {
		struct pair *pair = pair_new(psk, psk);
		struct end *client = &pair->client;
		size_t end;

		pair->piece = piece;
		pair->hold = CHANNEL_ANSWER;
		pair_run(pair);
		assert_int_equal(client->event, CHANNEL_ANSWER);
		assert_int_equal(pair->up.pos, pair->up.size);
		client->has_keys = !channel_keys(client->channel,
						 &client->agreement,
						 &client->keys);
		assert_int_equal(channel_say(client->channel,
					     &client->agreement), 0);
		assert_true(end_send(client));
		end = pair->up.size;
		memcpy(pair->up.bytes + end, data, sizeof(data));
		pair->up.size += sizeof(data);
		pair_run(pair);
		assert_agreed(pair);
		assert_int_equal(pair->up.pos, end);
		pair_free(pair);
	}
}

/* What came behind the last message is seen, even when the library has taken it
 * out of its input and waits for the rest.
 */
static void half_a_tls_record_is_not_nothing(void **state)
{
	static const unsigned char tls[] = { 23, 3, 3, 0, 32, 1, 2, 3, 4, 5 };
	struct agreement agreement;
	size_t size, end;

	(void)state;
	for (end = 0; end < 2; end++) {
		for (size = 1; size <= sizeof(tls); size++) {
			struct pair *pair = pair_new(psk, psk);
			struct channel *channel;

			pair_run(pair);
			assert_agreed(pair);
			channel = end ? pair->client.channel :
					pair->server.channel;
			assert_int_equal(channel_input(channel, tls, size), 0);
			assert_int_equal(channel_step(channel, &agreement),
					 CHANNEL_MORE);
			assert_false(channel_is_empty(channel));
			assert_int_equal(channel_step(channel, &agreement),
					 CHANNEL_MORE);
			assert_false(channel_is_empty(channel));
			pair_free(pair);
		}
	}
}

static void refusal_has_a_reason(void **state)
{
	struct pair *pair = pair_new(psk, psk);

	(void)state;
	pair->refuse = AGREE_BUSY;
	pair_run(pair);
	assert_true(heard(&pair->client, CHANNEL_ANSWER));
	assert_int_equal(pair->client.agreement.reason, AGREE_BUSY);
	assert_int_equal(pair->client.agreement.cipher, AGREE_NO_CIPHER);
	assert_true(channel_is_empty(pair->client.channel));
	assert_true(channel_is_empty(pair->server.channel));
	assert_nothing_agreed(pair);
	pair_free(pair);
}

/* Each direction ends after each of its bytes. */
static void cut_at_every_byte(void **state)
{
	struct pair *whole = pair_new(psk, psk);
	size_t direction, limit;

	(void)state;
	pair_run(whole);
	for (direction = 0; direction < 2; direction++) {
		size_t size = direction ? whole->down.size : whole->up.size;

		for (limit = 0; limit < size; limit++) {
			struct pair *pair = pair_new(psk, psk);

			(direction ? &pair->down : &pair->up)->limit = limit;
			pair_run(pair);
			assert_nothing_agreed(pair);
			/* without the whole ANSWER a client has no keys */
			assert_true(!direction || !pair->client.has_keys);
			pair_free(pair);
		}
	}
	pair_free(whole);
}

/* A damaged byte is found, or it was one that means nothing. */
static void damaged_at_every_byte(void **state)
{
	struct pair *whole = pair_new(psk, psk);
	size_t direction, byte, harmless = 0;

	(void)state;
	pair_run(whole);
	for (direction = 0; direction < 2; direction++) {
		size_t size = direction ? whole->down.size : whole->up.size;

		for (byte = 0; byte < size; byte++) {
			struct pair *pair = pair_new(psk, psk);

			(direction ? &pair->down : &pair->up)->flip = byte;
			pair_run(pair);
			if (heard(&pair->server, CHANNEL_FINISH)) {
				assert_agreed(pair);
				harmless++;
			} else {
				assert_nothing_agreed(pair);
			}
			pair_free(pair);
		}
	}
	/* the version in the headers of TLS records, at most */
	assert_in_range(harmless, 0, 8);
	pair_free(whole);
}

/* What one end sent in an earlier handshake, sent again to a new other end. */
static void replayed(void **state)
{
	struct pair *earlier = pair_new(psk, psk), *pair;

	(void)state;
	pair_run(earlier);
	assert_agreed(earlier);

	pair = pair_new(psk, psk);
	memcpy(&pair->up, &earlier->up, sizeof(pair->up));
	pair->up.pos = 0;
	while (end_receive(pair, &pair->server))
		;
	assert_false(heard(&pair->server, CHANNEL_UP));
	assert_true(heard(&pair->server, CHANNEL_FAILED));
	assert_nothing_agreed(pair);
	pair_free(pair);

	pair = pair_new(psk, psk);
	end_step(pair, &pair->client);
	memcpy(&pair->down, &earlier->down, sizeof(pair->down));
	pair->down.pos = 0;
	while (end_receive(pair, &pair->client))
		;
	assert_false(heard(&pair->client, CHANNEL_UP));
	assert_true(heard(&pair->client, CHANNEL_FAILED));
	assert_nothing_agreed(pair);
	pair_free(pair);
	pair_free(earlier);
}

/* The caller's own mistakes. Each in a pair of its own: a channel that was
 * misused is gone.
 */
static void out_of_turn(void **state)
{
	struct agreement agreement = { .cipher = AGREE_AES_256_GCM };
	struct pair *pair;
	struct keyfile keys;

	(void)state;
	pair = pair_new(psk, psk);
	assert_int_equal(channel_say(pair->client.channel,
				     &pair->client.agreement), -1);
	assert_says(&pair->client, "our turn");
	assert_int_equal(channel_say(pair->server.channel, &agreement), -1);
	pair_free(pair);

	pair = pair_new(psk, psk);
	pair_run(pair);
	assert_agreed(pair);
	/* neither twice, nor one more word */
	assert_int_equal(channel_keys(pair->client.channel,
				      &pair->client.agreement, &keys), -1);
	assert_says(&pair->client, "once");
	assert_int_equal(channel_say(pair->server.channel,
				     &pair->server.agreement), -1);
	assert_says(&pair->server, "our turn");
	assert_int_equal(channel_step(pair->server.channel, &agreement),
			 CHANNEL_FAILED);
	pair_free(pair);
}

/* A server that took a HELLO, and has not answered. */
static struct pair *hello_is_there(void)
{
	struct pair *pair = pair_new(psk, psk);

	pair->hold = CHANNEL_HELLO;
	pair_run(pair);
	assert_int_equal(pair->server.event, CHANNEL_HELLO);
	pair->server.agreement.cipher = AGREE_AES_256_GCM;
	return pair;
}

static void server_accepts_carelessly(void **state)
{
	struct keyfile keys;
	struct pair *pair;

	(void)state;
	pair = hello_is_there();
	assert_int_equal(channel_say(pair->server.channel,
				     &pair->server.agreement), -1);
	assert_says(&pair->server, "keys to be taken");
	pair_free(pair);

	pair = hello_is_there();
	pair->server.agreement.cipher = AGREE_AES_128_GCM;
	assert_int_equal(channel_keys(pair->server.channel,
				      &pair->server.agreement, &keys), -1);
	assert_says(&pair->server, "offered");
	pair_free(pair);

	/* 200 was offered, but nobody knows what it is */
	pair = hello_is_there();
	pair->server.agreement.cipher = 200;
	assert_int_equal(channel_keys(pair->server.channel,
				      &pair->server.agreement, &keys), -1);
	pair_free(pair);

	pair = hello_is_there();
	pair->server.agreement.key_id = 6;
	assert_int_equal(channel_keys(pair->server.channel,
				      &pair->server.agreement, &keys), -1);
	assert_says(&pair->server, "key id");
	pair_free(pair);

	pair = hello_is_there();
	assert_int_equal(channel_keys(pair->server.channel,
				      &pair->server.agreement, &keys), 0);
	pair->server.agreement.cipher = AGREE_CHACHA20_POLY1305;
	assert_int_equal(channel_say(pair->server.channel,
				     &pair->server.agreement), -1);
	assert_says(&pair->server, "cipher that the keys are for");
	pair_free(pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_a_key_in_pieces_of_every_size),
		cmocka_unit_test(with_certificates_in_pieces),
		cmocka_unit_test(input_in_pieces),
		cmocka_unit_test(keys_are_new_each_time),
		cmocka_unit_test(every_cipher),
		cmocka_unit_test(reader_stops_behind_finish),
		cmocka_unit_test(half_a_tls_record_is_not_nothing),
		cmocka_unit_test(refusal_has_a_reason),
		cmocka_unit_test(cut_at_every_byte),
		cmocka_unit_test(damaged_at_every_byte),
		cmocka_unit_test(replayed),
		cmocka_unit_test(out_of_turn),
		cmocka_unit_test(server_accepts_carelessly),
	};

	credentials_init();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, start, stop);
}
