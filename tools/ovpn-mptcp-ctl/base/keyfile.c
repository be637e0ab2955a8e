// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys from a file or standard input. */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digits.h"
#include "base/file.h"
#include "base/keyfile.h"

/* What is left of a line. */
struct cursor {
	const char *at;
	const char *end;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct cursor next_word(struct cursor *line)
{
	struct cursor word;

	while (line->at < line->end && is_blank(*line->at))
		line->at++;
	word.at = line->at;
	while (line->at < line->end && !is_blank(*line->at))
		line->at++;
	word.end = line->at;
	return word;
}

static bool equals(const struct cursor *word, const char *text)
{
	size_t size = word->end - word->at;

	return size == strlen(text) && !memcmp(word->at, text, size);
}

/* Returns how many bytes, or 0 when it is no even number of digits that fits. */
static size_t parse_hex(const struct cursor *word, unsigned char *bytes,
			size_t max)
{
	size_t digits = word->end - word->at;

	if (digits % 2 || digits / 2 > max ||
	    !digits_hex(word->at, digits, bytes))
		return 0;
	return digits / 2;
}

/* Returns what was expected, or NULL. */
static const char *parse_dir(struct cursor *line, struct keyfile_dir *dir)
{
	struct cursor word = next_word(line);

	if (dir->size)
		return "each direction once";
	dir->size = parse_hex(&word, dir->key, sizeof(dir->key));
	if (dir->size != 16 && dir->size != 24 && dir->size != 32)
		return "a key of 32, 48 or 64 hexadecimal digits";
	word = next_word(line);
	if (parse_hex(&word, dir->nonce_tail, sizeof(dir->nonce_tail)) !=
	    sizeof(dir->nonce_tail))
		return "a nonce tail of 16 hexadecimal digits behind the key";
	word = next_word(line);
	if (word.at != word.end)
		return "nothing behind the nonce tail";
	return NULL;
}

static const char *parse_line(struct cursor line, struct keyfile *keys)
{
	struct cursor word = next_word(&line);

	if (word.at == word.end || *word.at == '#')
		return NULL;
	if (equals(&word, "encrypt"))
		return parse_dir(&line, &keys->encrypt);
	if (equals(&word, "decrypt"))
		return parse_dir(&line, &keys->decrypt);
	return "the word encrypt or decrypt";
}

int keyfile_parse(const char *text, size_t size, struct keyfile *keys,
		  struct keyfile_error *error)
{
	const char *end = text + size;

	memset(keys, 0, sizeof(*keys));
	memset(error, 0, sizeof(*error));
	while (text < end && !error->expected) {
		const char *newline = memchr(text, '\n', end - text);
		struct cursor line = { text, newline ? newline : end };

		error->line++;
		error->expected = parse_line(line, keys);
		text = newline ? newline + 1 : end;
	}
	if (!error->expected) {
		error->line = 0;
		if (!keys->encrypt.size || !keys->decrypt.size)
			error->expected = "two lines, encrypt and decrypt";
		else if (keys->encrypt.size != keys->decrypt.size)
			error->expected = "keys of the same length in both directions";
	}
	if (!error->expected)
		return 0;
	explicit_bzero(keys, sizeof(*keys));
	return -1;
}

static enum status parse(const char *command, const char *path,
			 const char *text, size_t size, struct keyfile *keys)
{
	struct keyfile_error error;

	if (size > KEYFILE_SIZE_MAX)
		return usage_error("%s: %s: expected a key file of at most %d bytes",
				   command, path, KEYFILE_SIZE_MAX);
	if (!keyfile_parse(text, size, keys, &error))
		return STATUS_OK;
	if (error.line)
		return usage_error("%s: %s, line %u: expected %s", command,
				   path, error.line, error.expected);
	return usage_error("%s: %s: expected %s", command, path,
			   error.expected);
}

enum status keyfile_read(const char *command, const char *path,
			 struct keyfile *keys)
{
	bool from_stdin = !strcmp(path, "-");
	int fd = from_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	/* one more, to see that there is more */
	char text[KEYFILE_SIZE_MAX + 1];
	enum status status;
	struct stat info;
	ssize_t size;

	if (from_stdin)
		path = "standard input";
	if (fd < 0) {
		system_error(errno, "%s: expected a key file, cannot open %s",
			     command, path);
		return STATUS_USAGE;
	}
	/* what others know or may write is no key */
	if (!fstat(fd, &info) && S_ISREG(info.st_mode) &&
	    info.st_mode & (S_IRWXG | S_IRWXO)) {
		status = usage_error("%s: %s: expected a file that nobody else may read or write: chmod 600 %s",
				     command, path, path);
		size = 0;
	} else {
		status = STATUS_OK;
		size = file_read(fd, text, sizeof(text));
	}
	if (size < 0) {
		system_error(errno, "%s: expected a key file, cannot read %s",
			     command, path);
		status = STATUS_USAGE;
	} else if (!status) {
		status = parse(command, path, text, size, keys);
	}
	explicit_bzero(text, sizeof(text));
	if (!from_stdin)
		close(fd);
	return status;
}
