// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor: the doors, and which OpenVPN would come through one of them. */

#include <ctype.h>
#include <libkmod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "doctor/checks.h"
#include "kernel/process.h"

const struct door doors[DOOR_COUNT] = {
	[DOOR_V2] = { "ovpn-dco-v2", "door_ovpn_dco_v2", "OpenVPN 2.6",
		      "ovpn_dco_v2" },
	[DOOR_OVPN] = { "ovpn", "door_ovpn", "OpenVPN 2.7", "ovpn" },
};

static bool is_built_in(const struct host *host, const char *module)
{
	char line[64];
	bool found;
	char *list;
	size_t size;

	list = host_file(host, &size, "/lib/modules/%s/modules.builtin",
			 host->release);
	snprintf(line, sizeof(line), "/%s.ko\n", module);
	found = list && strstr(list, line);
	free(list);
	return found;
}

static bool has_family(const struct families *families, enum door_id id)
{
	return id == DOOR_V2 ? families->v2 : families->ovpn;
}

static enum door_state door_state(const struct host *host,
				  const struct families *families,
				  enum door_id id)
{
	const struct door *door = &doors[id];
	char value[8];

	if (!host_has_module(host, "ovpn_dco_mptcp"))
		return DOOR_UNKNOWN;
	if (host_text(host, value, sizeof(value),
		      "/sys/module/ovpn_dco_mptcp/parameters/%s",
		      door->parameter))
		return DOOR_NONE;
	if (*value == 'N')
		return DOOR_OFF;
	/* a module that cannot have its family does not load */
	if (host_has_module(host, door->module) ||
	    is_built_in(host, door->module) ||
	    (families->known && !has_family(families, id)))
		return DOOR_TAKEN;
	return DOOR_OPEN;
}

/* Whether modprobe loads a module by its name alone. libkmod knows which files of
 * modprobe.d are in the place of others, and the kernel's command line.
 */
static bool is_blacklisted(const struct host *host, const char *module)
{
	static const char *const directories[] = {
		"/etc/modprobe.d", "/run/modprobe.d",
		"/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d",
		"/lib/modprobe.d",
	};
	char paths[ARRAY_SIZE(directories)][HOST_PATH_SIZE];
	const char *list[ARRAY_SIZE(directories) + 1] = { NULL };
	struct kmod_config_iter *iter;
	struct kmod_ctx *ctx;
	bool found = false;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(directories); i++) {
		snprintf(paths[i], sizeof(paths[i]), "%s%s", host->root,
			 directories[i]);
		list[i] = paths[i];
	}
	ctx = kmod_new(NULL, list);
	iter = ctx ? kmod_config_get_blacklists(ctx) : NULL;
	while (iter && !found && kmod_config_iter_next(iter))
		found = !strcmp(kmod_config_iter_get_key(iter), module);
	if (iter)
		kmod_config_iter_free_iter(iter);
	kmod_unref(ctx);
	return found;
}

static void report_loaded_first(const struct host *host, const struct door *door,
				struct findings *findings)
{
	if (is_blacklisted(host, door->module))
		finding_fix(findings,
			    "stop all tunnels, modprobe -r %s ovpn-dco-mptcp && modprobe ovpn-dco-mptcp; modprobe.d keeps %s away unless somebody loads it by its name: look in /etc/modules and /etc/modules-load.d",
			    door->module, door->module);
	else
		finding_fix(findings,
			    "stop all tunnels, modprobe -r %s ovpn-dco-mptcp && modprobe ovpn-dco-mptcp; to keep it away: echo blacklist %s >/etc/modprobe.d/blacklist-%s.conf",
			    door->module, door->module, door->module);
}

static void report_taken(const struct host *host, const struct door *door,
			 struct findings *findings)
{
	bool loaded = host_has_module(host, door->module);

