/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The maximum segment size (MSS, RFC 9293, section 3.7.1) that the ends of a TCP
 * connection tell each other in their SYN, lowered so that a full segment goes
 * through the tunnel in one datagram. Compiled in userspace as well, for tests.
 */
#ifndef _OVPN_MSS_H_
#define _OVPN_MSS_H_

#include <linux/types.h>

#include "compat_unaligned.h"
#include "follow.h"

#define OVPN_MSS_SYN		0x02

#define OVPN_MSS_OPTION_END	0
#define OVPN_MSS_OPTION_NOP	1
#define OVPN_MSS_OPTION		2
#define OVPN_MSS_OPTION_LEN	4
/* TCP-AO (RFC 5925) signs the other options, too */
#define OVPN_MSS_OPTION_AO	29

/* the least that TCP of Linux takes (TCP_MIN_MSS) */
#define OVPN_MSS_MIN		88

/* where an MSS that may be changed is in a TCP header of @head bytes, or 0 */
static inline unsigned int ovpn_mss_find(const u8 *tcp, unsigned int head)
{
	unsigned int at = OVPN_FOLLOW_TCP_MIN, found = 0, left;

	while (at < head && tcp[at] != OVPN_MSS_OPTION_END) {
		if (tcp[at] == OVPN_MSS_OPTION_NOP) {
			at++;
			continue;
		}
		left = head - at;
		if (left < 2 || tcp[at + 1] < 2 || tcp[at + 1] > left ||
		    tcp[at] == OVPN_MSS_OPTION_AO)
			return 0;
		if (tcp[at] == OVPN_MSS_OPTION)
			found = tcp[at + 1] == OVPN_MSS_OPTION_LEN ? at + 2 : 0;
		at += tcp[at + 1];
	}
	return found;
}

/* Puts the MSS at @at of a TCP header, and keeps the checksum right (RFC 1624,
 * equation 3). At an odd place its bytes are in two words of the sum, each in the
 * other's half.
 */
static inline void ovpn_mss_put(u8 *tcp, unsigned int at, u16 mss)
{
	u16 old = get_unaligned_be16(tcp + at), new = mss;
	u32 sum;

	put_unaligned_be16(mss, tcp + at);
	if (at & 1) {
		old = (u16)(old << 8 | old >> 8);
		new = (u16)(new << 8 | new >> 8);
	}
	sum = (u16)~get_unaligned_be16(tcp + 16) + (u16)~old + (u32)new;
	put_unaligned_be16((u16)~ovpn_follow_fold(sum), tcp + 16);
}

/**
 * ovpn_mss_lower - have the receiver of a SYN send segments that fit
 * @packet: any packet, from the IP header on, with its checksums
 * @len: its length
 * @longest: IP packet inside that fits into a datagram, in bytes; 0 for no limit
 *
 * An MSS that is lower stays. A SYN without one stays as well: 536 bytes
 * (IPv4) or 1220 (IPv6) are what it stands for. So does one that is signed.
 *
 * Return: whether the packet was changed
 */
static inline bool ovpn_mss_lower(u8 *packet, unsigned int len,
				  unsigned int longest)
{
	unsigned int ip_len, head, at, mss;
	u8 *tcp;

	/* each packet of a stream comes here, and is not looked at */
	if (!longest)
		return false;
	ip_len = ovpn_follow_ip_len(packet, len);
	tcp = packet + ip_len;
	if (!ip_len || len < ip_len + OVPN_FOLLOW_TCP_MIN ||
	    !(tcp[OVPN_FOLLOW_FLAGS] & OVPN_MSS_SYN))
		return false;
	head = (tcp[12] >> 4) * 4;
	if (head > len - ip_len)
		return false;
	at = ovpn_mss_find(tcp, head);
	mss = ip_len + OVPN_FOLLOW_TCP_MIN + OVPN_MSS_MIN < longest ?
	      longest - ip_len - OVPN_FOLLOW_TCP_MIN : OVPN_MSS_MIN;
	if (!at || get_unaligned_be16(tcp + at) <= mss)
		return false;
	ovpn_mss_put(tcp, at, mss);
	return true;
}

#endif /* _OVPN_MSS_H_ */
