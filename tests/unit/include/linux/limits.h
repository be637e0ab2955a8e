/* SPDX-License-Identifier: GPL-2.0 */
/* the C library includes the system's file of this name: add, do not replace */
#ifndef _SHIM_LINUX_LIMITS_H_
#define _SHIM_LINUX_LIMITS_H_

#include_next <linux/limits.h>

#define U32_MAX	0xFFFFFFFFU
#define U64_MAX	0xFFFFFFFFFFFFFFFFULL

#endif /* _SHIM_LINUX_LIMITS_H_ */
