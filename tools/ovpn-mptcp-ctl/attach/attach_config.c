// SPDX-License-Identifier: GPL-2.0-or-later
/* What attach is told: read at the start, and again at SIGHUP. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attach/service.h"
#include "base/memory.h"
#include "base/names.h"
#include "kernel/congestion.h"

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

static struct attach *new_site(const char *command, struct config *config)
{
	struct attach *attach = calloc(1, sizeof(*attach));

	if (!attach)
		exit(system_error(ENOMEM, "out of memory"));
	attach->command = command;
	/* it is this one's from here on */
	attach->config = *config;
	memset(config, 0, sizeof(*config));
	return attach;
}

void told_free_site(struct attach *site)
{
	credentials_wipe(&site->credentials);
	config_free(&site->config);
	free(site);
}

static void split(struct told *told, const char *command, struct config *config)
{
	size_t i;

	strcpy(told->name, config->device[0] || !config->peers.count ?
	       config->device : "attach");
	told->from_stdin = config->file && !strcmp(config->file, "-");
	told->check = config->check;
	if (config->peers.count) {
		told->count = config->peers.count;
		for (i = 0; i < told->count; i++)
			told->sites[i] = new_site(command,
						  &config->peers.items[i]);
	} else {
		told->count = 1;
		told->sites[0] = new_site(command, config);
	}
	config_free(config);
}

enum status told_load(struct told *told, const char *command,
		      char *const *argv)
{
	struct config config;
	enum status status;
	size_t i;

	memset(told, 0, sizeof(*told));
	status = config_load(&config, command, argv);
	if (status)
		return status;
	split(told, command, &config);
	for (i = 0; i < told->count && !status; i++) {
		choose_ciphers(told->sites[i]);
		status = read_credentials(told->sites[i]);
		if (!status)
			status = check_congestion(told->sites[i]);
	}
	told_link(told);
	for (i = 0; i < told->count && status; i++)
		told_free_site(told->sites[i]);
	return status;
}

void told_link(struct told *told)
{
	size_t i;

	for (i = 0; i < told->count; i++)
		told->sites[i]->credentials.next = i + 1 < told->count ?
			&told->sites[i + 1]->credentials : NULL;
}

/* What cannot be changed while there is a tunnel. */
static enum status check_same(const struct attach *attach,
			      const struct config *next)
{
	const struct config *config = &attach->config;

	if (strcmp(config->device, next->device))
		return usage_error("%s: expected the same device, and not %s: start it anew",
				   config->device, next->device);
	return STATUS_OK;
}

enum status attach_change(struct attach *attach, struct attach *next)
{
	const struct address *remote = attach->alive ? &attach->live.remote :
						       NULL;
	bool keep = attach->config.no_keep != next->config.no_keep ||
		    attach->config.no_backup != next->config.no_backup;
	uint32_t had = gateway_mark(&attach->config);
	enum status status = check_same(attach, &next->config);

	if (!status)
		status = attach_machine_prepare(attach, &next->config);
	if (!status)
		status = session_reconfigure(&attach->session, &next->config,
					     remote);
	if (status) {
		attach_machine_change(attach, had);
		return status;
	}
	attach->role->reload(attach, &next->config);
	credentials_wipe(&attach->credentials);
	config_free(&attach->config);
	attach->config = next->config;
	attach->credentials = next->credentials;
	memcpy(attach->ciphers, next->ciphers, sizeof(attach->ciphers));
	attach->cipher_count = next->cipher_count;
	/* they are not those of @next any more */
	memset(&next->config, 0, sizeof(next->config));
	explicit_bzero(&next->credentials, sizeof(next->credentials));
	attach_machine_change(attach, had);
	attach->role->hangup(attach);
	/* what is wrong with that is said, and the tunnel does without */
	if (keep)
		attach_keep(attach);
	return STATUS_OK;
}
