/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Native netlink interface of ovpn-dco-mptcp.
 *
 * Generic netlink family and rtnetlink link kind have the name
 * OVPN_MPTCP_NAME. Commands and attributes below 64 are those of the family
 * "ovpn" of Linux 6.16 and later, number for number; 64 and above are private.
 * Every command needs CAP_NET_ADMIN in the user namespace that owns the
 * network namespace of the netlink socket. Errors carry a text (extended ack).
 *
 * OpenVPN 2.7 comes in by the name OVPN_NAME, of the family and of the link
 * kind. That family has the same numbers but nothing private, calls every socket
 * that it refuses ENOTSOCK, and its notifications go to the network namespace of
 * the peer's socket instead of that of the device. Where a device was made, it has
 * the index there that it was made with for good, wherever it is moved.
 */
#ifndef _UAPI_LINUX_OVPN_DCO_MPTCP_H
#define _UAPI_LINUX_OVPN_DCO_MPTCP_H

#define OVPN_MPTCP_NAME		"ovpn-dco-mptcp"
#define OVPN_NAME		"ovpn"
#define OVPN_MPTCP_VERSION	1
#define OVPN_MPTCP_MCGRP_PEERS	"peers"

/* size in bytes of OVPN_MPTCP_A_KEYDIR_NONCE_TAIL */
#define OVPN_MPTCP_NONCE_TAIL_SIZE	8

/**
 * enum ovpn_mptcp_mode - what a device is; IFLA_OVPN_MODE
 * @OVPN_MPTCP_MODE_P2P: one peer, which gets every packet
 * @OVPN_MPTCP_MODE_MP: many peers, found by the next hop of a packet
 */
enum ovpn_mptcp_mode {
	OVPN_MPTCP_MODE_P2P,
	OVPN_MPTCP_MODE_MP,
};

/**
 * enum ovpn_mptcp_cipher - OVPN_MPTCP_A_KEYCONF_CIPHER_ALG
 * @OVPN_MPTCP_CIPHER_NONE: refused with -EINVAL
 * @OVPN_MPTCP_CIPHER_AES_GCM: key of 16, 24 or 32 bytes
 * @OVPN_MPTCP_CIPHER_CHACHA20_POLY1305: key of 32 bytes
 */
enum ovpn_mptcp_cipher {
	OVPN_MPTCP_CIPHER_NONE,
	OVPN_MPTCP_CIPHER_AES_GCM,
	OVPN_MPTCP_CIPHER_CHACHA20_POLY1305,
};

/**
 * enum ovpn_mptcp_slot - OVPN_MPTCP_A_KEYCONF_SLOT
 * @OVPN_MPTCP_SLOT_PRIMARY: encrypts and decrypts
 * @OVPN_MPTCP_SLOT_SECONDARY: only decrypts
 */
enum ovpn_mptcp_slot {
	OVPN_MPTCP_SLOT_PRIMARY,
	OVPN_MPTCP_SLOT_SECONDARY,
};

/**
 * enum ovpn_mptcp_del_reason - OVPN_MPTCP_A_PEER_DEL_REASON
 * @OVPN_MPTCP_DEL_REASON_TEARDOWN: the device went, or a P2P peer was replaced
 * @OVPN_MPTCP_DEL_REASON_USERSPACE: PEER_DEL
 * @OVPN_MPTCP_DEL_REASON_EXPIRED: nothing was received for the keepalive timeout
 * @OVPN_MPTCP_DEL_REASON_TRANSPORT_ERROR: the stream broke
 * @OVPN_MPTCP_DEL_REASON_TRANSPORT_DISCONNECT: the stream was closed, by either side
 */
enum ovpn_mptcp_del_reason {
	OVPN_MPTCP_DEL_REASON_TEARDOWN,
	OVPN_MPTCP_DEL_REASON_USERSPACE,
	OVPN_MPTCP_DEL_REASON_EXPIRED,
	OVPN_MPTCP_DEL_REASON_TRANSPORT_ERROR,
	OVPN_MPTCP_DEL_REASON_TRANSPORT_DISCONNECT,
};

