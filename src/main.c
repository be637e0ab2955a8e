// SPDX-License-Identifier: GPL-2.0
/* Loading and unloading, in this order and in reverse; the workqueue of all workers. */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <net/rtnetlink.h>

#include "congestion.h"
#include "main.h"
#include "mptcp.h"
#include "netlink.h"
#include "origin.h"
#include "pool.h"
#include "tcp.h"
#include "version.h"

struct workqueue_struct *ovpn_wq;

/* The doors are closed, so nothing new begins; what has begun is waited for. */
static void wind_up(void)
{
	/* frees that wait for an RCU period queue their work when it is over */
	rcu_barrier();
	destroy_workqueue(ovpn_wq);
	ovpn_pool_exit();
	/* a callback of a closed socket may be on its last instructions */
	synchronize_rcu();
}

static int __init ovpn_init(void)
{
	int err;

	/* Memory reclaim may depend on a tunnel (network block devices): a
	 * worker is there without memory for a new one, see ovpn_work_begin().
	 */
	ovpn_wq = alloc_workqueue("ovpn-dco-mptcp",
				  WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!ovpn_wq)
		return -ENOMEM;

	ovpn_mptcp_init();
	ovpn_tcp_init();

	err = ovpn_pool_init();
	if (err)
		goto wind_up;
	err = ovpn_congestion_init();
	if (err)
		goto wind_up;
	err = ovpn_origin_init();
	if (err)
		goto congestion;
	err = ovpn_netlink_init();
	if (err)
		goto origin;
	return 0;

origin:
	ovpn_origin_exit();
congestion:
	ovpn_congestion_exit();
wind_up:
	wind_up();
	return err;
}

static void __exit ovpn_exit(void)
{
	ovpn_netlink_exit();
	ovpn_origin_exit();
	ovpn_congestion_exit();
	wind_up();
}

module_init(ovpn_init);
module_exit(ovpn_exit);

MODULE_DESCRIPTION("OpenVPN data channel offload over Multipath TCP");
MODULE_AUTHOR("The ovpn-dco-mptcp developers");
MODULE_LICENSE("GPL");
MODULE_VERSION(OVPN_VERSION);
MODULE_SOFTDEP("pre: gcm chacha20poly1305 aesni-intel");
