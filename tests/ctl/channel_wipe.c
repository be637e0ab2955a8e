// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * After a handshake nothing secret is left in memory: every writable page of
 * this process is searched for the pre-shared key and the data keys. What is
 * looked for is only kept in disguise. Also short enough for valgrind, which
 * looks for leaks and for decisions on bytes that nobody wrote; with the
 * argument nosearch, for it changes what is left.
 */

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "attach/tls.h"
#include "channel_pair.h"

#define DISGUISE 0x5a
#define WANTED_SIZE 16

static unsigned char wanted[16][WANTED_SIZE];
static size_t wanted_count;

static void remember(const unsigned char *secret)
{
	size_t i;

	for (i = 0; i < WANTED_SIZE; i++)
		wanted[wanted_count][i] = secret[i] ^ DISGUISE;
	wanted_count++;
}

/* Byte by byte, without a copy of what is found. */
static bool is_wanted(const volatile unsigned char *at, size_t which)
{
	size_t i;

	for (i = 0; i < WANTED_SIZE; i++) {
		if ((at[i] ^ DISGUISE) != wanted[which][i])
			return false;
	}
	return true;
}

static size_t search_range(const unsigned char *from, const unsigned char *to,
			   const char *line, bool tell)
{
	size_t found = 0, i;

	for (; from + WANTED_SIZE <= to; from++) {
		for (i = 0; i < wanted_count; i++) {
			if (!is_wanted(from, i))
				continue;
			found++;
			if (tell)
				print_error("secret %zu at %p: %s", i,
					    (void *)from, line);
		}
	}
	return found;
}

/* Returns how often a secret is somewhere. */
static size_t search(bool tell)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512], mode[8];
	size_t found = 0;

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps)) {
		unsigned long from, to;

		assert_int_equal(sscanf(line, "%lx-%lx %7s", &from, &to, mode),
				 3);
		if (strncmp(mode, "rw", 2) || strstr(line, "[vvar"))
			continue;
		found += search_range((void *)from, (void *)to, line, tell);
	}
	fclose(maps);
	return found;
}

static void write_psk(char *path, const unsigned char *psk)
{
	static const char digits[] = "0123456789abcdef";
	int fd = mkstemp(path);
	size_t i;

	assert_true(fd >= 0);
	for (i = 0; i < CREDENTIALS_PSK_MIN; i++) {
		char pair[2] = { digits[psk[i] >> 4], digits[psk[i] & 15] };

		assert_int_equal(write(fd, pair, 2), 2);
	}
	close(fd);
}

static void nothing_is_left(bool look)
{
	struct credentials *credentials = calloc(1, sizeof(*credentials));
	unsigned char psk[CREDENTIALS_PSK_MIN];
	char path[] = "/tmp/channel_wipe.XXXXXX";
	struct pair *pair;

	wanted_count = 0;
	assert_int_equal(getrandom(psk, sizeof(psk), 0), sizeof(psk));
	remember(psk);
	remember(psk + WANTED_SIZE);
	write_psk(path, psk);
	explicit_bzero(psk, sizeof(psk));
	assert_int_equal(credentials_read_psk(credentials, "test", path),
			 STATUS_OK);
	unlink(path);
	assert_int_equal(credentials_check(credentials, "test"), STATUS_OK);

	pair = pair_new(credentials, credentials);
	pair_run(pair);
	assert_agreed(pair);
	remember(pair->client.keys.encrypt.key);
	remember(pair->client.keys.encrypt.key + WANTED_SIZE);
	remember(pair->client.keys.decrypt.key);
	remember(pair->client.keys.decrypt.key + WANTED_SIZE);
	if (look)
		assert_in_range(search(false), wanted_count, 1000);
	explicit_bzero(&pair->client.keys, sizeof(pair->client.keys));
	explicit_bzero(&pair->server.keys, sizeof(pair->server.keys));
	pair_free(pair);
	credentials_free(credentials);
	if (look)
		assert_int_equal(search(true), 0);
}

/* Right after they were taken, keys are where the caller wanted them, and
 * nowhere else.
 */