/**
 * enum ovpn_mptcp_cmd - commands and notifications
 * @OVPN_MPTCP_CMD_PEER_NEW: make a peer on a socket
 * @OVPN_MPTCP_CMD_PEER_SET: change a peer
 * @OVPN_MPTCP_CMD_PEER_GET: a peer, or with NLM_F_DUMP all peers of a device
 * @OVPN_MPTCP_CMD_PEER_DEL: remove a peer
 * @OVPN_MPTCP_CMD_PEER_DEL_NTF: a peer is gone, or has died and waits to be
 *	deleted, for its socket to be closed, or for another socket
 * @OVPN_MPTCP_CMD_KEY_NEW: put a key into a slot
 * @OVPN_MPTCP_CMD_KEY_GET: what stands in a slot; never the key
 * @OVPN_MPTCP_CMD_KEY_SWAP: exchange the keys of the two slots
 * @OVPN_MPTCP_CMD_KEY_SWAP_NTF: the packet ids of a key are used up
 * @OVPN_MPTCP_CMD_KEY_DEL: empty a slot
 * @OVPN_MPTCP_CMD_PEER_FLOAT_NTF: a peer on UDP is at another address; it moves four
 *	times a second at most
 * @OVPN_MPTCP_CMD_SET_SOCK: private. Gives the peer OVPN_MPTCP_A_PEER_ID, which
 *	lives, or died and is not deleted, the connected MPTCP or TCP socket
 *	OVPN_MPTCP_A_PEER_SOCKET. Keys, packet ids, replay windows and counters
 *	stay, and packets that wait for a live peer are sent on the new socket.
 *	Records that are encrypted already are dropped, and half a record that
 *	was received is discarded. Readers of the old socket meet the end of
 *	file; closing it is not notified any more. Closed before, it has taken
 *	the peer with it. A peer that died lives again, and its end will be
 *	notified again. Both keepalive timers start anew.
 *	Needs CAP_NET_ADMIN in the network namespace of the socket, too. Errors:
 *	ENOENT (no such peer), EOPNOTSUPP (the device belongs to OpenVPN, or a
 *	UDP socket), EADDRINUSE (another peer got a VPN address of the dead
 *	one), and those of a socket in PEER_NEW: EBADF, ENOTSOCK,
 *	EPROTONOSUPPORT, EPERM, EINVAL (listening), ENOTCONN, ESHUTDOWN, EALREADY
 *	(carries a peer, this one included), EBUSY. Then nothing has changed.
 * @__OVPN_MPTCP_CMD_AFTER_LAST: one more than the last
 * @OVPN_MPTCP_CMD_MAX: the last
 */
enum ovpn_mptcp_cmd {
	OVPN_MPTCP_CMD_PEER_NEW = 1,
	OVPN_MPTCP_CMD_PEER_SET,
	OVPN_MPTCP_CMD_PEER_GET,
	OVPN_MPTCP_CMD_PEER_DEL,
	OVPN_MPTCP_CMD_PEER_DEL_NTF,
	OVPN_MPTCP_CMD_KEY_NEW,
	OVPN_MPTCP_CMD_KEY_GET,
	OVPN_MPTCP_CMD_KEY_SWAP,
	OVPN_MPTCP_CMD_KEY_SWAP_NTF,
	OVPN_MPTCP_CMD_KEY_DEL,
	OVPN_MPTCP_CMD_PEER_FLOAT_NTF,

	OVPN_MPTCP_CMD_SET_SOCK = 64,

	__OVPN_MPTCP_CMD_AFTER_LAST,
	OVPN_MPTCP_CMD_MAX = __OVPN_MPTCP_CMD_AFTER_LAST - 1
};

/* top level attributes */
enum {
	OVPN_MPTCP_A_IFINDEX = 1,		/* u32 */
	OVPN_MPTCP_A_PEER,			/* nest of OVPN_MPTCP_A_PEER_x */
	OVPN_MPTCP_A_KEYCONF,			/* nest of OVPN_MPTCP_A_KEYCONF_x */

	__OVPN_MPTCP_A_AFTER_LAST,
	OVPN_MPTCP_A_MAX = __OVPN_MPTCP_A_AFTER_LAST - 1
};

/* OVPN_MPTCP_A_PEER; counters are 4 bytes wide when the value fits, else 8 */
enum {
	OVPN_MPTCP_A_PEER_ID = 1,		/* u32, 24 bits */
	OVPN_MPTCP_A_PEER_REMOTE_IPV4,	/* be32 */
	OVPN_MPTCP_A_PEER_REMOTE_IPV6,	/* 16 bytes */
	OVPN_MPTCP_A_PEER_REMOTE_IPV6_SCOPE_ID, /* u32 */
	OVPN_MPTCP_A_PEER_REMOTE_PORT,	/* be16 */
	OVPN_MPTCP_A_PEER_SOCKET,		/* u32, file descriptor of the caller */
	OVPN_MPTCP_A_PEER_SOCKET_NETNSID,	/* s32 */
	OVPN_MPTCP_A_PEER_VPN_IPV4,		/* be32 */
	OVPN_MPTCP_A_PEER_VPN_IPV6,		/* 16 bytes */
	OVPN_MPTCP_A_PEER_LOCAL_IPV4,		/* be32 */
	OVPN_MPTCP_A_PEER_LOCAL_IPV6,		/* 16 bytes */
	OVPN_MPTCP_A_PEER_LOCAL_PORT,		/* be16 */
	OVPN_MPTCP_A_PEER_KEEPALIVE_INTERVAL,	/* u32, seconds, 0..86400, 0 = off */
	OVPN_MPTCP_A_PEER_KEEPALIVE_TIMEOUT,	/* u32, seconds, 0..86400, 0 = off */
	OVPN_MPTCP_A_PEER_DEL_REASON,		/* u32, enum ovpn_mptcp_del_reason */
	OVPN_MPTCP_A_PEER_VPN_RX_BYTES,	/* inner packets, keepalives excluded */
	OVPN_MPTCP_A_PEER_VPN_TX_BYTES,
	OVPN_MPTCP_A_PEER_VPN_RX_PACKETS,
	OVPN_MPTCP_A_PEER_VPN_TX_PACKETS,
	OVPN_MPTCP_A_PEER_LINK_RX_BYTES,	/* data packets without length prefix */
	OVPN_MPTCP_A_PEER_LINK_TX_BYTES,
	OVPN_MPTCP_A_PEER_LINK_RX_PACKETS,
	OVPN_MPTCP_A_PEER_LINK_TX_PACKETS,
	OVPN_MPTCP_A_PEER_TX_ID,		/* u32, peer id in packets sent */

