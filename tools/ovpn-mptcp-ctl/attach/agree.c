// SPDX-License-Identifier: GPL-2.0-or-later
/* HELLO, ANSWER and FINISH; which ciphers there are; how keys are laid out. */

#include <string.h>
#include <strings.h>

#include "attach/agree.h"
#include "base/memory.h"

/* Offsets. The first three bytes of an ANSWER, and the first two of the others,
 * stay what they are in every version, so that ends of different versions can
 * tell each other.
 */
enum {
	AT_TYPE,
	AT_VERSION,

	HELLO_PURPOSE = 2,
	HELLO_KEY_ID,
	HELLO_SESSION,
	HELLO_KEEPALIVE = HELLO_SESSION + AGREE_SESSION_SIZE,
	HELLO_OFFER_COUNT = HELLO_KEEPALIVE + 8,
	HELLO_OFFERS,

	ANSWER_REASON = 2,
	ANSWER_CIPHER,
	ANSWER_RESUMED,
	ANSWER_PEER_ID,
	ANSWER_KEEPALIVE = ANSWER_PEER_ID + 3,
	ANSWER_SIZE = ANSWER_KEEPALIVE + 8,

	FINISH_SIZE = 2,
};

static const struct cipher {
	const char *name;
	size_t key_size;
	unsigned int kernel;
} ciphers[] = {
	[AGREE_AES_128_GCM] = { "AES-128-GCM", 16, OVPN_MPTCP_CIPHER_AES_GCM },
	[AGREE_AES_256_GCM] = { "AES-256-GCM", 32, OVPN_MPTCP_CIPHER_AES_GCM },
	[AGREE_CHACHA20_POLY1305] = { "CHACHA20-POLY1305", 32,
				      OVPN_MPTCP_CIPHER_CHACHA20_POLY1305 },
};

static void put_u32(unsigned char *at, uint32_t value)
{
	at[0] = value >> 24;
	at[1] = value >> 16 & 0xff;
	at[2] = value >> 8 & 0xff;
	at[3] = value & 0xff;
}

