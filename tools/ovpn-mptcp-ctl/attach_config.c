// SPDX-License-Identifier: GPL-2.0-or-later
/* What attach is told: read at the start, and again at SIGHUP. */

#include <stdlib.h>
#include <string.h>

#include "attach_config.h"
#include "congestion.h"
#include "memory.h"
#include "names.h"

static enum status read_credentials(struct attach *attach)
{
	struct credentials *credentials = &attach->credentials;
	const struct config *config = &attach->config;
	enum status status = STATUS_OK;
	size_t i;

	if (config->psk_file)
		status = credentials_read_psk(credentials, attach->command,
					      config->psk_file);
	if (!status && config->psk_identity)
		status = credentials_set_identity(credentials, attach->command,
						  config->psk_identity);
	if (!status && config->cert)
		status = credentials_read_certificate(credentials,
						      attach->command,
						      config->cert);
	if (!status && config->key)
		status = credentials_read_key(credentials, attach->command,
					      config->key);
	for (i = 0; !status && i < config->peer_fingerprints.count; i++)
		status = credentials_add_fingerprint(credentials,
						     attach->command,
						     config->peer_fingerprints.items[i]);
	return status ? status : credentials_check(credentials,
						   attach->command);
}

/* At the start, so that a name that this kernel does not have is told at once. */
static enum status check_congestion(const struct attach *attach)
{
	const struct config *config = &attach->config;

	return config->congestion[0] ?
	       congestion_check(config->device, config->congestion) : STATUS_OK;
}

static void choose_ciphers(struct attach *attach)
{
	const struct config_ciphers *list = &attach->config.ciphers;
	static const uint32_t all[] = { 0, 1, 2 };
	const uint32_t *wanted = list->count ? list->items : all;
	size_t i;

	attach->cipher_count = list->count ? list->count : ARRAY_SIZE(all);
	for (i = 0; i < attach->cipher_count; i++)
		attach->ciphers[i] =
			agree_cipher_parse(cipher_choices[wanted[i]]);
}

enum status attach_load(struct attach *attach, char *const *argv)
{
	enum status status = config_load(&attach->config, attach->command,
					 argv);

	if (status)
		return status;
	choose_ciphers(attach);
	status = read_credentials(attach);
	if (!status)
		status = check_congestion(attach);
	if (status)
		attach_unload(attach);
	return status;
}

void attach_unload(struct attach *attach)
{
	credentials_wipe(&attach->credentials);
	config_free(&attach->config);
}

bool attach_may_reload(struct attach *attach)
{
	return !attach->live.channel && attach->role->idle(attach);
}

/* What cannot be changed while there is a tunnel. */
static enum status check_same(const struct attach *attach,
			      const struct config *next)
{
	const struct config *config = &attach->config;

	if (strcmp(config->device, next->device))
		return usage_error("%s: expected the same device, and not %s: start it anew",
				   config->device, next->device);
	if (!config->listen.name != !next->listen.name)
		return usage_error("%s: expected the same of connect and listen: start it anew",
				   config->device);
	return STATUS_OK;
}

static enum status change(struct attach *attach, const struct config *next)
{
	const struct address *remote = attach->alive ? &attach->live.remote :
						       NULL;
	enum status status = check_same(attach, next);

	if (!status)
		status = attach->role->reload(attach, next);
	if (status)
		return status;
	status = session_reconfigure(&attach->session, next, remote);
	if (status)
		attach->role->reload(attach, &attach->config);
	return status;
}

bool attach_reload(struct attach *attach)
{
	struct attach next = { .command = attach->command };
	enum status status;

	if (attach->config.file && !strcmp(attach->config.file, "-")) {
		attach_say(attach, "standard input cannot be read again: the configuration stays as it was");
		return false;
	}
	status = attach_load(&next, attach->argv);
	if (!status) {
		status = change(attach, &next.config);
		if (status)
			attach_unload(&next);
	}
	if (status) {
		attach_say(attach, "the configuration stays as it was");
		return false;
	}
	attach_unload(attach);
	attach->config = next.config;
	attach->credentials = next.credentials;
	explicit_bzero(&next.credentials, sizeof(next.credentials));
	memcpy(attach->ciphers, next.ciphers, sizeof(attach->ciphers));
	attach->cipher_count = next.cipher_count;
	attach_say(attach, "the configuration was read again");
	return true;
}
