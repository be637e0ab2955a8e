/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text that Prometheus reads: OpenMetrics 1.0, or the format 0.0.4 from
 * before it, which the textfile directory of node_exporter takes.
 */
#ifndef OPENMETRICS_H
#define OPENMETRICS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/names.h"
#include "base/units.h"

/**
 * enum openmetrics_type - what a number means
 * @OPENMETRICS_GAUGE: how much there is now
 * @OPENMETRICS_COUNTER: how much there was; begins again at 0
 * @OPENMETRICS_INFO: nothing, it is 1: the labels tell
 */
enum openmetrics_type {
	OPENMETRICS_GAUGE,
	OPENMETRICS_COUNTER,
	OPENMETRICS_INFO,
};

/**
 * struct openmetrics_family - numbers of one meaning
 * @name: without the suffix of counters and infos, with that of the unit
 * @help: in words, without quotes and backslashes
 * @type: what kind
 * @unit: that values are in; written in the unit of Prometheus
 */
struct openmetrics_family {
	const char *name;
	const char *help;
	enum openmetrics_type type;
	enum unit unit;
};

/**
 * struct openmetrics - a text being written
 * @stream: where to
 * @format: how
 * @family: the current one
 * @labels: of the current number
 */
struct openmetrics {
	FILE *stream;
	enum openmetrics_format format;
	const struct openmetrics_family *family;
	unsigned int labels;
};

/* What is said once about a family, before its numbers. */
void openmetrics_family(struct openmetrics *text,
			const struct openmetrics_family *family);
/* A number of it: its beginning, its labels, and the value. */
void openmetrics_begin(struct openmetrics *text);
/* One that is empty is left out, as if there were none. */
void openmetrics_label(struct openmetrics *text, const char *name,
		       const char *value);
void openmetrics_label_number(struct openmetrics *text, const char *name,
			      uint32_t value);
void openmetrics_value(struct openmetrics *text, uint64_t value);
/* Nothing follows. */
void openmetrics_end(struct openmetrics *text);

#endif /* OPENMETRICS_H */
