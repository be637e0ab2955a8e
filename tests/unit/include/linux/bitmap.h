/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_LINUX_BITMAP_H_
#define _SHIM_LINUX_BITMAP_H_

#include <linux/bitops.h>
#include <linux/minmax.h>

static inline void bitmap_clear(unsigned long *map, unsigned int start,
				unsigned int len)
{
	for (; len; len--)
		__clear_bit(start++, map);
}

static inline void bitmap_zero(unsigned long *map, unsigned int bits)
{
	bitmap_clear(map, 0, bits);
}

#endif /* _SHIM_LINUX_BITMAP_H_ */
