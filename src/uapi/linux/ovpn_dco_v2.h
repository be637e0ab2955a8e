/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The netlink interface that OpenVPN 2.6 speaks: generic netlink family
 * OVPN_V2_NAME, rtnetlink link kind OVPN_V2_LINK_KIND.
 *
 * All numbers are those that OpenVPN 2.6 was compiled with; they never change.
 * Every command needs CAP_NET_ADMIN in the user namespace that owns the
 * network namespace of the netlink socket. Where a device was made, it has the
 * index there that it was made with for good, wherever it is moved. Integers are in host byte order
 * and exactly as wide as said; addresses are in network byte order.
 */
#ifndef _UAPI_LINUX_OVPN_DCO_V2_H
#define _UAPI_LINUX_OVPN_DCO_V2_H

#define OVPN_V2_NAME		"ovpn-dco-v2"
#define OVPN_V2_VERSION		1
#define OVPN_V2_MCGRP_PEERS	"peers"
#define OVPN_V2_LINK_KIND	"ovpn-dco"

/* size in bytes of OVPN_V2_A_KEYDIR_NONCE_TAIL */
#define OVPN_V2_NONCE_TAIL_SIZE	8

/* OVPN_V2_A_NEW_KEY_CIPHER */
enum ovpn_v2_cipher {
	OVPN_V2_CIPHER_NONE,			/* refused */
	OVPN_V2_CIPHER_AES_GCM,			/* key of 16, 24 or 32 bytes */
	OVPN_V2_CIPHER_CHACHA20_POLY1305,	/* key of 32 bytes */
};

/* OVPN_V2_A_NEW_KEY_SLOT, OVPN_V2_A_DEL_KEY_SLOT */
enum ovpn_v2_key_slot {
	OVPN_V2_KEY_SLOT_PRIMARY,		/* encrypts and decrypts */
	OVPN_V2_KEY_SLOT_SECONDARY,		/* only decrypts */
};

/* OVPN_V2_A_DEL_PEER_REASON */
enum ovpn_v2_del_reason {
	OVPN_V2_DEL_REASON_TEARDOWN,		/* the device went, or a P2P peer was replaced */
	OVPN_V2_DEL_REASON_USERSPACE,		/* OVPN_V2_CMD_DEL_PEER */
	OVPN_V2_DEL_REASON_EXPIRED,		/* silent for the keepalive timeout */
	OVPN_V2_DEL_REASON_TRANSPORT_ERROR,	/* the stream broke */
	OVPN_V2_DEL_REASON_TRANSPORT_DISCONNECT, /* the stream was closed */
};

/* OVPN_V2_A_IFLA_MODE */
enum ovpn_v2_mode {
	OVPN_V2_MODE_P2P,			/* one peer */
	OVPN_V2_MODE_MP,			/* many peers */
};

/*
 * Commands. The number of a command is not the number of its nest. DEL_PEER is
 * also the one notification, multicast when a peer is gone.
 */
enum {
	OVPN_V2_CMD_NEW_PEER = 1,
	OVPN_V2_CMD_SET_PEER,
	OVPN_V2_CMD_DEL_PEER,
	OVPN_V2_CMD_NEW_KEY,
	OVPN_V2_CMD_SWAP_KEYS,
	OVPN_V2_CMD_DEL_KEY,
	OVPN_V2_CMD_GET_PEER,			/* also as a dump */
};

/* top level */
enum {
	OVPN_V2_A_IFINDEX = 1,			/* u32 */
	OVPN_V2_A_NEW_PEER,			/* nest */
	OVPN_V2_A_SET_PEER,			/* nest */
	OVPN_V2_A_DEL_PEER,			/* nest */
	OVPN_V2_A_NEW_KEY,			/* nest */
	OVPN_V2_A_SWAP_KEYS,			/* nest */
	OVPN_V2_A_DEL_KEY,			/* nest */
	OVPN_V2_A_GET_PEER,			/* nest; the reply has other numbers */

	__OVPN_V2_A_AFTER_LAST,
	OVPN_V2_A_MAX = __OVPN_V2_A_AFTER_LAST - 1
};

/* OVPN_V2_A_NEW_PEER */
enum {
	OVPN_V2_A_NEW_PEER_ID = 1,		/* u32, 24 bits */
	OVPN_V2_A_NEW_PEER_REMOTE,		/* sockaddr_in or _in6, for datagrams */
	OVPN_V2_A_NEW_PEER_SOCKET,		/* u32, file descriptor of the caller */
	OVPN_V2_A_NEW_PEER_IPV4,		/* 4 bytes, VPN address */
	OVPN_V2_A_NEW_PEER_IPV6,		/* 16 bytes, VPN address */
	OVPN_V2_A_NEW_PEER_LOCAL_IP,		/* 4 or 16 bytes, for datagrams */

	__OVPN_V2_A_NEW_PEER_AFTER_LAST,
	OVPN_V2_A_NEW_PEER_MAX = __OVPN_V2_A_NEW_PEER_AFTER_LAST - 1
};

/* OVPN_V2_A_SET_PEER; the keepalive is set only when both values are given */
enum {
	OVPN_V2_A_SET_PEER_ID = 1,		/* u32 */
	OVPN_V2_A_SET_PEER_INTERVAL,		/* u32, seconds, 0 = off */
	OVPN_V2_A_SET_PEER_TIMEOUT,		/* u32, seconds, 0 = off */

