/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A key file has two lines, one for each direction, in any order:
 *
 *   encrypt KEY NONCE-TAIL
 *   decrypt KEY NONCE-TAIL
 *
 * KEY has 32, 48 or 64 hexadecimal digits, NONCE-TAIL 16. Words are separated
 * by spaces or tabs. Empty lines and those that begin with # do not count.
 */
#ifndef KEYFILE_H
#define KEYFILE_H

#include <stddef.h>

#include "base/message.h"
#include "uapi/linux/ovpn_dco_mptcp.h"

#define KEYFILE_KEY_MAX		32
/* larger files are not key files */
#define KEYFILE_SIZE_MAX	4096

/**
 * struct keyfile_dir - one direction
 * @size: bytes of the key
 * @key: the key
 * @nonce_tail: the part of the nonce that is not the packet id
 */
struct keyfile_dir {
	size_t size;
	unsigned char key[KEYFILE_KEY_MAX];
	unsigned char nonce_tail[OVPN_MPTCP_NONCE_TAIL_SIZE];
};

/* Secret: wipe it. */
struct keyfile {
	struct keyfile_dir encrypt;
	struct keyfile_dir decrypt;
};

/**
 * struct keyfile_error - why a text is no key file
 * @line: where; 0 for the text as a whole
 * @expected: what should be there; nothing of the text is repeated
 */
struct keyfile_error {
	unsigned int line;
	const char *expected;
};

/* Returns 0, or -1 with @error set and nothing secret left in @keys. */
int keyfile_parse(const char *text, size_t size, struct keyfile *keys,
		  struct keyfile_error *error);

/* @path: - for standard input; @command: for messages */
enum status keyfile_read(const char *command, const char *path,
			 struct keyfile *keys);

#endif /* KEYFILE_H */
