// SPDX-License-Identifier: GPL-2.0-or-later
/* How rates are shown. */

#include <netinet/tcp.h>
#include <string.h>
#include <time.h>

#include "base/names.h"
#include "show/chart.h"
#include "show/print.h"
#include "show/print_path.h"
#include "show/print_top.h"

/* "999.9 Mbit/s", "1023.99 KiB", "9999 ms" */
#define WIDTH_RATE	12
#define WIDTH_BYTES	11
#define WIDTH_TIME	7
/* what a line has besides addresses and charts */
#define WIDTH_FIXED	100
#define CHART_LEAST	5
#define CHART_MOST	16

/**
 * struct layout - how much room there is
 * @paths: widths of the ends of paths
 * @chart: columns of a chart
 * @peak: that a full bar stands for
 */
struct layout {
	struct path_columns paths;
	int chart;
	uint64_t peak;
};

/* Of the longest name, with what is before it. */
static int congestion_width(const struct peer *peer)
{
	int width = 0;
	size_t i;

	for (i = 0; i < peer->paths.count; i++) {
		int length = (int)strlen(peer->paths.items[i].congestion);

		if (length && length + 2 > width)
			width = length + 2;
	}
	return width;
}

static struct layout lay_out(const struct peer *peer, uint64_t peak, int columns)
{
	struct layout layout = { .paths = path_columns(peer),
				 .chart = CHART_MOST, .peak = peak };
	int ends = layout.paths.local + layout.paths.remote + 3;
	int congestion = congestion_width(peer), room;

	layout.paths.congestion = true;
	if (!columns)
		return layout;
	/* names of interfaces say enough where there is no room for more */
	if (layout.paths.device &&
	    WIDTH_FIXED + layout.paths.device + ends > columns)
		layout.paths.narrow = true;
	room = columns - WIDTH_FIXED - layout.paths.device -
	       (layout.paths.narrow ? 0 : ends);
	layout.paths.congestion = room >= 2 * CHART_LEAST + congestion;
	if (layout.paths.congestion)
		room -= congestion;
	layout.chart = room / 2;
	if (layout.chart < CHART_LEAST)
		layout.chart = CHART_LEAST;
	if (layout.chart > CHART_MOST)
		layout.chart = CHART_MOST;
	return layout;
}

static void print_chart(struct out *out, const struct meter *meter, bool tx,
			const struct layout *layout)
{
	char text[CHART_SIZE(CHART_MOST)] = "";
	unsigned int at;
	int i;

	for (i = layout->chart; i > 0; i--) {
		at = (meter->head + RATES_HISTORY - i) % RATES_HISTORY;
		strcat(text, (unsigned int)i > meter->length ? " " :
		       chart_bar(tx ? meter->history[at].tx :
				 meter->history[at].rx,
				 layout->peak, out->utf8));
	}
	out_text(out, text);
}

/* What TCP knows of a connection. */
static void print_stream(struct out *out, const struct path *path,
			 const struct path_columns *columns)
{
	bool established = path->state == TCP_ESTABLISHED;

	out_number(out, "rtt_us", established ? LOOK(.before = "  rtt ", .width = WIDTH_TIME) :
		   NULL, UNIT_MICROSECONDS, path->rtt_us);
	out_number(out, "inflight_bytes", LOOK(.before = "  in flight ", .width = WIDTH_BYTES),
		   UNIT_BYTES, path->inflight_bytes);
	out_number(out, "unsent_bytes", LOOK(.before = "  unsent ", .width = WIDTH_BYTES),
		   UNIT_BYTES, path->unsent_bytes);
	print_congestion(out, path, columns);
}

