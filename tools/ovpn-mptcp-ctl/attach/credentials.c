// SPDX-License-Identifier: GPL-2.0-or-later
/* Pre-shared keys, certificates, fingerprints: from files and words. */

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "attach/credentials.h"
#include "base/digits.h"
#include "base/file.h"

/* what TLS asks of signatures at security level 2: RSA of 2048 bits and more */
#define SECURITY_BITS_MIN 112

static void free_wiped(void *memory, const char *file, int line)
{
	(void)file;
	(void)line;
	if (memory)
		explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}

static void *allocate(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return size ? malloc(size) : NULL;
}

/* realloc() would leave a copy behind. */
static void *reallocate(void *memory, size_t size, const char *file, int line)
{
	size_t old = memory ? malloc_usable_size(memory) : 0;
	void *larger = allocate(size, file, line);

	if (size && !larger)
		return NULL;
	if (memory && larger)
		memcpy(larger, memory, old < size ? old : size);
	free_wiped(memory, file, line);
	return larger;
}

void credentials_init(void)
{
	if (CRYPTO_set_mem_functions(allocate, reallocate, free_wiped))
		return;
	say("OpenSSL has memory already that it will not wipe");
	abort();
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

const char *credentials_parse_psk(const char *text, size_t size,
				  struct credentials *credentials)
{
	unsigned char psk[CREDENTIALS_PSK_MAX];
	const char *expected = NULL;

	while (size && is_blank(text[size - 1]))
		size--;
	while (size && is_blank(*text)) {
		text++;
		size--;
	}
	if (size < 2 * CREDENTIALS_PSK_MIN || size > 2 * CREDENTIALS_PSK_MAX ||
	    size % 2 || !digits_hex(text, size, psk))
		expected = "a pre-shared key of 64 to 256 hexadecimal digits, as openssl rand -hex 32 makes one";
	if (!expected) {
		memcpy(credentials->psk, psk, size / 2);
		credentials->psk_size = size / 2;
	}
	OPENSSL_cleanse(psk, sizeof(psk));
	return expected;
}

const char *credentials_parse_identity(const char *text, size_t size)
{
	size_t i;

	if (!size || size > CREDENTIALS_IDENTITY_MAX)
		return "an identity of 1 to 64 characters";
	for (i = 0; i < size; i++) {
		if (text[i] <= ' ' || text[i] > '~')
			return "an identity of ASCII letters, digits and signs, without a space";
	}
	return NULL;
}

const char *credentials_parse_fingerprint(const char *text, size_t size,
					  unsigned char *fingerprint)
{
	static const char expected[] = "a SHA-256 fingerprint: 64 hexadecimal digits, or 32 pairs with colons between";
	char digits[2 * CREDENTIALS_FINGERPRINT_SIZE];
	size_t step = size == sizeof(digits) ? 2 : 3, i;

	if (step == 3 && size != CREDENTIALS_FINGERPRINT_TEXT - 1)
		return expected;
	for (i = 0; i < CREDENTIALS_FINGERPRINT_SIZE; i++) {
		memcpy(digits + 2 * i, text + step * i, 2);
		if (step == 3 && i && text[step * i - 1] != ':')
			return expected;
	}
	return digits_hex(digits, sizeof(digits), fingerprint) ? NULL : expected;
}

void credentials_format_fingerprint(const unsigned char *fingerprint,
				    char text[CREDENTIALS_FINGERPRINT_TEXT])
{
	static const char digits[] = "0123456789ABCDEF";
	size_t i;

	for (i = 0; i < CREDENTIALS_FINGERPRINT_SIZE; i++) {
		*text++ = digits[fingerprint[i] >> 4];
		*text++ = digits[fingerprint[i] & 15];
		*text++ = ':';
	}
	text[-1] = '\0';
}

/* Where systemd keeps what LoadCredential= names. Its modes depend on what the
 * kernel can do, and its access lists show as rights of the group.
 */
static bool is_from_systemd(const char *path)
{
	const char *name = getenv("CREDENTIALS_DIRECTORY");
	char *file = name ? realpath(path, NULL) : NULL;
	char *dir = file ? realpath(name, NULL) : NULL;
	size_t length = dir ? strlen(dir) : 0;
	bool inside = length && !strncmp(file, dir, length) &&
		      file[length] == '/';

	free(file);
	free(dir);
	return inside;
}

static enum status check_secrecy(const char *command, const char *path, int fd)
{
	mode_t others = S_IRWXG | S_IRWXO;
	struct stat info;

	if (fstat(fd, &info)) {
		system_error(errno, "%s: %s: expected a file", command, path);
		return STATUS_USAGE;
	}
	/* a pipe has no mode that says anything */
	if (!S_ISREG(info.st_mode))
		return STATUS_OK;
	if (is_from_systemd(path))
		others = S_IWGRP | S_IRWXO;
	if (info.st_mode & others)
		return usage_error("%s: %s: expected a file that nobody else may read or write: chmod 600 %s",
				   command, path, path);
	if (info.st_uid && info.st_uid != geteuid())
		return usage_error("%s: %s: expected a file that belongs to root, or to the user who runs this",
				   command, path);
	return STATUS_OK;
}

/* A service may read no file of root's but its credentials. */
static void explain_open(int err, const char *command, const char *path,
			 const char *what)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");

	if (err == EACCES && directory)
		system_error(err, "%s: %s: expected a file with %s that the service may read: name %s/psk or %s/key, which has that of /etc/ovpn-mptcp",
			     command, path, what, directory, directory);
	else
		system_error(err, "%s: %s: expected a file with %s", command,
			     path, what);
}

