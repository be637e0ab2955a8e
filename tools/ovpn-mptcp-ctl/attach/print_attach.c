// SPDX-License-Identifier: GPL-2.0-or-later
/* Prints what attach is told. */

#include <stdio.h>

#include "attach/service.h"
#include "show/print.h"

static void print_prefixes(struct out *out, const char *key, const char *word,
			   const struct config_prefixes *prefixes)
{
	char ip[ADDRESS_SIZE], text[ADDRESS_SIZE + 8];
	size_t i;

	out_array(out, key);
	for (i = 0; i < prefixes->count; i++) {
		snprintf(text, sizeof(text), "%s/%u",
			 address_text(&prefixes->items[i].address, ip),
			 prefixes->items[i].length);
		out_string(out, NULL, LOOK(.before = word, .after = "\n"), text);
	}
	out_end(out);
}

static void print_gateway(struct out *out, const struct config *config)
{
	bool gateway = config->gateway == CONFIG_YES;
	bool leak = config->leak == CONFIG_YES;

	out_bool(out, "gateway", gateway);
	out_bool(out, "leak", leak);
	if (gateway)
		out_text(out, leak ? "  gateway yes, leak yes\n" :
				     "  gateway yes, leak no\n");
}

static void print_servers(struct out *out, const struct config *config)
{
	char text[ADDRESS_SIZE];
	size_t i;

	out_array(out, "dns");
	for (i = 0; i < config->dns.count; i++)
		out_string(out, NULL, LOOK(.before = "  dns ", .after = "\n"),
			   address_text(&config->dns.items[i], text));
	out_end(out);
	out_array(out, "dns_domains");
	for (i = 0; i < config->dns_domains.count; i++)
		out_string(out, NULL,
			   LOOK(.before = "  dns-domain ", .after = "\n"),
			   config->dns_domains.items[i]);
	out_end(out);
}

/* The outermost object has been begun, or the element of an array. */
static void print_site(struct out *out, const struct attach *attach)
{
	const struct config *config = &attach->config;
	bool client = config->connect.name;
	const struct config_host *host = client ? &config->connect :
						  &config->listen;

	out_string(out, "dev", LOOK(.after = "  ", .style = STYLE_DEVICE),
		   config->device);
	if (config->peer)
		out_string(out, "peer", LOOK(.before = "for ", .after = ", "),
			   config->peer);
	out_string(out, "role", LOOK(.after = client ? " of " : " at "),
		   client ? "client" : "server");
	out_string(out, "host", LOOK(.after = " port "), host->name);
	out_number(out, "port", LOOK(.after = ", "), UNIT_NONE, host->port);
	out_string(out, "credentials", LOOK(.after = ", "),
		   config->psk_file ? "psk" : "certificate");
	out_number(out, "mtu", LOOK(.before = "mtu ", .after = "\n"), UNIT_NONE,
		   config->mtu);
	print_prefixes(out, "addresses", "  address ", &config->addresses);
	print_prefixes(out, "routes", "  route ", &config->routes);
	print_gateway(out, config);
	print_servers(out, config);
}

void told_print(struct out *out, const struct told *told)
{
	size_t i;

	print_begin(out);
	out_array(out, "tunnels");
	for (i = 0; i < told->count; i++) {
		out_object(out, NULL);
		print_site(out, told->sites[i]);
		out_end(out);
	}
	out_end(out);
	out_text(out, "The configuration is right.\n");
	out_end(out);
}
