/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_LINUX_BITS_H_
#define _SHIM_LINUX_BITS_H_

#define GENMASK(high, low) \
	((~0UL >> (8 * sizeof(unsigned long) - 1 - (high))) & (~0UL << (low)))

#endif /* _SHIM_LINUX_BITS_H_ */
