/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything that is read before something is shown. */
#ifndef VIEW_H
#define VIEW_H

#include "base/message.h"
#include "kernel/links.h"
#include "kernel/native.h"
#include "kernel/udp_path.h"

/**
 * struct view - what there is, from four corners of the kernel
 * @native: conversation with the module; opened and closed by the caller
 * @links: interfaces and addresses
 * @paths: TCP connections
 * @udp: UDP sockets, when there are peers on some
 * @endpoints: of MPTCP
 * @devices: tunnel devices with their peers
 */
struct view {
	struct native native;
	struct links links;
	struct paths paths;
	struct udp_sockets udp;
	struct endpoints endpoints;
	struct devices devices;
};

/* @device: name, or NULL for all; @id: of the only peer, or NULL for all;
 * @command: for the text of an error
 */
enum status view_load(struct view *view, const char *command,
		      const char *device, const uint32_t *id);
/* What was loaded; the view can be loaded again. */
void view_free(struct view *view);

/* Whether a new MPTCP socket can be had: available, disabled or missing. */
const char *view_mptcp(void);

#endif /* VIEW_H */