	__OVPN_V2_A_SET_PEER_AFTER_LAST,
	OVPN_V2_A_SET_PEER_MAX = __OVPN_V2_A_SET_PEER_AFTER_LAST - 1
};

/* OVPN_V2_A_DEL_PEER */
enum {
	OVPN_V2_A_DEL_PEER_REASON = 1,		/* u8, ignored in a request */
	OVPN_V2_A_DEL_PEER_ID,			/* u32 */

	__OVPN_V2_A_DEL_PEER_AFTER_LAST,
	OVPN_V2_A_DEL_PEER_MAX = __OVPN_V2_A_DEL_PEER_AFTER_LAST - 1
};

/* OVPN_V2_A_NEW_KEY */
enum {
	OVPN_V2_A_NEW_KEY_PEER_ID = 1,		/* u32 */
	OVPN_V2_A_NEW_KEY_SLOT,			/* u8 */
	OVPN_V2_A_NEW_KEY_ID,			/* u8, 0..7 */
	OVPN_V2_A_NEW_KEY_CIPHER,		/* u16 */
	OVPN_V2_A_NEW_KEY_ENCRYPT,		/* nest */
	OVPN_V2_A_NEW_KEY_DECRYPT,		/* nest */

	__OVPN_V2_A_NEW_KEY_AFTER_LAST,
	OVPN_V2_A_NEW_KEY_MAX = __OVPN_V2_A_NEW_KEY_AFTER_LAST - 1
};

/* OVPN_V2_A_NEW_KEY_ENCRYPT and _DECRYPT */
enum {
	OVPN_V2_A_KEYDIR_CIPHER_KEY = 1,	/* up to 255 bytes */
	OVPN_V2_A_KEYDIR_NONCE_TAIL,		/* OVPN_V2_NONCE_TAIL_SIZE bytes */

	__OVPN_V2_A_KEYDIR_AFTER_LAST,
	OVPN_V2_A_KEYDIR_MAX = __OVPN_V2_A_KEYDIR_AFTER_LAST - 1
};

/* OVPN_V2_A_SWAP_KEYS */
enum {
	OVPN_V2_A_SWAP_KEYS_PEER_ID = 1,	/* u32 */

	__OVPN_V2_A_SWAP_KEYS_AFTER_LAST,
	OVPN_V2_A_SWAP_KEYS_MAX = __OVPN_V2_A_SWAP_KEYS_AFTER_LAST - 1
};

/* OVPN_V2_A_DEL_KEY */
enum {
	OVPN_V2_A_DEL_KEY_PEER_ID = 1,		/* u32 */
	OVPN_V2_A_DEL_KEY_SLOT,			/* u8 */

	__OVPN_V2_A_DEL_KEY_AFTER_LAST,
	OVPN_V2_A_DEL_KEY_MAX = __OVPN_V2_A_DEL_KEY_AFTER_LAST - 1
};

/* OVPN_V2_A_GET_PEER in a request; a dump has no such nest */
enum {
	OVPN_V2_A_GET_PEER_ID = 1,		/* u32 */

	__OVPN_V2_A_GET_PEER_AFTER_LAST,
	OVPN_V2_A_GET_PEER_MAX = __OVPN_V2_A_GET_PEER_AFTER_LAST - 1
};

/* OVPN_V2_A_GET_PEER in a reply */
enum {
	OVPN_V2_A_REPLY_ID = 1,			/* u32 */
	OVPN_V2_A_REPLY_REMOTE,			/* sockaddr, datagrams only */
	OVPN_V2_A_REPLY_IPV4,			/* 4 bytes */
	OVPN_V2_A_REPLY_IPV6,			/* 16 bytes */
	OVPN_V2_A_REPLY_LOCAL_IP,		/* 4 or 16 bytes, datagrams only */
	OVPN_V2_A_REPLY_LOCAL_PORT,		/* be16 */
	OVPN_V2_A_REPLY_INTERVAL,		/* u32, seconds */
	OVPN_V2_A_REPLY_TIMEOUT,		/* u32, seconds */
	OVPN_V2_A_REPLY_VPN_RX_BYTES,		/* u64 */
	OVPN_V2_A_REPLY_VPN_TX_BYTES,		/* u64 */
	OVPN_V2_A_REPLY_VPN_RX_PACKETS,		/* u32 */
	OVPN_V2_A_REPLY_VPN_TX_PACKETS,		/* u32 */
	OVPN_V2_A_REPLY_LINK_RX_BYTES,		/* u64 */
	OVPN_V2_A_REPLY_LINK_TX_BYTES,		/* u64 */
	OVPN_V2_A_REPLY_LINK_RX_PACKETS,	/* u32 */
	OVPN_V2_A_REPLY_LINK_TX_PACKETS,	/* u32 */
};

/* IFLA_INFO_DATA of the link kind */
enum {
	OVPN_V2_A_IFLA_MODE = 1,		/* u8, enum ovpn_v2_mode, default P2P */
};

#endif /* _UAPI_LINUX_OVPN_DCO_V2_H */
