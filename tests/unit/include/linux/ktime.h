/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_LINUX_KTIME_H_
#define _SHIM_LINUX_KTIME_H_

#include <time.h>

#include <linux/types.h>

typedef s64 ktime_t;

static inline ktime_t ktime_get_coarse_boottime(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static inline s64 ktime_to_ms(ktime_t time)
{
	return time / 1000000;
}

#endif /* _SHIM_LINUX_KTIME_H_ */
