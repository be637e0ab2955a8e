/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The model as metrics, which docs/metrics.md describes. */
#ifndef PRINT_METRICS_H
#define PRINT_METRICS_H

#include "base/model.h"
#include "metrics/openmetrics.h"

/**
 * struct metrics - what is to be told
 * @version: of this program
 * @module: the module is loaded
 * @mptcp: programs can have MPTCP here
 * @devices: with their peers; none without the module
 * @peers_max: peers of a device that have numbers of their own, those with the
 *	lowest ids; the others are counted
 */
struct metrics {
	const char *version;
	bool module;
	bool mptcp;
	const struct devices *devices;
	uint32_t peers_max;
};

void print_metrics(struct openmetrics *text, const struct metrics *metrics);

#endif /* PRINT_METRICS_H */
