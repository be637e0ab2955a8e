/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A model in which everything occurs that can occur. */
#ifndef SAMPLE_MODEL_H
#define SAMPLE_MODEL_H

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <string.h>

#include "base/model.h"

static struct address address(const char *text, uint16_t port)
{
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;
	struct address address;
	unsigned char ip[16];

	inet_pton(family, text, ip);
	address_set(&address, family, ip, port);
	return address;
}

static struct path paths[] = {
	{ .device = "wan1", .state = TCP_ESTABLISHED, .rtt_us = 11400,
	  .min_rtt_us = 10900, .inflight_bytes = 28960, .unsent_bytes = 1448,
	  .tx_bytes = 6100, .rx_bytes = 10, .idle_ms = 2500, .is_subflow = true,
	  .congestion = "bbr" },
	{ .device = "wan2", .state = TCP_SYN_SENT, .rtt_us = 800, .tx_bytes = 3900,
	  .idle_ms = 3661000, .retries = 3, .backup = true, .is_subflow = true,
	  .local_id = 2, .remote_id = 1, .congestion = "cubic" },
};

/* with a congestion control of its own each */
static struct path apart[] = {
	{ .device = "wan1", .state = TCP_ESTABLISHED, .rtt_us = 11400,
	  .tx_bytes = 1, .is_subflow = true, .congestion = "bbr" },
	{ .device = "wan2", .state = TCP_ESTABLISHED, .rtt_us = 31000,
	  .tx_bytes = 1, .is_subflow = true, .congestion = "cubic", .backup = true },
};

static struct path datagrams[] = {
	{ .datagrams = true, .device = "wan1", .tx_bytes = 1, .rx_bytes = 2 },
};

/* of a peer whose route nobody tells */
static struct path unknown[] = {
	{ .datagrams = true },
};

static struct endpoint missing[] = {
	{ .id = 4, .device = "lte0" },
};

static struct peer peers[] = {
	{ .id = 1, .tx_id = 5, .transport = "mptcp", .has_token = true,
	  .token = 4000000000u, .subflows = 2, .local_port = 1194,
	  .interval = 10, .timeout = 60, .queue_bytes = 1500,
	  .vpn = { 1299227607, 325478604, 3, 4 }, .link = { 5, 6, 7, 8 },
	  .keys = { { true, 1, OVPN_MPTCP_SLOT_PRIMARY, 3,
		      OVPN_MPTCP_CIPHER_AES_GCM, 256 },
		    { true, 1, OVPN_MPTCP_SLOT_SECONDARY, 2, 99, 0 } } },
	{ .id = 2, .tx_id = 2, .elsewhere = true, .netnsid = 0,
	  .transport = "tcp" },
	{ .id = 3, .tx_id = 3 },
	{ .id = 4, .tx_id = 4, .transport = "udp", .local_port = 1194,
	  .keys = { { true, 4, OVPN_MPTCP_SLOT_PRIMARY, 0,
		      OVPN_MPTCP_CIPHER_CHACHA20_POLY1305, 256 } } },
	{ .id = 5, .tx_id = 5, .transport = "udp", .elsewhere = true, .netnsid = -1 },
	{ .id = 6, .tx_id = 6, .transport = "mptcp" },
};

static struct device items[] = {
	{ .index = 7, .name = "tun0", .kind = "ovpn-dco", .has_mode = true,
	  .mode = OVPN_MPTCP_MODE_MP, .mtu = 1500, .up = true },
	{ .index = 8, .name = "tun1", .kind = "ovpn", .mtu = 1400, .foreign = true },
};

/* Fills in what is not constant. */
static void sample_fill(void)
{
	int i;

	paths[0].local = address("192.0.2.10", 40000);
	paths[0].remote = address("203.0.113.5", 1194);
	paths[1].local = address("2001:db8::7", 40001);
	/* a socket of version 6 that speaks version 4 */
	paths[1].remote = address("::ffff:203.0.113.5", 1194);
	apart[0].local = apart[1].local = paths[0].local;
	apart[0].remote = apart[1].remote = paths[0].remote;
	datagrams[0].local = address("192.0.2.10", 1194);
	datagrams[0].remote = address("203.0.113.9", 40000);
	unknown[0].remote = address("2001:db8::9", 1194);
	peers[3].paths = (struct paths){ datagrams, 1 };
	peers[4].paths = (struct paths){ unknown, 1 };
	peers[5].paths = (struct paths){ apart, 2 };
	missing[0].address = address("198.51.100.9", 1195);
	peers[0].vpn4 = address("10.8.0.2", 0);
	peers[0].vpn6 = address("fd08::2", 0);
	for (i = 1; i <= OVPN_MPTCP_DROP_MAX + 1; i++)
		peers[0].drop_known[i] = true;
	peers[0].drops[OVPN_MPTCP_DROP_RX_REPLAY] = 4;
	peers[0].drops[OVPN_MPTCP_DROP_MAX + 1] = 18446744073709551615u;
	peers[0].paths = (struct paths){ paths, 2 };
	peers[0].missing = (struct endpoints){ missing, 1 };
	items[0].peers = (struct peers){ peers, 6 };
}

/* For metrics: a name that cannot be written as it is, and a peer with two paths
 * of one name, of which the later one works.
 */
static inline void sample_make_odd(void)
{
	strcpy(items[1].name, "a\"b\\c\nd\xc3\xbc\xff");
	apart[0].state = TCP_FIN_WAIT1;
	strcpy(apart[1].device, apart[0].device);
}

#endif /* SAMPLE_MODEL_H */
