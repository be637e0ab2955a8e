// SPDX-License-Identifier: GPL-2.0
/* The native schema: peers. */

#include <linux/in.h>
#include <linux/netdevice.h>
#include <net/genetlink.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>

#include "dev.h"
#include "netlink.h"
#include "netlink_native.h"
#include "notify.h"
#include "peer.h"
#include "peer_lookup.h"
#include "queue.h"
#include "sock.h"

static bool has_vpn(struct nlattr **tb)
{
	return tb[OVPN_MPTCP_A_PEER_VPN_IPV4] || tb[OVPN_MPTCP_A_PEER_VPN_IPV6];
}

/* The checks that a new peer and a change of a peer share, in the order that
 * family ovpn has.
 */
static int check_peer(const struct ovpn_dev *ovpn, struct nlattr **tb,
		      struct netlink_ext_ack *extack)
{
	int err = ovpn_native_check_outer(tb, extack);

	if (err)
		return err;
	if (ovpn->mode == OVPN_MPTCP_MODE_P2P && has_vpn(tb)) {
		NL_SET_ERR_MSG(extack,
			       "a point-to-point device gives its peer all packets: leave the VPN addresses out");
		return -EINVAL;
	}
	if (!tb[OVPN_MPTCP_A_PEER_KEEPALIVE_INTERVAL] !=
	    !tb[OVPN_MPTCP_A_PEER_KEEPALIVE_TIMEOUT]) {
		NL_SET_ERR_MSG(extack,
			       "keepalive interval and timeout go together: give both, 0 switches one off");
		return -EINVAL;
	}
	return 0;
}

static int check_vpn4(const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	__be32 addr = nla_get_in_addr(attr);

	if (!ipv4_is_multicast(addr) && !ipv4_is_lbcast(addr) &&
	    !ipv4_is_loopback(addr))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "the VPN IPv4 address of a peer must be a unicast address, or 0.0.0.0 for none");
	return -EADDRNOTAVAIL;
}

static int check_vpn6(const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	struct in6_addr addr = nla_get_in6_addr(attr);
	int type = ipv6_addr_type(&addr);

	if (type == IPV6_ADDR_ANY)
		return 0;
	if (type & IPV6_ADDR_UNICAST &&
	    !(type & (IPV6_ADDR_LOOPBACK | IPV6_ADDR_COMPATv4 |
		      IPV6_ADDR_MAPPED)))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "the VPN IPv6 address of a peer must be a unicast address, or :: for none");
	return -EADDRNOTAVAIL;
}

static int check_vpn(struct nlattr **tb, struct netlink_ext_ack *extack)
{
	int err = 0;

	if (tb[OVPN_MPTCP_A_PEER_VPN_IPV4])
		err = check_vpn4(tb[OVPN_MPTCP_A_PEER_VPN_IPV4], extack);
	if (!err && tb[OVPN_MPTCP_A_PEER_VPN_IPV6])
		err = check_vpn6(tb[OVPN_MPTCP_A_PEER_VPN_IPV6], extack);
	return err;
}

static void parse_config(struct nlattr **tb, struct ovpn_peer_config *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg->id = nla_get_u32(tb[OVPN_MPTCP_A_PEER_ID]);
	cfg->tx_id = cfg->id;
	if (tb[OVPN_MPTCP_A_PEER_TX_ID])
		cfg->tx_id = nla_get_u32(tb[OVPN_MPTCP_A_PEER_TX_ID]);
	cfg->fd = nla_get_u32(tb[OVPN_MPTCP_A_PEER_SOCKET]);
	ovpn_native_parse_outer(tb, &cfg->outer);
	if (tb[OVPN_MPTCP_A_PEER_VPN_IPV4])
		cfg->vpn4 = nla_get_in_addr(tb[OVPN_MPTCP_A_PEER_VPN_IPV4]);
	if (tb[OVPN_MPTCP_A_PEER_VPN_IPV6])
		cfg->vpn6 = nla_get_in6_addr(tb[OVPN_MPTCP_A_PEER_VPN_IPV6]);
	if (tb[OVPN_MPTCP_A_PEER_KEEPALIVE_INTERVAL]) {
		cfg->interval = nla_get_u32(tb[OVPN_MPTCP_A_PEER_KEEPALIVE_INTERVAL]);
		cfg->timeout = nla_get_u32(tb[OVPN_MPTCP_A_PEER_KEEPALIVE_TIMEOUT]);
	}
}

static int peer_new(struct ovpn_dev *ovpn, struct nlattr **tb,
		    struct genl_info *info)
{
	const struct ovpn_door *door;
	struct ovpn_peer_config cfg;
	int err;

