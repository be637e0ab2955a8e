/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_LINUX_UNALIGNED_H_
#define _SHIM_LINUX_UNALIGNED_H_

#include <arpa/inet.h>
#include <string.h>
#include <linux/types.h>

static inline u16 get_unaligned_be16(const void *from)
{
	u16 value;

	memcpy(&value, from, sizeof(value));
	return ntohs(value);
}

static inline u32 get_unaligned_be32(const void *from)
{
	u32 value;

	memcpy(&value, from, sizeof(value));
	return ntohl(value);
}

static inline void put_unaligned_be32(u32 value, void *to)
{
	value = htonl(value);
	memcpy(to, &value, sizeof(value));
}

static inline void put_unaligned_be16(u16 value, void *to)
{
	value = htons(value);
	memcpy(to, &value, sizeof(value));
}

#endif /* _SHIM_LINUX_UNALIGNED_H_ */
