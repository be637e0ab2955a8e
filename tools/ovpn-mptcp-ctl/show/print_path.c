// SPDX-License-Identifier: GPL-2.0-or-later
/* How a path is shown: what show and top have in common. */

#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/names.h"
#include "show/print_path.h"

static int wider(int width, const char *text)
{
	int length = (int)strlen(text);

	return length > width ? length : width;
}

struct path_columns path_columns(const struct peer *peer)
{
	char text[ADDRESS_PORT_SIZE];
	struct path_columns columns = { 0 };
	size_t i;

	for (i = 0; i < peer->paths.count; i++) {
		const struct path *path = &peer->paths.items[i];

		columns.device = wider(columns.device, path->device);
		columns.local = wider(columns.local, path->local.family ?
				      address_text(&path->local, text) : "?");
		columns.remote = wider(columns.remote,
				       address_port_text(&path->remote, text));
	}
	for (i = 0; i < peer->missing.count; i++) {
		const struct endpoint *endpoint = &peer->missing.items[i];

		columns.device = wider(columns.device, endpoint->device);
		columns.local = wider(columns.local,
				      address_text(&endpoint->address, text));
	}
	return columns;
}

void print_remote(struct out *out, const struct look *look,
		  const struct address *remote)
{
	char text[ADDRESS_PORT_SIZE];

	/* one call each: in text the port belongs to the address */
	out_string(out, "remote", look, out->format == OUT_TEXT ?
		   address_port_text(remote, text) : address_text(remote, text));
	out_number(out, "remote_port", NULL, UNIT_NONE, remote->port);
}

void print_path_head(struct out *out, const struct path *path,
		     const struct path_columns *columns)
{
	char text[ADDRESS_SIZE], state[NAME_SIZE];
	bool full = !columns->narrow;

	out_string(out, "dev", LOOK(.before = "    ", .after = full ? "  " : "",
				    .width = columns->device), path->device);
	if (path->local.family || out->format == OUT_TEXT)
		out_string(out, "local", full ? LOOK(.after = out_arrow(out), .width = columns->local) :
			   NULL, path->local.family ?
			   address_text(&path->local, text) : "?");
	out_number(out, "local_port", NULL, UNIT_NONE, path->local.port);
	print_remote(out, full ? LOOK(.width = columns->remote) : NULL,
		     &path->remote);
	if (!path->datagrams)
		out_string(out, "state", path->state == TCP_ESTABLISHED ? NULL :
			   LOOK("  ", "", STYLE_TROUBLE, 0),
			   tcp_state_name(path->state, state));
}

void print_congestion(struct out *out, const struct path *path,
		      const struct path_columns *columns)
{
	bool shown = columns->congestion && path->state == TCP_ESTABLISHED;

	if (path->congestion[0])
		out_string(out, "congestion", shown ? LOOK(.before = "  ") : NULL,
			   path->congestion);
}

void print_path_tail(struct out *out, const struct path *path)
{
	out_flag(out, "backup", LOOK(.before = "  "), "backup", path->backup);
	if (!path->datagrams)
		out_number(out, "retries", path->retries ?
			   LOOK("  no answer, ", " retries", STYLE_TROUBLE, 0) : NULL,
			   UNIT_NONE, path->retries);
	out_text(out, "\n");
}

void print_missing(struct out *out, const struct endpoint *endpoint,
		   const struct path_columns *columns)
{
	char text[ADDRESS_SIZE];

	out_object(out, NULL);
	out_string(out, "dev", LOOK(.before = "    ", .after = "  ", .width = columns->device),
		   endpoint->device);
	out_string(out, "local", LOOK(.width = columns->local),
		   address_text(&endpoint->address, text));
	if (endpoint->address.port)
		out_number(out, "local_port", LOOK(.before = " port "), UNIT_NONE,
			   endpoint->address.port);
	out_number(out, "endpoint_id", LOOK("  missing: no path on endpoint ", "",
					    STYLE_TROUBLE, 0),
		   UNIT_NONE, endpoint->id);
	out_text(out, "\n");
	out_end(out);
}

void print_transport(struct out *out, const struct peer *peer)
{
	size_t live = peer_live_paths(peer);
	char text[64];

	if (!peer->transport[0]) {
		out_text(out, "  no socket");
		return;
	}
	out_string(out, "transport", LOOK(.before = "  "), peer->transport);
	if (peer->has_token) {
		snprintf(text, sizeof(text), ", %zu of %zu path%s", live,
			 live + peer->missing.count,
			 live + peer->missing.count == 1 ? "" : "s");
		out_text(out, text);
		out_number(out, "token", NULL, UNIT_NONE, peer->token);
		out_number(out, "subflows", NULL, UNIT_NONE, peer->subflows);
	}
	if (peer->local_port)
		out_number(out, "local_port", NULL, UNIT_NONE, peer->local_port);
	if (!peer->elsewhere)
		return;
	out_text(out, "  socket in another network namespace");
	/* -1: the namespace has no id here */
	if (peer->netnsid >= 0)
		out_number(out, "netnsid", LOOK(.before = " (id ", .after = ")"), UNIT_NONE,
			   peer->netnsid);
	out_flag(out, "elsewhere", NULL, NULL, true);
}
