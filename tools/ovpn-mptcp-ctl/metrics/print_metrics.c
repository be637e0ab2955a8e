// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The model as metrics: one table, a line for each family. Labels have few
 * values that stay: no port, token or id that a new connection changes.
 */

#include <stddef.h>
#include <string.h>

#include "base/memory.h"
#include "base/names.h"
#include "metrics/print_metrics.h"

#define PREFIX "ovpn_mptcp_"

/**
 * enum scope - what there is one number for
 * @SCOPE_HOST: this network namespace
 * @SCOPE_DEVICE: each tunnel device
 * @SCOPE_PEER: each peer
 * @SCOPE_KEY: each key of a peer, by slot
 * @SCOPE_DROP: each reason of a peer's drops
 * @SCOPE_PATH: each path of a peer
 * @SCOPE_MISSING: each endpoint without a path of a peer
 */
enum scope {
	SCOPE_HOST,
	SCOPE_DEVICE,
	SCOPE_PEER,
	SCOPE_KEY,
	SCOPE_DROP,
	SCOPE_PATH,
	SCOPE_MISSING,
};

/**
 * struct subject - what a number is about, as far as its scope goes
 * @metrics: all there is
 * @device: the device
 * @peer: ... its peer
 * @key: ... and its key
 * @reason: ... or a reason of drops
 * @path: ... or a path
 * @missing: ... or an endpoint
 */
struct subject {
	const struct metrics *metrics;
	const struct device *device;
	const struct peer *peer;
	const struct key *key;
	int reason;
	const struct path *path;
	const struct endpoint *missing;
};

/**
 * struct field - a family and where its numbers come from
 * @family: how it is written
 * @scope: what there is one number for
 * @known: whether there is a number; NULL: always
 * @value: the number, of infos NULL
 * @labels: those that tell more than what the number is about, or NULL
 */
struct field {
	struct openmetrics_family family;
	enum scope scope;
	bool (*known)(const struct subject *subject);
	uint64_t (*value)(const struct subject *subject);
	void (*labels)(struct openmetrics *text, const struct subject *subject);
};

/* Getters of what the model simply has. */
#define MEMBER(name, member)						\
	static uint64_t name(const struct subject *subject)		\
	{								\
		return subject->member;					\
	}

MEMBER(module_loaded, metrics->module)
MEMBER(mptcp_available, metrics->mptcp)
MEMBER(device_up, device->up)
MEMBER(device_foreign, device->foreign)
MEMBER(device_mtu, device->mtu)
MEMBER(device_peers, device->peers.count)
MEMBER(peer_elsewhere, peer->elsewhere)
MEMBER(peer_subflows, peer->subflows)
MEMBER(peer_missing, peer->missing.count)
MEMBER(keepalive_interval, peer->interval)
MEMBER(keepalive_timeout, peer->timeout)
MEMBER(queue_bytes, peer->queue_bytes)
MEMBER(vpn_rx_bytes, peer->vpn.rx_bytes)
MEMBER(vpn_tx_bytes, peer->vpn.tx_bytes)
MEMBER(vpn_rx_packets, peer->vpn.rx_packets)
MEMBER(vpn_tx_packets, peer->vpn.tx_packets)
MEMBER(link_rx_bytes, peer->link.rx_bytes)
MEMBER(link_tx_bytes, peer->link.tx_bytes)
MEMBER(link_rx_packets, peer->link.rx_packets)
MEMBER(link_tx_packets, peer->link.tx_packets)
MEMBER(drops, peer->drops[subject->reason])
MEMBER(key_id, key->id)
MEMBER(path_backup, path->backup)
MEMBER(path_rtt, path->rtt_us)
MEMBER(path_min_rtt, path->min_rtt_us)
MEMBER(path_idle, path->idle_ms)
MEMBER(path_retries, path->retries)
MEMBER(path_inflight, path->inflight_bytes)
MEMBER(path_unsent, path->unsent_bytes)
MEMBER(path_rx_bytes, path->rx_bytes)
MEMBER(path_tx_bytes, path->tx_bytes)

static uint64_t one(const struct subject *subject)
{
	(void)subject;
	return 1;
}

static uint64_t peers_omitted(const struct subject *subject)
{
	size_t count = subject->device->peers.count;
	uint32_t max = subject->metrics->peers_max;

	return count > max ? count - max : 0;
}

static uint64_t peer_offloaded(const struct subject *subject)
{
	return peer_is_offloaded(subject->peer);
}

static uint64_t peer_paths(const struct subject *subject)
{
	return peer_live_paths(subject->peer);
}

