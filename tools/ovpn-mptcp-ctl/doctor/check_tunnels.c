// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor: the tunnels that are there. */

#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/names.h"
#include "doctor/checks.h"

/* with less, there is no IPv6 inside (RFC 8200) */
#define MTU_LEAST	1280
/* a path that lost one packet is not silent */
#define RETRIES_SILENT	3

/**
 * struct remedy - what a reason of drops means
 * @reason: enum ovpn_mptcp_drop
 * @level: how grave it is that it goes on
 * @fix: what to do about it
 */
struct remedy {
	int reason;
	enum level level;
	const char *fix;
};

static const struct remedy remedies[] = {
	{ OVPN_MPTCP_DROP_TX_QUEUE_FULL, LEVEL_NOTE,
	  "more is sent than the paths carry: usual under load" },
	{ OVPN_MPTCP_DROP_TX_QUEUE_DELAY, LEVEL_NOTE,
	  "more is sent than the paths carry: usual under load, it keeps the delay short" },
	{ OVPN_MPTCP_DROP_TX_NO_KEY, LEVEL_PROBLEM,
	  "there is no primary key: restart OpenVPN at both ends and read its log" },
	{ OVPN_MPTCP_DROP_TX_KEY_EXHAUSTED, LEVEL_PROBLEM,
	  "the key is used up: OpenVPN must renegotiate, do not set reneg-sec 0" },
	{ OVPN_MPTCP_DROP_TX_LOOP, LEVEL_PROBLEM,
	  "what carries the tunnel is routed into the tunnel: with UDP, give the other end a route outside of it; with MPTCP, an endpoint has the address of the tunnel: ip mptcp endpoint show, and delete it" },
	{ OVPN_MPTCP_DROP_RX_NO_KEY, LEVEL_PROBLEM,
	  "the ends have different keys: restart OpenVPN at both ends" },
	{ OVPN_MPTCP_DROP_RX_AUTH, LEVEL_PROBLEM,
	  "packets are damaged or forged, or the ends have different keys or ciphers: restart OpenVPN at both ends" },
	{ OVPN_MPTCP_DROP_RX_REPLAY, LEVEL_PROBLEM,
	  "packets come twice or much too late: is the other end one machine only?" },
	{ OVPN_MPTCP_DROP_RX_SOURCE, LEVEL_PROBLEM,
	  "the other end sends from addresses that are not its own: on the server, add an iroute for the network behind it; where a mark or address translation leads there, a route with a high metric: ip route add NETWORK via CLIENT dev DEVICE metric 10000" },
	{ OVPN_MPTCP_DROP_RX_CONTROL_FULL, LEVEL_PROBLEM,
	  "OpenVPN does not read what comes for it: is it stopped, or at its limit?" },
	{ OVPN_MPTCP_DROP_TX_NO_ROUTE, LEVEL_PROBLEM,
	  "the other end cannot be reached: ip route get ADDRESS, and for a mark, ip rule" },
	{ OVPN_MPTCP_DROP_RX_QUEUE_FULL, LEVEL_NOTE,
	  "more comes than this machine decrypts: usual on a slow machine under load" },
	{ OVPN_MPTCP_DROP_TX_MULTICAST, LEVEL_ADVICE,
	  "more multicast and broadcast packets are sent than can be copied to all clients: find the sender, or ip link set DEVICE multicast off" },
};

static const struct remedy *find_remedy(int reason)
{
	static const struct remedy other = {
		0, LEVEL_ADVICE, "dmesg may say more",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(remedies); i++) {
		if (remedies[i].reason == reason)
			return &remedies[i];
	}
	return &other;
}

static void check_drops(const char *device, const struct peer *peer,
			const struct peer *later, struct findings *findings)
{
	char name[NAME_SIZE];
	int i;

	for (i = 1; i <= MODEL_DROPS_MAX; i++) {
		const struct remedy *remedy = find_remedy(i);

		if (!later->drop_known[i] || later->drops[i] <= peer->drops[i])
			continue;
		finding_add(findings, remedy->level, "drops",
			    "peer %u of %s drops packets right now: %s, %llu more within a second",
			    peer->id, device,
			    name_of(drop_names, i, name, sizeof(name)),
			    (unsigned long long)(later->drops[i] - peer->drops[i]));
		finding_fix(findings, "%s", remedy->fix);
	}
}

static void check_transport(const char *device, const struct peer *peer,
			    struct findings *findings)
{
	char remote[ADDRESS_SIZE] = "HOST";

