// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The verb top on tunnels that never were, in place of those of the kernel; the
 * screen, the rates and the printer are the tool's own. Arguments are those of
 * top, and --json or --color=always in front. PEERS in the environment says how
 * many peers there are; UDP, the number of one that is on UDP; FAIL, at which
 * reading the kernel refuses.
 */

#include <locale.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/output.h"
#include "cli/command.h"
#include "show/screen.h"
#include "show/view.h"

static int number_of(const char *name, int otherwise)
{
	const char *text = getenv(name);

	return text ? atoi(text) : otherwise;
}

enum status native_open(struct native *native)
{
	(void)native;
	return STATUS_OK;
}

void native_close(struct native *native)
{
	(void)native;
}

static void add_path(struct peer *peer, const char *device, int n, uint64_t bytes)
{
	struct path *path = LIST_ADD(&peer->paths);
	unsigned char local[] = { 10, 1, n, 2 }, remote[] = { 10, 1, 1, 1 };

	address_set(&path->local, AF_INET, local, 40000);
	address_set(&path->remote, AF_INET, remote, 1194);
	snprintf(path->device, sizeof(path->device), "%s", device);
	path->state = TCP_ESTABLISHED;
	path->rtt_us = 11000 * n;
	path->tx_bytes = bytes;
	path->rx_bytes = bytes / 10;
	path->inflight_bytes = 48 << 10;
	path->unsent_bytes = 100;
	strcpy(path->congestion, n == 1 ? "bbr" : "cubic");
	path->is_subflow = true;
	path->local_id = n;
}

/* 10 and 2.5 Mbit/s, however late this machine calls. */
enum status view_load(struct view *view, const char *command,
		      const char *name, const uint32_t *id)
{
	static unsigned int reading;
	unsigned char missing[] = { 10, 1, 3, 2 };
	struct device *device = LIST_ADD(&view->devices);
	struct endpoint *endpoint;
	uint64_t now = screen_clock_us();
	int i;

	(void)command;
	(void)id;
	if (++reading == (unsigned int)number_of("FAIL", -1))
		return system_error(5, "the sample fails as it should");
	snprintf(device->name, sizeof(device->name), "%s", name ? name : "tun0");
	strcpy(device->kind, "ovpn-dco");
	device->index = 7;
	for (i = 1; i <= number_of("PEERS", 1); i++) {
		struct peer *peer = LIST_ADD(&device->peers);

		peer->id = i;
		if (i == number_of("UDP", 0)) {
			strcpy(peer->transport, "udp");
			add_path(peer, "wan1", 1, now * 5 / 4);
			peer->paths.items[0].datagrams = true;
			continue;
		}
		strcpy(peer->transport, "mptcp");
		peer->has_token = true;
		peer->queue_bytes = 1500;
		peer->vpn.tx_bytes = now * 3 / 2;
		peer->drops[OVPN_MPTCP_DROP_RX_AUTH] = reading * 3;
		add_path(peer, "wan\033[1", 1, now * 5 / 4);
		add_path(peer, "wan2", 2, now * 5 / 16);
		endpoint = LIST_ADD(&peer->missing);
		endpoint->id = 9;
		strcpy(endpoint->device, "lte0");
		address_set(&endpoint->address, AF_INET, missing, 0);
	}
	return STATUS_OK;
}

void view_free(struct view *view)
{
	devices_free(&view->devices);
}

int main(int argc, char **argv)
{
	enum out_format format = OUT_TEXT;
	enum out_colour colour = COLOUR_AUTO;
	struct request request = { 0 };
	enum status status;
	struct out out;

	setlocale(LC_CTYPE, "");
	for (; argc > 1 && argv[1][0] == '-'; argv++, argc--) {
		if (!strcmp(argv[1], "--json"))
			format = OUT_JSON;
		else
			colour = COLOUR_ALWAYS;
	}
	out_init(&out, format, colour);
	request.out = &out;
	for (request.command = commands; strcmp(request.command->name, "top"); )
		request.command++;
	status = request_parse(&request, argv + 1);
	return status ? status : top(&request);
}
