/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the unaligned accessors live: <asm/unaligned.h> became
 * <linux/unaligned.h> in Linux 6.12. Kept apart from compat.h because the
 * headers that are compiled in userspace as well need nothing but this.
 */
#ifndef _OVPN_COMPAT_UNALIGNED_H_
#define _OVPN_COMPAT_UNALIGNED_H_

#if __has_include(<linux/unaligned.h>)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

#endif /* _OVPN_COMPAT_UNALIGNED_H_ */
