// SPDX-License-Identifier: GPL-2.0-or-later
/* Arrays that grow. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/message.h"

void *array_add(void **array, size_t *count, size_t size)
{
	size_t n = *count;
	char *added;

	/* a power of two, or empty: the array is full */
	if (!(n & (n - 1))) {
		void *larger = reallocarray(*array, n ? 2 * n : 1, size);

		if (!larger)
			exit(system_error(ENOMEM, "out of memory"));
		*array = larger;
	}
	added = (char *)*array + n * size;
	memset(added, 0, size);
	*count = n + 1;
	return added;
}