static uint32_t get_u32(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

static void put_keepalive(unsigned char *at, const struct keepalive *keepalive)
{
	put_u32(at, keepalive->interval);
	put_u32(at + 4, keepalive->timeout);
}

static void get_keepalive(const unsigned char *at, struct keepalive *keepalive)
{
	keepalive->interval = get_u32(at);
	keepalive->timeout = get_u32(at + 4);
}

static bool is_keepalive(const struct keepalive *keepalive)
{
	return keepalive->interval <= AGREE_KEEPALIVE_MAX &&
	       keepalive->timeout <= AGREE_KEEPALIVE_MAX;
}

/* Returns what was expected, or NULL. */
static const char *check_hello(const struct agreement *hello)
{
	bool seen[256] = { true };
	size_t i;

	if (hello->purpose < AGREE_NEW || hello->purpose > AGREE_REKEY)
		return "a purpose of 1 to 3 in the HELLO";
	if (hello->key_id > AGREE_KEY_ID_MAX)
		return "a key id of 0 to 7 in the HELLO";
	if (!is_keepalive(&hello->client))
		return "a keepalive of at most 86400 seconds in the HELLO";
	if (!hello->offer_count || hello->offer_count > AGREE_CIPHERS_MAX)
		return "1 to 8 ciphers in the HELLO";
	for (i = 0; i < hello->offer_count; i++) {
		if (seen[hello->offers[i]])
			return "each cipher once in the HELLO, and none that is 0";
		seen[hello->offers[i]] = true;
	}
	return NULL;
}

static const char *check_answer(const struct agreement *answer)
{
	if (answer->reason == AGREE_ACCEPTED && !answer->cipher)
		return "a cipher in an ANSWER that accepts";
	if (answer->peer_id > AGREE_PEER_ID_MAX)
		return "a peer id of 24 bits in the ANSWER";
	if (!is_keepalive(&answer->server))
		return "a keepalive of at most 86400 seconds in the ANSWER";
	return NULL;
}

static size_t encode_hello(const struct agreement *hello,
			   unsigned char *message)
{
	if (check_hello(hello))
		return 0;
	message[HELLO_PURPOSE] = hello->purpose;
	message[HELLO_KEY_ID] = hello->key_id;
	memcpy(message + HELLO_SESSION, hello->session, AGREE_SESSION_SIZE);
	put_keepalive(message + HELLO_KEEPALIVE, &hello->client);
	message[HELLO_OFFER_COUNT] = hello->offer_count;
	memcpy(message + HELLO_OFFERS, hello->offers, hello->offer_count);
	return HELLO_OFFERS + hello->offer_count;
}

static size_t encode_answer(const struct agreement *answer,
			    unsigned char *message)
{
	if (check_answer(answer))
		return 0;
	message[ANSWER_REASON] = answer->reason;
	if (answer->reason == AGREE_ACCEPTED) {
		message[ANSWER_CIPHER] = answer->cipher;
		message[ANSWER_RESUMED] = answer->resumed;
		message[ANSWER_PEER_ID] = answer->peer_id >> 16;
		message[ANSWER_PEER_ID + 1] = answer->peer_id >> 8 & 0xff;
		message[ANSWER_PEER_ID + 2] = answer->peer_id & 0xff;
		put_keepalive(message + ANSWER_KEEPALIVE, &answer->server);
	}
	return ANSWER_SIZE;
}

size_t agree_encode(enum agree_type type, const struct agreement *agreement,
		    unsigned char message[AGREE_SIZE_MAX])
{
	memset(message, 0, AGREE_SIZE_MAX);
	message[AT_TYPE] = type;
	message[AT_VERSION] = AGREE_VERSION;
	switch (type) {
	case AGREE_HELLO:
		return encode_hello(agreement, message);
	case AGREE_ANSWER:
		return encode_answer(agreement, message);
	case AGREE_FINISH:
		return FINISH_SIZE;
	}
	return 0;
}

static const char *parse_hello(const unsigned char *message, size_t size,
			       struct agreement *hello)
{
	if (size < HELLO_OFFERS ||
	    size != HELLO_OFFERS + (size_t)message[HELLO_OFFER_COUNT])
		return "a HELLO that is as long as its offers make it";
	hello->purpose = message[HELLO_PURPOSE];
	hello->key_id = message[HELLO_KEY_ID];
	memcpy(hello->session, message + HELLO_SESSION, AGREE_SESSION_SIZE);
	get_keepalive(message + HELLO_KEEPALIVE, &hello->client);
	hello->offer_count = message[HELLO_OFFER_COUNT];
	if (hello->offer_count <= AGREE_CIPHERS_MAX)
		memcpy(hello->offers, message + HELLO_OFFERS,
		       hello->offer_count);
	return check_hello(hello);
}

static const char *parse_answer(const unsigned char *message, size_t size,
				struct agreement *answer)
{
	static const unsigned char nothing[ANSWER_SIZE - ANSWER_CIPHER];

	if (size != ANSWER_SIZE)
		return "an ANSWER of 16 bytes";
	answer->reason = message[ANSWER_REASON];
	if (answer->reason != AGREE_ACCEPTED &&
	    memcmp(message + ANSWER_CIPHER, nothing, sizeof(nothing)))
		return "zeros behind the reason of an ANSWER that refuses";
	if (message[ANSWER_RESUMED] > 1)
		return "0 or 1 for resumed in the ANSWER";
	answer->cipher = message[ANSWER_CIPHER];
	answer->resumed = message[ANSWER_RESUMED];
	answer->peer_id = (uint32_t)message[ANSWER_PEER_ID] << 16 |
			  (uint32_t)message[ANSWER_PEER_ID + 1] << 8 |
			  message[ANSWER_PEER_ID + 2];
	get_keepalive(message + ANSWER_KEEPALIVE, &answer->server);
	return check_answer(answer);
}

static const char *parse_finish(size_t size)
{
	return size == FINISH_SIZE ? NULL : "a FINISH of 2 bytes";
}

/* A refusal of another version is understood: its reason is where ours is. */
static bool is_refusal(enum agree_type type, const unsigned char *message,
		       size_t size)
{
	return type == AGREE_ANSWER && size > ANSWER_REASON &&
	       message[ANSWER_REASON] != AGREE_ACCEPTED;
}

enum agree_reason agree_parse(enum agree_type type, const void *message,
			      size_t size, struct agreement *agreement,
			      const char **expected)
{
	struct agreement parsed = *agreement;
	const unsigned char *bytes = message;

	*expected = NULL;
	if (size < FINISH_SIZE || bytes[AT_TYPE] != type) {
		*expected = type == AGREE_HELLO ? "a HELLO" :
			    type == AGREE_ANSWER ? "an ANSWER" : "a FINISH";
		return AGREE_BAD_MESSAGE;
	}
	if (bytes[AT_VERSION] != AGREE_VERSION) {
		if (!is_refusal(type, bytes, size)) {
			*expected = "version 2 of the messages";
			return AGREE_BAD_VERSION;
		}
		parsed.reason = bytes[ANSWER_REASON];
		parsed.cipher = AGREE_NO_CIPHER;
		parsed.resumed = false;
		parsed.peer_id = 0;
		memset(&parsed.server, 0, sizeof(parsed.server));
	} else if (type == AGREE_HELLO) {
		*expected = parse_hello(bytes, size, &parsed);
	} else if (type == AGREE_ANSWER) {
		*expected = parse_answer(bytes, size, &parsed);
	} else {
		*expected = parse_finish(size);
	}
	if (*expected)
		return AGREE_BAD_MESSAGE;
	*agreement = parsed;
	return AGREE_ACCEPTED;
}

enum agree_cipher agree_choose(const struct agreement *hello,
			       const uint8_t *allowed, size_t count)
{
	size_t i;

	for (i = 0; i < hello->offer_count; i++) {
		if (agree_cipher_name(hello->offers[i]) &&
		    memchr(allowed, hello->offers[i], count))
			return hello->offers[i];
	}
	return AGREE_NO_CIPHER;
}

/* The smaller one, of two of which 0 stands for never. */
static uint32_t sooner(uint32_t one, uint32_t other)
{
	if (!one || (other && other < one))
		return other;
	return one;
}

uint32_t agree_interval(const struct keepalive *one,
			const struct keepalive *other)
{
	uint32_t interval = sooner(one->interval, other->interval);
	uint32_t timeout = sooner(one->timeout, other->timeout);

	if (!timeout || (interval && interval < timeout))
		return interval;
	/* several pings may be lost, with a path that dies */
	return timeout / 4 ? timeout / 4 : 1;
}

const char *agree_reason_text(unsigned int reason)
{
	static const char *const texts[] = {
		[AGREE_ACCEPTED] = "accepted",
		[AGREE_BAD_VERSION] = "it has another version of attach: use the same on both ends",
		[AGREE_BAD_MESSAGE] = "it did not understand the HELLO",
		[AGREE_BAD_CIPHER] = "it allows none of our ciphers: name one cipher on both ends",
		[AGREE_BAD_SESSION] = "it does not have this session",
		[AGREE_BAD_KEY_ID] = "the key id is in use",
		[AGREE_BUSY] = "it is busy",
		[AGREE_FAILED] = "its kernel refused: see the log there",
		[AGREE_STOPPING] = "it is stopping",
		[AGREE_NO_MPTCP] = "it requires MPTCP, and the connection fell back to TCP",
	};

	return reason < ARRAY_SIZE(texts) ? texts[reason] :
					    "for a reason that only a newer version knows";
}

static const struct cipher *find(unsigned int cipher)
{
	static const struct cipher unknown;

	return cipher < ARRAY_SIZE(ciphers) ? &ciphers[cipher] : &unknown;
}

const char *agree_cipher_name(unsigned int cipher)
{
	return find(cipher)->name;
}

enum agree_cipher agree_cipher_parse(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ciphers); i++) {
		if (ciphers[i].name && !strcasecmp(ciphers[i].name, name))
			return i;
	}
	return AGREE_NO_CIPHER;
}

