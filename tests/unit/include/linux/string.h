/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_LINUX_STRING_H_
#define _SHIM_LINUX_STRING_H_

#include <string.h>

#endif /* _SHIM_LINUX_STRING_H_ */
