// SPDX-License-Identifier: GPL-2.0-or-later
/* What keeps a configuration of OpenVPN from being offloaded over MPTCP. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "import/offload.h"

#define LINE_SIZE 512

/**
 * struct simple - a directive about which its name says enough
 * @name: of it
 * @kind: what becomes of it
 * @why: and why
 */
struct simple {
	const char *name;
	enum change_kind kind;
	const char *why;
};

#define UDP_ALONE "it is for UDP alone"
#define NO_EFFECT "it does nothing with offload: "

static const struct simple simples[] = {
	{ "fragment", CHANGE_REMOVED, "a stream needs none; leave it out at the other end, too" },
	{ "comp-lzo", CHANGE_REMOVED, "compression is not offloaded; \"compress migrate\" at the server takes clients that still ask for it" },
	{ "explicit-exit-notify", CHANGE_REMOVED, UDP_ALONE },
	{ "multihome", CHANGE_REMOVED, UDP_ALONE },
	{ "mtu-test", CHANGE_REMOVED, UDP_ALONE },
	{ "mtu-disc", CHANGE_REMOVED, UDP_ALONE },
	{ "fast-io", CHANGE_REMOVED, UDP_ALONE },
	{ "connect-freq", CHANGE_REMOVED, "it is for UDP alone; there is max-clients" },
	{ "disable-dco", CHANGE_REMOVED, "it switches the offload off" },
	{ "management-query-proxy", CHANGE_REMOVED, "it switches the offload off" },
	{ "secret", CHANGE_BLOCKED, "a static key is not offloaded: use certificates" },
	{ "http-proxy", CHANGE_BLOCKED, "a proxy is not offloaded: give the server a route that needs none" },
	{ "socks-proxy", CHANGE_BLOCKED, "a proxy is not offloaded: give the server a route that needs none" },
	{ "server-bridge", CHANGE_BLOCKED, "bridging is not offloaded: dev tun with routes" },
	{ "client-to-client", CHANGE_NONE, NO_EFFECT "packets between clients pass the server's IP layer and its firewall, with net.ipv4.ip_forward=1" },
	{ "shaper", CHANGE_NONE, NO_EFFECT "tc qdisc add dev tun0 root tbf rate 1mbit burst 16kb latency 50ms" },
	{ "mssfix", CHANGE_NONE, NO_EFFECT "none is needed on a stream" },
	{ "passtos", CHANGE_NONE, NO_EFFECT "a stream carries packets of all types" },
	{ "client-nat", CHANGE_NONE, NO_EFFECT "rules of nftables translate addresses" },
	{ "block-ipv6", CHANGE_NONE, NO_EFFECT "a rule of nftables for the device blocks" },
	{ "reneg-bytes", CHANGE_NONE, NO_EFFECT "reneg-sec renews keys" },
	{ "reneg-pkts", CHANGE_NONE, NO_EFFECT "reneg-sec renews keys" },
	{ "txqueuelen", CHANGE_NONE, NO_EFFECT "ip link set tun0 txqueuelen 500" },
};

static char *copy(const char *text)
{
	char *all = strdup(text);

	if (!all)
		exit(system_error(ENOMEM, "out of memory"));
	return all;
}

/* @line: NULL for none; @now: NULL for nothing */
static void add(struct changes *changes, enum change_kind kind,
		const struct ovpn_file *file, const struct ovpn_line *line,
		const char *now, const char *why)
{
	struct change *change = LIST_ADD(changes);

	change->kind = kind;
	change->line = line ? (size_t)(line - file->items) + 1 : 0;
	change->was = line ? copy(line->text + strspn(line->text, " \t")) : NULL;
	change->now = now ? copy(now) : NULL;
	change->why = why;
}

static bool is(const struct ovpn_line *line, const char *name)
{
	return line->count && !strcmp(line->words[0], name);
}

static bool has(const struct ovpn_file *file, const char *name, const char *value)
{
	size_t i;

	for (i = 0; i < file->count; i++) {
		const struct ovpn_line *line = &file->items[i];

		if (!line->in_connection && is(line, name) &&
		    (!value || (line->count > 1 && !strcmp(line->words[1], value))))
			return true;
	}
	return false;
}

