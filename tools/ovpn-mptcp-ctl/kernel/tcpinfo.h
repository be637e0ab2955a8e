/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What TCP says about a connection. */
#ifndef TCPINFO_H
#define TCPINFO_H

#include "base/model.h"

/* @data: struct tcp_info of the kernel */
void tcpinfo_parse(struct path *path, const void *data, size_t size);

#endif /* TCPINFO_H */
