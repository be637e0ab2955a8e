// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command table. The parser, the help and the completion all come from it;
 * the generator of the completion is built without the functions.
 */

#include <stddef.h>

#include "base/names.h"
#include "cli/command.h"

#ifdef TABLE_WITHOUT_FUNCTIONS
#define RUN(function) NULL
#else
#define RUN(function) function
#endif

#define ID_MAX		0xffffff
#define KEY_ID_MAX	7
#define KEEPALIVE_MAX	86400

#define PEER_WORD(word, need)						\
	{ word, "ID", "number of the peer, 0 to 16777215", WORD_NUMBER,	\
	  need, ID_MAX, NULL }
#define SLOT_WORD							\
	{ "slot", "primary|secondary", "primary encrypts and decrypts, secondary only decrypts", \
	  WORD_CHOICE, true, 0, slot_names }
#define FD_WORD(of)							\
	{ "fd", "N", "file descriptor of " of ", inherited from the caller", \
	  WORD_FD, true, 0, NULL }
#define PEER_CONFIG							\
	{ "remote", "ADDRESS:PORT", "UDP: where the other end is; [ADDRESS]:PORT for IPv6, [ADDRESS%DEV]:PORT for link-local", \
	  WORD_REMOTE, false, 0, NULL },				\
	{ "local", "ADDRESS", "UDP: own address to send from; as the route says unless given", \
	  WORD_IP, false, 0, NULL },					\
	{ "tx-id", "ID", "peer id in packets that are sent; the same as id unless given", \
	  WORD_NUMBER, false, ID_MAX, NULL },				\
	{ "vpn4", "ADDRESS", "IPv4 address inside the tunnel; mode mp only", \
	  WORD_IP4, false, 0, NULL },					\
	{ "vpn6", "ADDRESS", "IPv6 address inside the tunnel; mode mp only", \
	  WORD_IP6, false, 0, NULL },					\
	{ "keepalive", "INTERVAL TIMEOUT", "seconds, 0 to 86400: ping after so much silence; give up after so much; 0 is never", \
	  WORD_TIMES, false, KEEPALIVE_MAX, NULL }

static const struct word top_words[] = {
	{ "interval", "SECONDS", "from one reading to the next, 1 to 3600; 1 unless given",
	  WORD_COUNT, false, 3600, NULL },
	{ "count", "N", "end after so many readings", WORD_COUNT, false,
	  UINT32_MAX, NULL },
	{ 0 }
};

static const struct word doctor_words[] = {
	{ "probe", "HOST:PORT", "connect to a server, and tell whether MPTCP arrives there",
	  WORD_TARGET, false, 0, NULL },
	{ 0 }
};

static const struct word metrics_words[] = {
	{ "output", "FILE", "replace this file, for the textfile directory of node_exporter",
	  WORD_FILE, false, 0, NULL },
	{ "format", "openmetrics|prometheus", "the former unless given, in a file the latter, which node_exporter reads",
	  WORD_CHOICE, false, 0, metrics_formats },
	{ "listen", "ADDRESS[:PORT]", "answer Prometheus until interrupted, at port 11940 unless given; or a port of 127.0.0.1",
	  WORD_LISTEN, false, 0, NULL },
	{ "peers-max", "N", "peers of a device that have metrics of their own; 1000 unless given",
	  WORD_NUMBER, false, ID_MAX + 1, NULL },
	{ 0 }
};

static const struct word link_add_words[] = {
	{ "mode", "p2p|mp", "one peer that gets every packet (default), or many peers",
	  WORD_CHOICE, false, 0, mode_names },
	{ 0 }
};

static const struct word peer_show_words[] = {
	PEER_WORD("id", false),
	{ 0 }
};

static const struct word peer_new_words[] = {
	PEER_WORD("id", true),
	FD_WORD("a connected MPTCP or TCP socket, or of a bound UDP socket"),
	PEER_CONFIG,
	{ 0 }
};

static const struct word peer_set_words[] = {
	PEER_WORD("id", true),
	PEER_CONFIG,
	{ 0 }
};

static const struct word peer_set_sock_words[] = {
	PEER_WORD("id", true),
	FD_WORD("a connected MPTCP or TCP socket"),
	{ 0 }
};

static const struct word peer_del_words[] = {
	PEER_WORD("id", true),
	{ 0 }
};

static const struct word key_new_words[] = {
	PEER_WORD("peer", true),
	SLOT_WORD,
	{ "id", "N", "number of the key in packets, 0 to 7", WORD_NUMBER, true,
	  KEY_ID_MAX, NULL },
	/* without the first: the kernel encrypts */
	{ "cipher", "aes-gcm|chacha20-poly1305", "what the key is for",
	  WORD_CHOICE, true, 0, cipher_names + 1 },
	{ "file", "PATH", "key file, - for standard input", WORD_FILE, true, 0,
	  NULL },
	{ 0 }
};

