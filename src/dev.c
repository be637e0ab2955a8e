// SPDX-License-Identifier: GPL-2.0
/* The net_device of a tunnel interface: link kinds, life, properties. */

#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/inetdevice.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/security.h>
#include <linux/tcp.h>
#include <net/ip.h>

#include "compat.h"
#include "dev.h"
#include "io.h"
#include "multicast.h"
#include "netlink.h"
#include "origin.h"
#include "peer.h"
#include "peer_lookup.h"
#include "proto.h"
#include "rx_queue.h"
#include "uapi/linux/ovpn_dco_mptcp.h"
#include "uapi/linux/ovpn_dco_v2.h"

/* what the tunnel adds to an inner packet, for the default MTU */
#define OVPN_DEV_OVERHEAD	(OVPN_DATA_OVERHEAD + sizeof(struct tcphdr) + \
				 sizeof(struct ipv6hdr))

/* Checksums are completed when a packet is segmented and encrypted. Without
 * the checksum feature the core would drop the segmentation features and hand
 * over single packets. What a router forwards has often been put together from
 * more than fits into one packet's pages (GRO), hence FRAGLIST. Without HIGHDMA
 * all of a packet has an address.
 */
#define OVPN_DEV_FEATURES	(NETIF_F_SG | NETIF_F_FRAGLIST |	\
				 NETIF_F_HW_CSUM | NETIF_F_GSO |	\
				 NETIF_F_GSO_SOFTWARE)

/* of a multi-peer device, at most: CPUs that are busy with what is received */
#define OVPN_DEV_RX_QUEUES	16

/* DEVTYPE of uevents, one for all kinds of links: a udev rule can tell these
 * devices from those of the kernel's own module, which says "ovpn" for a link
 * kind that it shares with us.
 */
static const struct device_type ovpn_dev_type = {
	.name = OVPN_MPTCP_NAME,
};

/* the packets of one peer are never on two CPUs at a time */
static unsigned int rx_queue_count(const struct ovpn_dev *ovpn)
{
	return ovpn->mode == OVPN_MPTCP_MODE_P2P ? 1 :
	       min_t(unsigned int, num_possible_cpus(), OVPN_DEV_RX_QUEUES);
}

static int ovpn_dev_init(struct net_device *dev)
{
	struct ovpn_dev *ovpn = netdev_priv(dev);
	int cpu, err;

	mutex_init(&ovpn->lock);
	INIT_LIST_HEAD(&ovpn->origin.all);
	ovpn_multicast_init(ovpn);

	ovpn->stats = alloc_percpu(struct ovpn_dev_stats);
	if (!ovpn->stats)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(ovpn->stats, cpu)->sync);

	err = -ENOMEM;
	ovpn->rx_queues = ovpn_rx_queues_new(dev, rx_queue_count(ovpn));
	if (!ovpn->rx_queues)
		goto err_stats;

	err = ovpn_peers_init(ovpn);
	if (err)
		goto err_queues;

	return 0;

	/* the core calls neither ndo_uninit nor the destructor for us */
err_queues:
	ovpn_rx_queues_free(ovpn->rx_queues);
err_stats:
	free_percpu(ovpn->stats);
	return err;
}

static void ovpn_dev_uninit(struct net_device *dev)
{
	struct ovpn_dev *ovpn = netdev_priv(dev);

	ovpn_origin_forget(ovpn);
	/* the core calls ndo_start_xmit no more */
	ovpn_multicast_stop(ovpn);
	ovpn_peer_del_all(ovpn);
}

/* A peer holds a reference to the device until it is freed, so the last peer
 * is gone when the core gets here: tables and counters have no user any more.
 */
static void ovpn_dev_destruct(struct net_device *dev)
{
	struct ovpn_dev *ovpn = netdev_priv(dev);

	ovpn_peers_destroy(ovpn);
	ovpn_rx_queues_free(ovpn->rx_queues);
	free_percpu(ovpn->stats);
	mutex_destroy(&ovpn->lock);
}

static int ovpn_dev_open(struct net_device *dev)
{
	struct in_device *in_dev = __in_dev_get_rtnl(dev);
	struct ovpn_dev *ovpn = netdev_priv(dev);

	/* Clients of one subnet talk through this device: an ICMP redirect
	 * would tell them to go direct, which they cannot. The kernel sends
	 * one when either of the two settings is on. Done at every open,
	 * because a device that moves to another netns gets new settings.
	 */
	if (in_dev && ovpn->mode == OVPN_MPTCP_MODE_MP) {
		IN_DEV_CONF_SET(in_dev, SEND_REDIRECTS, false);
		IPV4_DEVCONF_ALL(dev_net(dev), SEND_REDIRECTS) = false;
	}
	return 0;
}

