// SPDX-License-Identifier: GPL-2.0-or-later
/* Rates from counters, bars from rates, and lines cut to the screen. */

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/units.h"
#include "show/chart.h"
#include "show/rates.h"
#include "show/screen.h"

static int number, failed;

static void check(int holds, const char *what)
{
	printf("%sok %d - %s\n", holds ? "" : "not ", ++number, what);
	failed |= !holds;
}

static void test_rate(void)
{
	check(rate_bits(0, 125000, 1000000) == 1000000, "1 Mbit in a second");
	check(rate_bits(1000, 126000, 500000) == 2000000, "the same in half a second");
	check(rate_bits(5, 5, 1000000) == 0, "nothing");
	check(rate_bits(1, 1000, 0) == 0, "in no time, nothing is known");
	check(rate_bits(1000000, 1000, 1000000) == 8000, "a counter that went back began anew");
	check(rate_bits(0, 1ull << 40, 1000000) == 1ull << 43, "no overflow at 8.8 Tbit/s");
	check(rate_bits(UINT64_MAX - 125000, UINT64_MAX, 1000000) == 1000000, "large counters");
}

static struct path *add_path(struct peer *peer, uint16_t port)
{
	struct path *path = LIST_ADD(&peer->paths);
	unsigned char ip[] = { 10, 0, 0, 1 };

	address_set(&path->local, AF_INET, ip, port);
	address_set(&path->remote, AF_INET, ip, 1194);
	return path;
}

static void test_update(void)
{
	struct devices devices = { 0 };
	struct device *device = LIST_ADD(&devices);
	struct peer *peer = LIST_ADD(&device->peers);
	struct path *path = add_path(peer, 1);
	struct rates rates = { 0 };
	const struct meter *meter;
	int i;

	device->index = 3;
	path->tx_bytes = 1000000;
	rates_update(&rates, &devices, 5000000);
	meter = rates_of_path(&rates, device, peer, path);
	check(rates.interval_us == 0 && meter && meter->tx == 0 && !meter->length,
	      "the first reading has no rate");
	path->tx_bytes += 250000;
	path->rx_bytes += 125000;
	peer->vpn.rx_bytes = 125;
	peer->drops[2] = 7;
	rates_update(&rates, &devices, 7000000);
	meter = rates_of_path(&rates, device, peer, path);
	check(meter->tx == 1000000 && meter->rx == 500000, "two seconds later");
	meter = rates_of_peer(&rates, device, peer);
	check(meter->rx == 500 && meter->tx == 0 && meter->drops == 7, "of the peer");
	check(rates_peak(&rates, device, peer) == 1000000, "the peak is that of paths");
	peer->paths.items[0].tx_bytes += 500000;
	path = add_path(peer, 2);
	path->tx_bytes = 99999999;
	rates_update(&rates, &devices, 8000000);
	check(rates_of_path(&rates, device, peer, path)->tx == 0, "a new path begins at 0, whatever it carried");
	check(rates_of_path(&rates, device, peer, &peer->paths.items[0])->tx == 4000000, "the old one goes on");
	peer->paths.count = 1;
	rates_update(&rates, &devices, 9000000);
	check(!rates_of_path(&rates, device, peer, path), "a path that went is forgotten");
	for (i = 0; i < 2 * RATES_HISTORY; i++)
		rates_update(&rates, &devices, 10000000 + i);
	meter = rates_of_path(&rates, device, peer, &peer->paths.items[0]);
	check(meter->length == RATES_HISTORY && !rates_peak(&rates, device, peer), "history has an end");
	rates_free(&rates);
	devices_free(&devices);
}

static void test_chart(void)
{
	check(!strcmp(chart_bar(0, 100, true), " "), "no bar for nothing");
	check(!strcmp(chart_bar(1, 1000000, true), "\u2581"), "a bar for anything");
	check(!strcmp(chart_bar(100, 100, true), "\u2588"), "a full one for the peak");
	check(!strcmp(chart_bar(50, 100, true), "\u2584"), "half");
	check(!strcmp(chart_bar(200, 100, true), "\u2588"), "not more than full");
	check(!strcmp(chart_bar(100, 100, false), "#"), "ASCII");
	check(!strcmp(chart_bar(5, 0, true), " "), "no peak, no bar");
}

static void test_clip(void)
{
	check(screen_clip("abcdef", 6, 3) == 3, "cut");
	check(screen_clip("abc", 3, 3) == 3, "fits");
	check(screen_clip("\033[31mab\033[0mc", 12, 2) == 11, "colours have no width");
	check(screen_clip("\u2192\u2192a", 7, 2) == 6, "characters of several bytes are whole");
	check(screen_clip("a\033[3", 4, 5) == 4, "a sequence without an end");
	check(screen_clip("", 0, 0) == 0, "nothing");
}

static void test_units(void)
{
	static const struct {
		uint64_t value;
		const char *text;
	} all[] = {
		{ 0, "0 bit/s" }, { 999, "999 bit/s" }, { 1000, "1.0 kbit/s" },
		{ 999949, "999.9 kbit/s" }, { 999950, "1.0 Mbit/s" },
		{ 18300000, "18.3 Mbit/s" }, { 9999999999ull, "10.0 Gbit/s" },
		{ 5000000000000000ull, "5000.0 Tbit/s" },
	};
	char buffer[UNITS_SIZE];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		check(!strcmp(units_format(buffer, UNIT_BITRATE, all[i].value),
			      all[i].text), all[i].text);
}

int main(void)
{
	test_rate();
	test_update();
	test_chart();
	test_clip();
	test_units();
	printf("1..%d\n", number);
	return failed;
}
