// SPDX-License-Identifier: GPL-2.0-or-later
/* The words for the numbers of the kernel's interface. */

#include <assert.h>
#include <netinet/tcp.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/names.h"
#include "uapi/linux/ovpn_dco_mptcp.h"

const char *const mode_names[] = {
	[OVPN_MPTCP_MODE_P2P] = "p2p",
	[OVPN_MPTCP_MODE_MP] = "mp",
	NULL
};

const char *const slot_names[] = {
	[OVPN_MPTCP_SLOT_PRIMARY] = "primary",
	[OVPN_MPTCP_SLOT_SECONDARY] = "secondary",
	NULL
};

const char *const cipher_names[] = {
	[OVPN_MPTCP_CIPHER_NONE] = "none",
	[OVPN_MPTCP_CIPHER_AES_GCM] = "AES-GCM",
	[OVPN_MPTCP_CIPHER_CHACHA20_POLY1305] = "CHACHA20-POLY1305",
	NULL
};

const char *const answer_names[] = { "yes", "no", NULL };

const char *const cipher_choices[] = {
	"aes-256-gcm", "aes-128-gcm", "chacha20-poly1305", NULL
};

const char *const reason_names[] = {
	[OVPN_MPTCP_DEL_REASON_TEARDOWN] = "teardown",
	[OVPN_MPTCP_DEL_REASON_USERSPACE] = "userspace",
	[OVPN_MPTCP_DEL_REASON_EXPIRED] = "expired",
	[OVPN_MPTCP_DEL_REASON_TRANSPORT_ERROR] = "transport-error",
	[OVPN_MPTCP_DEL_REASON_TRANSPORT_DISCONNECT] = "transport-disconnect",
	NULL
};

const char *const metrics_formats[] = {
	[OPENMETRICS_1] = "openmetrics",
	[OPENMETRICS_0_0_4] = "prometheus",
	NULL
};

const char *const drop_names[] = {
	"unknown",
	[OVPN_MPTCP_DROP_TX_QUEUE_FULL] = "tx_queue_full",
	[OVPN_MPTCP_DROP_TX_QUEUE_DELAY] = "tx_queue_delay",
	[OVPN_MPTCP_DROP_TX_NO_KEY] = "tx_no_key",
	[OVPN_MPTCP_DROP_TX_KEY_EXHAUSTED] = "tx_key_exhausted",
	[OVPN_MPTCP_DROP_TX_TOO_LONG] = "tx_too_long",
	[OVPN_MPTCP_DROP_TX_MALFORMED] = "tx_malformed",
	[OVPN_MPTCP_DROP_TX_LOOP] = "tx_loop",
	[OVPN_MPTCP_DROP_TX_NOMEM] = "tx_nomem",
	[OVPN_MPTCP_DROP_TX_CRYPTO] = "tx_crypto",
	[OVPN_MPTCP_DROP_TX_RING_FULL] = "tx_ring_full",
	[OVPN_MPTCP_DROP_TX_DETACHED] = "tx_detached",
	[OVPN_MPTCP_DROP_RX_RUNT] = "rx_runt",
	[OVPN_MPTCP_DROP_RX_NO_KEY] = "rx_no_key",
	[OVPN_MPTCP_DROP_RX_AUTH] = "rx_auth",
	[OVPN_MPTCP_DROP_RX_REPLAY] = "rx_replay",
	[OVPN_MPTCP_DROP_RX_EMPTY] = "rx_empty",
	[OVPN_MPTCP_DROP_RX_NOT_IP] = "rx_not_ip",
	[OVPN_MPTCP_DROP_RX_SOURCE] = "rx_source",
	[OVPN_MPTCP_DROP_RX_NOMEM] = "rx_nomem",
	[OVPN_MPTCP_DROP_RX_CRYPTO] = "rx_crypto",
	[OVPN_MPTCP_DROP_RX_CONTROL_FULL] = "rx_control_full",
	[OVPN_MPTCP_DROP_TX_NO_ROUTE] = "tx_no_route",
	[OVPN_MPTCP_DROP_RX_QUEUE_FULL] = "rx_queue_full",
	[OVPN_MPTCP_DROP_RX_DETACHED] = "rx_detached",
	[OVPN_MPTCP_DROP_TX_MULTICAST] = "tx_multicast",
	NULL
};

static_assert(ARRAY_SIZE(mode_names) == OVPN_MPTCP_MODE_MP + 2,
	      "every mode has a name");
static_assert(ARRAY_SIZE(slot_names) == OVPN_MPTCP_SLOT_SECONDARY + 2,
	      "every slot has a name");
static_assert(ARRAY_SIZE(cipher_names) ==
	      OVPN_MPTCP_CIPHER_CHACHA20_POLY1305 + 2,
	      "every cipher has a name");
static_assert(ARRAY_SIZE(reason_names) ==
	      OVPN_MPTCP_DEL_REASON_TRANSPORT_DISCONNECT + 2,
	      "every reason has a name");
static_assert(ARRAY_SIZE(drop_names) == OVPN_MPTCP_DROP_MAX + 2,
	      "every reason of a drop has a name");

const char *name_of(const char *const *names, uint32_t number, char *buffer,
		    size_t size)
{
	uint32_t i;

	for (i = 0; names[i]; i++) {
		if (i == number)
			return names[i];
	}
	snprintf(buffer, size, "%u", number);
	return buffer;
}

const char *drop_text(uint32_t reason, char *buffer)
{
	if (reason < ARRAY_SIZE(drop_names) - 1)
		return drop_names[reason];
	snprintf(buffer, DROP_TEXT_SIZE, "reason_%u", reason);
	return buffer;
}

const char *cipher_text(uint32_t cipher, uint32_t bits, char *buffer)
{
	char number[NAME_SIZE];

	if (cipher == OVPN_MPTCP_CIPHER_AES_GCM && bits)
		snprintf(buffer, CIPHER_TEXT_SIZE, "AES-%u-GCM", bits);
	else
		snprintf(buffer, CIPHER_TEXT_SIZE, "%s",
			 name_of(cipher_names, cipher, number, sizeof(number)));
	return buffer;
}

const char *tcp_state_name(uint8_t state, char *buffer)
{
	static const char *const names[] = {
		[TCP_ESTABLISHED] = "established",
		[TCP_SYN_SENT] = "syn-sent",
		[TCP_SYN_RECV] = "syn-recv",
		[TCP_FIN_WAIT1] = "fin-wait-1",
		[TCP_FIN_WAIT2] = "fin-wait-2",
		[TCP_TIME_WAIT] = "time-wait",
		[TCP_CLOSE] = "close",
		[TCP_CLOSE_WAIT] = "close-wait",
		[TCP_LAST_ACK] = "last-ack",
		[TCP_LISTEN] = "listen",
		[TCP_CLOSING] = "closing",
	};

	if (state < ARRAY_SIZE(names) && names[state])
		return names[state];
	snprintf(buffer, NAME_SIZE, "%u", state);
	return buffer;
}
