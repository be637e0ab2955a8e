// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzz target for the reader of control records: it is the first to see what a
 * stranger sends. Input: one byte that says how long the pieces are that the
 * stream comes in, then the stream. It must not matter how it is cut, nothing
 * behind a record is read, and what is taken is within bounds.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "attach/record.h"
#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct result {
	size_t used;
	size_t records;
	uint64_t digest;
	enum record_verdict verdict;
};

static void take(struct result *result, const struct record_reader *reader)
{
	const unsigned char *tls;
	size_t size, i;

	tls = record_tls(reader, &size);
	check(size >= RECORD_TLS_MIN && size <= RECORD_TLS_MAX, "bounds");
	for (i = 0; i < size; i++)
		result->digest = (result->digest ^ tls[i]) * 0x100000001b3ULL;
	result->records++;
}

static struct result read_in_pieces(const uint8_t *data, size_t size,
				    size_t piece)
{
	/* on the heap, so that the sanitizer sees one byte too many */
	struct record_reader *reader = malloc(sizeof(*reader));
	struct result result = { 0 };
	void *room;

	record_reader_init(reader);
	while (result.used < size && result.verdict != RECORD_BROKEN) {
		size_t n = record_room(reader, &room);

		check(n > 0, "a reader that is not done wants something");
		if (n > piece)
			n = piece;
		if (n > size - result.used)
			n = size - result.used;
		memcpy(room, data + result.used, n);
		result.used += n;
		result.verdict = record_add(reader, n);
		if (result.verdict == RECORD_WHOLE) {
			take(&result, reader);
			record_reader_init(reader);
		}
	}
	check((result.verdict == RECORD_BROKEN) == !!reader->error[0],
	      "what is broken says why");
	free(reader);
	return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct result whole, pieces;

	if (!size)
		return 0;
	whole = read_in_pieces(data + 1, size - 1, size);
	pieces = read_in_pieces(data + 1, size - 1, 1 + data[0]);
	check(whole.verdict == pieces.verdict, "the same verdict");
	check(whole.records == pieces.records, "as many records");
	check(whole.digest == pieces.digest, "the same content");
	return 0;
}