static const struct word key_slot_words[] = {
	PEER_WORD("peer", true),
	SLOT_WORD,
	{ 0 }
};

static const struct word key_swap_words[] = {
	PEER_WORD("peer", true),
	{ 0 }
};

static const struct word import_words[] = {
	{ "to", "FILE", "where to write it; nothing is written without", WORD_FILE,
	  false, 0, NULL },
	{ 0 }
};

static const struct word dns_keep_words[] = {
	{ "config", "FILE", "configuration of attach, which names the servers",
	  WORD_FILE, true, 0, NULL },
	{ "while", "FILE", "end when this file is gone", WORD_FILE, true, 0,
	  NULL },
	{ 0 }
};

static const struct word keep_words[] = {
	{ "manage", "LIST", "only endpoints of these addresses and interfaces, with commas between",
	  WORD_NAME, false, 0, NULL },
	{ "no-backup", "", "do not make slow paths a backup", WORD_FLAG, false,
	  0, NULL },
	{ "until-idle", "UNIT", "end 10 seconds after the last tunnel, unless this unit of systemd is enabled",
	  WORD_NAME, false, 0, NULL },
	{ 0 }
};

static const struct word uplinks_words[] = {
	{ "probe", "HOST:PORT", "measure the round trip to a server from each uplink",
	  WORD_TARGET, false, 0, NULL },
	{ 0 }
};

static const struct word uplinks_dry_words[] = {
	{ "dry-run", "", "print the commands that would do it, and do nothing",
	  WORD_FLAG, false, 0, NULL },
	{ 0 }
};

const struct command commands[] = {
	{ "show", RUN(show), "devices, their peers, the paths they use and those they miss", DEVICE_OPTIONAL, NULL },
	{ "monitor", RUN(monitor), "tell when a peer goes or moves or a key is used up, until interrupted", DEVICE_OPTIONAL, NULL },
	{ "keep", RUN(keep_paths), "bring lost paths back and spare slow ones, until interrupted", DEVICE_OPTIONAL, keep_words },
	{ "top", RUN(top), "rates of every path, again and again; q quits", DEVICE_OPTIONAL, top_words },
	{ "doctor", RUN(doctor), "what is wrong on this host, and what to do about it", DEVICE_NONE, doctor_words },
	{ "uplinks setup", RUN(uplinks_setup), "make what is missing to use every way out", DEVICE_NONE, uplinks_dry_words },
	{ "uplinks undo", RUN(uplinks_undo), "take back what uplinks setup has made, and nothing else", DEVICE_NONE, uplinks_dry_words },
	{ "uplinks keep", RUN(uplinks_keep), "set up, and follow what changes, until interrupted or undone", DEVICE_NONE, NULL },
	{ "uplinks", RUN(uplinks_show), "every way out of this machine, and what is missing to use it", DEVICE_NONE, uplinks_words },
	{ "metrics", RUN(metrics), "numbers for Prometheus, once or until interrupted", DEVICE_OPTIONAL, metrics_words },
	{ "attach", RUN(attach), "run one end of a tunnel without OpenVPN, until interrupted", DEVICE_IN_WORDS, config_words },
	{ "dns keep", RUN(dns_keep), "have name servers asked that are behind a tunnel, for its unit", DEVICE_REQUIRED, dns_keep_words },
	{ "dns undo", RUN(dns_forget), "put the name servers back that were there before", DEVICE_REQUIRED, NULL },
	{ "import", RUN(import), "make a configuration of OpenVPN one that is offloaded over MPTCP", DEVICE_FILE, import_words },
	{ "link add", RUN(link_add), "make a tunnel device", DEVICE_REQUIRED, link_add_words },
	{ "link del", RUN(link_del), "remove a tunnel device and its peers", DEVICE_REQUIRED, NULL },
	{ "peer show", RUN(peer_show), "one peer of a device, or all", DEVICE_REQUIRED, peer_show_words },
	{ "peer new", RUN(peer_new), "give a socket to a new peer", DEVICE_REQUIRED, peer_new_words },
	{ "peer set", RUN(peer_set), "change a peer; what is not given stays", DEVICE_REQUIRED, peer_set_words },
	{ "peer set-sock", RUN(peer_set_sock), "give a peer of a stream, alive or dead, another connected socket", DEVICE_REQUIRED, peer_set_sock_words },
	{ "peer del", RUN(peer_del), "remove a peer", DEVICE_REQUIRED, peer_del_words },
	{ "key new", RUN(key_new), "put a key into a slot of a peer", DEVICE_REQUIRED, key_new_words },
	{ "key get", RUN(key_get), "number and cipher of the key in a slot; never the key", DEVICE_REQUIRED, key_slot_words },
	{ "key swap", RUN(key_swap), "exchange the keys of the two slots", DEVICE_REQUIRED, key_swap_words },
	{ "key del", RUN(key_del), "remove the key in a slot", DEVICE_REQUIRED, key_slot_words },
	{ 0 }
};
