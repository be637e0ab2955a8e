/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entries of systemd's journal that have priorities and fields, when our output
 * goes there.
 */
#ifndef JOURNAL_H
#define JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <syslog.h>

struct out;

/* Whether what is written to @fd goes to the journal. */
bool journal_reads(int fd);

/* @level: LOG_ERR and so on; @fields: lines NAME=VALUE, or NULL. Returns whether
 * the journal has taken it.
 */
bool journal_send(int level, const char *message, const char *fields);

/**
 * struct journal_entry - an event that is being printed
 * @active: standard output goes to the journal
 * @level: LOG_ERR and so on
 * @stream: where the printer writes otherwise
 * @text: the line
 * @text_size: its length
 * @fields: NAME=VALUE for each key
 * @fields_size: their length
 */
struct journal_entry {
	bool active;
	int level;
	FILE *stream;
	char *text;
	size_t text_size;
	char *fields;
	size_t fields_size;
};

/* What @out is told between these two, a line, is an entry with a field for
 * each key. Where there is no journal, it is a line as always.
 */
void journal_begin(struct journal_entry *entry, struct out *out, int level);
void journal_end(struct journal_entry *entry, struct out *out);

#endif /* JOURNAL_H */
