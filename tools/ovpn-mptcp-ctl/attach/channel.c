// SPDX-License-Identifier: GPL-2.0-or-later
/* One handshake: TLS, then three messages in turn, then silence. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/channel.h"
#include "attach/tls.h"

/* Whose turn it is. A SAY stage waits for the caller, a WAIT stage for the
 * other end. After DONE and FAILED comes nothing.
 */
enum stage {
	STAGE_TLS,
	STAGE_SAY_HELLO,
	STAGE_WAIT_HELLO,
	STAGE_SAY_ANSWER,
	STAGE_WAIT_ANSWER,
	STAGE_SAY_FINISH,
	STAGE_WAIT_FINISH,
	STAGE_DONE,
	STAGE_FAILED,
};

/**
 * struct channel - one end of one handshake
 * @tls: the connection
 * @role: client or server
 * @stage: whose turn it is
 * @taken: TLS bytes that came
 * @agreed: the HELLO as it was said, then the ANSWER as well
 * @exported: the keys were given away; not again
 * @error: one line
 */
struct channel {
	struct tls tls;
	enum channel_role role;
	enum stage stage;
	size_t taken;
	struct agreement agreed;
	bool exported;
	char error[400];
};

__attribute__((format(printf, 2, 3)))
static enum channel_event fail(struct channel *channel, const char *format, ...)
{
	va_list args;

	if (channel->stage == STAGE_FAILED)
		return CHANNEL_FAILED;
	va_start(args, format);
	vsnprintf(channel->error, sizeof(channel->error), format, args);
	va_end(args);
	channel->stage = STAGE_FAILED;
	return CHANNEL_FAILED;
}

static enum channel_event fail_tls(struct channel *channel)
{
	return fail(channel, "%s", channel->tls.error);
}

struct channel *channel_open(enum channel_role role,
			     const struct credentials *credentials)
{
	struct channel *channel = calloc(1, sizeof(*channel));

	if (!channel)
		exit(system_error(ENOMEM, "out of memory"));
	channel->role = role;
	if (tls_open(&channel->tls, role == CHANNEL_CLIENT, credentials))
		fail_tls(channel);
	return channel;
}

const struct credentials *channel_whose(const struct channel *channel)
{
	return channel->tls.whose;
}

int channel_input(struct channel *channel, const void *bytes, size_t size)
{
	if (channel->stage == STAGE_FAILED)
		return -1;
	if (size > CHANNEL_INPUT_MAX - channel->taken) {
		fail(channel, "expected a handshake of at most %d bytes, the other end sends more",
		     CHANNEL_INPUT_MAX);
		return -1;
	}
	channel->taken += size;
	if (tls_put(&channel->tls, bytes, size)) {
		fail_tls(channel);
		return -1;
	}
	return 0;
}

size_t channel_output(struct channel *channel, unsigned char record[RECORD_MAX])
{
	size_t size = record_split(tls_pending(&channel->tls));

	if (!size)
		return 0;
	if (tls_get(&channel->tls, record + RECORD_PREFIX + 1, size)) {
		fail_tls(channel);
		return 0;
	}
	return record_head(record, size);
}

static bool is_offered(const struct agreement *hello, unsigned int cipher)
{
	return agree_key_size(cipher) &&
	       memchr(hello->offers, cipher, hello->offer_count);
}

/* Tells the client why, as far as it understands. */
static enum channel_event refuse_hello(struct channel *channel,
				       enum agree_reason reason,
				       const char *expected)
{
	struct agreement answer = { .reason = reason };
	unsigned char message[AGREE_SIZE_MAX];
	size_t size = agree_encode(AGREE_ANSWER, &answer, message);

	if (tls_write(&channel->tls, message, size))
		return fail_tls(channel);
	return fail(channel, "expected %s", expected);
}

static enum channel_event hear_hello(struct channel *channel)
{
	channel->stage = STAGE_SAY_ANSWER;
	return CHANNEL_HELLO;
}