static void ovpn_dev_get_stats64(struct net_device *dev,
				 struct rtnl_link_stats64 *sum)
{
	struct ovpn_dev *ovpn = netdev_priv(dev);
	u64 rx_packets, rx_bytes, tx_packets, tx_bytes;
	unsigned int start;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct ovpn_dev_stats *one;

		one = per_cpu_ptr(ovpn->stats, cpu);
		do {
			start = u64_stats_fetch_begin(&one->sync);
			rx_packets = u64_stats_read(&one->rx_packets);
			rx_bytes = u64_stats_read(&one->rx_bytes);
			tx_packets = u64_stats_read(&one->tx_packets);
			tx_bytes = u64_stats_read(&one->tx_bytes);
		} while (u64_stats_fetch_retry(&one->sync, start));

		sum->rx_packets += rx_packets;
		sum->rx_bytes += rx_bytes;
		sum->tx_packets += tx_packets;
		sum->tx_bytes += tx_bytes;
	}
	sum->rx_dropped += atomic64_read(&ovpn->rx_dropped);
	sum->tx_dropped += atomic64_read(&ovpn->tx_dropped);
}

static const struct net_device_ops ovpn_dev_ops = {
	.ndo_init		= ovpn_dev_init,
	.ndo_uninit		= ovpn_dev_uninit,
	.ndo_open		= ovpn_dev_open,
	.ndo_start_xmit		= ovpn_net_xmit,
	.ndo_get_stats64	= ovpn_dev_get_stats64,
};

static void ovpn_dev_get_drvinfo(struct net_device *dev,
				 struct ethtool_drvinfo *info)
{
	strscpy(info->driver, dev->rtnl_link_ops->kind, sizeof(info->driver));
	strscpy(info->bus_info, "ovpn", sizeof(info->bus_info));
	if (THIS_MODULE->version)
		strscpy(info->version, THIS_MODULE->version,
			sizeof(info->version));
}

static const struct ethtool_ops ovpn_dev_ethtool_ops = {
	.get_drvinfo	= ovpn_dev_get_drvinfo,
	.get_link	= ethtool_op_get_link,
};

static void ovpn_dev_setup(struct net_device *dev)
{
	dev->netdev_ops = &ovpn_dev_ops;
	dev->ethtool_ops = &ovpn_dev_ethtool_ops;
	dev->needs_free_netdev = true;
	dev->priv_destructor = ovpn_dev_destruct;
	SET_NETDEV_DEVTYPE(dev, &ovpn_dev_type);

	dev->type = ARPHRD_NONE;
	/* those of the devices that OpenVPN has otherwise (tun) */
	dev->flags = IFF_POINTOPOINT | IFF_NOARP | IFF_MULTICAST;
	dev->hard_header_len = 0;
	dev->addr_len = 0;
	dev->mtu = ETH_DATA_LEN - OVPN_DEV_OVERHEAD;
	dev->min_mtu = IPV4_MIN_MTU;
	dev->max_mtu = IP_MAX_MTU - OVPN_DEV_OVERHEAD;
	/* no room is asked for: a packet is copied into its record */

	/* packets wait in the queue of their peer, not in a qdisc by default */
	dev->priv_flags |= IFF_NO_QUEUE;
	ovpn_compat_set_lltx(dev);
	/* the peer is found by the next hop that the route says */
	netif_keep_dst(dev);

	dev->features |= OVPN_DEV_FEATURES;
	dev->hw_features |= OVPN_DEV_FEATURES;
	dev->hw_enc_features |= OVPN_DEV_FEATURES;
}

static bool ovpn_dev_carrier_follows(const struct ovpn_dev *ovpn)
{
	return ovpn->door->carrier_follows_peer && ovpn->mode == OVPN_MPTCP_MODE_P2P;
}

/**
 * ovpn_dev_get_net - the network namespace that a device is in
 * @ovpn: the device
 *
 * A device can be moved, and its old namespace die, at any time when RTNL is not
 * held; the memory is good for as long as RCU is.
 *
 * Return: the namespace with a reference, or NULL when it is going
 */
