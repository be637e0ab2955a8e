// SPDX-License-Identifier: GPL-2.0-or-later
/* Prints every line that the log of keep can have: keep_sample text|json */

#include <arpa/inet.h>
#include <locale.h>
#include <string.h>

#include "base/memory.h"
#include "base/output.h"
#include "keep/keep.h"

#define PEER .tunnel = "tun0", .peer = 5, .peers = 1

static struct keep_event events[] = {
	{ .type = KEEP_LOST, PEER },
	{ .type = KEEP_RENEW, PEER, .tries = 3, .next_ms = 8000 },
	{ .type = KEEP_BACK, .after_ms = 1300 },
	{ .type = KEEP_WAIT, .tunnel = "tun0", .peer = 5, .peers = 2, .reason = "wan2 is down" },
	{ .type = KEEP_SHARED, PEER, .reason = "would close 1 path of other connections from it" },
	{ .type = KEEP_REMOVED },
	{ .type = KEEP_STRAY, PEER, .reason = "its address is not an endpoint that is kept" },
	{ .type = KEEP_REFUSED, PEER, .reason = "EPERM: Operation not permitted" },
	{ .type = KEEP_DROPPED, PEER, .reason = "ENOMEM: Cannot allocate memory" },
	{ .type = KEEP_SLOW, PEER, .min_rtt_us = 612345, .best_rtt_us = 21000 },
	{ .type = KEEP_FAST, PEER, .min_rtt_us = 48000, .best_rtt_us = 21000 },
	{ .type = KEEP_FAST, PEER, .reason = "no other path to be used first" },
	{ .type = KEEP_NO_PEER, .tunnel = "tun0", .after_ms = 10300 },
	{ .type = KEEP_PEER, .tunnel = "tun0", .after_ms = 15300 },
	{ .type = KEEP_FALLBACK, PEER, .reason = "one path over TCP" },
};

int main(int argc, char **argv)
{
	bool json = argc > 1 && !strcmp(argv[1], "json");
	unsigned char ip[4];
	struct out out;
	size_t i;

	setlocale(LC_CTYPE, "");
	out_init(&out, json ? OUT_JSON : OUT_TEXT, COLOUR_NEVER);
	inet_pton(AF_INET, "10.0.2.2", ip);
	for (i = 0; i < ARRAY_SIZE(events); i++) {
		struct endpoint *endpoint = &events[i].endpoint;

		endpoint->id = 2;
		strcpy(endpoint->device, "wan2");
		address_set(&endpoint->address, AF_INET, ip, 0);
		keep_print(&out, &events[i]);
	}
	return out_flush();
}
