/* SPDX-License-Identifier: GPL-2.0 */
/* Key slots of a peer, and AEAD on the packets of the data channel. */
#ifndef _OVPN_CRYPTO_H_
#define _OVPN_CRYPTO_H_

#include <crypto/aead.h>
#include <linux/crypto.h>
#include <linux/kref.h>
#include <linux/scatterlist.h>
#include <linux/skbuff.h>
#include <linux/workqueue.h>

#include "pktid.h"
#include "proto.h"
#include "uapi/linux/ovpn_dco_mptcp.h"

struct netlink_ext_ack;

/**
 * struct ovpn_key_dir - one direction of a new key, as userspace gave it
 * @key: key bytes, inside the netlink message
 * @key_len: 16, 24 or 32 for AES-GCM, 32 for ChaCha20-Poly1305
 * @nonce_tail: OVPN_NONCE_TAIL_LEN bytes, inside the netlink message
 */
struct ovpn_key_dir {
	const u8 *key;
	unsigned int key_len;
	const u8 *nonce_tail;
};

/**
 * struct ovpn_key_config - a new key
 * @slot: where it goes: OVPN_MPTCP_SLOT_PRIMARY or _SECONDARY
 * @key_id: 0..7, sent in every packet
 * @cipher: enum ovpn_mptcp_cipher
 * @encrypt: for packets that are sent
 * @decrypt: for packets that are received
 */
struct ovpn_key_config {
	unsigned int slot;
	u8 key_id;
	unsigned int cipher;
	struct ovpn_key_dir encrypt;
	struct ovpn_key_dir decrypt;
};

/**
 * struct ovpn_key - a key in use
 * @encrypt: transform with the sending key
 * @decrypt: transform with the receiving key
 * @tail_encrypt: last bytes of the nonce of packets sent
 * @tail_decrypt: last bytes of the nonce of packets received
 * @key_id: 0..7
 * @cipher: enum ovpn_mptcp_cipher, for show
 * @key_len: of the cipher, in bytes, for show
 * @pid_xmit: packet ids handed out
 * @pid_recv: packet ids seen
 * @ref: one for the slot it stands in, one for each batch that uses it
 * @free: releases it in process context after an RCU period: the transforms
 *	  may sleep when they are freed, look-ups run under RCU
 */
struct ovpn_key {
	struct crypto_aead *encrypt;
	struct crypto_aead *decrypt;
	u8 tail_encrypt[OVPN_NONCE_TAIL_LEN];
	u8 tail_decrypt[OVPN_NONCE_TAIL_LEN];
	u8 key_id;
	u8 cipher;
	u8 key_len;
	struct ovpn_pktid_xmit pid_xmit;
	struct ovpn_pktid_recv pid_recv;
	struct kref ref;
	struct rcu_work free;
};

/**
 * struct ovpn_keyring - the two key slots of a peer
 * @lock: serialises changes; taken with BH disabled
 * @slots: the keys; a slot may be empty
 * @primary: index of the slot whose key encrypts. A swap changes only this
 *	     index, so that a look-up by key id never misses a key.
 */
struct ovpn_keyring {
	spinlock_t lock;
	struct ovpn_key __rcu *slots[2];
	u8 primary;
};

void ovpn_keyring_init(struct ovpn_keyring *ring);
int ovpn_keyring_install(struct ovpn_keyring *ring,
			 const struct ovpn_key_config *cfg,
			 struct netlink_ext_ack *extack);
void ovpn_keyring_swap(struct ovpn_keyring *ring);
void ovpn_keyring_delete(struct ovpn_keyring *ring, unsigned int slot);
void ovpn_keyring_purge(struct ovpn_keyring *ring);
bool ovpn_keyring_kill(struct ovpn_keyring *ring, struct ovpn_key *key);
int ovpn_keyring_describe(struct ovpn_keyring *ring, unsigned int slot,
			  u8 *key_id, u8 *cipher, u8 *key_len);
struct ovpn_key *ovpn_keyring_get_primary(struct ovpn_keyring *ring);
struct ovpn_key *ovpn_keyring_get_by_id(struct ovpn_keyring *ring, u8 key_id);
void ovpn_key_put(struct ovpn_key *key);

/* The largest number of pieces of one packet in vmalloc memory: any of its three
 * parts may lie across the end of a page.
 */
#define OVPN_SG_MAX		(OVPN_RECORD_MAX / PAGE_SIZE + 6)

/**
 * struct ovpn_aead_op - what en- or decrypting a batch of packets needs
 * @key: the key of the batch, with a reference
 * @req: request, used for one packet after the other
 * @wait: for transforms that complete later; the batch waits, because the
 *	  records of a stream must stay in the order of their packet ids
 * @nonce: packet id and nonce tail
 * @src: input of the packet at hand, when it is in several pieces
 * @whole: input of the packet at hand, in one piece
 * @dst: output of the packet at hand, in one piece; its input, too, when it is
 *	 encrypted
 */
struct ovpn_aead_op {
	struct ovpn_key *key;
	struct aead_request *req;
	struct crypto_wait wait;
	u8 nonce[OVPN_NONCE_LEN];
	struct scatterlist src[OVPN_SG_MAX];
	struct scatterlist whole[1];
	struct scatterlist dst[1];
};

struct ovpn_aead_op *ovpn_aead_op_begin(struct ovpn_key *key, bool encrypt);
void ovpn_aead_op_end(struct ovpn_aead_op *op);
int ovpn_aead_encrypt(struct ovpn_aead_op *op, u8 *record, unsigned int len,
		      u32 peer_id);
int ovpn_aead_decrypt(struct ovpn_aead_op *op, u8 *packet, unsigned int len,
		      bool ours, u8 *plain);

#endif /* _OVPN_CRYPTO_H_ */
