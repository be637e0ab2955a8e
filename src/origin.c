// SPDX-License-Identifier: GPL-2.0
/*
 * Where a device comes from. OpenVPN makes a device, asks for it by the namespace
 * and the index that it was made with, and dies at times without deleting it. A tun
 * device goes with its file; this one goes with the process that made it.
 */

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/notifier.h>
#include <linux/pid.h>
#include <linux/rtnetlink.h>
#include <linux/sched/signal.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "dev.h"
#include "netlink.h"
#include "origin.h"
#include "peer.h"

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
void ovpn_origin_record(struct ovpn_dev *ovpn)
{
	struct ovpn_origin *origin = &ovpn->origin;

	ASSERT_RTNL();
	origin->net_cookie = dev_net(ovpn->dev)->net_cookie;
	origin->ifindex = ovpn->dev->ifindex;
	strscpy(origin->name, ovpn->dev->name, sizeof(origin->name));
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
void ovpn_origin_share(struct ovpn_dev *ovpn)
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
 * Process context, inside RTNL. The device cannot be found by its origin afterwards.
 */
void ovpn_origin_forget(struct ovpn_dev *ovpn)
{
	ASSERT_RTNL();
	mutex_lock(&origins_lock);
	list_del_init(&ovpn->origin.all);
	put_pid(ovpn->origin.maker);
	ovpn->origin.maker = NULL;
	mutex_unlock(&origins_lock);
}

/**
 * ovpn_origin_get - a device by where it was made
 * @request: the netlink message, from the network namespace where it was made
 * @ifindex: the index that it had there
 * @door: what it was made through
 *
 * In the context of the process that asks.
 *
 * Return: the device with a reference, wherever it is now, or NULL
 */
struct ovpn_dev *ovpn_origin_get(const struct sk_buff *request,
				 int ifindex, const struct ovpn_door *door)
{
	const struct net *net = sock_net(request->sk);
	struct ovpn_dev *ovpn;

	mutex_lock(&origins_lock);
	list_for_each_entry(ovpn, &origins, origin.all) {
		if (ovpn->origin.net_cookie != net->net_cookie ||
		    ovpn->origin.ifindex != ifindex || ovpn->door != door)
			continue;
		if (ovpn->origin.maker == task_tgid(current))
			ovpn->origin.portid = NETLINK_CB(request).portid;
		/* the core lets go of it after ovpn_origin_forget() */
		dev_hold(ovpn->dev);
		mutex_unlock(&origins_lock);
		return ovpn;
	}
	mutex_unlock(&origins_lock);
	return NULL;
}

/**
 * ovpn_origin_index - the index by which a network namespace knows a device
 * @ovpn: the device
 * @net: where a daemon of OpenVPN listens
 *
 * Any context.
 *
 * Return: the index that it was made with there, or the one that it has now
 */
int ovpn_origin_index(const struct ovpn_dev *ovpn, const struct net *net)
{
	if (ovpn->door != &ovpn_door_native &&
	    ovpn->origin.net_cookie == net->net_cookie)
		return ovpn->origin.ifindex;
	return READ_ONCE(ovpn->dev->ifindex);
}

static bool has_live_peer(struct ovpn_dev *ovpn)
{
	struct ovpn_peer *peer;
	unsigned long id;

	rcu_read_lock();
	xa_for_each(&ovpn->peers, id, peer) {
		if (READ_ONCE(peer->state) == OVPN_PEER_LIVE)
			break;
	}
	rcu_read_unlock();
	return peer;
}

/* Whether a socket is what the maker of a device gives its orders by; if it gave
 * none yet, any.
 */
static bool gives_orders(const struct ovpn_origin *origin,
			 const struct netlink_notify *sock)
{
	return !origin->portid || (origin->portid == sock->portid &&
				   origin->net_cookie == sock->net->net_cookie);
}

/* OpenVPN deletes its device by name, and does not find one that has another name
 * by now, or is in another namespace.
 */
static bool is_out_of_reach(const struct ovpn_dev *ovpn)
{
	return dev_net(ovpn->dev)->net_cookie != ovpn->origin.net_cookie ||
	       strcmp(ovpn->dev->name, ovpn->origin.name);
}

/* Whether a device goes when its maker, which lives, closes a netlink socket. */
static bool is_left(struct ovpn_dev *ovpn, const struct netlink_notify *sock)
{
	return gives_orders(&ovpn->origin, sock) && is_out_of_reach(ovpn) &&
	       !has_live_peer(ovpn);
}

static bool has_made_some(struct pid *process)
{
	struct ovpn_dev *ovpn;
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

static void delete_devices(struct pid *maker, bool dying,
			   const struct netlink_notify *sock)
{
	struct ovpn_dev *ovpn;
	LIST_HEAD(kill);

	rtnl_lock();
	mutex_lock(&origins_lock);
	list_for_each_entry(ovpn, &origins, origin.all) {
		if (ovpn->origin.maker == maker &&
		    (dying || is_left(ovpn, sock)))
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
 * reading: RTNL may be taken, because the chain is never asked for inside it.
 */
static int on_netlink_event(struct notifier_block *nb, unsigned long event,
			    void *data)
{
	const struct netlink_notify *sock = data;
	struct pid *process = task_tgid(current);

	if (event == NETLINK_URELEASE && sock->protocol == NETLINK_GENERIC &&
	    has_made_some(process))
		delete_devices(process, !atomic_read(&current->signal->live),
			       sock);
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