static void print_path(struct out *out, const struct path *path,
		       const struct meter *meter, const struct layout *layout)
{
	out_object(out, NULL);
	print_path_head(out, path, &layout->paths);
	out_number(out, "tx_bits_per_s", LOOK(.before = "  up ", .after = " ", .width = WIDTH_RATE),
		   UNIT_BITRATE, meter->tx);
	print_chart(out, meter, true, layout);
	out_number(out, "rx_bits_per_s", LOOK(.before = "  down ", .after = " ", .width = WIDTH_RATE),
		   UNIT_BITRATE, meter->rx);
	print_chart(out, meter, false, layout);
	if (!path->datagrams)
		print_stream(out, path, &layout->paths);
	print_path_tail(out, path);
	out_end(out);
}

static void print_peer(struct out *out, const struct device *device,
		       const struct peer *peer, const struct rates *rates,
		       int columns)
{
	const struct meter *meter = rates_of_peer(rates, device, peer);
	struct layout layout = lay_out(peer, rates_peak(rates, device, peer),
				       columns);
	size_t i;

	out_object(out, NULL);
	out_number(out, "id", LOOK("  peer ", "", STYLE_PEER, 0), UNIT_NONE,
		   peer->id);
	print_transport(out, peer);
	out_number(out, "tx_bits_per_s", LOOK(.before = "  up ", .width = WIDTH_RATE), UNIT_BITRATE,
		   meter->tx);
	out_number(out, "rx_bits_per_s", LOOK(.before = "  down ", .width = WIDTH_RATE),
		   UNIT_BITRATE, meter->rx);
	out_number(out, "queue_bytes", LOOK(.before = "  queue ", .width = WIDTH_BYTES), UNIT_BYTES,
		   peer->queue_bytes);
	out_number(out, "drops", LOOK("  drops ", "\n",
				      meter->drops ? STYLE_TROUBLE : STYLE_PLAIN, 0),
		   UNIT_NONE, meter->drops);
	out_array(out, "paths");
	for (i = 0; i < peer->paths.count; i++) {
		const struct path *path = &peer->paths.items[i];

		print_path(out, path, rates_of_path(rates, device, peer, path),
			   &layout);
	}
	out_end(out);
	out_array(out, "missing");
	for (i = 0; i < peer->missing.count; i++)
		print_missing(out, &peer->missing.items[i], &layout.paths);
	out_end(out);
	out_end(out);
}

static void print_device(struct out *out, const struct device *device,
			 const struct rates *rates, int columns)
{
	size_t i;

	out_object(out, NULL);
	out_string(out, "dev", LOOK(.style = STYLE_DEVICE), device->name);
	out_string(out, "kind", LOOK(.before = "  "), device->kind);
	out_flag(out, "foreign", LOOK("  ", "", STYLE_TROUBLE, 0),
		 "served by another module", device->foreign);
	out_text(out, "\n");
	out_array(out, "peers");
	for (i = 0; i < device->peers.count; i++)
		print_peer(out, device, &device->peers.items[i], rates, columns);
	out_end(out);
	out_end(out);
}

static void print_time(struct out *out, bool live)
{
	struct timespec now;
	char text[16];
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	out_number(out, "time_ms", NULL, UNIT_NONE,
		   now.tv_sec * 1000ull + now.tv_nsec / 1000000);
	localtime_r(&now.tv_sec, &tm);
	strftime(text, sizeof(text), "%H:%M:%S", &tm);
	out_text(out, PROGRAM " top  ");
	out_text(out, text);
	out_text(out, live ? "  q quits\n" : "\n");
}

void print_top(struct out *out, const struct devices *devices,
	       const struct rates *rates, int columns)
{
	size_t i;

	print_begin(out);
	print_time(out, columns);
	out_number(out, "interval_ms", NULL, UNIT_MILLISECONDS,
		   rates->interval_us / 1000);
	out_array(out, "devices");
	for (i = 0; i < devices->count; i++)
		print_device(out, &devices->items[i], rates, columns);
	if (!devices->count)
		out_text(out, "no tunnel in this network namespace\n");
	out_end(out);
	out_end(out);
}
