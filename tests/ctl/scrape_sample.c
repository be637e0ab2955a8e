// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The same model for who asks: scrape_sample ADDRESS PORT BYTES
 * So many bytes of comments follow, for clients that do not read. A line on
 * standard error tells of each time that the model is printed; while the file
 * that REFUSE names is there, it cannot be. Some counters go on each time.
 */

#include <stdlib.h>
#include <unistd.h>

#include "base/output.h"
#include "metrics/print_metrics.h"
#include "metrics/scrape.h"
#include "sample_model.h"

static enum status write_sample(FILE *stream, enum openmetrics_format format,
				void *arg)
{
	struct devices devices = { items, 2 };
	struct metrics metrics = {
		.version = "1.2.3",
		.module = true,
		.mptcp = true,
		.devices = &devices,
		.peers_max = 1000,
	};
	struct openmetrics text = { .stream = stream, .format = format };
	const char *refuse = getenv("REFUSE");
	const long *bytes = arg;
	char line[65] = "# much more than the buffers of two sockets have room for";
	long i;

	say("asked");
	if (refuse && !access(refuse, F_OK))
		return STATUS_REFUSED;
	paths[0].tx_bytes += 6100;
	peers[0].drops[OVPN_MPTCP_DROP_TX_QUEUE_DELAY]++;
	memset(line + strlen(line), '.', 63 - strlen(line));
	line[63] = '\n';
	for (i = 0; i < *bytes; i += 64)
		fwrite(line, 1, 64, stream);
	print_metrics(&text, &metrics);
	return STATUS_OK;
}

int main(int argc, char **argv)
{
	struct address address;
	long bytes;

	if (argc != 4 || !address_parse(&address, argv[1]))
		return 1;
	address.port = atoi(argv[2]);
	bytes = atol(argv[3]);
	sample_fill();
	sample_make_odd();
	return scrape(&address, "sample", write_sample, &bytes);
}