static void keys_are_in_one_place(void **state)
{
	bool look = *(bool *)*state;
	struct credentials *psk = psk_credentials("site-a", 0x33);
	struct pair *pair = pair_new(psk, psk);
	struct keyfile *keys = &pair->server.keys;

	wanted_count = 0;
	pair->hold = CHANNEL_HELLO;
	pair_run(pair);
	pair->server.agreement.cipher = AGREE_AES_256_GCM;
	assert_int_equal(channel_keys(pair->server.channel,
				      &pair->server.agreement, keys), 0);
	/* before any other call writes over what that one left */
	remember(keys->encrypt.key);
	remember(keys->encrypt.key + WANTED_SIZE);
	remember(keys->decrypt.key);
	remember(keys->decrypt.key + WANTED_SIZE);
	if (look)
		assert_int_equal(search(false), wanted_count);
	explicit_bzero(keys, sizeof(*keys));
	if (look)
		assert_int_equal(search(true), 0);
	pair_free(pair);
	credentials_free(psk);
}

static void after_a_handshake(void **state)
{
	nothing_is_left(*(bool *)*state);
}

/* A line is a label, the random of the client, the secret: all of a connection
 * hangs on these.
 */
static void log_secret(const SSL *ssl, const char *line)
{
	const char *hex = strrchr(line, ' ') + 1;
	unsigned char secret[WANTED_SIZE];
	size_t i;

	(void)ssl;
	for (i = 0; i < WANTED_SIZE; i++)
		secret[i] = OPENSSL_hexchar2int(hex[2 * i]) << 4 |
			    OPENSSL_hexchar2int(hex[2 * i + 1]);
	remember(secret);
	explicit_bzero(secret, sizeof(secret));
}

static void move(struct tls *from, struct tls *to)
{
	unsigned char bytes[4096];
	size_t size = tls_pending(from);

	assert_in_range(size, 0, sizeof(bytes));
	if (size) {
		assert_int_equal(tls_get(from, bytes, size), 0);
		assert_int_equal(tls_put(to, bytes, size), 0);
	}
}

static void secrets_of_tls(void **state)
{
	bool look = *(bool *)*state;
	struct credentials *psk = psk_credentials("site-a", 0x77);
	struct tls client, server;

	wanted_count = 0;
	assert_int_equal(tls_open(&client, true, psk), 0);
	assert_int_equal(tls_open(&server, false, psk), 0);
	SSL_CTX_set_keylog_callback(SSL_get_SSL_CTX(client.ssl), log_secret);
	while (!client.up || !server.up) {
		if (!client.up)
			assert_in_range(tls_handshake(&client), 0, 1);
		move(&client, &server);
		if (!server.up)
			assert_in_range(tls_handshake(&server), 0, 1);
		move(&server, &client);
	}
	/* of the handshake, of the data, of the exporter */
	assert_int_equal(wanted_count, 5);
	if (look)
		assert_in_range(search(false), 5, 1000);
	tls_close(&client);
	tls_close(&server);
	if (look)
		assert_int_equal(search(true), 0);
	credentials_free(psk);
}

static void certificates_and_a_refusal(void **state)
{
	struct credentials *a = certificate_credentials();
	struct credentials *b = certificate_credentials();
	struct pair *pair;

	(void)state;
	pin(a, b);
	pin(b, a);
	pair = pair_new(a, b);
	pair_run(pair);
	assert_agreed(pair);
	pair_free(pair);
	b->fingerprints[0][3] ^= 1;
	pair = pair_new(a, b);
	pair_run(pair);
	assert_nothing_agreed(pair);
	pair_free(pair);
	credentials_free(a);
	credentials_free(b);
}

int main(int argc, char **argv)
{
	bool look = argc < 2 || strcmp(argv[1], "nosearch");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(after_a_handshake, &look),
		cmocka_unit_test_prestate(keys_are_in_one_place, &look),
		cmocka_unit_test_prestate(secrets_of_tls, &look),
		cmocka_unit_test(certificates_and_a_refusal),
	};

	credentials_init();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
