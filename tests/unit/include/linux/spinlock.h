/* SPDX-License-Identifier: GPL-2.0 */
/* A lock that really locks, and that aborts when it is used wrongly. */
#ifndef _SHIM_LINUX_SPINLOCK_H_
#define _SHIM_LINUX_SPINLOCK_H_

#include <pthread.h>
#include <stdlib.h>

typedef struct {
	pthread_mutex_t mutex;
} spinlock_t;

static inline void spin_lock_must(int err)
{
	if (err)
		abort();
}

static inline void spin_lock_init(spinlock_t *lock)
{
	pthread_mutexattr_t attr;

	spin_lock_must(pthread_mutexattr_init(&attr));
	spin_lock_must(pthread_mutexattr_settype(&attr,
						 PTHREAD_MUTEX_ERRORCHECK));
	spin_lock_must(pthread_mutex_init(&lock->mutex, &attr));
	spin_lock_must(pthread_mutexattr_destroy(&attr));
}

static inline void spin_lock(spinlock_t *lock)
{
	spin_lock_must(pthread_mutex_lock(&lock->mutex));
}

static inline void spin_unlock(spinlock_t *lock)
{
	spin_lock_must(pthread_mutex_unlock(&lock->mutex));
}

#endif /* _SHIM_LINUX_SPINLOCK_H_ */
