// SPDX-License-Identifier: GPL-2.0
/*
 * Where a device comes from. OpenVPN makes a device, and dies at times without
 * deleting it. A tun device goes with its file; this one goes with the process that
 * made it.
 */

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/notifier.h>
#include <linux/pid.h>
#include <linux/rtnetlink.h>
#include <linux/sched/signal.h>

#include "netlink.h"
#include "origin.h"
#include "ovpnstruct.h"

/* All devices, the newest first, and who made them. Taken inside RTNL where both
 * are held; nothing is taken inside it.
 */
static LIST_HEAD(origins);
static DEFINE_MUTEX(origins_lock);

/**
 * ovpn_origin_record - a device was made
 * @ovpn: the device, which has been registered
 *
 * In the context of the process that made it, inside RTNL. Devices of the native
 * door go with no process: ovpn-mptcp-ctl makes them, and ends.
 */
void ovpn_origin_record(struct ovpn_struct *ovpn)
{
	struct ovpn_origin *origin = &ovpn->origin;

	ASSERT_RTNL();
	mutex_lock(&origins_lock);
	if (ovpn->door != &ovpn_door_native)
		origin->maker = get_pid(task_tgid(current));
	list_add(&origin->all, &origins);
	mutex_unlock(&origins_lock);
}

/**
 * ovpn_origin_share - a process makes a peer on a device
 * @ovpn: the device, which goes with no process any more unless that is its maker
 *
 * In the context of the process that makes the peer.
 */
void ovpn_origin_share(struct ovpn_struct *ovpn)
{
	struct ovpn_origin *origin = &ovpn->origin;

	mutex_lock(&origins_lock);
	if (origin->maker && origin->maker != task_tgid(current)) {
		put_pid(origin->maker);
		origin->maker = NULL;
	}
	mutex_unlock(&origins_lock);
}

/**
 * ovpn_origin_forget - a device goes
 * @ovpn: the device; nothing of it has to have been recorded
 *
 * Process context, inside RTNL.
 */
void ovpn_origin_forget(struct ovpn_struct *ovpn)
{
	ASSERT_RTNL();
	mutex_lock(&origins_lock);
	list_del_init(&ovpn->origin.all);
	put_pid(ovpn->origin.maker);
	ovpn->origin.maker = NULL;
	mutex_unlock(&origins_lock);
}

static bool has_made_some(struct pid *process)
{
	struct ovpn_struct *ovpn;
	bool found = false;

	mutex_lock(&origins_lock);
	list_for_each_entry(ovpn, &origins, origin.all) {
		found = ovpn->origin.maker == process;
		if (found)
			break;
	}
	mutex_unlock(&origins_lock);
	return found;
}

static void delete_devices(struct pid *maker)
{
	struct ovpn_struct *ovpn;
	LIST_HEAD(kill);

	rtnl_lock();
	mutex_lock(&origins_lock);
	list_for_each_entry(ovpn, &origins, origin.all) {
		if (ovpn->origin.maker == maker)
			unregister_netdevice_queue(ovpn->dev, &kill);
	}
	mutex_unlock(&origins_lock);
	/* comes to ovpn_origin_forget() */
	unregister_netdevice_many(&kill);
	rtnl_unlock();
}

/* A generic netlink socket is what a daemon gives its orders by, and hears news: a
 * process without one, as ip is, has made its devices for others. The socket is
 * closed before whoever started the process hears of its end, so the next one finds
 * nothing in its way.
 *
 * In the context of who closes the socket, as a rule its process; of a dying one no
 * thread lives any more when its files go. The chain of notifiers is held for
 * reading: RTNL may be taken, nobody asks for the chain inside it.
 */
static int on_netlink_event(struct notifier_block *nb, unsigned long event,
			    void *data)
{
	const struct netlink_notify *notify = data;
	struct pid *process = task_tgid(current);

	if (event == NETLINK_URELEASE && notify->protocol == NETLINK_GENERIC &&
	    !atomic_read(&current->signal->live) && has_made_some(process))
		delete_devices(process);
	return NOTIFY_DONE;
}

static struct notifier_block netlink_watch = {
	.notifier_call = on_netlink_event,
};

/**
 * ovpn_origin_init - watch the processes that make devices
 *
 * Return: 0 or an errno
 */
int ovpn_origin_init(void)
{
	return netlink_register_notifier(&netlink_watch);
}

/**
 * ovpn_origin_exit - stop watching
 *
 * Process context, RTNL not held: waits for what is under way.
 */
void ovpn_origin_exit(void)
{
	netlink_unregister_notifier(&netlink_watch);
}
