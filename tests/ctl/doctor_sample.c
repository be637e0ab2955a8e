// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What doctor finds on a host that consists of files, or in tunnels that never
 * were: doctor_sample files ROOT RELEASE TUNNELS FAMILY... | tunnels |
 * waiting ROOT | targets
 */

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/target.h"
#include "doctor/checks.h"
#include "show/print.h"

static void check_files(char **argv, struct findings *findings)
{
	struct host host = { argv[0], argv[1] };
	struct families families = { .known = true };
	enum door_state states[DOOR_COUNT];
	int i;

	for (i = 3; argv[i]; i++) {
		families.native |= !strcmp(argv[i], "ovpn-dco-mptcp");
		families.v2 |= !strcmp(argv[i], "ovpn-dco-v2");
		families.ovpn |= !strcmp(argv[i], "ovpn");
	}
	check_module(&host, findings);
	check_doors(&host, &families, states, findings);
	check_openvpn(&host, "/opt/bin:relative:/bin", states, atoi(argv[2]),
		      findings);
	check_congestion(&host, findings);
	check_mptcp(&host, findings);
	check_keep(&host, atoi(argv[2]), findings);
	check_managers(&host, findings);
	check_buffers(&host, findings);
}

static struct endpoint missing[] = {
	{ .id = 4, .device = "lte0", .address = { .family = AF_INET, .ip = { 10, 1, 2, 2 } } },
};

static struct path paths[] = {
	{ .device = "wan1", .state = TCP_ESTABLISHED, .retries = 3,
	  .local = { .family = AF_INET, .ip = { 10, 1, 1, 2 } },
	  .remote = { .family = AF_INET, .ip = { 10, 1, 1, 1 }, .port = 1194 } },
};

#define PEER(n, how) { .id = n, .transport = how, .drop_known = {		\
	[OVPN_MPTCP_DROP_RX_AUTH] = true, [OVPN_MPTCP_DROP_TX_QUEUE_FULL] = true,	\
	[MODEL_DROPS_MAX] = true } }
static struct peer before[] = {
	PEER(1, "mptcp"), PEER(2, "mptcp-fallback"), PEER(3, "tcp"),
	PEER(4, ""), PEER(5, "mptcp"), PEER(6, "mptcp"), PEER(7, "udp"),
};
/* Its interface may have a small MTU for good reason. */
static struct path datagrams[] = { { .datagrams = true, .device = "wan1" } };
static struct peer of_udp[] = { PEER(8, "udp") };
static struct peer after[] = { PEER(5, "mptcp"), PEER(1, "mptcp") };

static void check_samples(struct findings *findings)
{
	struct device now[] = {
		{ .index = 7, .name = "tun0", .kind = "ovpn-dco", .mtu = 1500,
		  .up = true, .peers = { before, 7 } },
		{ .index = 8, .name = "tun1", .kind = "ovpn", .mtu = 1279,
		  .foreign = true },
		{ .index = 9, .name = "tun2", .kind = "ovpn-dco-mptcp", .mtu = 1280 },
		{ .index = 10, .name = "tun3", .kind = "ovpn", .mtu = 1200,
		  .up = true, .peers = { of_udp, 1 } },
	};
	struct device then[] = {
		{ .index = 7, .name = "tun0", .peers = { after, 2 } },
	};
	struct view view = { .devices = { now, 4 } };
	struct view later = { .devices = { then, 1 } };

	before[1].paths = (struct paths){ paths, 1 };
	before[5].paths = (struct paths){ paths, 1 };
	before[5].missing = (struct endpoints){ missing, 1 };
	before[6].paths = of_udp[0].paths = (struct paths){ datagrams, 1 };
	before[4].drops[OVPN_MPTCP_DROP_RX_AUTH] = 10;
	after[0].drops[OVPN_MPTCP_DROP_RX_AUTH] = 12;
	after[0].drops[OVPN_MPTCP_DROP_TX_QUEUE_FULL] = 1;
	after[0].drops[MODEL_DROPS_MAX] = 3;
	check_tunnels(&view, &later, findings);
}

/* One waits; others have a peer, many peers to come, or are not OpenVPN 2.6's. */
static void check_idle(const char *root, struct findings *findings)
{
	struct host host = { root, "" };
	struct device devices[] = {
		{ .name = "tun0", .kind = "ovpn-dco", .up = true },
		{ .name = "tun1", .kind = "ovpn-dco", .peers = { of_udp, 1 } },
		{ .name = "tun2", .kind = "ovpn-dco", .mode = OVPN_MPTCP_MODE_MP },
		{ .name = "tun3", .kind = "ovpn-dco", .foreign = true },
		{ .name = "tun4", .kind = "ovpn" },
		{ .name = "tun5", .kind = "ovpn-dco-mptcp" },
	};
	struct view view = { .devices = { devices, 6 } };

	check_waiting(&host, &view, findings);
}

static int parse_targets(char **argv)
{
	struct target target;

	for (; *argv; argv++) {
		if (target_parse(&target, *argv))
			printf("%s %s\n", target.host, target.port);
		else
			puts("-");
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct findings findings = { 0 };
	enum status status;
	struct out out;

	if (argc < 2)
		return 1;
	if (!strcmp(argv[1], "targets"))
		return parse_targets(argv + 2);
	out_init(&out, OUT_JSON, COLOUR_NEVER);
	if (!strcmp(argv[1], "tunnels"))
		check_samples(&findings);
	else if (!strcmp(argv[1], "waiting") && argc == 3)
		check_idle(argv[2], &findings);
	else if (argc >= 5)
		check_files(argv + 2, &findings);
	print_findings(&out, &findings);
	status = findings_status(&findings);
	free(findings.items);
	return status;
}
