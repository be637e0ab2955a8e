// SPDX-License-Identifier: GPL-2.0-or-later
/* What attach tells about itself: to the log, a terminal and systemd. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attach/attach.h"
#include "base/journal.h"
#include "base/sdnotify.h"
#include "show/view.h"

/* how often paths are counted when no event tells that they have changed */
#define STATUS_MS	5000

void attach_say(const struct attach *attach, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	say("%s: %s", attach->config.device, text);
}

void attach_event(const struct attach *attach, int level, const char *event,
		  const char *format, ...)
{
	const char *device = attach->config.device;
	char text[512], message[sizeof(text) + IFNAMSIZ + 2], fields[128];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(message, sizeof(message), "%s: %s", device, text);
	snprintf(fields, sizeof(fields),
		 "OVPN_MPTCP_EVENT=%s\nOVPN_MPTCP_DEV=%s\n", event, device);
	if (!journal_reads(STDERR_FILENO) ||
	    !journal_send(level, message, fields))
		say("%s", message);
}

void attach_progress(const struct attach *attach, const char *format, ...)
{
	char text[256];
	va_list args;

	if (!isatty(STDERR_FILENO))
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	attach_say(attach, "%s", text);
}

/* When it is not what the configuration says. */
static void tell_interval(struct attach *attach)
{
	const struct agreement *agreement = &attach->live.agreement;
	const uint32_t *own = attach->config.keepalive;
	uint32_t interval = attach->session.interval;
	const struct keepalive *other;

	if (interval == attach->told_interval)
		return;
	attach->told_interval = interval;
	other = attach->config.listen.name ? &agreement->client :
					     &agreement->server;
	if (interval != own[0])
		attach_say(attach, "keepalive is %u %u here and %u %u at the other end: both send a ping after %u s",
			   own[0], own[1], other->interval, other->timeout,
			   interval);
}

void attach_tell(struct attach *attach, const char *what)
{
	static const char *const kinds[] = {
		[DIAL_MPTCP] = "mptcp",
		[DIAL_FALLBACK] = "mptcp-fallback",
		[DIAL_TCP] = "tcp",
	};
	const struct handshake *live = &attach->live;
	char text[DIAL_TEXT_SIZE];

	attach_event(attach, LOG_NOTICE, "attached",
		     "%s: %s over %s, %s, key %u", what,
		     dial_text(&live->remote, text),
		     kinds[dial_kind(live->fd)],
		     agree_cipher_name(live->agreement.cipher),
		     live->agreement.key_id);
	tell_interval(attach);
}

static void describe(const struct attach *attach, const struct peer *peer,
		     char *text, size_t size)
{
	size_t live = peer_live_paths(peer), all = live + peer->missing.count;
	char to[DIAL_TEXT_SIZE];

	if (!peer->has_token)
		snprintf(text, size, "%s, 1 path", peer->transport);
	else
		snprintf(text, size, "%zu of %zu path%s", live, all,
			 all == 1 ? "" : "s");
	snprintf(text + strlen(text), size - strlen(text), ", %s",
		 dial_text(&attach->live.remote, to));
}

static void count(struct attach *attach, char *text, size_t size)
{
	struct view view = { .native = attach->session.native };

	if (!view_load(&view, attach->command, attach->device,
		       &attach->session.peer) &&
	    view.devices.count && view.devices.items[0].peers.count)
		describe(attach, &view.devices.items[0].peers.items[0], text,
			 size);
	view_free(&view);
}

void attach_doubt(struct attach *attach)
{
	attach->status_at = 0;
}

enum status attach_status(struct attach *attach, uint64_t now)
{
	char text[sizeof(attach->paths)] = "", name[IFNAMSIZ];

	if (now < attach->status_at)
		return STATUS_OK;
	attach->status_at = now + STATUS_MS;
	/* the end of a peer is told, that of a device without one is not */
	strcpy(name, attach->device);
	if (!session_still_has_device(&attach->session, name)) {
		attach_say(attach, "somebody removed the device");
		return STATUS_REFUSED;
	}
	if (strcmp(name, attach->device))
		attach_say(attach, "the device has the name %s now", name);
	strcpy(attach->device, name);
	attach_machine_look(attach);
	if (attach->alive)
		count(attach, text, sizeof(text));
	else if (attach->config.listen.name)
		strcpy(text, "waits for a client");
	else
		strcpy(text, attach->ever ? "reconnects" : "connects");
	if (!*text || !strcmp(text, attach->paths))
		return STATUS_OK;
	if (attach->alive)
		attach_event(attach, LOG_INFO, "paths", "%s", text);
	strcpy(attach->paths, text);
	if (attach->alone)
		sdnotify("STATUS=%s", text);
	return STATUS_OK;
}