static uint64_t peer_idle(const struct subject *subject)
{
	uint32_t idle_ms;

	peer_last_received(subject->peer, &idle_ms);
	return idle_ms;
}

static uint64_t path_up(const struct subject *subject)
{
	return path_is_live(subject->path);
}

static bool has_subflows(const struct subject *subject)
{
	return subject->peer->has_token;
}

static bool has_received(const struct subject *subject)
{
	uint32_t idle_ms;

	return peer_last_received(subject->peer, &idle_ms);
}

/* What TCP knows of a connection. */
static bool is_stream(const struct subject *subject)
{
	return !subject->path->datagrams;
}

static bool is_established(const struct subject *subject)
{
	return is_stream(subject) && path_is_live(subject->path);
}

static bool has_min_rtt(const struct subject *subject)
{
	return is_established(subject) && subject->path->min_rtt_us;
}

static void label_address(struct openmetrics *text, const char *name,
			  const struct address *address)
{
	char buffer[ADDRESS_SIZE];

	if (address->family)
		openmetrics_label(text, name, address_text(address, buffer));
}

static void host_labels(struct openmetrics *text, const struct subject *subject)
{
	openmetrics_label(text, "version", subject->metrics->version);
}

static void device_labels(struct openmetrics *text, const struct subject *subject)
{
	const struct device *device = subject->device;
	char number[NAME_SIZE];

	openmetrics_label(text, "kind", device->kind);
	if (device->has_mode)
		openmetrics_label(text, "mode", name_of(mode_names, device->mode,
							number, sizeof(number)));
}

static void peer_labels(struct openmetrics *text, const struct subject *subject)
{
	const struct peer *peer = subject->peer;

	openmetrics_label(text, "transport", peer->transport);
	label_address(text, "vpn4", &peer->vpn4);
	label_address(text, "vpn6", &peer->vpn6);
}

static void key_labels(struct openmetrics *text, const struct subject *subject)
{
	char buffer[CIPHER_TEXT_SIZE];

	openmetrics_label(text, "cipher", cipher_text(subject->key->cipher,
						    subject->key->bits, buffer));
}

static void path_labels(struct openmetrics *text, const struct subject *subject)
{
	const struct path *path = subject->path;
	char state[NAME_SIZE];

	label_address(text, "local", &path->local);
	label_address(text, "remote", &path->remote);
	if (path->datagrams)
		return;
	openmetrics_label(text, "state", tcp_state_name(path->state, state));
	openmetrics_label(text, "congestion", path->congestion);
}

