// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A machine that shows all that uplinks can say: uplinks_sample ROOT text|json
 * What doctor says of one: uplinks_sample ROOT findings WORD..., from one set-up kept settled same-address no-flag
 */

#include <errno.h>
#include <stdio.h>

#include "doctor/check_uplinks.h"
#include "show/print.h"
#include "uplinks/print_uplinks.h"
#include "uplinks_world.h"

static void add_way(struct machine *machine, const char *text, int index, int error)
{
	struct uplinks_way *way = LIST_ADD(&machine->world.ways);

	way->address = address(text);
	way->index = index;
	way->error = error;
}

static void add_trip(struct uplinks_trips *trips, const char *text, int error, uint32_t rtt_us)
{
	*LIST_ADD(trips) = (struct uplinks_trip){ address(text), error, rtt_us };
}

static void fill(struct machine *machine)
{
	machine_new(machine);
	machine->world.unseen = true;
	add_local(machine, 2, "2001:db8:1::aaaa", 64)->second = true;
	local_at(machine, "2001:db8:1::2")->deprecated = true;
	add_local(machine, 2, "2001:db8:1::bbbb", 64)->tentative = true;
	machine->world.links.all.items[2].carrier = false;
	machine->world.links.all.items[2].rp_filter = 1;
	add_device(machine, 6, "ppp0", "ppp")->carrier = false;
	machine->world.links.all.items[4].up = false;
	add_local(machine, 6, "10.1.2.2", 32);
	add_route(machine, 6, NULL, 0, NULL)->metric = 300;
	add_device(machine, 7, "wg0", "wireguard");
	add_local(machine, 7, "10.66.0.2", 32);
	add_route(machine, 7, NULL, 0, NULL)->table = 51820;
	add_rule(machine, UPLINKS_PREFERENCE, "10.1.1.2", UPLINKS_TABLE + 2)->protocol = UPLINKS_PROTOCOL;
	add_rule(machine, 20000, "2001:db8:1::2", 200);
	add_endpoint(machine, "10.1.1.2", 2, SUBFLOW | BACKUP);
	LIST_ADD(&machine->made.endpoints)->address = address("10.1.1.2");
	add_endpoint(machine, "2001:db8:1::aaaa", 2, SUBFLOW);
	add_endpoint(machine, "10.1.2.2", 3, SUBFLOW | MPTCP_PM_ADDR_FLAG_SIGNAL);
	add_way(machine, "10.1.1.2", 2, 0);
	add_way(machine, "10.1.2.2", 2, 0);
	add_way(machine, "10.66.0.2", 0, ENETUNREACH);
	add_choice(machine, "wan2", UPLINKS_BACKUP);
	add_route(machine, 3, "203.0.113.5", 32, "10.1.2.1")->protocol = UPLINKS_PROTOCOL;
	add_route(machine, 6, "203.0.113.7", 32, NULL)->protocol = UPLINKS_PROTOCOL;
}

static void show(const struct host *host, struct out *out)
{
	struct uplinks_managers managers;
	struct uplinks_trips trips = { 0 };
	struct machine machine;
	struct uplinks uplinks;
	struct uplinks_view view = {
		&machine.world, &uplinks, &machine.made, &machine.changes, &managers, &trips, true, true, false,
	};

	fill(&machine);
	add_trip(&trips, "10.1.1.2", 0, 11000);
	add_trip(&trips, "2001:db8:1::aaaa", ETIMEDOUT, 0);
	plan(&machine);
	uplinks_managers_load(&managers, host);
	uplinks_find(&uplinks, &machine.world, &machine.conf, &machine.made);
	uplinks_print(out, &view, "available");
	free(trips.items);
	free(uplinks.items);
	machine_free(&machine);
}

static void judge(const struct host *host, struct out *out, char **words)
{
	struct findings findings = { 0 };
	struct uplinks_managers managers;
	struct machine machine;
	struct uplinks uplinks;
	struct uplinks_view view = {
		.world = &machine.world, .uplinks = &uplinks, .made = &machine.made, .changes = &machine.changes,
		.managers = &managers,
	};

	machine_new(&machine);
	for (; *words; words++) {
		if (!strcmp(*words, "one"))
			unplug(&machine, 3);
		if (!strcmp(*words, "settled"))
			set_up(&machine);
		if (!strcmp(*words, "same-address"))
			local_at(&machine, "10.1.2.2")->address = address("10.1.1.2");
		if (!strcmp(*words, "no-flag"))
			add_endpoint(&machine, "10.1.2.2", 3, 0);
		view.set_up |= !strcmp(*words, "set-up");
		view.kept |= !strcmp(*words, "kept");
	}
	plan(&machine);
	uplinks_managers_load(&managers, host);
	uplinks_find(&uplinks, &machine.world, &machine.conf, &machine.made);
	uplinks_judge(&view, &findings);
	print_findings(out, &findings);
	free(findings.items);
	free(uplinks.items);
	machine_free(&machine);
}

int main(int argc, char **argv)
{
	const struct host host = { .root = argc > 1 ? argv[1] : "/nowhere" };
	struct out out;

	if (argc < 3)
		return 1;
	out_init(&out, strcmp(argv[2], "text") ? OUT_JSON : OUT_TEXT, COLOUR_NEVER);
	if (strcmp(argv[2], "findings"))
		show(&host, &out);
	else
		judge(&host, &out, argv + 3);
	return 0;
}
