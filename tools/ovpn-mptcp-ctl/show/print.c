// SPDX-License-Identifier: GPL-2.0-or-later
/* How the model is shown. */

#include <netinet/tcp.h>
#include <string.h>

#include "base/memory.h"
#include "base/names.h"
#include "show/print.h"
#include "show/print_path.h"

void print_begin(struct out *out)
{
	out_object(out, NULL);
	out_number(out, "schema", NULL, UNIT_NONE, SCHEMA_VERSION);
}

static uint64_t sum_tx(const struct peer *peer)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < peer->paths.count; i++)
		sum += peer->paths.items[i].tx_bytes;
	return sum;
}

/* What TCP knows of a connection. */
static void print_stream(struct out *out, const struct path *path,
			 const struct path_columns *columns, uint64_t all_tx)
{
	bool established = path->state == TCP_ESTABLISHED;

	out_number(out, "rtt_us", established ? LOOK(.before = "  rtt ") : NULL,
		   UNIT_MICROSECONDS, path->rtt_us);
	out_number(out, "tx_bytes", NULL, UNIT_BYTES, path->tx_bytes);
	out_number(out, "rx_bytes", NULL, UNIT_BYTES, path->rx_bytes);
	if (all_tx)
		out_number(out, "tx_percent", LOOK(.before = "  ", .after = " of tx"), UNIT_PERCENT,
			   (path->tx_bytes * 100.0 + all_tx / 2.0) / all_tx);
	print_congestion(out, path, columns);
	out_number(out, "idle_ms", NULL, UNIT_MILLISECONDS, path->idle_ms);
	if (path->is_subflow) {
		out_number(out, "local_id", NULL, UNIT_NONE, path->local_id);
		out_number(out, "remote_id", NULL, UNIT_NONE, path->remote_id);
	}
}

static void print_path(struct out *out, const struct path *path,
		       const struct path_columns *columns, uint64_t all_tx)
{
	out_object(out, NULL);
	print_path_head(out, path, columns);
	if (!path->datagrams)
		print_stream(out, path, columns, all_tx);
	print_path_tail(out, path);
	out_end(out);
}

static void print_paths(struct out *out, const struct peer *peer)
{
	struct path_columns columns = path_columns(peer);
	const char *congestion = peer_congestion(peer);
	uint64_t all_tx = sum_tx(peer);
	size_t i;

	/* what all have is said once, below */
	columns.congestion = !congestion;
	out_array(out, "paths");
	for (i = 0; i < peer->paths.count; i++)
		print_path(out, &peer->paths.items[i], &columns, all_tx);
	out_end(out);
	out_array(out, "missing");
	for (i = 0; i < peer->missing.count; i++)
		print_missing(out, &peer->missing.items[i], &columns);
	out_end(out);
	if (congestion)
		out_string(out, "congestion", LOOK(.before = "    congestion: ", .after = "\n"),
			   congestion);
}

static void print_slot(struct out *out, const char *object,
		       const struct key *key)
{
	char number[NAME_SIZE], cipher[CIPHER_TEXT_SIZE];

	out_object(out, object);
	out_string(out, "slot", LOOK(.after = " "),
		   name_of(slot_names, key->slot, number, sizeof(number)));
	out_number(out, "id", LOOK(.after = " "), UNIT_NONE, key->id);
	/* programs get the length as a number of its own */
	out_string(out, "cipher", LOOK(.width = 0),
		   out->format == OUT_TEXT ?
		   cipher_text(key->cipher, key->bits, cipher) :
		   name_of(cipher_names, key->cipher, number, sizeof(number)));
	if (key->bits)
		out_number(out, "key_bits", NULL, UNIT_NONE, key->bits);
	out_end(out);
}

static void print_keys(struct out *out, const struct peer *peer)
{
	size_t i;

	out_array(out, "keys");
	out_text(out, "    keys: ");
	for (i = 0; i < ARRAY_SIZE(peer->keys); i++) {
		out_text(out, i ? ", " : "");
		if (peer->keys[i].present) {
			print_slot(out, NULL, &peer->keys[i]);
			continue;
		}
		out_text(out, slot_names[i]);
		out_text(out, " ");
		out_text(out, out_dash(out));
	}
	out_text(out, "\n");
	out_end(out);
}

static void print_traffic(struct out *out, const char *key,
			  const struct traffic *traffic, bool shown)
{
	out_object(out, key);
	out_number(out, "rx_bytes", shown ? LOOK(.before = "    transfer: ", .after = " received, ") :
		   NULL, UNIT_BYTES, traffic->rx_bytes);
	out_number(out, "tx_bytes", shown ? LOOK(.after = " sent") : NULL,
		   UNIT_BYTES, traffic->tx_bytes);
	out_number(out, "rx_packets", NULL, UNIT_NONE, traffic->rx_packets);
	out_number(out, "tx_packets", NULL, UNIT_NONE, traffic->tx_packets);
	out_end(out);
}

