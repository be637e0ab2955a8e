/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A request about one device, from opening to closing. */
#ifndef TUNNEL_H
#define TUNNEL_H

#include "cli/command.h"
#include "kernel/native.h"

/* Opens the conversation and finds the device; says why not. */
enum status tunnel_open(struct native *native, const struct request *request,
			int *ifindex);
/* The end: @err is what the kernel said. */
enum status tunnel_close(struct native *native, const struct request *request,
			 int err);
/* All of it, with one change in the middle, which returns what the kernel said. */
enum status tunnel_change(const struct request *request,
			  int (*change)(struct native *native, int ifindex,
					const struct request *request));
/* Sends a request without an answer and says what the kernel refused. */
enum status tunnel_send(struct native *native, const struct request *request,
			struct nl_msg *msg, struct nlattr *nest);

#endif /* TUNNEL_H */
