/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _OVPN_MAIN_H_
#define _OVPN_MAIN_H_

#include <linux/workqueue.h>

/* all work of the module, so that unloading can wait for the last of it */
extern struct workqueue_struct *ovpn_wq;

#endif /* _OVPN_MAIN_H_ */