	err = check_peer(ovpn, tb, info->extack);
	if (err)
		return err;
	if (NL_REQ_ATTR_CHECK(info->extack, info->attrs[OVPN_MPTCP_A_PEER], tb,
			      OVPN_MPTCP_A_PEER_SOCKET)) {
		NL_SET_ERR_MSG(info->extack,
			       "a new peer needs the file descriptor of its socket");
		return -EINVAL;
	}
	parse_config(tb, &cfg);
	if (ovpn->mode == OVPN_MPTCP_MODE_MP && !cfg.vpn4 &&
	    ipv6_addr_any(&cfg.vpn6)) {
		NL_SET_ERR_MSG(info->extack,
			       "a peer of a multi-peer device needs a VPN address, IPv4, IPv6 or both");
		return -EINVAL;
	}
	err = check_vpn(tb, info->extack);
	if (err)
		return err;
	err = ovpn_peer_new(ovpn, &cfg, info->extack);
	door = ovpn_netlink_door_by(info->nlhdr);
	return err && door->new_peer_errno ? door->new_peer_errno(err) : err;
}

/**
 * ovpn_native_do_peer_new - OVPN_MPTCP_CMD_PEER_NEW
 * @skb: request
 * @info: request
 *
 * Return: 0 or an errno; that of a refused socket is kept where the door can
 * bear it
 */
int ovpn_native_do_peer_new(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[OVPN_NATIVE_NEST_MAX + 1];
	int err;

	err = ovpn_netlink_parse(info, ovpn_native_peer_new, OVPN_MPTCP_A_PEER, tb,
				 BIT(OVPN_MPTCP_A_PEER_ID));
	if (err)
		return err;
	return peer_new(ovpn_netlink_dev(info), tb, info);
}

static int set_vpn(struct ovpn_peer *peer, struct nlattr **tb,
		   struct netlink_ext_ack *extack)
{
	struct in6_addr vpn6;
	__be32 vpn4;

	if (!has_vpn(tb))
		return 0;
	if (tb[OVPN_MPTCP_A_PEER_VPN_IPV4])
		vpn4 = nla_get_in_addr(tb[OVPN_MPTCP_A_PEER_VPN_IPV4]);
	if (tb[OVPN_MPTCP_A_PEER_VPN_IPV6])
		vpn6 = nla_get_in6_addr(tb[OVPN_MPTCP_A_PEER_VPN_IPV6]);
	return ovpn_peer_set_addrs(peer,
				   tb[OVPN_MPTCP_A_PEER_VPN_IPV4] ? &vpn4 : NULL,
				   tb[OVPN_MPTCP_A_PEER_VPN_IPV6] ? &vpn6 : NULL,
				   extack);
}

/* Addresses, outer and VPN: a request is applied in whole or not. Only a lack of
 * memory can stop the second half, and the first one is taken back then.
 */
static int set_addrs(struct ovpn_peer *peer, struct nlattr **tb,
		     struct netlink_ext_ack *extack)
{
	struct ovpn_endpoint outer;
	struct in6_addr vpn6;
	__be32 vpn4;
	int err;

	ovpn_native_parse_outer(tb, &outer);
	if (outer.family != AF_UNSPEC) {
		err = ovpn_peer_check_outer(peer, &outer, extack);
		if (err)
			return err;
	}
	ovpn_netlink_copy_addrs(peer, &vpn4, &vpn6);
	err = set_vpn(peer, tb, extack);
	if (err || outer.family == AF_UNSPEC)
		return err;
	err = ovpn_peer_set_outer(peer, &outer, extack);
	if (err && has_vpn(tb))
		ovpn_peer_set_addrs(peer, &vpn4, &vpn6, NULL);
	return err;
}

/* What can fail comes first. */
static int peer_set(struct ovpn_peer *peer, struct nlattr **tb,
		    struct netlink_ext_ack *extack)
{
	int err;

	err = check_vpn(tb, extack);
	if (err)
		return err;
	err = set_addrs(peer, tb, extack);
	if (err)
		return err;
	/* the transmit worker reads it for each packet */
	if (tb[OVPN_MPTCP_A_PEER_TX_ID])
		WRITE_ONCE(peer->tx_id, nla_get_u32(tb[OVPN_MPTCP_A_PEER_TX_ID]));
	if (tb[OVPN_MPTCP_A_PEER_KEEPALIVE_INTERVAL])
		ovpn_peer_set_keepalive(peer,
					nla_get_u32(tb[OVPN_MPTCP_A_PEER_KEEPALIVE_INTERVAL]),
					nla_get_u32(tb[OVPN_MPTCP_A_PEER_KEEPALIVE_TIMEOUT]));
	return 0;
}