	finding_add(findings, LEVEL_ADVICE, "door-taken",
		    "%s cannot reach the module: its door, %s, is taken by %s%s",
		    door->client, door->family,
		    loaded ? "the module " : "another module",
		    loaded ? door->module : "");
	if (is_built_in(host, door->module))
		finding_fix(findings,
			    "this kernel has %s built in: use another kernel, or another OpenVPN",
			    door->module);
	else if (loaded)
		report_loaded_first(host, door, findings);
	else
		finding_fix(findings,
			    "stop all tunnels, modprobe -r ovpn-dco-mptcp && modprobe ovpn-dco-mptcp; dmesg says who had it");
}

void check_doors(const struct host *host, const struct families *families,
		 enum door_state *states, struct findings *findings)
{
	int i;

	for (i = 0; i < DOOR_COUNT; i++) {
		const struct door *door = &doors[i];

		states[i] = door_state(host, families, i);
		switch (states[i]) {
		case DOOR_OPEN:
			finding_add(findings, LEVEL_GOOD, "door-open",
				    "%s can reach the module: its door, %s, is open",
				    door->client, door->family);
			break;
		case DOOR_NONE:
			finding_add(findings, LEVEL_NOTE, "door-none",
				    "this version of the module has no door for %s",
				    door->client);
			break;
		case DOOR_OFF:
			finding_add(findings, LEVEL_ADVICE, "door-off",
				    "%s cannot reach the module: its door, %s, is switched off by the module parameter %s",
				    door->client, door->family, door->parameter);
			finding_fix(findings,
				    "remove %s=N from /etc/modprobe.d and the kernel's command line, stop all tunnels, modprobe -r ovpn-dco-mptcp && modprobe ovpn-dco-mptcp",
				    door->parameter);
			break;
		case DOOR_TAKEN:
			report_taken(host, door, findings);
			break;
		case DOOR_UNKNOWN:
			break;
		}
	}
}

/**
 * struct openvpn - what can be read from the program
 * @version: numbers and dots, or empty
 * @minor: second number of the version, -1 when not known
 * @dco: it was built with data channel offload
 */
struct openvpn {
	char version[24];
	int minor;
	bool dco;
};

/* "OpenVPN 2.6.14 x86_64-pc-linux-gnu [SSL (OpenSSL)] ...": what --version
 * prints. Other texts in the program name versions, too, but no features.
 */
static void parse_title(struct openvpn *openvpn, const char *text)
{
	static const char prefix[] = "OpenVPN ";
	size_t length;

	if (strncmp(text, prefix, sizeof(prefix) - 1) || !strstr(text, " ["))
		return;
	text += sizeof(prefix) - 1;
	length = strcspn(text, " ");
	if (!isdigit((unsigned char)*text) || length >= sizeof(openvpn->version))
		return;
	snprintf(openvpn->version, sizeof(openvpn->version), "%.*s",
		 (int)length, text);
	if (sscanf(text, "2.%d", &openvpn->minor) != 1)
		openvpn->minor = -1;
	openvpn->dco = strstr(text, "[DCO]");
}

static void parse_program(struct openvpn *openvpn, const char *data, size_t size)
{
	const char *text = data, *end;

	memset(openvpn, 0, sizeof(*openvpn));
	openvpn->minor = -1;
	while (text < data + size) {
		end = memchr(text, '\0', data + size - text);
		if (!end)
			break;
		/* a string may follow bytes that are none */
		if (end - text >= 16) {
			const char *title = memmem(text, end - text,
						   "OpenVPN 2.", 10);

			if (title)
				parse_title(openvpn, title);
		}
		text = end + 1;
	}
}

/* In the order of PATH, then where daemons are: sets @file. */
static char *find_openvpn(const struct host *host, const char *path, char *file,
			  size_t *size)
{
	static const char *const others[] = { "/usr/local/sbin", "/usr/sbin",
					      "/sbin" };
	size_t i, length;
	char *data;

	while (path && *path) {
		length = strcspn(path, ":");
		snprintf(file, HOST_PATH_SIZE, "%.*s/openvpn", (int)length, path);
		data = *path == '/' ? host_file(host, size, "%s", file) : NULL;
		if (data)
			return data;
		path += length + (path[length] == ':');
	}
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		snprintf(file, HOST_PATH_SIZE, "%s/openvpn", others[i]);
		data = host_file(host, size, "%s", file);
		if (data)
			return data;
	}
	return NULL;
}

