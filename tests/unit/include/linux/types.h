/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's names, for code that is compiled in userspace. The C library
 * pulls the system's file of this name in through its own headers, so that one
 * comes first and this only adds to it.
 */
#ifndef _SHIM_LINUX_TYPES_H_
#define _SHIM_LINUX_TYPES_H_

#include_next <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

#define BITS_PER_LONG		(8 * sizeof(unsigned long))
#define BITS_TO_LONGS(bits)	(((bits) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]

typedef struct {
	s64 counter;
} atomic64_t;

#endif /* _SHIM_LINUX_TYPES_H_ */
