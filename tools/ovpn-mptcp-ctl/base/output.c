// SPDX-License-Identifier: GPL-2.0-or-later
/* One printer for text and JSON. */

#include <ctype.h>
#include <errno.h>
#include <json-c/json.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/output.h"

/* columns of a string, for our own arrows have several bytes */
static int columns(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

static bool want_colour(enum out_colour colour)
{
	const char *no = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	if (colour != COLOUR_AUTO)
		return colour == COLOUR_ALWAYS;
	if (no && *no)
		return false;
	return isatty(STDOUT_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
}

void out_init(struct out *out, enum out_format format, enum out_colour colour)
{
	memset(out, 0, sizeof(*out));
	out->stream = stdout;
	out->format = format;
	out->coloured = format == OUT_TEXT && want_colour(colour);
	out->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
}

static void add(struct out *out, const char *key, struct json_object *value)
{
	struct json_object *top;
	int err;

	if (!value)
		exit(system_error(ENOMEM, "out of memory"));
	if (!out->depth)
		return;
	top = out->stack[out->depth - 1];
	if (json_object_is_type(top, json_type_array))
		err = json_object_array_add(top, value);
	else
		err = json_object_object_add(top, key, value);
	if (err)
		exit(system_error(ENOMEM, "out of memory"));
}

static void push(struct out *out, const char *key, struct json_object *value)
{
	add(out, key, value);
	if (out->depth == OUT_DEPTH_MAX)
		abort();
	out->stack[out->depth++] = value;
}

void out_object(struct out *out, const char *key)
{
	if (out->format != OUT_TEXT)
		push(out, key, json_object_new_object());
}

void out_array(struct out *out, const char *key)
{
	if (out->format != OUT_TEXT)
		push(out, key, json_object_new_array());
}

void out_end(struct out *out)
{
	int flags = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE;

	if (out->format == OUT_TEXT || --out->depth)
		return;
	if (out->format == OUT_JSON_PRETTY)
		flags |= JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED;
	fprintf(out->stream, "%s\n",
		json_object_to_json_string_ext(out->stack[0], flags));
	json_object_put(out->stack[0]);
}

static const char *style_begin(const struct out *out, enum out_style style)
{
	static const char *const codes[] = {
		[STYLE_PLAIN] = "",
		[STYLE_DEVICE] = "\033[32;1m",
		[STYLE_PEER] = "\033[33;1m",
		[STYLE_UNIT] = "\033[36m",
		[STYLE_TROUBLE] = "\033[31;1m",
	};

	return out->coloured ? codes[style] : "";
}

static const char *style_end(const struct out *out, enum out_style style)
{
	return out->coloured && style != STYLE_PLAIN ? "\033[0m" : "";
}

static const char *text_or_nothing(const char *text)
{
	return text ? text : "";
}

/* @split: where the style begins */
static void print(const struct out *out, const struct look *look,
		  const char *value, int split)
{
	int pad = look->width - columns(value);

	fprintf(out->stream, "%s%.*s%s%s%s%*s%s", text_or_nothing(look->before),
		split, value, style_begin(out, look->style), value + split,
		style_end(out, look->style), pad > 0 ? pad : 0, "",
		text_or_nothing(look->after));
}

/* A name that somebody chose must not speak to the terminal. */
static void print_harmless(const struct out *out, const struct look *look,
			   const char *value)
{
	char *text = strdup(value), *c;

	if (!text)
		exit(system_error(ENOMEM, "out of memory"));
	for (c = text; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == '\177')
			*c = '?';
	}
	print(out, look, text, 0);
	free(text);
}

static void add_field(const struct out *out, const char *key, const char *value)
{
	fputs("OVPN_MPTCP_", out->fields);
	for (; *key; key++)
		putc(toupper((unsigned char)*key), out->fields);
	putc('=', out->fields);
	/* it ends where the line ends */
	for (; *value; value++)
		putc(*value == '\n' ? '?' : *value, out->fields);
	putc('\n', out->fields);
}

void out_string(struct out *out, const char *key, const struct look *look,
		const char *value)
{
	if (out->fields)
		add_field(out, key, value);
	if (out->format != OUT_TEXT)
		add(out, key, json_object_new_string(value));
	else if (look)
		print_harmless(out, look, value);
}

void out_number(struct out *out, const char *key, const struct look *look,
		enum unit unit, uint64_t value)
{
	char buffer[UNITS_SIZE];
	const char *space;

	if (out->fields)
		add_field(out, key, units_format(buffer, UNIT_NONE, value));
	if (out->format != OUT_TEXT) {
		add(out, key, json_object_new_uint64(value));
		return;
	}
	if (!look)
		return;
	space = strrchr(units_format(buffer, unit, value), ' ');
	if (space && look->style == STYLE_PLAIN) {
		struct look with_unit = *look;

		with_unit.style = STYLE_UNIT;
		print(out, &with_unit, buffer, space - buffer + 1);
	} else {
		print(out, look, buffer, 0);
	}
}

void out_bool(struct out *out, const char *key, bool value)
{
	if (out->format != OUT_TEXT)
		add(out, key, json_object_new_boolean(value));
}

void out_flag(struct out *out, const char *key, const struct look *look,
	      const char *word, bool value)
{
	if (!value)
		return;
	if (out->format != OUT_TEXT)
		add(out, key, json_object_new_boolean(true));
	else if (look)
		print(out, look, word, 0);
}

void out_text(struct out *out, const char *text)
{
	if (out->format == OUT_TEXT)
		fputs(text, out->stream);
}

const char *out_arrow(const struct out *out)
{
	return out->utf8 ? " \u2192 " : " -> ";
}

const char *out_dot(const struct out *out)
{
	return out->utf8 ? " \u00b7 " : ", ";
}

const char *out_dash(const struct out *out)
{
	return out->utf8 ? "\u2013" : "-";
}

enum status out_flush(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return STATUS_OK;
	return system_error(errno, "cannot write to standard output");
}