/**
 * ovpn_native_do_peer_set - OVPN_MPTCP_CMD_PEER_SET
 * @skb: request
 * @info: request
 *
 * Return: 0 or an errno
 */
int ovpn_native_do_peer_set(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[OVPN_NATIVE_NEST_MAX + 1];
	struct ovpn_peer *peer;
	int err;

	err = ovpn_netlink_parse(info, ovpn_native_peer_set, OVPN_MPTCP_A_PEER, tb,
				 BIT(OVPN_MPTCP_A_PEER_ID));
	if (!err)
		err = check_peer(ovpn_netlink_dev(info), tb, info->extack);
	if (err)
		return err;
	peer = ovpn_netlink_get_own_peer(info, tb[OVPN_MPTCP_A_PEER_ID], skb);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	err = peer_set(peer, tb, info->extack);
	ovpn_peer_put(peer);
	return err;
}

static int put_counters(struct sk_buff *skb,
			const struct ovpn_peer_stats *stats)
{
	const struct {
		const atomic64_t *value;
		int type;
	} all[] = {
		{ &stats->vpn_rx_bytes, OVPN_MPTCP_A_PEER_VPN_RX_BYTES },
		{ &stats->vpn_rx_packets, OVPN_MPTCP_A_PEER_VPN_RX_PACKETS },
		{ &stats->vpn_tx_bytes, OVPN_MPTCP_A_PEER_VPN_TX_BYTES },
		{ &stats->vpn_tx_packets, OVPN_MPTCP_A_PEER_VPN_TX_PACKETS },
		{ &stats->link_rx_bytes, OVPN_MPTCP_A_PEER_LINK_RX_BYTES },
		{ &stats->link_rx_packets, OVPN_MPTCP_A_PEER_LINK_RX_PACKETS },
		{ &stats->link_tx_bytes, OVPN_MPTCP_A_PEER_LINK_TX_BYTES },
		{ &stats->link_tx_packets, OVPN_MPTCP_A_PEER_LINK_TX_PACKETS },
	};
	int i, err;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		err = ovpn_netlink_put_uint(skb, all[i].type,
					    atomic64_read(all[i].value));
		if (err)
			return err;
	}
	return 0;
}

