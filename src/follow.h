/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which TCP segment follows another one so that both can be one packet. The rules
 * are those of GRO (tcp_gro_receive() and inet_gro_receive() of Linux 7.3), without
 * the rare cases: GRO still joins those. Compiled in userspace as well, for tests.
 */
#ifndef _OVPN_FOLLOW_H_
#define _OVPN_FOLLOW_H_

#include <linux/string.h>
#include <linux/types.h>

#include "compat_unaligned.h"

#define OVPN_FOLLOW_IP4		20
#define OVPN_FOLLOW_IP6		40
#define OVPN_FOLLOW_TCP_MIN	20
#define OVPN_FOLLOW_TCP_MAX	60
/* the longest headers: IPv6 without extensions, TCP with all options */
#define OVPN_FOLLOW_HEAD_MAX	(OVPN_FOLLOW_IP6 + OVPN_FOLLOW_TCP_MAX)

/* in the TCP header */
#define OVPN_FOLLOW_FLAGS	13
#define OVPN_FOLLOW_PSH		0x08
#define OVPN_FOLLOW_ACK		0x10

/**
 * struct ovpn_follow - segments that are one packet
 * @head: headers of the first
 * @head_len: their length
 * @ip_len: the IP header's part of it, 0 while no segment may follow
 * @size: payload of each, but for the last one
 * @sum: of IPv4: what length, id and checksum of a header must add up to
 * @id: of IPv4: the next one's
 * @seq: the next one's
 * @push: one of them has the flag PSH
 */
struct ovpn_follow {
	u8 head[OVPN_FOLLOW_HEAD_MAX];
	u8 head_len;
	u8 ip_len;
	u16 size;
	u16 sum;
	u16 id;
	u32 seq;
	bool push;
};

static inline u16 ovpn_follow_fold(u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return sum + (sum >> 16);
}

/* the sum of what may differ in an IPv4 header: length, id, checksum */
static inline u16 ovpn_follow_ip4_sum(const u8 *ip)
{
	return ovpn_follow_fold(get_unaligned_be16(ip + 2) +
				get_unaligned_be16(ip + 4) +
				get_unaligned_be16(ip + 10));
}

/* whether the sum of an IPv4 header without options is right (RFC 1071) */
static inline bool ovpn_follow_ip4_intact(const u8 *ip)
{
	u32 sum = 0;
	int i;

	for (i = 0; i < OVPN_FOLLOW_IP4; i += 2)
		sum += get_unaligned_be16(ip + i);
	return ovpn_follow_fold(sum) == 0xffff;
}

/* the length of the IP header, if TCP is right behind it; else 0 */
static inline unsigned int ovpn_follow_ip_len(const u8 *packet, unsigned int len)
{
	const u8 tcp = 6;

	/* version 4 and five words; no fragment, only the bit DF may be set */
	if (len > OVPN_FOLLOW_IP4 && packet[0] == 0x45)
		return packet[9] == tcp &&
		       !(get_unaligned_be16(packet + 6) & ~0x4000) ?
		       OVPN_FOLLOW_IP4 : 0;
	if (len > OVPN_FOLLOW_IP6 && packet[0] >> 4 == 6)
		return packet[6] == tcp ? OVPN_FOLLOW_IP6 : 0;
	return 0;
}

/* the length of a packet as its IP header says it */
static inline unsigned int ovpn_follow_ip_bytes(const u8 *ip, unsigned int ip_len)
{
	return ip_len == OVPN_FOLLOW_IP4 ? get_unaligned_be16(ip + 2) :
					   ip_len + get_unaligned_be16(ip + 4);
}

/**
 * ovpn_follow_begin - look at a packet that others may follow
 * @follow: set, if so
 * @packet: from the IP header on
 * @len: its length
 *
 * Return: whether a segment may follow
 */
