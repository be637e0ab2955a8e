// SPDX-License-Identifier: GPL-2.0-or-later
/* The verbs of the noun key. */

#include <string.h>

#include "base/keyfile.h"
#include "cli/tunnel.h"
#include "kernel/native_change.h"
#include "show/print.h"

static uint32_t number(const struct request *request, const char *word)
{
	return request_value(request, word)->number[0];
}

static enum status send_key(const struct request *request,
			    const struct keyfile *bytes)
{
	struct key key = {
		.peer = number(request, "peer"),
		.slot = number(request, "slot"),
		.id = number(request, "id"),
		/* the choice begins behind the cipher that is none */
		.cipher = number(request, "cipher") + OVPN_MPTCP_CIPHER_AES_GCM,
	};
	struct native native;
	enum status status;
	int ifindex;

	status = tunnel_open(&native, request, &ifindex);
	if (status)
		return status;
	return tunnel_close(&native, request,
			    native_key_new(&native, ifindex, &key, bytes));
}

enum status key_new(const struct request *request)
{
	struct keyfile keys;
	enum status status;

	status = keyfile_read(request->command->name,
			      request_value(request, "file")->text, &keys);
	if (status)
		return status;
	status = send_key(request, &keys);
	explicit_bzero(&keys, sizeof(keys));
	return status;
}

enum status key_get(const struct request *request)
{
	struct native native;
	enum status status;
	struct key key;
	int ifindex;

	status = tunnel_open(&native, request, &ifindex);
	if (status)
		return status;
	status = tunnel_close(&native, request,
			      native_key(&native, ifindex,
					 number(request, "peer"),
					 number(request, "slot"), &key));
	if (!status)
		print_key(request->out, request->device, &key);
	return status;
}

static int swap(struct native *native, int ifindex,
		const struct request *request)
{
	return native_key_swap(native, ifindex, number(request, "peer"));
}

enum status key_swap(const struct request *request)
{
	return tunnel_change(request, swap);
}

static int del(struct native *native, int ifindex,
	       const struct request *request)
{
	return native_key_del(native, ifindex, number(request, "peer"),
			      number(request, "slot"));
}

enum status key_del(const struct request *request)
{
	return tunnel_change(request, del);
}
