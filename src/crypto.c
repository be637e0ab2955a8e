// SPDX-License-Identifier: GPL-2.0
/* Key slots, and AEAD of one packet or of a batch. Nonces are made in pktid.c. */
#include <linux/netlink.h>
#include <linux/slab.h>

#include "compat.h"
#include "crypto.h"
#include "main.h"

static const char *cipher_driver(unsigned int cipher)
{
	switch (cipher) {
	case OVPN_MPTCP_CIPHER_AES_GCM:
		return "gcm(aes)";
	case OVPN_MPTCP_CIPHER_CHACHA20_POLY1305:
		return "rfc7539(chacha20,poly1305)";
	default:
		return NULL;
	}
}

static struct crypto_aead *aead_new(const char *name,
				    const struct ovpn_key_dir *dir,
				    struct netlink_ext_ack *extack)
{
	struct crypto_aead *tfm;
	int err;

	tfm = crypto_alloc_aead(name, 0, 0);
	if (IS_ERR(tfm)) {
		NL_SET_ERR_MSG(extack, "this kernel cannot provide the cipher; is its crypto module installed?");
		return tfm;
	}
	err = crypto_aead_setkey(tfm, dir->key, dir->key_len);
	if (err) {
		NL_SET_ERR_MSG(extack, "the cipher refuses the key; AES-GCM takes 16, 24 or 32 bytes, ChaCha20-Poly1305 takes 32");
		goto free;
	}
	err = crypto_aead_setauthsize(tfm, OVPN_TAG_LEN);
	if (!err && crypto_aead_ivsize(tfm) != OVPN_NONCE_LEN)
		err = -EINVAL;
	if (!err)
		return tfm;
	NL_SET_ERR_MSG(extack, "the kernel's cipher has another tag or nonce size than OpenVPN");
free:
	crypto_free_aead(tfm);
	return ERR_PTR(err);
}

/* process context, no reader is left */
static void key_destroy(struct ovpn_key *key)
{
	if (!IS_ERR_OR_NULL(key->encrypt))
		crypto_free_aead(key->encrypt);
	if (!IS_ERR_OR_NULL(key->decrypt))
		crypto_free_aead(key->decrypt);
	kfree_sensitive(key);
}

static void key_free_work(struct work_struct *work)
{
	key_destroy(container_of(to_rcu_work(work), struct ovpn_key, free));
}

static void key_release(struct kref *ref)
{
	struct ovpn_key *key = container_of(ref, struct ovpn_key, ref);

	queue_rcu_work(ovpn_wq, &key->free);
}

/**
 * ovpn_key_put - drop a reference on a key
 * @key: the key, may be NULL
 *
 * Any context: the key is wiped and freed later, from a work item.
 */
void ovpn_key_put(struct ovpn_key *key)
{
	if (key)
		kref_put(&key->ref, key_release);
}

static struct ovpn_key *key_new(const struct ovpn_key_config *cfg,
				struct netlink_ext_ack *extack)
{
	const char *name = cipher_driver(cfg->cipher);
	struct ovpn_key *key;
	int err;

	if (!name) {
		NL_SET_ERR_MSG(extack, "unsupported cipher; use AES-GCM or ChaCha20-Poly1305");
		return ERR_PTR(-EINVAL);
	}
	key = kzalloc(sizeof(*key), GFP_KERNEL_ACCOUNT);
	if (!key)
		return ERR_PTR(-ENOMEM);

	key->encrypt = aead_new(name, &cfg->encrypt, extack);
	err = PTR_ERR_OR_ZERO(key->encrypt);
	if (err)
		goto destroy;
	key->decrypt = aead_new(name, &cfg->decrypt, extack);
	err = PTR_ERR_OR_ZERO(key->decrypt);
	if (err)
		goto destroy;

	memcpy(key->tail_encrypt, cfg->encrypt.nonce_tail, OVPN_NONCE_TAIL_LEN);
	memcpy(key->tail_decrypt, cfg->decrypt.nonce_tail, OVPN_NONCE_TAIL_LEN);
	key->key_id = cfg->key_id;
	key->cipher = cfg->cipher;
	/* the cipher has accepted it: 16, 24 or 32 */
	key->key_len = cfg->encrypt.key_len;
	ovpn_pktid_xmit_init(&key->pid_xmit);
	ovpn_pktid_recv_init(&key->pid_recv);
	kref_init(&key->ref);
	INIT_RCU_WORK(&key->free, key_free_work);
	return key;

destroy:
	key_destroy(key);
	return ERR_PTR(err);
}

