// SPDX-License-Identifier: GPL-2.0-or-later
/* Control records of attach. */

#include <stdarg.h>
#include <stdio.h>

#include "attach/record.h"

void record_reader_init(struct record_reader *reader)
{
	reader->have = 0;
	reader->error[0] = '\0';
}

static size_t body_size(const struct record_reader *reader)
{
	return (size_t)reader->bytes[0] << 8 | reader->bytes[1];
}

/* Bytes up to the next thing that can be judged. */
static size_t wanted(const struct record_reader *reader)
{
	if (reader->error[0])
		return 0;
	if (reader->have < RECORD_PREFIX)
		return RECORD_PREFIX - reader->have;
	return RECORD_PREFIX + body_size(reader) - reader->have;
}

size_t record_room(struct record_reader *reader, void **room)
{
	*room = reader->bytes + reader->have;
	return wanted(reader);
}

__attribute__((format(printf, 2, 3)))
static enum record_verdict broken(struct record_reader *reader,
				  const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(reader->error, sizeof(reader->error), format, args);
	va_end(args);
	return RECORD_BROKEN;
}

/* The first byte says who calls; it does not wait for the rest. */
static enum record_verdict judge_first(struct record_reader *reader)
{
	unsigned int first = reader->bytes[RECORD_PREFIX];

	if (first == RECORD_FIRST)
		return RECORD_MORE;
	if (first >> 3 >= 3 && first >> 3 <= 11)
		return broken(reader, "expected a control record of attach, not opcode %u of OpenVPN: the other end is no attach",
			      first >> 3);
	return broken(reader, "expected a control record of attach, not the first byte 0x%02x: the other end speaks something else",
		      first);
}

enum record_verdict record_add(struct record_reader *reader, size_t n)
{
	enum record_verdict verdict = RECORD_MORE;
	size_t size;

	if (reader->error[0])
		return RECORD_BROKEN;
	if (n > wanted(reader))
		return broken(reader, "expected at most %zu bytes, not %zu",
			      wanted(reader), n);
	reader->have += n;
	if (reader->have < RECORD_PREFIX)
		return RECORD_MORE;
	size = body_size(reader);
	if (size < RECORD_BODY_MIN || size > RECORD_BODY_MAX)
		return broken(reader, "expected a control record of %d to %d bytes, not of %zu: the other end speaks something else",
			      RECORD_BODY_MIN, RECORD_BODY_MAX, size);
	if (reader->have > RECORD_PREFIX)
		verdict = judge_first(reader);
	if (verdict == RECORD_MORE && !wanted(reader))
		verdict = RECORD_WHOLE;
	return verdict;
}

const unsigned char *record_tls(const struct record_reader *reader,
				size_t *size)
{
	*size = reader->have - RECORD_PREFIX - 1;
	return reader->bytes + RECORD_PREFIX + 1;
}

size_t record_split(size_t pending)
{
	if (pending < RECORD_TLS_MIN)
		return 0;
	if (pending <= RECORD_TLS_MAX)
		return pending;
	if (pending - RECORD_TLS_MAX < RECORD_TLS_MIN)
		return pending - RECORD_TLS_MIN;
	return RECORD_TLS_MAX;
}

size_t record_head(unsigned char record[RECORD_MAX], size_t size)
{
	size_t body = size + 1;

	record[0] = body >> 8;
	record[1] = body & 0xff;
	record[RECORD_PREFIX] = RECORD_FIRST;
	return RECORD_PREFIX + body;
}