static int put_drops(struct sk_buff *skb, const struct ovpn_drops *drops)
{
	struct nlattr *nest = nla_nest_start(skb, OVPN_MPTCP_A_PEER_DROPS);
	int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = 1; i <= OVPN_MPTCP_DROP_MAX; i++) {
		if (nla_put_u64_64bit(skb, i, atomic64_read(&drops->n[i]), 0))
			return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

static int put_transport(struct sk_buff *skb,
			 const struct ovpn_transport_info *transport)
{
	if (transport->name &&
	    nla_put_string(skb, OVPN_MPTCP_A_PEER_TRANSPORT, transport->name))
		return -EMSGSIZE;
	if (transport->has_token &&
	    (nla_put_u32(skb, OVPN_MPTCP_A_PEER_MPTCP_TOKEN, transport->token) ||
	     nla_put_u32(skb, OVPN_MPTCP_A_PEER_MPTCP_SUBFLOWS,
			 transport->subflows)))
		return -EMSGSIZE;
	return 0;
}

static int put_private(struct sk_buff *skb, struct ovpn_peer *peer,
		       const struct ovpn_transport_info *transport)
{
	if (put_transport(skb, transport) ||
	    nla_put_u32(skb, OVPN_MPTCP_A_PEER_QUEUE_BYTES,
			ovpn_queue_bytes(&peer->queue)) ||
	    put_drops(skb, &peer->drops))
		return -EMSGSIZE;
	return 0;
}

static int put_peer(struct sk_buff *skb, const struct ovpn_door *door,
		    const struct sk_buff *request, struct ovpn_peer *peer)
{
	struct ovpn_transport_info transport;
	struct in6_addr vpn6;
	__be32 vpn4;

	ovpn_sock_describe(peer, request, sock_net(request->sk), &transport);
	ovpn_netlink_copy_addrs(peer, &vpn4, &vpn6);

	if (transport.elsewhere &&
	    nla_put_s32(skb, OVPN_MPTCP_A_PEER_SOCKET_NETNSID,
			transport.netnsid))
		return -EMSGSIZE;
	if (nla_put_u32(skb, OVPN_MPTCP_A_PEER_ID, peer->id) ||
	    nla_put_u32(skb, OVPN_MPTCP_A_PEER_TX_ID, READ_ONCE(peer->tx_id)) ||
	    (vpn4 && nla_put_in_addr(skb, OVPN_MPTCP_A_PEER_VPN_IPV4, vpn4)) ||
	    (!ipv6_addr_any(&vpn6) &&
	     nla_put_in6_addr(skb, OVPN_MPTCP_A_PEER_VPN_IPV6, &vpn6)) ||
	    nla_put_u32(skb, OVPN_MPTCP_A_PEER_KEEPALIVE_INTERVAL,
			READ_ONCE(peer->keepalive.interval)) ||
	    nla_put_u32(skb, OVPN_MPTCP_A_PEER_KEEPALIVE_TIMEOUT,
			READ_ONCE(peer->keepalive.timeout)) ||
	    ovpn_native_put_outer(skb, &transport.outer) ||
	    (transport.local_port &&
	     nla_put_net16(skb, OVPN_MPTCP_A_PEER_LOCAL_PORT,
			   transport.local_port)) ||
	    put_counters(skb, &peer->stats))
		return -EMSGSIZE;
	return door == &ovpn_door_native ? put_private(skb, peer, &transport) : 0;
}

/* @nlh: in @request, the data of which may have moved on */
static int fill_peer(struct sk_buff *skb, struct ovpn_peer *peer,
		     const struct sk_buff *request, const struct nlmsghdr *nlh,
		     int flags)
{
	const struct ovpn_door *door = ovpn_netlink_door_by(nlh);
	struct nlattr *nest;
	void *hdr;

	hdr = genlmsg_put(skb, NETLINK_CB(request).portid, nlh->nlmsg_seq,
			  door->family, flags, OVPN_MPTCP_CMD_PEER_GET);
	if (!hdr)
		return -EMSGSIZE;
	nest = nla_nest_start(skb, OVPN_MPTCP_A_PEER);
	if (!nest || put_peer(skb, door, request, peer)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	genlmsg_end(skb, hdr);
	return 0;
}

static int reply_peer(const struct sk_buff *request, struct genl_info *info,
		      struct ovpn_peer *peer)
{
	struct sk_buff *msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	int err;

	if (!msg)
		return -ENOMEM;
	err = fill_peer(msg, peer, request, info->nlhdr, 0);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

/**
 * ovpn_native_do_peer_get - OVPN_MPTCP_CMD_PEER_GET for one peer
 * @skb: request
 * @info: request
 *
 * Return: 0 or an errno
 */
int ovpn_native_do_peer_get(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[OVPN_NATIVE_NEST_MAX + 1];
	struct ovpn_peer *peer;
	int err, type;

	err = ovpn_netlink_parse(info, ovpn_native_peer_get, OVPN_MPTCP_A_PEER, tb,
				 BIT(OVPN_MPTCP_A_PEER_ID));
	if (err)
		return err;
	for (type = OVPN_MPTCP_A_PEER_ID + 1; type <= OVPN_NATIVE_NEST_MAX; type++) {
		if (!tb[type])
			continue;
		NL_SET_ERR_MSG_ATTR(info->extack, tb[type],
				    "a peer is asked for by its id alone: leave this attribute out");
		return -EINVAL;
	}
	peer = ovpn_netlink_get_peer(info, tb[OVPN_MPTCP_A_PEER_ID]);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	err = reply_peer(skb, info, peer);
	ovpn_peer_put(peer);
	return err;
}

/**
 * ovpn_native_dump_peers - OVPN_MPTCP_CMD_PEER_GET for all peers of a device
 * @skb: room for replies
 * @cb: state; the position is the next peer id, so that peers may come and go
 *	between two calls
 *
 * Return: bytes in @skb, 0 at the end, or an errno
 */
int ovpn_native_dump_peers(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct nlattr *nest = nlmsg_find_attr(cb->nlh, GENL_HDRLEN,
						    OVPN_MPTCP_A_PEER);
	const struct ovpn_door *door = ovpn_netlink_door_by(cb->nlh);
	unsigned long *next = (unsigned long *)cb->ctx;
	struct ovpn_dev *ovpn;
	struct ovpn_peer *peer;
	int err = 0;

	/* found again at each call: a dump may pause for long, and a reference
	 * kept meanwhile would hold up the deletion of the device
	 */
	ovpn = ovpn_netlink_get_dev(cb->skb,
				    nlmsg_find_attr(cb->nlh, GENL_HDRLEN,
						    OVPN_MPTCP_A_IFINDEX),
				    door, cb->extack);
	if (IS_ERR(ovpn))
		return PTR_ERR(ovpn);
	/* OpenVPN 2.7 opens the nest and puts nothing in it */
	if (nest && nla_len(nest)) {
		NL_SET_ERR_MSG_ATTR(cb->extack, nest,
				    "a dump shows all peers: leave the peer out");
		err = -EINVAL;
	}
	while (!err && (peer = ovpn_peer_get_next(ovpn, next))) {
		if (ovpn_netlink_dumps(door, peer))
			err = fill_peer(skb, peer, cb->skb, cb->nlh,
					NLM_F_MULTI);
		ovpn_peer_put(peer);
		if (!err)
			(*next)++;
	}
	ovpn_netlink_put_dev(ovpn);
	/* a full message is sent, and the dump goes on with the next one */
	return skb->len ? skb->len : err;
}

/**
 * ovpn_native_do_peer_del - OVPN_MPTCP_CMD_PEER_DEL
 * @skb: request
 * @info: request
 *
 * Who owns the device may delete it with all its peers, so one of them, too: the
 * owner of the socket is not asked.
 *
 * Return: 0 or an errno
 */
int ovpn_native_do_peer_del(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[OVPN_NATIVE_NEST_MAX + 1];
	struct ovpn_peer *peer;
	int err;

	err = ovpn_netlink_parse(info, ovpn_native_peer_del, OVPN_MPTCP_A_PEER, tb,
				 BIT(OVPN_MPTCP_A_PEER_ID));
	if (err)
		return err;
	peer = ovpn_netlink_get_peer(info, tb[OVPN_MPTCP_A_PEER_ID]);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	err = ovpn_peer_del(peer, OVPN_MPTCP_DEL_REASON_USERSPACE);
	if (err)
		NL_SET_ERR_MSG(info->extack,
			       "the peer went away by itself at this very moment");
	ovpn_peer_put(peer);
	return err;
}

/**
 * ovpn_native_do_set_sock - OVPN_MPTCP_CMD_SET_SOCK
 * @skb: request
 * @info: request
 *
 * OpenVPN would not learn that its socket carries nothing any more, so the peers
 * of its devices keep theirs.
 *
 * Return: 0 or an errno; that of a refused socket is kept
 */
int ovpn_native_do_set_sock(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[OVPN_NATIVE_NEST_MAX + 1];
	struct ovpn_peer *peer;
	int err;

	err = ovpn_netlink_parse(info, ovpn_native_set_sock, OVPN_MPTCP_A_PEER, tb,
				 BIT(OVPN_MPTCP_A_PEER_ID) |
				 BIT(OVPN_MPTCP_A_PEER_SOCKET));
	if (err)
		return err;
	if (ovpn_netlink_dev(info)->door != &ovpn_door_native) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[OVPN_MPTCP_A_IFINDEX],
				    "the sockets of this tunnel belong to OpenVPN; only peers of devices of kind ovpn-dco-mptcp get another one");
		return -EOPNOTSUPP;
	}
	peer = ovpn_netlink_get_own_peer(info, tb[OVPN_MPTCP_A_PEER_ID], skb);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	err = ovpn_peer_set_sock(peer, nla_get_u32(tb[OVPN_MPTCP_A_PEER_SOCKET]),
				 info->extack);
	if (err == -ENOENT)
		NL_SET_ERR_MSG(info->extack,
			       "the peer went away by itself at this very moment");
	ovpn_peer_put(peer);
	return err;
}

/**
 * ovpn_native_notify_peer_del - multicast OVPN_MPTCP_CMD_PEER_DEL_NTF
 * @door: where to
 * @peer: the peer
 * @reason: why it is gone
 *
 * Process context; may sleep.
 */
void ovpn_native_notify_peer_del(const struct ovpn_door *door,
				 const struct ovpn_peer *peer,
				 enum ovpn_mptcp_del_reason reason)
{
	struct ovpn_notify ntf;

	if (!ovpn_notify_begin(&ntf, door, peer,
			       OVPN_MPTCP_CMD_PEER_DEL_NTF,
			       OVPN_MPTCP_A_PEER,
			       2 * nla_total_size(sizeof(u32))))
		return;
	ovpn_notify_end(&ntf,
			!nla_put_u32(ntf.msg, OVPN_MPTCP_A_PEER_DEL_REASON,
				     reason) &&
			!nla_put_u32(ntf.msg, OVPN_MPTCP_A_PEER_ID,
				     peer->id));
}