/**
 * ovpn_keyring_init - two empty slots
 * @ring: the key slots of a new peer
 */
void ovpn_keyring_init(struct ovpn_keyring *ring)
{
	spin_lock_init(&ring->lock);
	RCU_INIT_POINTER(ring->slots[0], NULL);
	RCU_INIT_POINTER(ring->slots[1], NULL);
	ring->primary = 0;
}

static unsigned int slot_index(const struct ovpn_keyring *ring,
			       unsigned int slot)
{
	return slot == OVPN_MPTCP_SLOT_PRIMARY ? ring->primary : !ring->primary;
}

/* puts @key, which may be NULL, in a slot and drops what stood there */
static void slot_set(struct ovpn_keyring *ring, unsigned int slot,
		     struct ovpn_key *key)
{
	struct ovpn_key *old;

	spin_lock_bh(&ring->lock);
	old = rcu_replace_pointer(ring->slots[slot_index(ring, slot)], key,
				  lockdep_is_held(&ring->lock));
	spin_unlock_bh(&ring->lock);
	ovpn_key_put(old);
}

/**
 * ovpn_keyring_install - put a new key in a slot
 * @ring: key slots
 * @cfg: the key
 * @extack: says why a key is refused
 *
 * Packet ids start at 1, the replay window is empty. A key that stood in the
 * slot is released. May sleep.
 *
 * Return: 0, -EINVAL (cipher or key size), -ENOENT (no such algorithm), -ENOMEM
 */
int ovpn_keyring_install(struct ovpn_keyring *ring,
			 const struct ovpn_key_config *cfg,
			 struct netlink_ext_ack *extack)
{
	struct ovpn_key *key = key_new(cfg, extack);

	if (IS_ERR(key))
		return PTR_ERR(key);
	slot_set(ring, cfg->slot, key);
	return 0;
}

/**
 * ovpn_keyring_swap - exchange primary and secondary key
 * @ring: key slots, either may be empty
 */
void ovpn_keyring_swap(struct ovpn_keyring *ring)
{
	spin_lock_bh(&ring->lock);
	WRITE_ONCE(ring->primary, !ring->primary);
	spin_unlock_bh(&ring->lock);
}

/**
 * ovpn_keyring_delete - empty a slot
 * @ring: key slots
 * @slot: enum ovpn_mptcp_slot
 */
void ovpn_keyring_delete(struct ovpn_keyring *ring, unsigned int slot)
{
	slot_set(ring, slot, NULL);
}

/**
 * ovpn_keyring_purge - empty both slots
 * @ring: key slots
 */
void ovpn_keyring_purge(struct ovpn_keyring *ring)
{
	ovpn_keyring_delete(ring, OVPN_MPTCP_SLOT_PRIMARY);
	ovpn_keyring_delete(ring, OVPN_MPTCP_SLOT_SECONDARY);
}

/**
 * ovpn_keyring_kill - remove a key whose packet ids are used up
 * @ring: key slots
 * @key: the key; the caller has a reference of its own
 *
 * Return: true for the one caller that really removed it
 */
bool ovpn_keyring_kill(struct ovpn_keyring *ring, struct ovpn_key *key)
{
	bool removed = false;
	int i;

	spin_lock_bh(&ring->lock);
	for (i = 0; i < 2; i++) {
		if (rcu_access_pointer(ring->slots[i]) != key)
			continue;
		RCU_INIT_POINTER(ring->slots[i], NULL);
		removed = true;
	}
	spin_unlock_bh(&ring->lock);
	if (removed)
		ovpn_key_put(key);
	return removed;
}

/**
 * ovpn_keyring_describe - what stands in a slot; never the key itself
 * @ring: key slots
 * @slot: enum ovpn_mptcp_slot
 * @key_id: set to the key id
 * @cipher: set to enum ovpn_mptcp_cipher
 * @key_len: set to the length of the cipher key in bytes
 *
 * Return: 0, or -ENOENT for an empty slot
 */
