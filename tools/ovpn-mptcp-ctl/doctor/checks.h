/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What doctor looks at. Each check adds what it finds, good or bad; none of
 * them changes anything on the host, loads a module or asks other programs.
 */
#ifndef CHECKS_H
#define CHECKS_H

#include "base/finding.h"
#include "kernel/endpoints.h"
#include "kernel/host.h"
#include "show/view.h"

/**
 * struct families - which generic netlink families there are
 * @native: of this module
 * @v2: ovpn-dco-v2
 * @ovpn: ovpn
 * @known: they could be asked for
 */
struct families {
	bool native;
	bool v2;
	bool ovpn;
	bool known;
};

enum door_id {
	DOOR_V2,
	DOOR_OVPN,
	DOOR_COUNT,
};

/**
 * enum door_state - whether an OpenVPN that uses the door gets in
 * @DOOR_OPEN: it does
 * @DOOR_NONE: this version of the module has no such door
 * @DOOR_OFF: a module parameter says no
 * @DOOR_TAKEN: another module has it
 * @DOOR_UNKNOWN: this module is not loaded
 */
enum door_state {
	DOOR_OPEN,
	DOOR_NONE,
	DOOR_OFF,
	DOOR_TAKEN,
	DOOR_UNKNOWN,
};

/**
 * struct door - a way in for unmodified OpenVPN
 * @family: generic netlink family
 * @parameter: of the module, that switches it
 * @client: who uses it
 * @module: that has the same door of its own
 */
struct door {
	const char *family;
	const char *parameter;
	const char *client;
	const char *module;
};

extern const struct door doors[DOOR_COUNT];

/* The module: loaded, or why not. Returns whether it is loaded. */
bool check_module(const struct host *host, struct findings *findings);
/* Secure Boot and its relatives, and whether they let a module in.
 * @file: of the module below the root, or empty when there is none
 */
void check_signature(const struct host *host, const char *file,
		     struct findings *findings);
void check_doors(const struct host *host, const struct families *families,
		 enum door_state *states, struct findings *findings);
/* @path: as in the environment variable PATH; @tunnels: number of tunnel
 * devices in this network namespace
 */
void check_openvpn(const struct host *host, const char *path,
		   const enum door_state *states, size_t tunnels,
		   struct findings *findings);
/* Tunnels of OpenVPN 2.6 that wait in vain. */
void check_waiting(const struct host *host, const struct view *view,
		   struct findings *findings);
/* What the module is to give connections, and whether it can. */
void check_congestion(const struct host *host, struct findings *findings);

/* Whether lost paths come back. @tunnels: number of devices whose paths the
 * service is to mind
 */
void check_keep(const struct host *host, size_t tunnels,
		struct findings *findings);
/* Programs that edit endpoints. */
void check_managers(const struct host *host, struct findings *findings);
/* The sysctls of MPTCP. Returns whether a socket can be had. */
bool check_mptcp(const struct host *host, struct findings *findings);
/* Sysctls that decide how fast it can be. */
void check_buffers(const struct host *host, struct findings *findings);

void check_limits(const struct limits *limits, const struct endpoints *endpoints,
		  struct findings *findings);
/* @networkmanager: it runs, so it may have made an endpoint */
void check_endpoints(const struct view *view, const struct host *host,
		     bool networkmanager, struct findings *findings);

/* @later: the same, some time later */
void check_tunnels(const struct view *view, const struct view *later,
		   struct findings *findings);

#endif /* CHECKS_H */