	if (!strcmp(peer->transport, "mptcp-fallback")) {
		if (peer->paths.count)
			address_text(&peer->paths.items[0].remote, remote);
		finding_problem(findings, STATUS_FELL_BACK, "peer-fallback",
				"peer %u of %s fell back from MPTCP to TCP: it has one path and keeps it",
				peer->id, device);
		finding_fix(findings,
			    "the other end does not use MPTCP, or it is stripped on the way: on the client, " PROGRAM " doctor --probe SERVER:PORT says more (this one talks to %s)",
			    remote);
	} else if (!strcmp(peer->transport, "tcp")) {
		finding_add(findings, LEVEL_ADVICE, "peer-tcp",
			    "peer %u of %s goes over plain TCP: it has one path and keeps it",
			    peer->id, device);
		finding_fix(findings,
			    "start OpenVPN at both ends with mptcpize: mptcpize enable openvpn-client@NAME, and so at the server");
	} else if (!peer->transport[0]) {
		finding_add(findings, LEVEL_ADVICE, "peer-no-socket",
			    "peer %u of %s has no connection", peer->id, device);
	}
}

static void check_paths(const char *device, const struct peer *peer,
			struct findings *findings)
{
	char text[ADDRESS_SIZE];
	size_t i;

	for (i = 0; i < peer->missing.count; i++) {
		const struct endpoint *missing = &peer->missing.items[i];

		finding_add(findings, LEVEL_PROBLEM, "path-missing",
			    "peer %u of %s has no path from %s%s%s, endpoint %u",
			    peer->id, device,
			    address_text(&missing->address, text),
			    missing->device[0] ? " dev " : "", missing->device,
			    missing->id);
		finding_fix(findings,
			    "the kernel does not try a lost path again by itself, ovpn-mptcp-keep.service does, and says what it waits for: journalctl -u ovpn-mptcp-keep; without it, run " PROGRAM " keep, or remove endpoint %u and add it again; the far end must answer on this link, and still listen: an OpenVPN server for one client does not",
			    missing->id);
	}
	for (i = 0; i < peer->paths.count; i++) {
		const struct path *path = &peer->paths.items[i];

		if (path->state != TCP_ESTABLISHED ||
		    path->retries < RETRIES_SILENT)
			continue;
		finding_add(findings, LEVEL_PROBLEM, "path-silent",
			    "peer %u of %s: nobody answers on the path from %s dev %s: %u retries",
			    peer->id, device, address_text(&path->local, text),
			    path->device, path->retries);
		finding_fix(findings, "look at the link behind %s", path->device);
	}
}

static void check_peer(const char *device, const struct peer *peer,
		       const struct peer *later, struct findings *findings)
{
	size_t before = findings->count, live = peer_live_paths(peer);

	check_transport(device, peer, findings);
	check_paths(device, peer, findings);
	if (later)
		check_drops(device, peer, later, findings);
	if (findings->count != before)
		return;
	finding_add(findings, LEVEL_GOOD, "peer", "peer %u of %s: %s, %zu path%s",
		    peer->id, device, peer->transport, live,
		    live == 1 ? "" : "s");
}

static const struct peer *find_peer(const struct view *view, int ifindex,
				    uint32_t id)
{
	size_t i, j;

	for (i = 0; i < view->devices.count; i++) {
		const struct device *device = &view->devices.items[i];

		if (device->index != ifindex)
			continue;
		for (j = 0; j < device->peers.count; j++) {
			if (device->peers.items[j].id == id)
				return &device->peers.items[j];
		}
	}
	return NULL;
}

static void check_device(const struct device *device, struct findings *findings)
{
	bool datagrams = false;
	size_t i;

	if (device->foreign) {
		finding_add(findings, LEVEL_PROBLEM, "device-foreign",
			    "the tunnel %s belongs to another module: it does not go over MPTCP",
			    device->name);
		finding_fix(findings,
			    "give the door back to ovpn-dco-mptcp, see above, and restart OpenVPN");
	} else if (!device->up) {
		finding_add(findings, LEVEL_ADVICE, "device-down",
			    "the tunnel %s is down", device->name);
		finding_fix(findings, "ip link set %s up", device->name);
	}
	if (device->mtu >= MTU_LEAST)
		return;
	for (i = 0; i < device->peers.count; i++)
		datagrams |= !strcmp(device->peers.items[i].transport, "udp");
	finding_add(findings, LEVEL_ADVICE, "device-mtu",
		    "the tunnel %s has an MTU of %u: no IPv6 inside, and more work for every byte%s",
		    device->name, device->mtu, datagrams ? "" :
		    "; a stream does not care for the MTU of the links");
	finding_fix(findings, "tun-mtu %u at both ends",
		    datagrams ? MTU_LEAST : 1500);
}

void check_tunnels(const struct view *view, const struct view *later,
		   struct findings *findings)
{
	size_t i, j;

	for (i = 0; i < view->devices.count; i++) {
		const struct device *device = &view->devices.items[i];

		check_device(device, findings);
		for (j = 0; j < device->peers.count; j++) {
			const struct peer *peer = &device->peers.items[j];

			check_peer(device->name, peer,
				   find_peer(later, device->index, peer->id),
				   findings);
		}
	}
}
