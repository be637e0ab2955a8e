// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzz target for pre-shared keys, identities and fingerprints as text. What is
 * accepted is the same again when it is written out; a refusal says why and
 * leaves nothing.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/credentials.h"
#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void psk(const char *text, size_t size)
{
	static const struct credentials nothing;
	struct credentials credentials = { 0 }, again = { 0 };
	char hex[2 * CREDENTIALS_PSK_MAX + 1];
	size_t i;

	if (credentials_parse_psk(text, size, &credentials)) {
		check(!memcmp(&credentials, &nothing, sizeof(nothing)),
		      "a refusal leaves nothing");
		return;
	}
	check(credentials.psk_size >= CREDENTIALS_PSK_MIN &&
	      credentials.psk_size <= CREDENTIALS_PSK_MAX, "bounds");
	for (i = 0; i < credentials.psk_size; i++)
		sprintf(hex + 2 * i, "%02X", credentials.psk[i]);
	check(!credentials_parse_psk(hex, 2 * credentials.psk_size, &again),
	      "written out, it is a key");
	check(!memcmp(&credentials, &again, sizeof(again)), "and the same one");
}

static void fingerprint(const char *text, size_t size)
{
	unsigned char bytes[CREDENTIALS_FINGERPRINT_SIZE];
	unsigned char again[CREDENTIALS_FINGERPRINT_SIZE];
	char out[CREDENTIALS_FINGERPRINT_TEXT];

	if (credentials_parse_fingerprint(text, size, bytes))
		return;
	credentials_format_fingerprint(bytes, out);
	check(!credentials_parse_fingerprint(out, strlen(out), again),
	      "written out, it is a fingerprint");
	check(!memcmp(bytes, again, sizeof(again)), "and the same one");
}

static void identity(const char *text, size_t size)
{
	if (credentials_parse_identity(text, size))
		return;
	check(size && size <= CREDENTIALS_IDENTITY_MAX, "bounds");
	check(!memchr(text, 0, size) && !memchr(text, '\n', size),
	      "it can be printed");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* of its exact size, so that the sanitizer sees one byte too many */
	char *exact = malloc(size ? size : 1);

	memcpy(exact, data, size);
	psk(exact, size);
	fingerprint(exact, size);
	identity(exact, size);
	free(exact);
	return 0;
}
