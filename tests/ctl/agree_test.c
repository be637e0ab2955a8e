// SPDX-License-Identifier: GPL-2.0-or-later
/* The three messages byte by byte, and what is none of them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "attach/agree.h"

static const unsigned char hello[] = {
	1, 2, 3, 7,
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
	0, 0, 1, 2, 0, 1, 3, 4,
	3, 1, 2, 255
};
static const unsigned char answer[] = {
	2, 2, 0, 3, 1, 0xab, 0xcd, 0xef,
	0, 1, 0x51, 0x80, 0, 0, 0, 20
};
static const unsigned char refusal[16] = { 2, 2, 6 };
static const unsigned char finish[] = { 3, 2 };

static enum agree_reason parse(enum agree_type type, const void *bytes,
			       size_t size, struct agreement *agreement)
{
	struct agreement before = *agreement;
	/* of its exact size, so that the sanitizer sees one byte too many */
	unsigned char *exact = malloc(size ? size : 1);
	const char *expected;
	enum agree_reason reason;

	memcpy(exact, bytes, size);
	reason = agree_parse(type, exact, size, agreement, &expected);
	free(exact);
	if (reason) {
		assert_non_null(expected);
		assert_memory_equal(agreement, &before, sizeof(before));
	} else {
		assert_null(expected);
	}
	return reason;
}

static void every_field(void **state)
{
	struct agreement agreement = { .peer_id = 9 };
	unsigned char message[AGREE_SIZE_MAX];

	(void)state;
	assert_int_equal(parse(AGREE_HELLO, hello, sizeof(hello), &agreement),
			 AGREE_ACCEPTED);
	assert_int_equal(agreement.purpose, AGREE_REKEY);
	assert_int_equal(agreement.key_id, 7);
	assert_memory_equal(agreement.session, hello + 4, 16);
	assert_int_equal(agreement.client.interval, 0x102);
	assert_int_equal(agreement.client.timeout, 0x10304);
	assert_int_equal(agreement.offer_count, 3);
	assert_memory_equal(agreement.offers, hello + 29, 3);
	assert_int_equal(agreement.peer_id, 9);
	assert_int_equal(agree_encode(AGREE_HELLO, &agreement, message),
			 sizeof(hello));
	assert_memory_equal(message, hello, sizeof(hello));

	assert_int_equal(parse(AGREE_ANSWER, answer, sizeof(answer),
			       &agreement), AGREE_ACCEPTED);
	assert_int_equal(agreement.reason, AGREE_ACCEPTED);
	assert_int_equal(agreement.cipher, AGREE_CHACHA20_POLY1305);
	assert_true(agreement.resumed);
	assert_int_equal(agreement.peer_id, 0xabcdef);
	assert_int_equal(agreement.server.interval, 86400);
	assert_int_equal(agreement.server.timeout, 20);
	assert_int_equal(agreement.purpose, AGREE_REKEY);
	assert_int_equal(agree_encode(AGREE_ANSWER, &agreement, message),
			 sizeof(answer));
	assert_memory_equal(message, answer, sizeof(answer));

	/* nothing but the reason is said */
	agreement.reason = AGREE_BUSY;
	assert_int_equal(agree_encode(AGREE_ANSWER, &agreement, message),
			 sizeof(refusal));
	assert_memory_equal(message, refusal, sizeof(refusal));
	assert_int_equal(parse(AGREE_ANSWER, refusal, sizeof(refusal),
			       &agreement), AGREE_ACCEPTED);
	assert_int_equal(agreement.reason, AGREE_BUSY);
	assert_int_equal(agreement.cipher, AGREE_NO_CIPHER);
	assert_int_equal(agreement.server.timeout, 0);

	assert_int_equal(parse(AGREE_FINISH, finish, sizeof(finish),
			       &agreement), AGREE_ACCEPTED);
	assert_int_equal(agree_encode(AGREE_FINISH, &agreement, message),
			 sizeof(finish));
	assert_memory_equal(message, finish, sizeof(finish));
}

static void every_length(void **state)
{
	static const struct {
		enum agree_type type;
		const unsigned char *bytes;
		size_t size;
	} messages[] = {
		{ AGREE_HELLO, hello, sizeof(hello) },
		{ AGREE_ANSWER, answer, sizeof(answer) },
		{ AGREE_ANSWER, refusal, sizeof(refusal) },
		{ AGREE_FINISH, finish, sizeof(finish) },
	};
	unsigned char longer[AGREE_SIZE_MAX + 1];
	struct agreement agreement = { 0 };
	size_t i, size;

	(void)state;
	for (i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
		memset(longer, 1, sizeof(longer));
		memcpy(longer, messages[i].bytes, messages[i].size);
		for (size = 0; size <= sizeof(longer); size++)
			assert_int_equal(parse(messages[i].type, longer, size,
					       &agreement),
					 size == messages[i].size ?
					 AGREE_ACCEPTED : AGREE_BAD_MESSAGE);
	}
}

