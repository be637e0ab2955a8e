// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor: does this machine load only signed modules, and is ours one? */

#include <errno.h>
#include <libkmod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/memory.h"
#include "doctor/checks.h"

#define SECURE_BOOT	"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define MOK_LIST	"/sys/firmware/efi/mok-variables/MokListRT"
#define MOK_LIST_EFI	"/sys/firmware/efi/efivars/MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23"

/* Why an unsigned module would be refused; NULL when it would not. */
static const char *find_rule(const struct host *host)
{
	char text[128];
	char *variable;
	size_t size;

	/* four bytes of attributes, then the value */
	variable = host_file(host, &size, SECURE_BOOT);
	if (variable && size == 5 && variable[4] == 1) {
		free(variable);
		return "Secure Boot is on";
	}
	free(variable);
	host_text(host, text, sizeof(text), "/sys/kernel/security/lockdown");
	if (strstr(text, "[integrity]") || strstr(text, "[confidentiality]"))
		return "kernel lockdown is on";
	host_text(host, text, sizeof(text),
		  "/sys/module/module/parameters/sig_enforce");
	return *text == 'Y' ? "module.sig_enforce is on" : NULL;
}

/* The certificate that dkms signs with on this machine, or NULL. */
static char *load_certificate(const struct host *host, const char **file,
			      size_t *size)
{
	static const char *const files[] = {
		"/var/lib/shim-signed/mok/MOK.der", "/var/lib/dkms/mok.pub",
	};
	char *data;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		data = host_file(host, size, "%s", files[i]);
		if (data && *size) {
			*file = files[i];
			return data;
		}
		free(data);
	}
	return NULL;
}

static void check_key(const struct host *host, const char *rule,
		      struct findings *findings)
{
	size_t size = 0, list_size = 0;
	const char *file = NULL;
	char *certificate, *list;

	certificate = load_certificate(host, &file, &size);
	list = host_file(host, &list_size, MOK_LIST);
	if (!list)
		list = host_file(host, &list_size, MOK_LIST_EFI);
	if (certificate && list &&
	    memmem(list, list_size, certificate, size)) {
		finding_add(findings, LEVEL_GOOD, "module-signature",
			    "%s; the module is signed, and the key of this machine, %s, is enrolled",
			    rule, file);
	} else if (certificate && list) {
		finding_problem(findings, STATUS_NO_MODULE, "module-key",
				"%s, and the key that signs modules on this machine, %s, is not enrolled: the kernel answers \"Key was rejected by service\"",
				rule, file);
		finding_fix(findings,
			    "mokutil --import %s, start the machine anew, and choose \"Enroll MOK\" in the blue menu",
			    file);
	} else {
		finding_add(findings, LEVEL_UNSEEN, "module-key",
			    "%s, and the module is signed; whether its key is enrolled cannot be seen%s",
			    rule, certificate ? " (root can)" : "");
		finding_fix(findings, "mokutil --list-enrolled");
	}
	free(certificate);
	free(list);
}

/* Sets @is_signed, of a file that may be packed; 0 or the errno of libkmod. */
static int find_signature(const struct host *host, const char *file,
			  bool *is_signed)
{
	const char *const no_configuration = NULL;
	char path[2 * HOST_PATH_SIZE];
	struct kmod_list *list = NULL, *item;
	struct kmod_module *module = NULL;
	struct kmod_ctx *ctx;
	int err;

	*is_signed = false;
	snprintf(path, sizeof(path), "%s%s", host->root, file);
	ctx = kmod_new(NULL, &no_configuration);
	if (!ctx)
		return ENOMEM;
	/* what it would say is in what it returns */
	kmod_set_log_priority(ctx, LOG_EMERG);
	err = kmod_module_new_from_path(ctx, path, &module);
	if (err >= 0)
		err = kmod_module_get_info(module, &list);
	kmod_list_foreach(item, list)
		*is_signed |= !strcmp(kmod_module_info_get_key(item), "sig_id");
	kmod_module_info_free_list(list);
	kmod_module_unref(module);
	kmod_unref(ctx);
	return err < 0 ? -err : 0;
}

void check_signature(const struct host *host, const char *file,
		     struct findings *findings)
{
	const char *rule = find_rule(host);
	bool is_signed;
	int err;

	if (!rule)
		return;
	err = find_signature(host, file, &is_signed);
	if (err) {
		finding_add(findings, LEVEL_UNSEEN, "module-unsigned",
			    "%s, and whether the module %s is signed cannot be seen (%s)",
			    rule, file, errno_text(err));
		finding_fix(findings, "modinfo -F sig_id %s", file);
		return;
	}
	if (is_signed) {
		check_key(host, rule, findings);
		return;
	}
	finding_problem(findings, STATUS_NO_MODULE, "module-unsigned",
			"%s, and the module %s is not signed: the kernel refuses it",
			rule, file);
	finding_fix(findings,
		    "let dkms sign it: dkms generate_mok, mokutil --import /var/lib/dkms/mok.pub, start the machine anew and choose \"Enroll MOK\", then dkms install --force");
}
