// SPDX-License-Identifier: GPL-2.0-or-later
/* The same model as metrics: metrics_sample openmetrics|prometheus PEERS_MAX */

#include <stdlib.h>

#include "base/names.h"
#include "base/output.h"
#include "metrics/print_metrics.h"
#include "sample_model.h"

int main(int argc, char **argv)
{
	struct devices devices = { items, 2 };
	struct metrics metrics = {
		.version = "1.2.3",
		.module = true,
		.mptcp = true,
		.devices = &devices,
	};
	struct openmetrics text = { .stream = stdout };

	if (argc != 3)
		return 1;
	sample_fill();
	sample_make_odd();
	if (strcmp(argv[1], metrics_formats[OPENMETRICS_1]))
		text.format = OPENMETRICS_0_0_4;
	metrics.peers_max = atoi(argv[2]);
	print_metrics(&text, &metrics);
	return out_flush();
}
