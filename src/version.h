/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _OVPN_VERSION_H_
#define _OVPN_VERSION_H_

#define OVPN_VERSION "0.1.0"

#endif /* _OVPN_VERSION_H_ */
