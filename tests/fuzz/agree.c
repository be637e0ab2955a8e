// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzz target for HELLO, ANSWER and FINISH. Input: one byte that says which one
 * is expected, then the message. What is accepted is the same again when it is
 * written out; a refusal says why and changes nothing.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "attach/agree.h"
#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char message[AGREE_SIZE_MAX], *exact;
	struct agreement agreement, before;
	enum agree_reason reason;
	const char *expected;
	enum agree_type type;

	if (!size)
		return 0;
	type = AGREE_HELLO + data[0] % 3;
	data++;
	size--;
	/* of its exact size, so that the sanitizer sees one byte too many */
	exact = malloc(size ? size : 1);
	memcpy(exact, data, size);
	memset(&agreement, 0, sizeof(agreement));
	agreement.peer_id = 7;
	before = agreement;
	reason = agree_parse(type, exact, size, &agreement, &expected);
	free(exact);
	check(!reason == !expected, "a refusal says what was expected");
	if (reason) {
		check(!memcmp(&agreement, &before, sizeof(before)),
		      "a refusal changes nothing");
		return 0;
	}
	check(data[0] == type, "the type that was expected");
	if (data[1] != AGREE_VERSION) {
		check(type == AGREE_ANSWER && agreement.reason,
		      "of another version, a refusal only");
		return 0;
	}
	check(agree_encode(type, &agreement, message) == size,
	      "written out, it is as long");
	check(!memcmp(message, data, size), "and the same");
	return 0;
}