static inline bool ovpn_follow_begin(struct ovpn_follow *follow,
				     const u8 *packet, unsigned int len)
{
	unsigned int ip_len = ovpn_follow_ip_len(packet, len), head_len;
	const u8 *tcp = packet + ip_len;

	follow->ip_len = 0;
	if (!ip_len || len <= ip_len + OVPN_FOLLOW_TCP_MIN)
		return false;
	head_len = ip_len + (tcp[12] >> 4) * 4;
	if (head_len < ip_len + OVPN_FOLLOW_TCP_MIN || len <= head_len ||
	    ovpn_follow_ip_bytes(packet, ip_len) != len)
		return false;
	/* ACK and nothing else, also none of the bits for ECN */
	if (tcp[OVPN_FOLLOW_FLAGS] != OVPN_FOLLOW_ACK || tcp[12] & 0x0f)
		return false;
	if (ip_len == OVPN_FOLLOW_IP4 && !ovpn_follow_ip4_intact(packet))
		return false;

	memcpy(follow->head, packet, head_len);
	follow->head_len = head_len;
	follow->ip_len = ip_len;
	follow->size = len - head_len;
	follow->sum = ovpn_follow_ip4_sum(packet);
	follow->id = get_unaligned_be16(packet + 4) + 1;
	follow->seq = get_unaligned_be32(tcp + 4) + follow->size;
	follow->push = false;
	return true;
}

/* whether all of the IP header is the same that has to be */
static inline bool ovpn_follow_same_ip(const struct ovpn_follow *follow,
				       const u8 *ip)
{
	const u8 *head = follow->head;

	/* to the length of IPv6; hop limit, addresses */
	if (follow->ip_len == OVPN_FOLLOW_IP6)
		return !memcmp(ip, head, 4) && !memcmp(ip + 6, head + 6, 34);
	/* type of service; fragments, TTL, protocol; addresses */
	return !memcmp(ip, head, 2) && !memcmp(ip + 6, head + 6, 4) &&
	       !memcmp(ip + 12, head + 12, 8) &&
	       get_unaligned_be16(ip + 4) == follow->id &&
	       ovpn_follow_ip4_sum(ip) == follow->sum;
}

static inline bool ovpn_follow_same_tcp(const struct ovpn_follow *follow,
					const u8 *tcp)
{
	const u8 *head = follow->head + follow->ip_len;
	unsigned int len = follow->head_len - follow->ip_len;
	unsigned int at;

	/* ports; acknowledged, header length; window; urgent pointer */
	if (memcmp(tcp, head, 4) || memcmp(tcp + 8, head + 8, 5) ||
	    (tcp[OVPN_FOLLOW_FLAGS] ^ head[OVPN_FOLLOW_FLAGS]) & ~OVPN_FOLLOW_PSH ||
	    memcmp(tcp + 14, head + 14, 2) || memcmp(tcp + 18, head + 18, 2))
		return false;
	/* Options, in words: a call for a dozen bytes costs more than they do. */
	for (at = OVPN_FOLLOW_TCP_MIN; at < len; at += 4) {
		if (memcmp(tcp + at, head + at, 4))
			return false;
	}
	return true;
}

/**
 * ovpn_follow_next - whether a packet follows; if so, it is taken
 * @follow: of the packets before it; its ip_len is not 0
 * @packet: from the IP header on
 * @len: its length, more than follow->head_len and not more than that of the first
 *
 * Return: whether it follows
 */
static inline bool ovpn_follow_next(struct ovpn_follow *follow, const u8 *packet,
				    unsigned int len)
{
	unsigned int payload = len - follow->head_len;
	const u8 *tcp = packet + follow->ip_len;

	if (get_unaligned_be32(tcp + 4) != follow->seq ||
	    ovpn_follow_ip_bytes(packet, follow->ip_len) != len ||
	    !ovpn_follow_same_ip(follow, packet) ||
	    !ovpn_follow_same_tcp(follow, tcp))
		return false;
	follow->seq += payload;
	follow->id++;
	follow->push = tcp[OVPN_FOLLOW_FLAGS] & OVPN_FOLLOW_PSH;
	if (follow->push || payload < follow->size)
		follow->ip_len = 0;
	return true;
}

#endif /* _OVPN_FOLLOW_H_ */