int ovpn_keyring_describe(struct ovpn_keyring *ring, unsigned int slot,
			  u8 *key_id, u8 *cipher, u8 *key_len)
{
	struct ovpn_key *key;
	int ret = -ENOENT;

	spin_lock_bh(&ring->lock);
	key = rcu_dereference_protected(ring->slots[slot_index(ring, slot)],
					lockdep_is_held(&ring->lock));
	if (key) {
		*key_id = key->key_id;
		*cipher = key->cipher;
		*key_len = key->key_len;
		ret = 0;
	}
	spin_unlock_bh(&ring->lock);
	return ret;
}

/**
 * ovpn_keyring_get_primary - the key that encrypts
 * @ring: key slots
 *
 * Return: the key with a reference, or NULL
 */
struct ovpn_key *ovpn_keyring_get_primary(struct ovpn_keyring *ring)
{
	struct ovpn_key *key;

	rcu_read_lock();
	key = rcu_dereference(ring->slots[READ_ONCE(ring->primary)]);
	if (key && !kref_get_unless_zero(&key->ref))
		key = NULL;
	rcu_read_unlock();
	return key;
}

/**
 * ovpn_keyring_get_by_id - the key that decrypts packets of a key id
 * @ring: key slots
 * @key_id: 0..7
 *
 * Return: the key with a reference, or NULL
 */
struct ovpn_key *ovpn_keyring_get_by_id(struct ovpn_keyring *ring, u8 key_id)
{
	struct ovpn_key *key;
	u8 primary;
	int i;

	rcu_read_lock();
	primary = READ_ONCE(ring->primary);
	for (i = 0; i < 2; i++) {
		key = rcu_dereference(ring->slots[primary ^ i]);
		if (key && key->key_id == key_id &&
		    kref_get_unless_zero(&key->ref))
			break;
		key = NULL;
	}
	rcu_read_unlock();
	return key;
}

/**
 * ovpn_aead_op_begin - get ready to en- or decrypt a batch of packets
 * @key: the key; its reference goes to the operation, also on failure
 * @encrypt: direction
 *
 * Return: the operation, or NULL without memory
 */
struct ovpn_aead_op *ovpn_aead_op_begin(struct ovpn_key *key, bool encrypt)
{
	struct crypto_aead *tfm = encrypt ? key->encrypt : key->decrypt;
	struct ovpn_aead_op *op;

	op = kmalloc(sizeof(*op), GFP_KERNEL);
	if (!op)
		goto put;
	op->req = aead_request_alloc(tfm, GFP_KERNEL);
	if (!op->req)
		goto free;
	op->key = key;
	crypto_init_wait(&op->wait);
	aead_request_set_callback(op->req, CRYPTO_TFM_REQ_MAY_SLEEP |
					   CRYPTO_TFM_REQ_MAY_BACKLOG,
				  crypto_req_done, &op->wait);
	aead_request_set_ad(op->req, OVPN_AAD_LEN);
	sg_init_table(op->whole, 1);
	sg_init_table(op->dst, 1);
	memcpy(op->nonce + sizeof(u32),
	       encrypt ? key->tail_encrypt : key->tail_decrypt,
	       OVPN_NONCE_TAIL_LEN);
	return op;

free:
	kfree(op);
put:
	ovpn_key_put(key);
	return NULL;
}

/**
 * ovpn_aead_op_end - finish a batch
 * @op: the operation, may be NULL
 */
void ovpn_aead_op_end(struct ovpn_aead_op *op)
{
	if (!op)
		return;
	aead_request_free(op->req);
	ovpn_key_put(op->key);
	/* with the nonce tail */
	kfree_sensitive(op);
}

/**
 * ovpn_aead_encrypt - turn a packet into a record, in place
 * @op: operation begun for encryption
 * @record: OVPN_DATA_OVERHEAD bytes that are filled here, then the packet, then
 *	    OVPN_TAG_LEN bytes that are lost; not of vmalloc
 * @len: length of the packet
 * @peer_id: peer id of the packet
 *
 * Takes the next packet id of the key. Process context, may sleep.
 *
 * Return: 0, -ERANGE when the packet ids of the key are used up, or what the
 * cipher says
 */
