/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_LINUX_MINMAX_H_
#define _SHIM_LINUX_MINMAX_H_

#define min_t(type, a, b) ({			\
	type _a = (a);				\
	type _b = (b);				\
						\
	_a < _b ? _a : _b; })

#define max_t(type, a, b) ({			\
	type _a = (a);				\
	type _b = (b);				\
						\
	_a > _b ? _a : _b; })

#define max(a, b)	max_t(__typeof__(a), a, b)
#define clamp_t(type, value, low, high)	\
	min_t(type, max_t(type, value, low), high)

#endif /* _SHIM_LINUX_MINMAX_H_ */