/* @unit_of: that the model has */
#define NUMBER(kind, suffix, unit_of, at, get, if_known, text)		\
	{ .family = { PREFIX suffix, text, OPENMETRICS_##kind,		\
		      UNIT_##unit_of },					\
	  .scope = SCOPE_##at, .value = get, .known = if_known }
#define GAUGE(...)	NUMBER(GAUGE, __VA_ARGS__)
#define COUNTER(...)	NUMBER(COUNTER, __VA_ARGS__)
#define INFO(suffix, at, get, text)					\
	{ .family = { PREFIX suffix, text, OPENMETRICS_INFO, UNIT_NONE }, \
	  .scope = SCOPE_##at, .value = one, .labels = get }

static const struct field fields[] = {
	INFO("build", HOST, host_labels,
	     "Version of ovpn-mptcp-ctl."),
	GAUGE("module_loaded", NONE, HOST, module_loaded, NULL,
	      "1 when the module ovpn-dco-mptcp is loaded."),
	GAUGE("available", NONE, HOST, mptcp_available, NULL,
	      "1 when programs can have MPTCP sockets in this network namespace."),

	INFO("device", DEVICE, device_labels,
	     "Kind and mode of a tunnel device."),
	GAUGE("device_up", NONE, DEVICE, device_up, NULL,
	      "1 when the device is administratively up."),
	GAUGE("device_foreign", NONE, DEVICE, device_foreign, NULL,
	      "1 when another module serves the device, and nothing is known of its peers."),
	GAUGE("device_mtu_bytes", BYTES, DEVICE, device_mtu, NULL,
	      "MTU of the device."),
	GAUGE("device_peers", NONE, DEVICE, device_peers, NULL,
	      "Peers of the device."),
	GAUGE("device_peers_omitted", NONE, DEVICE, peers_omitted, NULL,
	      "Peers without metrics of their own, because there are more than peers-max."),

	INFO("peer", PEER, peer_labels,
	     "Transport of a peer, and its addresses inside the tunnel."),
	GAUGE("peer_offloaded", NONE, PEER, peer_offloaded, NULL,
	      "1 when socket and primary key are there: the kernel carries the data."),
	GAUGE("peer_elsewhere", NONE, PEER, peer_elsewhere, NULL,
	      "1 when the socket is in another network namespace, and its paths cannot be seen."),
	GAUGE("peer_subflows", NONE, PEER, peer_subflows, has_subflows,
	      "Subflows of the MPTCP connection as the kernel counts them."),
	GAUGE("peer_paths", NONE, PEER, peer_paths, NULL,
	      "Paths that work."),
	GAUGE("peer_paths_missing", NONE, PEER, peer_missing, NULL,
	      "Endpoints of this host without a path."),
	GAUGE("peer_keepalive_interval_seconds", SECONDS, PEER, keepalive_interval, NULL,
	      "Silence before a ping is sent, 0 for never."),
	GAUGE("peer_keepalive_timeout_seconds", SECONDS, PEER, keepalive_timeout, NULL,
	      "Silence before the peer is given up, 0 for never."),
	GAUGE("peer_idle_seconds", MILLISECONDS, PEER, peer_idle, has_received,
	      "Time since data were received last, on whatever path; not with UDP."),
	GAUGE("peer_queue_bytes", BYTES, PEER, queue_bytes, NULL,
	      "Plain text that waits for the transport."),
	COUNTER("peer_vpn_receive_bytes", BYTES, PEER, vpn_rx_bytes, NULL,
		"Inner packets received, in bytes."),
	COUNTER("peer_vpn_transmit_bytes", BYTES, PEER, vpn_tx_bytes, NULL,
		"Inner packets sent, in bytes."),
	COUNTER("peer_vpn_receive_packets", NONE, PEER, vpn_rx_packets, NULL,
		"Inner packets received."),
	COUNTER("peer_vpn_transmit_packets", NONE, PEER, vpn_tx_packets, NULL,
		"Inner packets sent."),
	COUNTER("peer_link_receive_bytes", BYTES, PEER, link_rx_bytes, NULL,
		"Encrypted data packets received, in bytes."),
	COUNTER("peer_link_transmit_bytes", BYTES, PEER, link_tx_bytes, NULL,
		"Encrypted data packets sent, in bytes."),
	COUNTER("peer_link_receive_packets", NONE, PEER, link_rx_packets, NULL,
		"Encrypted data packets received."),
	COUNTER("peer_link_transmit_packets", NONE, PEER, link_tx_packets, NULL,
		"Encrypted data packets sent."),
	COUNTER("peer_dropped_packets", NONE, DROP, drops, NULL,
		"Packets dropped, by reason."),

	INFO("peer_key", KEY, key_labels,
	     "Cipher of the key in a slot."),
	GAUGE("peer_key_id", NONE, KEY, key_id, NULL,
	      "Number of the key in a slot, 0 to 7; it changes with each new key."),

	INFO("path", PATH, path_labels,
	     "Addresses, TCP state and congestion control of a path."),
	GAUGE("path_up", NONE, PATH, path_up, NULL,
	      "1 when the path works: established, or with UDP always."),
	GAUGE("path_backup", NONE, PATH, path_backup, is_stream,
	      "1 when either end asked to use other paths first."),
	GAUGE("path_rtt_seconds", MICROSECONDS, PATH, path_rtt, is_established,
	      "Smoothed round trip time."),
	GAUGE("path_min_rtt_seconds", MICROSECONDS, PATH, path_min_rtt, has_min_rtt,
	      "Least round trip time of the last minutes."),
	GAUGE("path_idle_seconds", MILLISECONDS, PATH, path_idle, is_stream,
	      "Time since data were received last."),
	GAUGE("path_unanswered_retries", NONE, PATH, path_retries, is_stream,
	      "Repetitions in a row without an answer; 0 when all is well."),
	GAUGE("path_inflight_bytes", BYTES, PATH, path_inflight, is_stream,
	      "Sent, and not yet acknowledged."),
	GAUGE("path_unsent_bytes", BYTES, PATH, path_unsent, is_stream,
	      "Handed to the path, and not yet sent."),
	COUNTER("path_receive_bytes", BYTES, PATH, path_rx_bytes, is_stream,
		"Received; begins again with each new TCP connection."),
	COUNTER("path_transmit_bytes", BYTES, PATH, path_tx_bytes, is_stream,
		"Sent, repetitions included; begins again with each new TCP connection."),
	GAUGE("endpoint_missing", NONE, MISSING, one, NULL,
	      "1 for an endpoint of this host without a path to the peer."),
};

/* The labels that every family of a scope has. */
static void print_labels(struct openmetrics *text, const struct subject *subject)
{
	char name[DROP_TEXT_SIZE];

	if (subject->device)
		openmetrics_label(text, "device", subject->device->name);
	if (subject->peer)
		openmetrics_label_number(text, "peer", subject->peer->id);
	if (subject->key)
		openmetrics_label(text, "slot", name_of(slot_names, subject->key->slot,
							name, sizeof(name)));
	if (subject->reason)
		openmetrics_label(text, "reason", drop_text(subject->reason, name));
	if (subject->path) {
		openmetrics_label(text, "interface", subject->path->device);
		if (subject->path->is_subflow) {
			openmetrics_label_number(text, "local_id",
						 subject->path->local_id);
			openmetrics_label_number(text, "remote_id",
						 subject->path->remote_id);
		}
	}
	if (subject->missing) {
		openmetrics_label(text, "interface", subject->missing->device);
		openmetrics_label_number(text, "endpoint_id", subject->missing->id);
		label_address(text, "local", &subject->missing->address);
	}
}

static void print_number(struct openmetrics *text, const struct field *field,
			 const struct subject *subject)
{
	if (field->known && !field->known(subject))
		return;
	openmetrics_begin(text);
	print_labels(text, subject);
	if (field->labels)
		field->labels(text, subject);
	openmetrics_value(text, field->value(subject));
}

static bool same_labels(const struct path *a, const struct path *b)
{
	return !strcmp(a->device, b->device) && a->is_subflow == b->is_subflow &&
	       a->local_id == b->local_id && a->remote_id == b->remote_id;
}

/* Two paths may have the same labels, as one that ends and the one that takes
 * its place. The one that works is told of, or else the first.
 */
static bool stands_back(const struct peer *peer, size_t index)
{
	const struct path *path = &peer->paths.items[index], *other;
	size_t i;

	for (i = 0; i < peer->paths.count; i++) {
		bool works, other_works;

		other = &peer->paths.items[i];
		if (i == index || !same_labels(path, other))
			continue;
		works = path_is_live(path);
		other_works = path_is_live(other);
		if (works == other_works ? i < index : other_works)
			return true;
	}
	return false;
}

static void print_parts(struct openmetrics *text, const struct field *field,
			struct subject subject)
{
	const struct peer *peer = subject.peer;
	size_t i;

	switch (field->scope) {
	case SCOPE_PEER:
		print_number(text, field, &subject);
		break;
	case SCOPE_KEY:
		for (i = 0; i < ARRAY_SIZE(peer->keys); i++) {
			subject.key = &peer->keys[i];
			if (subject.key->present)
				print_number(text, field, &subject);
		}
		break;
	case SCOPE_DROP:
		for (i = 1; i <= MODEL_DROPS_MAX; i++) {
			subject.reason = (int)i;
			if (peer->drop_known[i])
				print_number(text, field, &subject);
		}
		break;
	case SCOPE_PATH:
		for (i = 0; i < peer->paths.count; i++) {
			subject.path = &peer->paths.items[i];
			if (!stands_back(peer, i))
				print_number(text, field, &subject);
		}
		break;
	case SCOPE_MISSING:
		for (i = 0; i < peer->missing.count; i++) {
			subject.missing = &peer->missing.items[i];
			print_number(text, field, &subject);
		}
		break;
	default:
		break;
	}
}

static void print_field(struct openmetrics *text, const struct field *field,
			const struct metrics *metrics)
{
	const struct devices *devices = metrics->devices;
	struct subject subject = { .metrics = metrics };
	size_t i, j;

	openmetrics_family(text, &field->family);
	if (field->scope == SCOPE_HOST)
		print_number(text, field, &subject);
	for (i = 0; field->scope != SCOPE_HOST && i < devices->count; i++) {
		subject.device = &devices->items[i];
		subject.peer = NULL;
		if (field->scope == SCOPE_DEVICE)
			print_number(text, field, &subject);
		for (j = 0; field->scope != SCOPE_DEVICE &&
		     j < subject.device->peers.count && j < metrics->peers_max; j++) {
			subject.peer = &subject.device->peers.items[j];
			print_parts(text, field, subject);
		}
	}
}

void print_metrics(struct openmetrics *text, const struct metrics *metrics)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields); i++)
		print_field(text, &fields[i], metrics);
	openmetrics_end(text);
}
