// SPDX-License-Identifier: GPL-2.0-or-later
/* The directives of attach: data only, for the completion is made of it, too. */

#include <stddef.h>

#include "attach/config.h"
#include "base/names.h"

/* name, argument, help, type, largest number, choices; where the value goes,
 * smallest number, whether it may be there several times
 */
#define DIRECTIVES(X)							\
	X("config", "FILE",						\
	  "file with one of these words a line, - for standard input; what stands on the command line wins", \
	  WORD_FILE, 0, NULL, file, 0, false)				\
	X("device", "NAME", "tunnel device to make",			\
	  WORD_DEVICE, 0, NULL, device, 0, false)			\
	X("connect", "HOST PORT", "be the client of this server",	\
	  WORD_HOST, 0, NULL, connect, 0, false)			\
	X("listen", "HOST PORT", "be the server at this address, or at all: *", \
	  WORD_HOST, 0, NULL, listen, 0, false)				\
	X("local", "ADDRESS[%DEV]", "where the first path of a client begins", \
	  WORD_LOCAL, 0, NULL, local, 0, false)				\
	X("psk-file", "FILE", "pre-shared key: 64 or more hexadecimal digits", \
	  WORD_FILE, 0, NULL, psk_file, 0, false)			\
	X("psk-identity", "NAME", "name of the pre-shared key, the same at both ends", \
	  WORD_NAME, 0, NULL, psk_identity, 0, false)			\
	X("cert", "FILE", "own certificate, PEM",			\
	  WORD_FILE, 0, NULL, cert, 0, false)				\
	X("key", "FILE", "private key of the certificate, PEM",		\
	  WORD_FILE, 0, NULL, key, 0, false)				\
	X("peer-fingerprint", "SHA256", "fingerprint of the other end's certificate; repeat it while that is being replaced", \
	  WORD_FINGERPRINT, 0, NULL, peer_fingerprints, 0, true)		\
	X("cipher", "CIPHER",						\
	  "that may be used, the best first: aes-256-gcm, aes-128-gcm or chacha20-poly1305; repeat it", \
	  WORD_CHOICE, 0, cipher_choices, ciphers, 0, true)		\
	X("address", "PREFIX", "address of the device; repeat it",	\
	  WORD_PREFIX, 0, NULL, addresses, 0, true)			\
	X("route", "PREFIX [metric N]", "network behind the tunnel; repeat it", \
	  WORD_ROUTE, UINT32_MAX, NULL, routes, 0, true)		\
	X("gateway", "yes|no",						\
	  "of a client: all traffic of this machine goes into the tunnel", \
	  WORD_ANSWER, 0, answer_names, gateway, 0, false)			\
	X("leak", "yes|no",						\
	  "with gateway: while the tunnel is not there, traffic leaves beside it; no unless given", \
	  WORD_ANSWER, 0, answer_names, leak, 0, false)			\
	X("dns", "ADDRESS...", "of a client: name servers to ask while the tunnel is there", \
	  WORD_ADDRESSES, 0, NULL, dns, 0, true)			\
	X("dns-domain", "NAME", "ask them for names of this domain, and for others only with gateway; repeat it", \
	  WORD_DOMAIN, 0, NULL, dns_domains, 0, true)			\
	X("mtu", "BYTES",						\
	  "of the device, 576 to 65000; 1500 unless given, and not bound by that of the paths", \
	  WORD_NUMBER, 65000, NULL, mtu, 576, false)			\
	X("keepalive", "INTERVAL TIMEOUT",				\
	  "seconds: ping after so much silence, reconnect after so much; 5 20 unless given, 0 is never", \
	  WORD_TIMES, 86400, NULL, keepalive, 0, false)			\
	X("rekey-seconds", "N",						\
	  "age of a key at which the client makes a new one; 3600 unless given, 0 is never", \
	  WORD_NUMBER, 7 * 86400, NULL, rekey_seconds, 0, false)	\
	X("rekey-packets", "N",						\
	  "packets after which it does; 1073741824 unless given, 0 is never", \
	  WORD_NUMBER, UINT32_MAX, NULL, rekey_packets, 0, false)	\
	X("congestion", "NAME",						\
	  "TCP congestion control of the connection, such as bbr or cubic; that of the module or the kernel unless given", \
	  WORD_CONGESTION, 0, NULL, congestion, 0, false)		\
	X("check", "", "only say whether all of this is right",	\
	  WORD_FLAG, 0, NULL, check, 0, false)				\
	X("require-mptcp", "", "do without rather than over plain TCP",	\
	  WORD_FLAG, 0, NULL, require_mptcp, 0, false)			\
	X("no-keep", "", "do not bring lost paths back",		\
	  WORD_FLAG, 0, NULL, no_keep, 0, false)			\
	X("no-backup", "", "do not make slow paths a backup",		\
	  WORD_FLAG, 0, NULL, no_backup, 0, false)

#define AS_WORD(name, argument, help, type, max, choices, member, min, repeats) \
	{ name, argument, help, type, false, max, choices },
#define AS_FIELD(name, argument, help, type, max, choices, member, min, repeats) \
	{ offsetof(struct config, member), min, repeats },

const struct word config_words[] = {
	DIRECTIVES(AS_WORD)
	{ 0 }
};

const struct config_field config_fields[] = { DIRECTIVES(AS_FIELD) };
