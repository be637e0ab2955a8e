// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * struct tcp_info of the kernel's header, which is longer than that of libc;
 * the two headers cannot be in one file.
 */

#include <linux/tcp.h>
#include <string.h>

#include "kernel/tcpinfo.h"

/* Older kernels have a shorter structure, newer ones a longer one. */
void tcpinfo_parse(struct path *path, const void *data, size_t size)
{
	struct tcp_info info = {};

	memcpy(&info, data, size < sizeof(info) ? size : sizeof(info));
	path->rtt_us = info.tcpi_rtt;
	/* all bits are set before the first */
	if (info.tcpi_min_rtt != UINT32_MAX)
		path->min_rtt_us = info.tcpi_min_rtt;
	path->tx_bytes = info.tcpi_bytes_sent;
	path->rx_bytes = info.tcpi_bytes_received;
	path->idle_ms = info.tcpi_last_data_recv;
	path->ack_ms = info.tcpi_last_ack_recv;
	path->retries = info.tcpi_retransmits;
	path->rto_ms = info.tcpi_rto / 1000;
	path->inflight_bytes = (uint64_t)info.tcpi_unacked * info.tcpi_snd_mss;
	path->unsent_bytes = info.tcpi_notsent_bytes;
}
