/* SPDX-License-Identifier: GPL-2.0 */
/* The workqueue of all workers, and their rule for memory. */
#ifndef _OVPN_MAIN_H_
#define _OVPN_MAIN_H_

#include <linux/sched/mm.h>
#include <linux/workqueue.h>

/* all work of the module, so that unloading can wait for the last of it */
extern struct workqueue_struct *ovpn_wq;

/**
 * ovpn_work_begin - work begins that memory reclaim may wait for
 *
 * What is swapped out or written back over a tunnel needs its workers. While
 * they look for memory they must not wait for such I/O themselves, whichever
 * part of the kernel they ask through.
 *
 * Return: for ovpn_work_end()
 */
static inline unsigned int ovpn_work_begin(void)
{
	return memalloc_noio_save();
}

/**
 * ovpn_work_end - it ends
 * @flags: from ovpn_work_begin()
 */
static inline void ovpn_work_end(unsigned int flags)
{
	memalloc_noio_restore(flags);
}

#endif /* _OVPN_MAIN_H_ */
