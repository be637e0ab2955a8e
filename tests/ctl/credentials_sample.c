// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads credentials as attach does, from pairs of a word and a value, and
 * prints what it has then. Exits as the tool would.
 */

#include <stdio.h>
#include <string.h>

#include "attach/credentials.h"

static enum status set(struct credentials *credentials, const char *word,
		       const char *value)
{
	static const struct {
		const char *word;
		enum status (*set)(struct credentials *credentials,
				   const char *command, const char *value);
	} words[] = {
		{ "psk-file", credentials_read_psk },
		{ "psk-identity", credentials_set_identity },
		{ "cert", credentials_read_certificate },
		{ "key", credentials_read_key },
		{ "peer-fingerprint", credentials_add_fingerprint },
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!strcmp(word, words[i].word))
			return words[i].set(credentials, "attach", value);
	}
	return usage_error("%s is no word", word);
}

static void print(const struct credentials *credentials)
{
	char text[CREDENTIALS_FINGERPRINT_TEXT];
	size_t i;

	for (i = 0; i < credentials->psk_size; i++)
		printf("%02x", credentials->psk[i]);
	if (credentials->psk_size)
		printf(" %s\n", credentials->identity);
	if (credentials->certificate) {
		credentials_fingerprint(credentials, text);
		printf("%s\n", text);
	}
	for (i = 0; i < credentials->fingerprint_count; i++) {
		credentials_format_fingerprint(credentials->fingerprints[i],
					       text);
		printf("peer %s\n", text);
	}
}

int main(int argc, char **argv)
{
	struct credentials credentials = { 0 };
	enum status status = STATUS_OK;
	int i;

	credentials_init();
	for (i = 1; i + 1 < argc && !status; i += 2)
		status = set(&credentials, argv[i], argv[i + 1]);
	if (!status)
		status = credentials_check(&credentials, "attach");
	if (!status)
		print(&credentials);
	credentials_wipe(&credentials);
	return status;
}