/* One byte of a message becomes another one: which of them are refused. */
static void assert_values(enum agree_type type, const unsigned char *bytes,
			  size_t size, size_t at, unsigned int first,
			  unsigned int last)
{
	unsigned char message[AGREE_SIZE_MAX];
	struct agreement agreement = { 0 };
	unsigned int value;

	memcpy(message, bytes, size);
	for (value = 0; value < 256; value++) {
		bool good = value >= first && value <= last;

		message[at] = value;
		if (!parse(type, message, size, &agreement) != good)
			fail_msg("byte %zu of message %d: %u", at, type, value);
	}
}

static void every_value(void **state)
{
	(void)state;
	assert_values(AGREE_HELLO, hello, sizeof(hello), 0, 1, 1);
	assert_values(AGREE_HELLO, hello, sizeof(hello), 1, 2, 2);
	assert_values(AGREE_HELLO, hello, sizeof(hello), 2, 1, 3);
	assert_values(AGREE_HELLO, hello, sizeof(hello), 3, 0, 7);
	assert_values(AGREE_HELLO, hello, sizeof(hello), 20, 0, 0);
	assert_values(AGREE_HELLO, hello, sizeof(hello), 21, 0, 1);
	assert_values(AGREE_HELLO, hello, sizeof(hello), 24, 0, 0);
	assert_values(AGREE_HELLO, hello, sizeof(hello), 28, 3, 3);
	assert_values(AGREE_HELLO, hello, sizeof(hello), 31, 3, 255);
	assert_values(AGREE_ANSWER, answer, sizeof(answer), 0, 2, 2);
	assert_values(AGREE_ANSWER, answer, sizeof(answer), 2, 0, 0);
	assert_values(AGREE_ANSWER, answer, sizeof(answer), 3, 1, 255);
	assert_values(AGREE_ANSWER, answer, sizeof(answer), 4, 0, 1);
	assert_values(AGREE_ANSWER, answer, sizeof(answer), 11, 0, 0x80);
	assert_values(AGREE_ANSWER, answer, sizeof(answer), 12, 0, 0);
	assert_values(AGREE_ANSWER, refusal, sizeof(refusal), 2, 1, 255);
	assert_values(AGREE_ANSWER, refusal, sizeof(refusal), 3, 0, 0);
	assert_values(AGREE_ANSWER, refusal, sizeof(refusal), 7, 0, 0);
	assert_values(AGREE_ANSWER, refusal, sizeof(refusal), 15, 0, 0);
	assert_values(AGREE_FINISH, finish, sizeof(finish), 0, 3, 3);
	assert_values(AGREE_FINISH, finish, sizeof(finish), 1, 2, 2);
}

/* A version that is not known is called so, unless it says no anyway. */
static void other_versions(void **state)
{
	unsigned char message[AGREE_SIZE_MAX] = { 1, 3 };
	struct agreement agreement = { .cipher = 1, .reason = 0 };

	(void)state;
	assert_int_equal(parse(AGREE_HELLO, message, sizeof(message),
			       &agreement), AGREE_BAD_VERSION);
	assert_int_equal(parse(AGREE_HELLO, message, 2, &agreement),
			 AGREE_BAD_VERSION);
	message[0] = AGREE_ANSWER;
	assert_int_equal(parse(AGREE_ANSWER, message, sizeof(message),
			       &agreement), AGREE_BAD_VERSION);
	message[2] = AGREE_BAD_VERSION;
	assert_int_equal(parse(AGREE_ANSWER, message, 3, &agreement),
			 AGREE_ACCEPTED);
	assert_int_equal(agreement.reason, AGREE_BAD_VERSION);
	assert_int_equal(agreement.cipher, AGREE_NO_CIPHER);
}

static void what_cannot_be_said(void **state)
{
	const struct agreement good = {
		.purpose = AGREE_NEW, .offers = { 1 }, .offer_count = 1,
		.cipher = 1,
	};
	unsigned char message[AGREE_SIZE_MAX];
	struct agreement bad;

	(void)state;
	assert_int_equal(agree_encode(AGREE_HELLO, &good, message), 30);
	assert_int_equal(agree_encode(AGREE_ANSWER, &good, message), 16);
	bad = good;
	bad.purpose = 0;
	assert_int_equal(agree_encode(AGREE_HELLO, &bad, message), 0);
	bad = good;
	bad.key_id = 8;
	assert_int_equal(agree_encode(AGREE_HELLO, &bad, message), 0);
	bad = good;
	bad.client.timeout = 86401;
	assert_int_equal(agree_encode(AGREE_HELLO, &bad, message), 0);
	bad = good;
	bad.server.interval = 86401;
	assert_int_equal(agree_encode(AGREE_ANSWER, &bad, message), 0);
	bad = good;
	bad.offer_count = 0;
	assert_int_equal(agree_encode(AGREE_HELLO, &bad, message), 0);
	bad.offer_count = AGREE_CIPHERS_MAX + 1;
	assert_int_equal(agree_encode(AGREE_HELLO, &bad, message), 0);
	bad.offer_count = 2;
	assert_int_equal(agree_encode(AGREE_HELLO, &bad, message), 0);
	bad.offers[1] = 1;
	assert_int_equal(agree_encode(AGREE_HELLO, &bad, message), 0);
	bad = good;
	bad.cipher = 0;
	assert_int_equal(agree_encode(AGREE_ANSWER, &bad, message), 0);
	bad = good;
	bad.peer_id = 1 << 24;
	assert_int_equal(agree_encode(AGREE_ANSWER, &bad, message), 0);
}