	/* private, replies of PEER_GET only */
	OVPN_MPTCP_A_PEER_TRANSPORT = 64,	/* string: udp, tcp, mptcp, mptcp-fallback */
	OVPN_MPTCP_A_PEER_MPTCP_TOKEN,	/* u32, local token of the connection */
	OVPN_MPTCP_A_PEER_MPTCP_SUBFLOWS,	/* u32, subflows now, the first included */
	OVPN_MPTCP_A_PEER_QUEUE_BYTES,	/* u32, plaintext that waits for the transport */
	OVPN_MPTCP_A_PEER_DROPS,		/* nest of OVPN_MPTCP_DROP_x, each u64 */
	OVPN_MPTCP_A_PEER_PAD,

	__OVPN_MPTCP_A_PEER_AFTER_LAST,
	OVPN_MPTCP_A_PEER_MAX = __OVPN_MPTCP_A_PEER_AFTER_LAST - 1
};

/* OVPN_MPTCP_A_KEYCONF */
enum {
	OVPN_MPTCP_A_KEYCONF_PEER_ID = 1,	/* u32 */
	OVPN_MPTCP_A_KEYCONF_SLOT,		/* u32, enum ovpn_mptcp_slot */
	OVPN_MPTCP_A_KEYCONF_KEY_ID,		/* u32, 0..7; u16 in KEY_SWAP_NTF */
	OVPN_MPTCP_A_KEYCONF_CIPHER_ALG,	/* u32, enum ovpn_mptcp_cipher */
	OVPN_MPTCP_A_KEYCONF_ENCRYPT_DIR,	/* nest of OVPN_MPTCP_A_KEYDIR_x */
	OVPN_MPTCP_A_KEYCONF_DECRYPT_DIR,	/* nest of OVPN_MPTCP_A_KEYDIR_x */

	/* private, replies of KEY_GET only */
	OVPN_MPTCP_A_KEYCONF_KEY_LEN = 64,	/* u32, bytes of the cipher key */

	__OVPN_MPTCP_A_KEYCONF_AFTER_LAST,
	OVPN_MPTCP_A_KEYCONF_MAX = __OVPN_MPTCP_A_KEYCONF_AFTER_LAST - 1
};

/* OVPN_MPTCP_A_KEYCONF_ENCRYPT_DIR and _DECRYPT_DIR */
enum {
	OVPN_MPTCP_A_KEYDIR_CIPHER_KEY = 1,	/* up to 256 bytes */
	OVPN_MPTCP_A_KEYDIR_NONCE_TAIL,	/* OVPN_MPTCP_NONCE_TAIL_SIZE bytes */

	__OVPN_MPTCP_A_KEYDIR_AFTER_LAST,
	OVPN_MPTCP_A_KEYDIR_MAX = __OVPN_MPTCP_A_KEYDIR_AFTER_LAST - 1
};

