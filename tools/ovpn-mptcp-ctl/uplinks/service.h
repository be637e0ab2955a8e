/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The unit of systemd that follows what changes. */
#ifndef UPLINKS_SERVICE_H
#define UPLINKS_SERVICE_H

#include <stdbool.h>

#define UPLINKS_UNIT "ovpn-mptcp-uplinks.service"

/**
 * enum uplinks_service - what systemd can do for this network namespace
 * @UPLINKS_SERVICE_NONE: there is no systemd
 * @UPLINKS_SERVICE_ELSEWHERE: it is for another network namespace
 * @UPLINKS_SERVICE_OFF: the unit is not enabled
 * @UPLINKS_SERVICE_ON: it is enabled
 */
enum uplinks_service {
	UPLINKS_SERVICE_NONE,
	UPLINKS_SERVICE_ELSEWHERE,
	UPLINKS_SERVICE_OFF,
	UPLINKS_SERVICE_ON,
};

enum uplinks_service uplinks_service_state(void);
/* Enables and starts it, or disables and stops it. Returns 0 or an errno; what
 * systemctl says goes to standard error.
 */
int uplinks_service_switch(bool on);

#endif /* UPLINKS_SERVICE_H */