size_t agree_key_size(unsigned int cipher)
{
	return find(cipher)->key_size;
}

unsigned int agree_kernel_cipher(unsigned int cipher)
{
	return find(cipher)->kernel;
}

void agree_context(unsigned int cipher, unsigned int key_id,
		   unsigned char context[AGREE_CONTEXT_SIZE])
{
	context[0] = cipher;
	context[1] = key_id;
}

size_t agree_material_size(unsigned int cipher)
{
	size_t key = agree_key_size(cipher);

	return key ? 2 * (key + OVPN_MPTCP_NONCE_TAIL_SIZE) : 0;
}

static const unsigned char *cut(struct keyfile_dir *dir, size_t key_size,
				const unsigned char *material)
{
	dir->size = key_size;
	memcpy(dir->key, material, key_size);
	material += key_size;
	memcpy(dir->nonce_tail, material, sizeof(dir->nonce_tail));
	return material + sizeof(dir->nonce_tail);
}

void agree_keys(unsigned int cipher, const unsigned char *material,
		bool client, struct keyfile *keys)
{
	size_t size = agree_key_size(cipher);

	memset(keys, 0, sizeof(*keys));
	material = cut(client ? &keys->encrypt : &keys->decrypt, size,
		       material);
	cut(client ? &keys->decrypt : &keys->encrypt, size, material);
}