int ovpn_aead_encrypt(struct ovpn_aead_op *op, u8 *record, unsigned int len,
		      u32 peer_id)
{
	u8 *text = record + OVPN_DATA_OVERHEAD;
	u32 pktid;
	int err;

	might_sleep();
	err = ovpn_pktid_xmit_next(&op->key->pid_xmit, &pktid);
	if (unlikely(err))
		return err;
	ovpn_proto_write_head(record, op->key->key_id, peer_id, pktid);
	memcpy(op->nonce, record + 4, sizeof(u32));

	/* Ciphers take the associated data before the text and leave the tag
	 * behind it, OpenVPN wants the tag between the two. With a copy of the
	 * head where the tag will be all of it is one piece of memory.
	 */
	memcpy(text - OVPN_AAD_LEN, record, OVPN_AAD_LEN);
	sg_set_buf(op->dst, text - OVPN_AAD_LEN,
		   OVPN_AAD_LEN + len + OVPN_TAG_LEN);
	aead_request_set_crypt(op->req, op->dst, op->dst, len, op->nonce);
	err = crypto_wait_req(crypto_aead_encrypt(op->req), &op->wait);
	memcpy(record + OVPN_AAD_LEN, text + len, OVPN_TAG_LEN);
	return err;
}

/* Describes @buf, which may be vmalloc memory: one entry a page then. Returns
 * the entry behind.
 */
static struct scatterlist *sg_add(struct scatterlist *sg, const u8 *buf,
				  unsigned int len)
{
	if (likely(!is_vmalloc_addr(buf))) {
		sg_set_buf(sg, buf, len);
		return sg + 1;
	}
	while (len) {
		unsigned int part = min_t(unsigned int, len,
					  PAGE_SIZE - offset_in_page(buf));

		sg_set_page(sg++, vmalloc_to_page(buf), part,
			    offset_in_page(buf));
		buf += part;
		len -= part;
	}
	return sg;
}

/* The same for what is received: with the tag behind the text, and a copy of the
 * head before it, a packet is one piece of memory. Not for vmalloc memory.
 */
static int decrypt_ours(struct ovpn_aead_op *op, u8 *packet, unsigned int len)
{
	u8 *text = packet + OVPN_DATA_OVERHEAD;
	u8 behind[OVPN_TAG_LEN];
	int err;

	memcpy(behind, packet + len, OVPN_TAG_LEN);
	memcpy(packet + len, packet + OVPN_AAD_LEN, OVPN_TAG_LEN);
	memcpy(text - OVPN_AAD_LEN, packet, OVPN_AAD_LEN);
	sg_set_buf(op->whole, text - OVPN_AAD_LEN, len);
	err = crypto_wait_req(crypto_aead_decrypt(op->req), &op->wait);
	memcpy(packet + len, behind, OVPN_TAG_LEN);
	return err;
}

/**
 * ovpn_aead_decrypt - authenticate a packet and take its content out
 * @op: operation begun for decryption
 * @packet: from the opcode on
 * @len: its length, OVPN_DATA_OVERHEAD to OVPN_RECORD_MAX
 * @ours: no one else has the memory, and it is not of vmalloc: the tag of @packet
 *	  may get lost, and the OVPN_TAG_LEN bytes behind it may be used for a
 *	  while. Else it is only read.
 * @plain: where the content goes; the OVPN_AAD_LEN bytes before it are lost.
 *	   Not of vmalloc.
 *
 * Process context, may sleep. The packet id is not checked.
 *
 * Return: 0, -EBADMSG for a packet that is not authentic, or what the cipher
 * says
 */
int ovpn_aead_decrypt(struct ovpn_aead_op *op, u8 *packet, unsigned int len,
		      bool ours, u8 *plain)
{
	unsigned int text = len - OVPN_DATA_OVERHEAD;
	struct scatterlist *sg = op->src;

	might_sleep();
	memcpy(op->nonce, packet + 4, sizeof(u32));
	/* the associated data is skipped in the output, but has its place */
	sg_set_buf(op->dst, plain - OVPN_AAD_LEN, OVPN_AAD_LEN + text);
	aead_request_set_crypt(op->req, ours ? op->whole : op->src, op->dst,
			       text + OVPN_TAG_LEN, op->nonce);
	if (likely(ours))
		return decrypt_ours(op, packet, len);

	sg_init_table(sg, is_vmalloc_addr(packet) ? OVPN_SG_MAX : 3);
	sg = sg_add(sg, packet, OVPN_AAD_LEN);
	if (likely(text))
		sg = sg_add(sg, packet + OVPN_DATA_OVERHEAD, text);
	sg = sg_add(sg, packet + OVPN_AAD_LEN, OVPN_TAG_LEN);
	sg_mark_end(sg - 1);
	return crypto_wait_req(crypto_aead_decrypt(op->req), &op->wait);
}