static void print_transfer(struct out *out, const struct peer *peer)
{
	uint32_t idle_ms;

	print_traffic(out, "vpn", &peer->vpn, true);
	print_traffic(out, "link", &peer->link, false);
	if (peer_last_received(peer, &idle_ms)) {
		out_text(out, out_dot(out));
		out_number(out, "idle_ms", LOOK(.before = "last received ", .after = " ago"),
			   UNIT_MILLISECONDS, idle_ms);
	}
	out_number(out, "queue_bytes", peer->queue_bytes ?
		   LOOK(.before = ", ", .after = " waiting") : NULL, UNIT_BYTES,
		   peer->queue_bytes);
	out_text(out, "\n");
}

static void print_drops(struct out *out, const struct peer *peer)
{
	const char *before = "    drops: ";
	char buffer[DROP_TEXT_SIZE];
	const char *name;
	int i;

	out_object(out, "drops");
	for (i = 1; i <= MODEL_DROPS_MAX; i++) {
		if (!peer->drop_known[i])
			continue;
		name = drop_text(i, buffer);
		if (peer->drops[i]) {
			out_text(out, before);
			out_text(out, name);
			before = ", ";
		}
		out_number(out, name, peer->drops[i] ? LOOK(.before = " ") : NULL,
			   UNIT_NONE, peer->drops[i]);
	}
	if (*before == ',')
		out_text(out, "\n");
	out_end(out);
}

static void print_vpn_address(struct out *out, const char *key,
			      const struct address *address)
{
	char text[ADDRESS_SIZE];

	if (address->family)
		out_string(out, key, LOOK(.before = "  "), address_text(address, text));
}

static void print_peer(struct out *out, const struct peer *peer)
{
	bool offloaded = peer_is_offloaded(peer);

	out_object(out, NULL);
	out_number(out, "id", LOOK("  peer ", "", STYLE_PEER, 0), UNIT_NONE,
		   peer->id);
	out_number(out, "tx_id", peer->tx_id != peer->id ?
		   LOOK(.before = " (", .after = " for the other end)") : NULL, UNIT_NONE,
		   peer->tx_id);
	print_vpn_address(out, "vpn4", &peer->vpn4);
	print_vpn_address(out, "vpn6", &peer->vpn6);
	print_transport(out, peer);
	out_flag(out, "offloaded", LOOK(.before = "  "), "offloaded", offloaded);
	out_text(out, offloaded ? "\n" : "  not offloaded\n");
	print_paths(out, peer);
	print_keys(out, peer);
	out_object(out, "keepalive");
	out_number(out, "interval", peer->interval || peer->timeout ?
		   LOOK(.before = "    keepalive: ping every ") : NULL, UNIT_SECONDS,
		   peer->interval);
	out_number(out, "timeout", peer->interval || peer->timeout ?
		   LOOK(.before = ", give up after ", .after = "\n") : NULL, UNIT_SECONDS,
		   peer->timeout);
	out_end(out);
	print_transfer(out, peer);
	print_drops(out, peer);
	out_end(out);
}

static void print_device(struct out *out, const struct device *device)
{
	char number[NAME_SIZE];
	size_t i;

	out_object(out, NULL);
	out_string(out, "dev", LOOK("interface: ", "", STYLE_DEVICE, 0),
		   device->name);
	out_number(out, "ifindex", NULL, UNIT_NONE, device->index);
	out_string(out, "kind", LOOK(.before = "  "), device->kind);
	if (device->has_mode)
		out_string(out, "mode", LOOK(.before = "  "),
			   name_of(mode_names, device->mode, number,
				   sizeof(number)));
	out_number(out, "mtu", LOOK(.before = "  mtu "), UNIT_NONE, device->mtu);
	out_flag(out, "up", NULL, NULL, device->up);
	out_text(out, device->up ? "" : "  down");
	out_flag(out, "foreign", LOOK("  ", "", STYLE_TROUBLE, 0),
		 "served by another module", device->foreign);
	out_text(out, "\n");
	out_array(out, "peers");
	for (i = 0; i < device->peers.count; i++)
		print_peer(out, &device->peers.items[i]);
	out_end(out);
	out_end(out);
}

void print_devices(struct out *out, const struct devices *devices,
		   const char *mptcp)
{
	size_t i;

	print_begin(out);
	out_string(out, "mptcp", NULL, mptcp);
	out_array(out, "devices");
	for (i = 0; i < devices->count; i++) {
		out_text(out, i ? "\n" : "");
		print_device(out, &devices->items[i]);
	}
	out_end(out);
	out_end(out);
}

void print_key(struct out *out, const char *device, const struct key *key)
{
	print_begin(out);
	out_string(out, "dev", LOOK(.after = "  ", .style = STYLE_DEVICE), device);
	out_number(out, "peer", LOOK("peer ", "  ", STYLE_PEER, 0), UNIT_NONE,
		   key->peer);
	print_slot(out, "key", key);
	out_text(out, "\n");
	out_end(out);
}