/**
 * enum ovpn_mptcp_drop - why packets were dropped; OVPN_MPTCP_A_PEER_DROPS
 * @OVPN_MPTCP_DROP_TX_QUEUE_FULL: the plaintext queue was at its limit
 * @OVPN_MPTCP_DROP_TX_QUEUE_DELAY: CoDel: the queue stood for too long
 * @OVPN_MPTCP_DROP_TX_NO_KEY: no primary key
 * @OVPN_MPTCP_DROP_TX_KEY_EXHAUSTED: the packet ids of the key are used up
 * @OVPN_MPTCP_DROP_TX_TOO_LONG: longer than the length prefix can say
 * @OVPN_MPTCP_DROP_TX_MALFORMED: not an IP packet, or one that cannot be segmented
 * @OVPN_MPTCP_DROP_TX_LOOP: the packet belongs to the very connection that
 *	carries this peer: an MPTCP endpoint on the tunnel's own address
 * @OVPN_MPTCP_DROP_TX_NOMEM: no memory
 * @OVPN_MPTCP_DROP_TX_CRYPTO: the cipher refused
 * @OVPN_MPTCP_DROP_TX_RING_FULL: the transmit ring was full
 * @OVPN_MPTCP_DROP_TX_DETACHED: still queued, or encrypted and not written in
 *	whole, when the peer lost its socket
 * @OVPN_MPTCP_DROP_RX_RUNT: a data record shorter than its header
 * @OVPN_MPTCP_DROP_RX_NO_KEY: no slot has the key id, nor did a key with it come
 *	within a second
 * @OVPN_MPTCP_DROP_RX_AUTH: not authentic: forged, damaged or of another key
 * @OVPN_MPTCP_DROP_RX_REPLAY: the packet id was seen before, or is too old
 * @OVPN_MPTCP_DROP_RX_EMPTY: nothing inside
 * @OVPN_MPTCP_DROP_RX_NOT_IP: neither IPv4, IPv6 nor a keepalive inside
 * @OVPN_MPTCP_DROP_RX_SOURCE: the source address is not one of this peer's
 * @OVPN_MPTCP_DROP_RX_NOMEM: no memory
 * @OVPN_MPTCP_DROP_RX_CRYPTO: the cipher failed otherwise
 * @OVPN_MPTCP_DROP_RX_CONTROL_FULL: userspace does not read its control records
 * @OVPN_MPTCP_DROP_TX_NO_ROUTE: datagrams: no route to the remote address
 * @OVPN_MPTCP_DROP_RX_QUEUE_FULL: datagrams came faster than they are decrypted,
 *	or packets faster than the stack takes them
 * @OVPN_MPTCP_DROP_RX_DETACHED: not yet decrypted when the peer lost its socket
 * @OVPN_MPTCP_DROP_TX_MULTICAST: multicast and broadcast packets came faster
 *	than they are copied to all peers
 * @__OVPN_MPTCP_DROP_AFTER_LAST: one more than the last
 * @OVPN_MPTCP_DROP_MAX: the last
 */
enum ovpn_mptcp_drop {
	OVPN_MPTCP_DROP_TX_QUEUE_FULL = 1,
	OVPN_MPTCP_DROP_TX_QUEUE_DELAY,
	OVPN_MPTCP_DROP_TX_NO_KEY,
	OVPN_MPTCP_DROP_TX_KEY_EXHAUSTED,
	OVPN_MPTCP_DROP_TX_TOO_LONG,
	OVPN_MPTCP_DROP_TX_MALFORMED,
	OVPN_MPTCP_DROP_TX_LOOP,
	OVPN_MPTCP_DROP_TX_NOMEM,
	OVPN_MPTCP_DROP_TX_CRYPTO,
	OVPN_MPTCP_DROP_TX_RING_FULL,
	OVPN_MPTCP_DROP_TX_DETACHED,
	OVPN_MPTCP_DROP_RX_RUNT,
	OVPN_MPTCP_DROP_RX_NO_KEY,
	OVPN_MPTCP_DROP_RX_AUTH,
	OVPN_MPTCP_DROP_RX_REPLAY,
	OVPN_MPTCP_DROP_RX_EMPTY,
	OVPN_MPTCP_DROP_RX_NOT_IP,
	OVPN_MPTCP_DROP_RX_SOURCE,
	OVPN_MPTCP_DROP_RX_NOMEM,
	OVPN_MPTCP_DROP_RX_CRYPTO,
	OVPN_MPTCP_DROP_RX_CONTROL_FULL,
	OVPN_MPTCP_DROP_TX_NO_ROUTE,
	OVPN_MPTCP_DROP_RX_QUEUE_FULL,
	OVPN_MPTCP_DROP_RX_DETACHED,
	OVPN_MPTCP_DROP_TX_MULTICAST,

	__OVPN_MPTCP_DROP_AFTER_LAST,
	OVPN_MPTCP_DROP_MAX = __OVPN_MPTCP_DROP_AFTER_LAST - 1
};

/* IFLA_INFO_DATA of all three link kinds */
enum {
	OVPN_MPTCP_IFLA_UNSPEC,
	OVPN_MPTCP_IFLA_MODE,		/* u8, enum ovpn_mptcp_mode, default P2P */

	__OVPN_MPTCP_IFLA_AFTER_LAST,
	OVPN_MPTCP_IFLA_MAX = __OVPN_MPTCP_IFLA_AFTER_LAST - 1
};

#endif /* _UAPI_LINUX_OVPN_DCO_MPTCP_H */