bool offload_is_server(const struct ovpn_file *file)
{
	return has(file, "server", NULL) || has(file, "server-ipv6", NULL) ||
	       has(file, "server-bridge", NULL) || has(file, "tls-server", NULL) ||
	       has(file, "mode", "server");
}

/* The word for a stream in the place of one for datagrams: udp6 is tcp6-client. */
static bool stream_for(const char *proto, bool server, char *text, size_t size)
{
	if (strncmp(proto, "udp", 3))
		return false;
	snprintf(text, size, "tcp%s-%s", proto + 3, server ? "server" : "client");
	return true;
}

#define IS_STREAM "MPTCP carries streams; the server's port is one of TCP then"

static void look_at_proto(struct changes *changes, const struct ovpn_file *file,
			  const struct ovpn_line *line, bool server)
{
	char proto[32], now[LINE_SIZE];

	if (is(line, "proto") && line->count > 1 &&
	    stream_for(line->words[1], server, proto, sizeof(proto))) {
		snprintf(now, sizeof(now), "proto %s", proto);
		add(changes, CHANGE_REPLACED, file, line, now, IS_STREAM);
	} else if (is(line, "remote") && line->count > 3 &&
		   stream_for(line->words[3], false, proto, sizeof(proto))) {
		snprintf(now, sizeof(now), "remote %s %s %s", line->words[1],
			 line->words[2], proto);
		add(changes, CHANGE_REPLACED, file, line, now, IS_STREAM);
	}
}

static bool is_offloaded(const char *cipher, size_t length)
{
	static const char *const names[] = {
		"AES-128-GCM", "AES-192-GCM", "AES-256-GCM",
		"CHACHA20-POLY1305", "DEFAULT",
	};
	size_t i;

	/* one that OpenVPN may do without */
	if (length && *cipher == '?') {
		cipher++;
		length--;
	}
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (strlen(names[i]) == length &&
		    !strncasecmp(cipher, names[i], length))
			return true;
	}
	return false;
}

#define NOT_OFFLOADED "these ciphers are not offloaded, and one of them is enough to keep all data in userspace"

static void look_at_ciphers(struct changes *changes,
			    const struct ovpn_file *file,
			    const struct ovpn_line *line)
{
	char now[LINE_SIZE] = "data-ciphers ";
	size_t length = strlen(now), begin = length;
	const char *name, *end;
	bool all = true;

	if (line->count < 2)
		return;
	for (name = line->words[1]; *name; name = *end ? end + 1 : end) {
		end = name + strcspn(name, ":");
		if (!is_offloaded(name, end - name)) {
			all = false;
			continue;
		}
		if (length + (end - name) + 2 > sizeof(now))
			return;
		length += sprintf(now + length, "%s%.*s",
				  length > begin ? ":" : "", (int)(end - name),
				  name);
	}
	if (all)
		return;
	if (length == begin)
		strcpy(now + begin, "AES-256-GCM:AES-128-GCM:CHACHA20-POLY1305");
	add(changes, CHANGE_REPLACED, file, line, now, NOT_OFFLOADED);
}

static bool is_number_0(const char *text)
{
	return !strcmp(text, "0");
}

/* Directives whose value decides. */
static void look_at_value(struct changes *changes, const struct ovpn_file *file,
			  const struct ovpn_line *line, bool server)
{
	const char *value = line->count > 1 ? line->words[1] : "";

	if (is(line, "compress") && strcmp(value, "migrate"))
		add(changes, CHANGE_REMOVED, file, line, NULL,
		    "compression is not offloaded; \"compress migrate\" at the server takes clients that still ask for it");
	else if (is(line, "allow-compression") && strcmp(value, "no"))
		add(changes, CHANGE_REPLACED, file, line,
		    "allow-compression no", "compression is not offloaded");
	else if (is(line, "data-ciphers") || is(line, "ncp-ciphers"))
		look_at_ciphers(changes, file, line);
	else if (is(line, "data-ciphers-fallback") &&
		 !is_offloaded(value, strlen(value)))
		add(changes, CHANGE_REMOVED, file, line, NULL, NOT_OFFLOADED);
	else if ((is(line, "dev") && !strncmp(value, "tap", 3)) ||
		 (is(line, "dev-type") && !strcmp(value, "tap")))
		add(changes, CHANGE_BLOCKED, file, line, NULL,
		    "dev tap is not offloaded: dev tun with routes, at both ends; multicast passes");
	else if (is(line, "topology") && server && strcmp(value, "subnet"))
		add(changes, CHANGE_REPLACED, file, line, "topology subnet",
		    "no other one is offloaded; each ifconfig-push then has an address and the netmask of the server");
	else if ((is(line, "sndbuf") || is(line, "rcvbuf")) && *value &&
		 !is_number_0(value))
		add(changes, CHANGE_REMOVED, file, line, NULL,
		    "a fixed buffer keeps the kernel from fitting it to the links");
}