static void choice(void **state)
{
	static const uint8_t allowed[] = { 2, 1 };
	struct agreement offer = { .offers = { 3, 1, 2 }, .offer_count = 3 };

	(void)state;
	/* the client's order counts */
	assert_int_equal(agree_choose(&offer, allowed, 2), 1);
	assert_int_equal(agree_choose(&offer, allowed, 1), 2);
	assert_int_equal(agree_choose(&offer, allowed, 0), AGREE_NO_CIPHER);
	offer.offer_count = 1;
	assert_int_equal(agree_choose(&offer, allowed, 2), AGREE_NO_CIPHER);
	/* allowed by mistake, and unknown */
	offer.offers[0] = 200;
	assert_int_equal(agree_choose(&offer, offer.offers, 1),
			 AGREE_NO_CIPHER);
}

/* Both ends come to the same interval, with which neither gives up the other. */
static void keepalives(void **state)
{
	static const struct {
		struct keepalive one, other;
		uint32_t interval;
	} cases[] = {
		{ { 5, 20 }, { 5, 20 }, 5 },
		{ { 1, 4 }, { 5, 20 }, 1 },
		{ { 60, 300 }, { 10, 40 }, 10 },
		{ { 0, 0 }, { 0, 0 }, 0 },
		{ { 0, 0 }, { 5, 20 }, 5 },
		{ { 0, 20 }, { 30, 90 }, 5 },
		{ { 0, 20 }, { 0, 8 }, 2 },
		{ { 0, 2 }, { 0, 0 }, 1 },
		{ { 86400, 0 }, { 0, 86400 }, 21600 },
		{ { 3, 4 }, { 10, 0 }, 3 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(agree_interval(&cases[i].one, &cases[i].other),
				 cases[i].interval);
		assert_int_equal(agree_interval(&cases[i].other, &cases[i].one),
				 cases[i].interval);
	}
}

static void ciphers(void **state)
{
	unsigned int cipher;

	(void)state;
	for (cipher = 1; cipher <= 3; cipher++)
		assert_int_equal(agree_cipher_parse(agree_cipher_name(cipher)),
				 cipher);
	assert_int_equal(agree_cipher_parse("aes-256-gcm"), AGREE_AES_256_GCM);
	assert_int_equal(agree_cipher_parse("none"), AGREE_NO_CIPHER);
	assert_int_equal(agree_cipher_parse(""), AGREE_NO_CIPHER);
	for (cipher = 0; cipher < 300; cipher++) {
		if (cipher >= 1 && cipher <= 3)
			continue;
		assert_null(agree_cipher_name(cipher));
		assert_int_equal(agree_key_size(cipher), 0);
		assert_int_equal(agree_material_size(cipher), 0);
		assert_int_equal(agree_kernel_cipher(cipher),
				 OVPN_MPTCP_CIPHER_NONE);
	}
	for (cipher = 0; cipher < 256; cipher++)
		assert_non_null(agree_reason_text(cipher));
}

static void layout_of_keys(void **state)
{
	unsigned char material[AGREE_MATERIAL_MAX], context[AGREE_CONTEXT_SIZE];
	struct keyfile client, server;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(material); i++)
		material[i] = i;
	assert_int_equal(agree_material_size(AGREE_AES_128_GCM), 48);
	assert_int_equal(agree_material_size(AGREE_AES_256_GCM), 80);
	agree_keys(AGREE_AES_256_GCM, material, true, &client);
	agree_keys(AGREE_AES_256_GCM, material, false, &server);
	assert_int_equal(client.encrypt.size, 32);
	assert_memory_equal(client.encrypt.key, material, 32);
	assert_memory_equal(client.encrypt.nonce_tail, material + 32, 8);
	assert_memory_equal(client.decrypt.key, material + 40, 32);
	assert_memory_equal(client.decrypt.nonce_tail, material + 72, 8);
	assert_memory_equal(&client.encrypt, &server.decrypt,
			    sizeof(client.encrypt));
	assert_memory_equal(&client.decrypt, &server.encrypt,
			    sizeof(client.encrypt));
	agree_context(AGREE_CHACHA20_POLY1305, 6, context);
	assert_memory_equal(context, "\3\6", 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field),
		cmocka_unit_test(every_length),
		cmocka_unit_test(every_value),
		cmocka_unit_test(other_versions),
		cmocka_unit_test(what_cannot_be_said),
		cmocka_unit_test(choice),
		cmocka_unit_test(keepalives),
		cmocka_unit_test(ciphers),
		cmocka_unit_test(layout_of_keys),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
