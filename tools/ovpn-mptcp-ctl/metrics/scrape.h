/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A web server that has metrics, and nothing else. */
#ifndef SCRAPE_H
#define SCRAPE_H

#include "base/message.h"
#include "base/model.h"
#include "metrics/openmetrics.h"

#define SCRAPE_PORT 11940

/* Writes all metrics, or says what is in the way. */
typedef enum status (*scrape_writer)(FILE *stream,
				     enum openmetrics_format format, void *arg);

/* Answers at an address, whose port may be 0 for SCRAPE_PORT, until a signal
 * ends it. @command: for messages
 */
enum status scrape(const struct address *address, const char *command,
		   scrape_writer write, void *arg);

#endif /* SCRAPE_H */