static void report_openvpn(const struct openvpn *openvpn, const char *file,
			   const enum door_state *states,
			   struct findings *findings)
{
	const char *version = openvpn->version[0] ? openvpn->version : "of unknown version";
	enum door_id id = openvpn->minor < 7 ? DOOR_V2 : DOOR_OVPN;

	if (!openvpn->dco) {
		finding_add(findings, LEVEL_PROBLEM, "openvpn-no-dco",
			    "OpenVPN %s, %s, does not use the module: it has no data channel offload",
			    version, file);
		finding_fix(findings,
			    openvpn->minor >= 0 && openvpn->minor < 6 ?
			    "install OpenVPN 2.6 or newer" :
			    "install an OpenVPN of version 2.6 or newer that was built with DCO (--enable-dco)");
		return;
	}
	if (states[id] == DOOR_OPEN || states[id] == DOOR_UNKNOWN) {
		bool open = states[id] == DOOR_OPEN;

		finding_add(findings, open ? LEVEL_GOOD : LEVEL_NOTE, "openvpn",
			    "OpenVPN %s, %s, %s the module: it asks for %s",
			    version, file, open ? "uses" : "would use",
			    doors[id].family);
		return;
	}
	finding_add(findings, LEVEL_PROBLEM, "openvpn-door",
		    "OpenVPN %s, %s, does not use the module: the door that it asks for, %s, is not open",
		    version, file, doors[id].family);
	if (states[id] == DOOR_NONE)
		finding_fix(findings,
			    "install a version of ovpn-dco-mptcp that has the door of %s",
			    doors[id].client);
	else
		finding_fix(findings, "open the door: see above");
}

static void check_userspace(const struct host *host, size_t tunnels,
			    struct findings *findings)
{
	struct process_search search;

	if (tunnels || !process_find(&search, host, "openvpn"))
		return;
	finding_add(findings, LEVEL_PROBLEM, "openvpn-userspace",
		    "OpenVPN runs (pid %s), and no tunnel here is offloaded: its data goes through userspace",
		    search.pid);
	finding_fix(findings,
		    "restart OpenVPN when the module is loaded; if that changes nothing, its log with verb 4 says why (look for \"data channel offload\"): disable-dco, dev tap, comp-lzo, a cipher other than AES-GCM and CHACHA20-POLY1305, user without CAP_NET_ADMIN");
}

void check_waiting(const struct host *host, const struct view *view,
		   struct findings *findings)
{
	struct process_search search = { 0 };
	size_t i;

	for (i = 0; i < view->devices.count; i++) {
		const struct device *device = &view->devices.items[i];

		if (!device_awaits_peer(device))
			continue;
		if (!search.count && !process_find(&search, host, "openvpn"))
			return;
		finding_add(findings, LEVEL_ADVICE, "device-no-peer",
			    "the tunnel %s has no peer, but OpenVPN holds it (pid %s%s): it connects, or has not noticed that the other end is gone",
			    device->name, search.pid,
			    search.count > 1 ? " or another" : "");
		finding_fix(findings,
			    "if it stays so, restart OpenVPN; over UDP with persist-tun, OpenVPN 2.6 notices that only once: leave persist-tun out of its configuration, install OpenVPN 2.7, or see TUNNELS WITHOUT A PEER in man ovpn-mptcp-ctl");
	}
}

void check_openvpn(const struct host *host, const char *path,
		   const enum door_state *states, size_t tunnels,
		   struct findings *findings)
{
	char file[HOST_PATH_SIZE];
	struct openvpn openvpn;
	size_t size;
	char *data = find_openvpn(host, path, file, &size);

	if (!data) {
		finding_add(findings, LEVEL_NOTE, "openvpn",
			    "OpenVPN is not installed");
		return;
	}
	parse_program(&openvpn, data, size);
	free(data);
	report_openvpn(&openvpn, file, states, findings);
	check_userspace(host, tunnels, findings);
}
