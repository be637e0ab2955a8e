/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_LINUX_BITFIELD_H_
#define _SHIM_LINUX_BITFIELD_H_

/* as in the kernel, a value that is too wide for the field loses its top */
#define FIELD_GET(mask, reg)	(((reg) & (mask)) >> __builtin_ctzl(mask))
#define FIELD_PREP(mask, val) \
	(((unsigned long)(val) << __builtin_ctzl(mask)) & (mask))

#endif /* _SHIM_LINUX_BITFIELD_H_ */
