/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One handshake of attach: TLS 1.3 over control records, then HELLO, ANSWER
 * and FINISH, then nothing any more. See docs/attach.md.
 *
 * Pure computation: whoever uses it moves the records. A channel serves one
 * handshake; the next one, of the same connection or of another, needs a new
 * channel. So no two of them ever have the same keys.
 *
 *	client				server
 *	channel_step: MORE		channel_step: MORE
 *	... records both ways, channel_step after each one ...
 *	CHANNEL_UP			CHANNEL_UP
 *	channel_say HELLO		CHANNEL_HELLO
 *					channel_keys, install them
 *	CHANNEL_ANSWER			channel_say ANSWER
 *	channel_keys, install them
 *	channel_say FINISH		CHANNEL_FINISH
 *	send the rest			send with the new key
 *	channel_is_empty		channel_is_empty
 *	channel_close			channel_close
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "attach/agree.h"
#include "attach/credentials.h"
#include "attach/record.h"
#include "base/keyfile.h"

/* TLS bytes of one handshake that are taken from the other end */
#define CHANNEL_INPUT_MAX	65536

struct channel;

enum channel_role {
	CHANNEL_CLIENT,
	CHANNEL_SERVER,
};

/**
 * enum channel_event - what channel_step() comes to
 * @CHANNEL_MORE: nothing happens before more input, or the caller's message
 * @CHANNEL_UP: the TLS handshake is done, once. A client goes on with
 *		channel_say(). It does not know yet whether the server takes
 *		its certificate: that shows in the ANSWER, or in CHANNEL_FAILED.
 * @CHANNEL_HELLO: server: a HELLO is in the agreement; answer with
 *		   channel_say(), perhaps after channel_keys()
 * @CHANNEL_ANSWER: client: an ANSWER is in the agreement. Unless it refuses
 *		    (agreement.reason), go on with channel_keys() and
 *		    channel_say(). A cipher that was not offered never gets here.
 * @CHANNEL_FINISH: server: the client has installed its keys
 * @CHANNEL_FAILED: channel_error() says why, and goes on saying so. What
 *		    channel_output() still has tells the other end: send it,
 *		    then close.
 */
enum channel_event {
	CHANNEL_MORE,
	CHANNEL_UP,
	CHANNEL_HELLO,
	CHANNEL_ANSWER,
	CHANNEL_FINISH,
	CHANNEL_FAILED,
};

/* Never NULL. What goes wrong, lack of memory included, shows in the first
 * channel_step(). @credentials: checked by credentials_check().
 */
struct channel *channel_open(enum channel_role role,
			     const struct credentials *credentials);

/* The TLS bytes of one record, see record_tls(). Returns 0, or -1 when the
 * channel has failed. Call channel_step() until CHANNEL_MORE after each one.
 */
int channel_input(struct channel *channel, const void *bytes, size_t size);

/* The next record to send, with its prefix: one send() each once the socket is
 * attached. Returns its size, 0 when there is none. Has something after
 * channel_step() and channel_say(); call it until 0.
 */
size_t channel_output(struct channel *channel, unsigned char record[RECORD_MAX]);

/* Call it once at the start, too: a client has the first word. */
enum channel_event channel_step(struct channel *channel,
				struct agreement *agreement);

/* HELLO, ANSWER or FINISH, as the turn of the role demands. Returns 0, or -1
 * when it is not our turn, or the agreement says what cannot be said: then the
 * channel has failed.
 */
int channel_say(struct channel *channel, const struct agreement *agreement);

/* Whose credentials the other end has proved to have, from CHANNEL_UP on: those of
 * channel_open(), or of a server's next ones.
 */
const struct credentials *channel_whose(const struct channel *channel);

/* The data keys. A server has them between CHANNEL_HELLO and its ANSWER, with
 * agreement.cipher chosen; a client between CHANNEL_ANSWER and its FINISH. Once
 * a channel: no key can be installed twice. Returns 0, or -1 with nothing
 * secret in @keys: then the channel has failed. Wipe @keys after use.
 */
int channel_keys(struct channel *channel, const struct agreement *agreement,
		 struct keyfile *keys);

/* Whether everything that came was used, and everything that is to be sent was
 * taken: after the last message it must be so at both ends.
 */
bool channel_is_empty(const struct channel *channel);

/* One line: what was expected and what came. Never NULL. */
const char *channel_error(const struct channel *channel);

/* Wipes. NULL is allowed. */
void channel_close(struct channel *channel);

#endif /* CHANNEL_H */