/* @text: CREDENTIALS_FILE_MAX + 1 bytes, to be wiped by the caller */
static enum status read_file(const char *command, const char *path,
			     const char *what, bool secret, char *text,
			     size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	enum status status = STATUS_OK;
	ssize_t n = 0;

	if (fd < 0) {
		explain_open(errno, command, path, what);
		return STATUS_USAGE;
	}
	if (secret)
		status = check_secrecy(command, path, fd);
	if (!status)
		n = file_read(fd, text, CREDENTIALS_FILE_MAX + 1);
	if (n < 0) {
		system_error(errno, "%s: %s: expected a file with %s",
			     command, path, what);
		status = STATUS_USAGE;
	} else if (n > CREDENTIALS_FILE_MAX) {
		status = usage_error("%s: %s: expected a file of at most %d bytes with %s",
				     command, path, CREDENTIALS_FILE_MAX, what);
	}
	close(fd);
	*size = n;
	return status;
}

enum status credentials_read_psk(struct credentials *credentials,
				 const char *command, const char *path)
{
	char text[CREDENTIALS_FILE_MAX + 1];
	const char *expected;
	enum status status;
	size_t size;

	status = read_file(command, path, "a pre-shared key", true, text,
			   &size);
	if (!status) {
		expected = credentials_parse_psk(text, size, credentials);
		if (expected)
			status = usage_error("%s: %s: expected %s", command,
					     path, expected);
	}
	OPENSSL_cleanse(text, sizeof(text));
	return status;
}

enum status credentials_set_identity(struct credentials *credentials,
				     const char *command, const char *identity)
{
	const char *expected = credentials_parse_identity(identity,
							  strlen(identity));

	if (expected)
		return usage_error("%s: expected %s", command, expected);
	strcpy(credentials->identity, identity);
	return STATUS_OK;
}

enum status credentials_read_certificate(struct credentials *credentials,
					 const char *command, const char *path)
{
	char text[CREDENTIALS_FILE_MAX + 1];
	X509 *certificate = NULL;
	enum status status;
	size_t size;
	BIO *bio;

	status = read_file(command, path, "a certificate", false, text, &size);
	if (!status) {
		bio = BIO_new_mem_buf(text, size);
		certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) :
				    NULL;
		BIO_free(bio);
		if (!certificate)
			status = usage_error("%s: %s: expected a certificate in PEM",
					     command, path);
	}
	/* the key may be in the same file */
	OPENSSL_cleanse(text, sizeof(text));
	ERR_clear_error();
	if (!status) {
		X509_free(credentials->certificate);
		credentials->certificate = certificate;
	}
	return status;
}

/* A passphrase is not asked for: a service has no terminal. */
static int no_passphrase(char *buffer, int size, int writing, void *asked)
{
	(void)buffer;
	(void)size;
	(void)writing;
	*(bool *)asked = true;
	return -1;
}