static enum channel_event hear_answer(struct channel *channel)
{
	const struct agreement *agreed = &channel->agreed;

	if (agreed->reason != AGREE_ACCEPTED) {
		channel->stage = STAGE_DONE;
		return CHANNEL_ANSWER;
	}
	if (!is_offered(agreed, agreed->cipher))
		return fail(channel, "expected one of our ciphers, the server chose number %u",
			    agreed->cipher);
	channel->stage = STAGE_SAY_FINISH;
	return CHANNEL_ANSWER;
}

static enum channel_event hear_finish(struct channel *channel)
{
	channel->stage = STAGE_DONE;
	return CHANNEL_FINISH;
}

static enum channel_event hear(struct channel *channel, enum agree_type type,
			       struct agreement *agreement)
{
	/* one more, to see that there is more */
	unsigned char message[AGREE_SIZE_MAX + 1];
	enum channel_event event = CHANNEL_FAILED;
	enum agree_reason reason;
	const char *expected;
	int size;

	size = tls_read(&channel->tls, message, sizeof(message));
	if (size < 0)
		return fail_tls(channel);
	if (!size)
		return CHANNEL_MORE;
	reason = agree_parse(type, message, size, &channel->agreed, &expected);
	if (reason && type == AGREE_HELLO)
		return refuse_hello(channel, reason, expected);
	if (reason)
		return fail(channel, "expected %s", expected);
	if (!tls_input_is_empty(&channel->tls))
		return fail(channel, "expected nothing behind the message before it is answered");
	switch (type) {
	case AGREE_HELLO:
		event = hear_hello(channel);
		break;
	case AGREE_ANSWER:
		event = hear_answer(channel);
		break;
	case AGREE_FINISH:
		event = hear_finish(channel);
		break;
	}
	if (event != CHANNEL_FAILED)
		*agreement = channel->agreed;
	return event;
}

/* It is not the other end's turn. An alert may come nevertheless. */
static enum channel_event hear_nothing(struct channel *channel)
{
	unsigned char message[AGREE_SIZE_MAX];
	int size;

	if (tls_input_is_empty(&channel->tls))
		return CHANNEL_MORE;
	size = tls_read(&channel->tls, message, sizeof(message));
	if (size < 0)
		return fail_tls(channel);
	if (size)
		return fail(channel, "expected no message now");
	return CHANNEL_MORE;
}

static enum channel_event shake_hands(struct channel *channel)
{
	int ret = tls_handshake(&channel->tls);

	if (ret < 0)
		return fail_tls(channel);
	if (!ret)
		return CHANNEL_MORE;
	channel->stage = channel->role == CHANNEL_CLIENT ? STAGE_SAY_HELLO :
							   STAGE_WAIT_HELLO;
	return CHANNEL_UP;
}

enum channel_event channel_step(struct channel *channel,
				struct agreement *agreement)
{
	switch (channel->stage) {
	case STAGE_TLS:
		return shake_hands(channel);
	case STAGE_WAIT_HELLO:
		return hear(channel, AGREE_HELLO, agreement);
	case STAGE_WAIT_ANSWER:
		return hear(channel, AGREE_ANSWER, agreement);
	case STAGE_WAIT_FINISH:
		return hear(channel, AGREE_FINISH, agreement);
	case STAGE_SAY_HELLO:
	case STAGE_SAY_ANSWER:
	case STAGE_SAY_FINISH:
	case STAGE_DONE:
		return hear_nothing(channel);
	case STAGE_FAILED:
		break;
	}
	return CHANNEL_FAILED;
}

/* Returns what to say, or 0 after a failure. */
static enum agree_type turn(struct channel *channel,
			    const struct agreement *agreement)
{
	bool accepts = agreement->reason == AGREE_ACCEPTED;

	switch (channel->stage) {
	case STAGE_SAY_HELLO:
		return AGREE_HELLO;
	case STAGE_SAY_ANSWER:
		if (!accepts || channel->exported)
			return AGREE_ANSWER;
		break;
	case STAGE_SAY_FINISH:
		if (channel->exported)
			return AGREE_FINISH;
		break;
	default:
		fail(channel, "expected to be asked when it is our turn");
		return 0;
	}
	fail(channel, "expected the keys to be taken before they are confirmed");
	return 0;
}

