// SPDX-License-Identifier: GPL-2.0-or-later
/* GNU libmicrohttpd, loaded by who listens. */

#include <dlfcn.h>
#include <stddef.h>

#include "base/memory.h"
#include "metrics/httpd.h"

/* with this number since 2014, and in Debian 12 and 13 */
#define LIBRARY "libmicrohttpd.so.12"

enum status httpd_load(struct httpd *library, const char *command)
{
#define ROW(name) { "MHD_" #name, offsetof(struct httpd, name) },
	static const struct {
		const char *name;
		size_t offset;
	} rows[] = { HTTPD_FUNCTIONS(ROW) };
	void *handle = dlopen(LIBRARY, RTLD_NOW);
	size_t i;

	if (!handle)
		return failure(STATUS_REFUSED, "%s: listen needs " LIBRARY ": install libmicrohttpd12, or libmicrohttpd (%s)",
			       command, dlerror());
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		void *function = dlsym(handle, rows[i].name);

		if (!function)
			return failure(STATUS_REFUSED, "%s: " LIBRARY " has no %s: install a newer one",
				       command, rows[i].name);
		*(void **)((char *)library + rows[i].offset) = function;
	}
	return STATUS_OK;
}
