// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzz target for the parser of key files. Whatever comes in: no access out of
 * bounds; a refusal says why and leaves nothing secret; what is accepted is
 * complete, and the same again when it is written out and read back.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/keyfile.h"
#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int put(char *text, const char *word, const struct keyfile_dir *dir)
{
	int n = sprintf(text, "%s ", word);
	size_t i;

	for (i = 0; i < dir->size; i++)
		n += sprintf(text + n, "%02X", dir->key[i]);
	text[n++] = '\t';
	for (i = 0; i < sizeof(dir->nonce_tail); i++)
		n += sprintf(text + n, "%02x", dir->nonce_tail[i]);
	text[n++] = '\n';
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct keyfile nothing;
	struct keyfile keys, again;
	struct keyfile_error error;
	/* of its exact size, so that the sanitizer sees one byte too many */
	char *exact = malloc(size ? size : 1), text[512];
	int length;

	memcpy(exact, data, size);
	memset(&keys, 0xa5, sizeof(keys));
	if (keyfile_parse(exact, size, &keys, &error)) {
		check(error.expected != NULL, "a refusal says what was expected");
		check(!memcmp(&keys, &nothing, sizeof(keys)), "a refusal leaves nothing");
		free(exact);
		return 0;
	}
	free(exact);
	check(keys.encrypt.size == 16 || keys.encrypt.size == 24 ||
	      keys.encrypt.size == 32, "length of the key");
	check(keys.encrypt.size == keys.decrypt.size, "both of one length");
	length = put(text, "decrypt", &keys.decrypt);
	length += put(text + length, "encrypt", &keys.encrypt);
	check(!keyfile_parse(text, length, &again, &error), "written out, it is a key file");
	check(!memcmp(&keys, &again, sizeof(keys)), "and the same one");
	return 0;
}