/* Returns what was expected, or NULL. */
static const char *check_key(const EVP_PKEY *key)
{
	static const char *const names[] = {
		"EC", "ED25519", "ED448", "RSA", "RSA-PSS", NULL
	};
	const char *const *name;

	for (name = names; *name && !EVP_PKEY_is_a(key, *name); name++)
		;
	if (!*name)
		return "a private key that TLS 1.3 can sign with: EC, Ed25519, Ed448 or RSA";
	if (EVP_PKEY_get_security_bits(key) < SECURITY_BITS_MIN)
		return "a longer private key: RSA of at least 2048 bits, or EC of 256";
	return NULL;
}

static const char *parse_key(const char *text, size_t size, EVP_PKEY **key)
{
	BIO *bio = BIO_new_mem_buf(text, size);
	const char *expected = NULL;
	bool asked = false;

	*key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase,
					     &asked) : NULL;
	BIO_free(bio);
	ERR_clear_error();
	if (*key)
		expected = check_key(*key);
	else if (asked)
		expected = "a private key without a passphrase";
	else
		expected = "a private key in PEM";
	if (!expected)
		return NULL;
	EVP_PKEY_free(*key);
	*key = NULL;
	return expected;
}

enum status credentials_read_key(struct credentials *credentials,
				 const char *command, const char *path)
{
	char text[CREDENTIALS_FILE_MAX + 1];
	const char *expected;
	enum status status;
	EVP_PKEY *key;
	size_t size;

	status = read_file(command, path, "a private key", true, text, &size);
	if (!status) {
		expected = parse_key(text, size, &key);
		if (expected) {
			status = usage_error("%s: %s: expected %s", command,
					     path, expected);
		} else {
			EVP_PKEY_free(credentials->key);
			credentials->key = key;
		}
	}
	OPENSSL_cleanse(text, sizeof(text));
	return status;
}

enum status credentials_add_fingerprint(struct credentials *credentials,
					const char *command, const char *text)
{
	unsigned char fingerprint[CREDENTIALS_FINGERPRINT_SIZE];
	const char *expected;

	if (credentials->fingerprint_count == CREDENTIALS_FINGERPRINTS_MAX)
		return usage_error("%s: expected at most %d fingerprints",
				   command, CREDENTIALS_FINGERPRINTS_MAX);
	expected = credentials_parse_fingerprint(text, strlen(text),
						 fingerprint);
	if (expected)
		return usage_error("%s: expected %s", command, expected);
	memcpy(credentials->fingerprints[credentials->fingerprint_count++],
	       fingerprint, sizeof(fingerprint));
	return STATUS_OK;
}

static enum status check_certificate(const struct credentials *credentials,
				     const char *command)
{
	int matches;

	if (credentials->identity[0])
		return usage_error("%s: expected psk-identity only together with psk-file",
				   command);
	if (!credentials->certificate || !credentials->key)
		return usage_error("%s: expected both cert and key", command);
	if (!credentials->fingerprint_count)
		return usage_error("%s: expected peer-fingerprint, the fingerprint of the other end's certificate",
				   command);
	matches = X509_check_private_key(credentials->certificate,
					 credentials->key);
	ERR_clear_error();
	if (!matches)
		return usage_error("%s: expected the private key of the certificate, not another one",
				   command);
	return STATUS_OK;
}

enum status credentials_check(struct credentials *credentials,
			      const char *command)
{
	bool certificate = credentials->certificate || credentials->key ||
			   credentials->fingerprint_count;

	if (credentials->psk_size && certificate)
		return usage_error("%s: expected psk-file, or cert, key and peer-fingerprint, not both kinds",
				   command);
	if (certificate)
		return check_certificate(credentials, command);
	if (!credentials->psk_size)
		return usage_error("%s: expected psk-file, or cert, key and peer-fingerprint",
				   command);
	if (!credentials->identity[0])
		strcpy(credentials->identity, CREDENTIALS_IDENTITY);
	return STATUS_OK;
}

void credentials_fingerprint(const struct credentials *credentials,
			     char text[CREDENTIALS_FINGERPRINT_TEXT])
{
	unsigned char fingerprint[EVP_MAX_MD_SIZE] = { 0 };

	X509_digest(credentials->certificate, EVP_sha256(), fingerprint, NULL);
	credentials_format_fingerprint(fingerprint, text);
}

void credentials_wipe(struct credentials *credentials)
{
	X509_free(credentials->certificate);
	EVP_PKEY_free(credentials->key);
	OPENSSL_cleanse(credentials, sizeof(*credentials));
}
