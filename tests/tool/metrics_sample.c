// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The same model as metrics: metrics_sample openmetrics|prometheus PEERS_MAX
 * The second device has a name that cannot be written as it is, and the last
 * peer two paths of one name, of which the later one works.
 */

#include <stdlib.h>

#include "names.h"
#include "output.h"
#include "print_metrics.h"
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
	strcpy(items[1].name, "a\"b\\c\nd\xc3\xbc\xff");
	apart[0].state = TCP_FIN_WAIT1;
	strcpy(apart[1].device, apart[0].device);
	if (strcmp(argv[1], metrics_formats[OPENMETRICS_1]))
		text.format = OPENMETRICS_0_0_4;
	metrics.peers_max = atoi(argv[2]);
	print_metrics(&text, &metrics);
	return out_flush();
}
