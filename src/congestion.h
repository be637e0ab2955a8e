/* SPDX-License-Identifier: GPL-2.0 */
/* Which congestion control the sockets below a stream have. */
#ifndef _OVPN_CONGESTION_H_
#define _OVPN_CONGESTION_H_

struct ovpn_path;
struct ovpn_peer;
struct socket;

int ovpn_congestion_init(void);
void ovpn_congestion_exit(void);
void ovpn_congestion_choose(struct ovpn_path *path, struct socket *sock,
			    const struct ovpn_peer *peer, bool is_open);
void ovpn_congestion_leave(struct ovpn_path *path, struct socket *sock);

#endif /* _OVPN_CONGESTION_H_ */
