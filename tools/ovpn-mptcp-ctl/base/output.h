/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One printer for text and JSON: each call serves both, so that the two never
 * say different things.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/message.h"
#include "base/units.h"

enum out_format {
	OUT_TEXT,
	OUT_JSON,
	OUT_JSON_PRETTY,
};

enum out_colour {
	COLOUR_AUTO,
	COLOUR_ALWAYS,
	COLOUR_NEVER,
};

enum out_style {
	STYLE_PLAIN,
	STYLE_DEVICE,
	STYLE_PEER,
	STYLE_UNIT,
	STYLE_TROUBLE,
};

/**
 * struct look - how a value appears in text
 * @before: what stands before it
 * @after: what stands behind it
 * @style: its colour; that of the unit for numbers that have one
 * @width: columns to fill
 */
struct look {
	const char *before;
	const char *after;
	enum out_style style;
	int width;
};

/* A value without a look is for JSON only. */
#define LOOK(...) (&(struct look){ __VA_ARGS__ })

#define OUT_DEPTH_MAX 8

struct json_object;

/**
 * struct out - where an answer goes
 * @stream: standard output unless something else is wanted
 * @format: what it looks like
 * @coloured: text has colours
 * @utf8: text may have more than ASCII
 * @depth: objects and arrays that are not ended
 * @stack: these
 * @fields: where strings and numbers go besides, as OVPN_MPTCP_KEY=value and a
 *	line each, or NULL
 */
struct out {
	FILE *stream;
	enum out_format format;
	bool coloured;
	bool utf8;
	int depth;
	struct json_object *stack[OUT_DEPTH_MAX];
	FILE *fields;
};

void out_init(struct out *out, enum out_format format, enum out_colour colour);

/* @key: NULL for an element of an array, and for the outermost object */
void out_object(struct out *out, const char *key);
void out_array(struct out *out, const char *key);
/* Ends what was begun last. The end of the outermost object prints it. */
void out_end(struct out *out);

void out_string(struct out *out, const char *key, const struct look *look,
		const char *value);
void out_number(struct out *out, const char *key, const struct look *look,
		enum unit unit, uint64_t value);
/* In JSON always there, as true or false. */
void out_bool(struct out *out, const char *key, bool value);
/* Appears only when it is true; @word is its text, or NULL. */
void out_flag(struct out *out, const char *key, const struct look *look,
	      const char *word, bool value);
/* For text only. */
void out_text(struct out *out, const char *text);
/* An arrow or the next best thing, and so on. */
const char *out_arrow(const struct out *out);
const char *out_dot(const struct out *out);
const char *out_dash(const struct out *out);

/* Whether all of it arrived. */
enum status out_flush(void);

#endif /* OUTPUT_H */