static void said(struct channel *channel, enum agree_type type,
		 const struct agreement *agreement)
{
	/* the HELLO's part of a server's agreement is what it heard */
	struct agreement agreed = type == AGREE_HELLO ? *agreement :
							channel->agreed;

	channel->stage = STAGE_DONE;
	if (type == AGREE_HELLO) {
		channel->stage = STAGE_WAIT_ANSWER;
	} else if (type == AGREE_ANSWER) {
		agreed.reason = agreement->reason;
		agreed.cipher = agreement->cipher;
		agreed.resumed = agreement->resumed;
		agreed.peer_id = agreement->peer_id;
		if (agreed.reason == AGREE_ACCEPTED)
			channel->stage = STAGE_WAIT_FINISH;
	}
	channel->agreed = agreed;
}

int channel_say(struct channel *channel, const struct agreement *agreement)
{
	enum agree_type type = turn(channel, agreement);
	unsigned char message[AGREE_SIZE_MAX];
	size_t size;

	if (!type)
		return -1;
	size = agree_encode(type, agreement, message);
	if (!size) {
		fail(channel, "expected an agreement that can be said");
		return -1;
	}
	if (type == AGREE_ANSWER && agreement->reason == AGREE_ACCEPTED &&
	    agreement->cipher != channel->agreed.cipher) {
		fail(channel, "expected the cipher that the keys are for");
		return -1;
	}
	if (tls_write(&channel->tls, message, size)) {
		fail_tls(channel);
		return -1;
	}
	said(channel, type, agreement);
	return 0;
}

/* Returns what is wrong, or NULL. */
static const char *check_keys(const struct channel *channel,
			      const struct agreement *agreement)
{
	const struct agreement *agreed = &channel->agreed;

	if (channel->exported)
		return "expected that keys are taken once";
	if (channel->stage != STAGE_SAY_ANSWER &&
	    channel->stage != STAGE_SAY_FINISH)
		return "expected that keys are taken when both ends agree";
	if (agreement->key_id != agreed->key_id)
		return "expected the key id of the HELLO";
	if (!is_offered(agreed, agreement->cipher))
		return "expected a cipher that was offered";
	if (channel->stage == STAGE_SAY_FINISH &&
	    agreement->cipher != agreed->cipher)
		return "expected the cipher of the ANSWER";
	return NULL;
}

int channel_keys(struct channel *channel, const struct agreement *agreement,
		 struct keyfile *keys)
{
	unsigned char material[AGREE_MATERIAL_MAX];
	unsigned char context[AGREE_CONTEXT_SIZE];
	const char *wrong = check_keys(channel, agreement);
	unsigned int cipher = agreement->cipher;

	memset(keys, 0, sizeof(*keys));
	if (wrong) {
		fail(channel, "%s", wrong);
		return -1;
	}
	agree_context(cipher, agreement->key_id, context);
	if (tls_export(&channel->tls, AGREE_LABEL, context, sizeof(context),
		       material, agree_material_size(cipher))) {
		fail_tls(channel);
		return -1;
	}
	agree_keys(cipher, material, channel->role == CHANNEL_CLIENT, keys);
	explicit_bzero(material, sizeof(material));
	channel->agreed.cipher = cipher;
	channel->exported = true;
	return 0;
}

bool channel_is_empty(const struct channel *channel)
{
	return tls_input_is_empty(&channel->tls) && !tls_pending(&channel->tls);
}

const char *channel_error(const struct channel *channel)
{
	return channel->error;
}

void channel_close(struct channel *channel)
{
	if (!channel)
		return;
	tls_close(&channel->tls);
	explicit_bzero(channel, sizeof(*channel));
	free(channel);
}
