/* SPDX-License-Identifier: GPL-2.0 */
/* The version of the module and of the tool. */
#ifndef _OVPN_VERSION_H_
#define _OVPN_VERSION_H_

#define OVPN_VERSION "0.1.0"

#endif /* _OVPN_VERSION_H_ */
