// SPDX-License-Identifier: GPL-2.0-or-later
/* The text that Prometheus reads. */

#include <inttypes.h>
#include <openssl/asn1.h>
#include <stddef.h>
#include <string.h>

#include "metrics/openmetrics.h"

static const char *unit_name(enum unit unit)
{
	switch (unit) {
	case UNIT_BYTES:
		return "bytes";
	case UNIT_SECONDS:
	case UNIT_MILLISECONDS:
	case UNIT_MICROSECONDS:
		return "seconds";
	default:
		return NULL;
	}
}

static const char *suffix(enum openmetrics_type type)
{
	static const char *const suffixes[] = {
		[OPENMETRICS_GAUGE] = "",
		[OPENMETRICS_COUNTER] = "_total",
		[OPENMETRICS_INFO] = "_info",
	};

	return suffixes[type];
}

void openmetrics_family(struct openmetrics *text,
			const struct openmetrics_family *family)
{
	static const char *const types[] = {
		[OPENMETRICS_GAUGE] = "gauge",
		[OPENMETRICS_COUNTER] = "counter",
		[OPENMETRICS_INFO] = "info",
	};
	bool old = text->format == OPENMETRICS_0_0_4;
	const char *unit = unit_name(family->unit);
	/* the older format knows no info, and families have their suffixes */
	const char *end = old ? suffix(family->type) : "";
	const char *type = old && family->type == OPENMETRICS_INFO ? "gauge" :
			   types[family->type];

	text->family = family;
	fprintf(text->stream, "# HELP %s%s %s\n", family->name, end,
		family->help);
	fprintf(text->stream, "# TYPE %s%s %s\n", family->name, end, type);
	if (unit && !old)
		fprintf(text->stream, "# UNIT %s %s\n", family->name, unit);
}

void openmetrics_begin(struct openmetrics *text)
{
	text->labels = 0;
	fprintf(text->stream, "%s%s", text->family->name,
		suffix(text->family->type));
}

static void begin_label(struct openmetrics *text, const char *name)
{
	fprintf(text->stream, "%c%s=\"", text->labels++ ? ',' : '{', name);
}

/* Bytes of the character of UTF-8 that @text begins with, 0 if that is none. */
static size_t utf8_length(const char *text)
{
	unsigned long value;
	int length = UTF8_getc((const unsigned char *)text, (int)strlen(text),
			       &value);

	return length > 0 && value <= 0x10ffff ? length : 0;
}

/* A name of an interface may have any bytes; the text is of UTF-8. */
static void print_escaped(FILE *stream, const char *value)
{
	size_t length;

	for (; *value; value += length) {
		length = utf8_length(value);
		if (!length) {
			fprintf(stream, "\\\\x%02x", (unsigned char)*value);
			length = 1;
		} else if (*value == '\n') {
			fputs("\\n", stream);
		} else {
			if (*value == '"' || *value == '\\')
				putc('\\', stream);
			fwrite(value, 1, length, stream);
		}
	}
}

void openmetrics_label(struct openmetrics *text, const char *name,
		       const char *value)
{
	if (!*value)
		return;
	begin_label(text, name);
	print_escaped(text->stream, value);
	putc('"', text->stream);
}

void openmetrics_label_number(struct openmetrics *text, const char *name,
			      uint32_t value)
{
	begin_label(text, name);
	fprintf(text->stream, "%" PRIu32 "\"", value);
}

/* In whole parts of a second, so that no digit is lost. */
static void print_fraction(FILE *stream, uint64_t value, uint32_t parts,
			   int digits)
{
	fprintf(stream, "%" PRIu64 ".%0*" PRIu64, value / parts, digits,
		value % parts);
}

void openmetrics_value(struct openmetrics *text, uint64_t value)
{
	fputs(text->labels ? "} " : " ", text->stream);
	if (text->family->unit == UNIT_MILLISECONDS)
		print_fraction(text->stream, value, 1000, 3);
	else if (text->family->unit == UNIT_MICROSECONDS)
		print_fraction(text->stream, value, 1000000, 6);
	else
		fprintf(text->stream, "%" PRIu64, value);
	putc('\n', text->stream);
}

void openmetrics_end(struct openmetrics *text)
{
	if (text->format == OPENMETRICS_1)
		fputs("# EOF\n", text->stream);
}