struct net *ovpn_dev_get_net(const struct ovpn_dev *ovpn)
{
	struct net *net;

	rcu_read_lock();
	net = maybe_get_net(dev_net(ovpn->dev));
	rcu_read_unlock();
	return net;
}

/**
 * ovpn_dev_carrier - say whether a device has somebody to talk to
 * @ovpn: the device
 * @on: it has
 *
 * Does nothing for a device whose carrier is always on. Any context.
 */
void ovpn_dev_carrier(struct ovpn_dev *ovpn, bool on)
{
	if (!ovpn_dev_carrier_follows(ovpn))
		return;
	if (on)
		netif_carrier_on(ovpn->dev);
	else
		netif_carrier_off(ovpn->dev);
}

static int ovpn_dev_newlink(struct net_device *dev, struct nlattr *data[],
			    struct netlink_ext_ack *extack)
{
	struct ovpn_dev *ovpn = netdev_priv(dev);
	int err;

	/* complete before registration: then others can find the device */
	ovpn->dev = dev;
	ovpn->door = ovpn_netlink_door_of(dev);
	ovpn->mode = OVPN_MPTCP_MODE_P2P;
	if (data && data[OVPN_MPTCP_IFLA_MODE])
		ovpn->mode = nla_get_u8(data[OVPN_MPTCP_IFLA_MODE]);

	ovpn_dev_carrier(ovpn, false);

	err = register_netdevice(dev);
	if (!err)
		ovpn_origin_record(ovpn);
	return err;
}

/* OpenVPN 2.6 makes its device under the policy of a security module for tun
 * devices, which it would have to obey without offload as well.
 */
static int ovpn_dev_newlink_v2(struct net_device *dev, struct nlattr *data[],
			       struct netlink_ext_ack *extack)
{
	int err = security_tun_dev_create();

	if (err) {
		NL_SET_ERR_MSG(extack,
			       "the security module refuses tun devices: allow tun_socket create");
		return err;
	}
	return ovpn_dev_newlink(dev, data, extack);
}

OVPN_COMPAT_NEWLINK_DEFINE(ovpn_dev_newlink)
OVPN_COMPAT_NEWLINK_DEFINE(ovpn_dev_newlink_v2)

static size_t ovpn_dev_get_size(const struct net_device *dev)
{
	return nla_total_size(sizeof(u8));	/* OVPN_MPTCP_IFLA_MODE */
}

static int ovpn_dev_fill_info(struct sk_buff *skb, const struct net_device *dev)
{
	const struct ovpn_dev *ovpn = netdev_priv(dev);

	return nla_put_u8(skb, OVPN_MPTCP_IFLA_MODE, ovpn->mode);
}

static const struct nla_policy ovpn_dev_policy[OVPN_MPTCP_IFLA_MAX + 1] = {
	[OVPN_MPTCP_IFLA_MODE] = NLA_POLICY_MAX(NLA_U8, OVPN_MPTCP_MODE_MP),
};

/*
 * No dellink: the default unregisters the device, and its peers go with it in
 * ndo_uninit. Without netns_refund a device dies with its network namespace.
 */
#define LINK_KIND(name, make)						\
	.kind		= (name),					\
	.priv_size	= sizeof(struct ovpn_dev),			\
	.setup		= ovpn_dev_setup,				\
	.policy		= ovpn_dev_policy,				\
	.maxtype	= OVPN_MPTCP_IFLA_MAX,				\
	.newlink	= OVPN_COMPAT_NEWLINK(make),			\
	.get_size	= ovpn_dev_get_size,				\
	.fill_info	= ovpn_dev_fill_info

struct rtnl_link_ops ovpn_dev_link_native __read_mostly = {
	LINK_KIND(OVPN_MPTCP_NAME, ovpn_dev_newlink),
};

struct rtnl_link_ops ovpn_dev_link_v2 __read_mostly = {
	LINK_KIND(OVPN_V2_LINK_KIND, ovpn_dev_newlink_v2),
};

struct rtnl_link_ops ovpn_dev_link_ovpn __read_mostly = {
	LINK_KIND(OVPN_NAME, ovpn_dev_newlink),
};

MODULE_ALIAS_RTNL_LINK(OVPN_MPTCP_NAME);
MODULE_ALIAS_RTNL_LINK(OVPN_V2_LINK_KIND);
MODULE_ALIAS_RTNL_LINK(OVPN_NAME);