static void look_at_name(struct changes *changes, const struct ovpn_file *file,
			 const struct ovpn_line *line)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(simples); i++) {
		if (is(line, simples[i].name))
			add(changes, simples[i].kind, file, line, NULL,
			    simples[i].why);
	}
}

/* What a server has its clients do. */
static void look_at_push(struct changes *changes, const struct ovpn_file *file,
			 const struct ovpn_line *line)
{
	struct ovpn_line pushed = { .count = 0 };

	if (is(line, "push") && line->count > 1 &&
	    !ovpn_line_parse(&pushed, line->words[1])) {
		if (is(&pushed, "explicit-exit-notify"))
			add(changes, CHANGE_REMOVED, file, line, NULL, UDP_ALONE);
		else if (is(&pushed, "comp-lzo") || is(&pushed, "compress"))
			add(changes, CHANGE_REMOVED, file, line, NULL,
			    "a client that is told to compress does not offload");
		else if (is(&pushed, "topology") && pushed.count > 1 &&
			 strcmp(pushed.words[1], "subnet"))
			add(changes, CHANGE_REPLACED, file, line,
			    "push \"topology subnet\"",
			    "it must be that of the server");
	}
	ovpn_line_free(&pushed);
}

static void add_what_lacks(struct changes *changes, const struct ovpn_file *file,
			   bool server)
{
	bool many = has(file, "server", NULL) || has(file, "mode", "server");

	if (!has(file, "proto", NULL))
		add(changes, CHANGE_ADDED, file, NULL,
		    server ? "proto tcp-server" : "proto tcp-client",
		    "without this line it is UDP");
	if (many && !has(file, "topology", NULL))
		add(changes, CHANGE_ADDED, file, NULL, "topology subnet",
		    "OpenVPN 2.6 has another one without this line, which is not offloaded; each ifconfig-push then has an address and the netmask of the server");
	if (server && !many)
		add(changes, CHANGE_OTHER_END, file, NULL, NULL,
		    "a server for one client closes its port once that is there, so links that come later are not used: \"server 10.8.0.0 255.255.255.0\" keeps it open");
	if (server)
		add(changes, CHANGE_OTHER_END, file, NULL, NULL,
		    "the clients: proto tcp-client, under mptcpize, and a way in for TCP to this port; those that stay with UDP need a server of their own");
	else
		add(changes, CHANGE_OTHER_END, file, NULL, NULL,
		    "the server: proto tcp-server on that port, under mptcpize, with topology subnet, no compression and no fragment, and a way in for TCP");
}

void offload_find(struct changes *changes, const struct ovpn_file *file)
{
	bool server = offload_is_server(file);
	size_t i;

	memset(changes, 0, sizeof(*changes));
	for (i = 0; i < file->count; i++) {
		const struct ovpn_line *line = &file->items[i];

		look_at_proto(changes, file, line, server);
		look_at_value(changes, file, line, server);
		look_at_name(changes, file, line);
		look_at_push(changes, file, line);
	}
	add_what_lacks(changes, file, server);
}

size_t offload_blocked(const struct changes *changes)
{
	size_t i, n = 0;

	for (i = 0; i < changes->count; i++)
		n += changes->items[i].kind == CHANGE_BLOCKED;
	return n;
}

void changes_free(struct changes *changes)
{
	size_t i;

	for (i = 0; i < changes->count; i++) {
		free(changes->items[i].was);
		free(changes->items[i].now);
	}
	free(changes->items);
	memset(changes, 0, sizeof(*changes));
}
