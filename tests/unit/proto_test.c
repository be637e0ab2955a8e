// SPDX-License-Identifier: GPL-2.0
/* The header of a data packet, written and read. */
#include "testing.h"
#include "proto.h"

static void worked_example(void **state)
{
	static const u8 expected[] = { 0x48, 0x00, 0x00, 0x01,
				       0x00, 0x00, 0x00, 0x05 };
	u8 head[OVPN_AAD_LEN];

	(void)state;
	ovpn_proto_write_head(head, 0, 1, 5);
	assert_memory_equal(head, expected, sizeof(expected));
	assert_int_equal(ovpn_proto_opcode(head[0]), OVPN_OP_DATA_V2);
	assert_int_equal(ovpn_proto_key_id(head[0]), 0);
	assert_int_equal(ovpn_proto_pktid(head), 5);
}

static void every_field_has_its_place(void **state)
{
	static const u8 expected[] = { 0x4d, 0xab, 0xcd, 0xef,
				       0x12, 0x34, 0x56, 0x78 };
	u8 head[OVPN_AAD_LEN];

	(void)state;
	ovpn_proto_write_head(head, 5, 0xabcdef, 0x12345678);
	assert_memory_equal(head, expected, sizeof(expected));
}

static void first_byte(void **state)
{
	unsigned int first;

	(void)state;
	for (first = 0; first < 256; first++) {
		assert_int_equal(ovpn_proto_opcode(first), first / 8);
		assert_int_equal(ovpn_proto_key_id(first), first % 8);
	}
}

/* the first bytes with key id 0, as in the protocol's list of opcodes */
static void known_opcodes(void **state)
{
	static const u8 known[] = { 0x18, 0x20, 0x28, 0x30, 0x38,
				    0x40, 0x48, 0x50, 0x58 };
	unsigned int first, i;

	(void)state;
	for (first = 0; first < 256; first++) {
		bool expected = false;

		for (i = 0; i < sizeof(known); i++)
			expected |= (first & ~7u) == known[i];
		assert_int_equal(ovpn_proto_opcode_known(ovpn_proto_opcode(first)),
				 expected);
	}
}

static void every_key_id_at_the_bounds(void **state)
{
	static const u32 peers[] = { 0, 1, 0xff, 0x100, 0xffff, 0x10000,
				     0x800000, OVPN_PEER_ID_MAX - 1,
				     OVPN_PEER_ID_MAX };
	static const u32 ids[] = { 1, 0xff, 0x100, 0x7fffffff, 0x80000000,
				   0xfffffffe, 0xffffffff, 0 };
	unsigned int key, p, i;

	(void)state;
	for (key = 0; key <= OVPN_KEY_ID_MAX; key++)
		for (p = 0; p < sizeof(peers) / sizeof(peers[0]); p++)
			for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
				u8 head[OVPN_AAD_LEN];

				ovpn_proto_write_head(head, key, peers[p],
						      ids[i]);
				assert_int_equal(head[0], 9 << 3 | key);
				assert_int_equal(head[1], peers[p] >> 16);
				assert_int_equal(head[2], peers[p] >> 8 & 0xff);
				assert_int_equal(head[3], peers[p] & 0xff);
				assert_int_equal(ovpn_proto_key_id(head[0]), key);
				assert_int_equal(ovpn_proto_pktid(head), ids[i]);
			}
}

/* a value that is too wide must not change the field beside it */
static void too_wide_values_stay_in_their_field(void **state)
{
	u8 head[OVPN_AAD_LEN];

	(void)state;
	ovpn_proto_write_head(head, 0, OVPN_PEER_ID_MAX + 1, 1);
	assert_int_equal(head[0], 0x48);
	ovpn_proto_write_head(head, 0, 0xffffffff, 1);
	assert_int_equal(head[0], 0x48);
	ovpn_proto_write_head(head, OVPN_KEY_ID_MAX + 1, 0, 1);
	assert_int_equal(head[0], 0x48);
	ovpn_proto_write_head(head, 0xff, 0, 1);
	assert_int_equal(head[0], 0x4f);
}

/* the kernel writes into packets at any address, and no further than it says */
static void any_address_and_no_more_than_eight_bytes(void **state)
{
	static const u8 expected[] = { 0x49, 0x01, 0x02, 0x03,
				       0xfe, 0xdc, 0xba, 0x98 };
	unsigned int at;

	(void)state;
	for (at = 1; at < 17; at++) {
		u8 room[32], want[32];

		memset(room, 0xa5, sizeof(room));
		memset(want, 0xa5, sizeof(want));
		memcpy(want + at, expected, sizeof(expected));
		ovpn_proto_write_head(room + at, 1, 0x010203, 0xfedcba98);
		assert_memory_equal(room, want, sizeof(want));
		assert_int_equal(ovpn_proto_pktid(room + at), 0xfedcba98);
	}
}

static void sizes_on_the_wire(void **state)
{
	static const u8 ping[] = OVPN_PING_BYTES;
	static const u8 expected[] = { 0x2a, 0x18, 0x7b, 0xf3, 0x64, 0x1e,
				       0xb4, 0xcb, 0x07, 0xed, 0x2d, 0x0a,
				       0x98, 0x1f, 0xc7, 0x48 };

	(void)state;
	assert_int_equal(OVPN_AAD_LEN, 8);
	assert_int_equal(OVPN_TAG_LEN, 16);
	assert_int_equal(OVPN_NONCE_LEN, 12);
	assert_int_equal(OVPN_NONCE_TAIL_LEN, 8);
	assert_int_equal(OVPN_DATA_OVERHEAD, 24);
	assert_int_equal(OVPN_RECORD_MAX, 0xffff);
	assert_int_equal(OVPN_PING_LEN, sizeof(expected));
	assert_int_equal(sizeof(ping), sizeof(expected));
	assert_memory_equal(ping, expected, sizeof(expected));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(worked_example),
		cmocka_unit_test(every_field_has_its_place),
		cmocka_unit_test(first_byte),
		cmocka_unit_test(known_opcodes),
		cmocka_unit_test(every_key_id_at_the_bounds),
		cmocka_unit_test(too_wide_values_stay_in_their_field),
		cmocka_unit_test(any_address_and_no_more_than_eight_bytes),
		cmocka_unit_test(sizes_on_the_wire),
	};

	return RUN_TESTS(tests);
}
