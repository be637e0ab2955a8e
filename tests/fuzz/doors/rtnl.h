/* SPDX-License-Identifier: GPL-2.0 */
/* Network devices, in the network namespace where a socket was made. */
#ifndef RTNL_H
#define RTNL_H

#include <stddef.h>
#include <stdint.h>

struct nl_sock;

struct nl_sock *rtnl_open(void);
/* All of these: 0, or not. @data: what the link kind gets to see, as attributes. */
int rtnl_new(struct nl_sock *sk, const char *name, const char *kind, const void *data, size_t len);
int rtnl_change(struct nl_sock *sk, int index, const char *kind, const void *data, size_t len);
int rtnl_del(struct nl_sock *sk, const char *name);
int rtnl_up(struct nl_sock *sk, const char *name, int up);
int rtnl_mtu(struct nl_sock *sk, const char *name, uint32_t mtu);
/* @netns: file descriptor of the network namespace */
int rtnl_move(struct nl_sock *sk, const char *name, int netns);
int rtnl_get(struct nl_sock *sk, const char *name);

#endif
