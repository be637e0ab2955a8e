// SPDX-License-Identifier: GPL-2.0-or-later
/* What the machine gets of a client's tunnel: a way out, and name servers. */

#include <errno.h>

#include "attach/attach.h"

static bool is_gateway(const struct attach *attach)
{
	return attach->config.gateway == CONFIG_YES;
}

static bool may_leak(const struct attach *attach)
{
	return attach->config.leak == CONFIG_YES;
}

static enum status lead(struct attach *attach)
{
	enum status status = session_configure(&attach->session);

	if (!status)
		status = gateway_lead(&attach->gateway, &attach->config,
				      attach->session.ifindex);
	return status;
}

enum status attach_machine_begin(struct attach *attach)
{
	return is_gateway(attach) && !may_leak(attach) ? lead(attach) :
							 STATUS_OK;
}

enum status attach_machine_stand(struct attach *attach)
{
	enum status status = is_gateway(attach) ? lead(attach) : STATUS_OK;

	if (!status)
		attach_dns_stand(attach);
	return status;
}

void attach_machine_died(struct attach *attach)
{
	if (!may_leak(attach))
		return;
	/* those servers cannot be reached, and others can */
	attach_dns_rest(attach);
	gateway_rest(&attach->gateway);
}

void attach_machine_look(struct attach *attach)
{
	attach_dns_look(attach);
	/* it has said why; the next look tries again */
	if (attach->gateway.leads)
		gateway_lead(&attach->gateway, &attach->config,
			     attach->session.ifindex);
}

enum status attach_machine_prepare(struct attach *attach,
				   const struct config *next)
{
	if (next->gateway != CONFIG_YES || is_gateway(attach))
		return STATUS_OK;
	return gateway_open(&attach->gateway, next, attach->command);
}

void attach_machine_change(struct attach *attach, uint32_t had)
{
	uint32_t mark = gateway_mark(&attach->config);

	/* they may be others */
	attach_dns_rest(attach);
	if (!is_gateway(attach))
		gateway_close(&attach->gateway);
	else if (may_leak(attach))
		gateway_rest(&attach->gateway);
	/* the connection goes on by where it goes */
	if (attach->alive && mark != had && dial_mark(attach->live.fd, mark))
		attach_say(attach, "the kernel does not change the mark of the connection (%s)",
			   errno_text(errno));
	if (attach->alive)
		attach_machine_stand(attach);
	else
		attach_machine_begin(attach);
}

void attach_machine_end(struct attach *attach)
{
	attach_dns_rest(attach);
	attach_dns_wait(attach);
	gateway_close(&attach->gateway);
}
