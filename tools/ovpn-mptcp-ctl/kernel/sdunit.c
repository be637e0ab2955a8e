// SPDX-License-Identifier: GPL-2.0-or-later
/* Units of systemd, as far as files tell. */

#include <string.h>

#include "base/memory.h"
#include "kernel/sdunit.h"

static const char *const places[] = {
	"/etc/systemd/system", "/run/systemd/system",
	"/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
};

struct wish {
	const struct host *host;
	const char *place;
	const char *unit;
};

/* The link may point to where only systemd looks. */
static bool is_wish(const char *name, void *arg)
{
	static const char *const suffixes[] = {
		".wants", ".requires", ".upholds",
	};
	const char *suffix = strrchr(name, '.');
	struct wish *wish = arg;
	char target[HOST_PATH_SIZE];
	size_t i;

	for (i = 0; suffix && i < ARRAY_SIZE(suffixes); i++) {
		if (!strcmp(suffix, suffixes[i]))
			return !host_link(wish->host, target, sizeof(target),
					  "%s/%s/%s", wish->place, name,
					  wish->unit);
	}
	return false;
}

bool sdunit_is_enabled(const struct host *host, const char *unit)
{
	struct wish wish = { .host = host, .unit = unit };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		wish.place = places[i];
		if (host_each(host, wish.place, is_wish, &wish))
			return true;
	}
	return false;
}

bool sdunit_is_masked(const struct host *host, const char *unit)
{
	char target[HOST_PATH_SIZE];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		if (!host_link(host, target, sizeof(target), "%s/%s",
			       places[i], unit) &&
		    !strcmp(target, "/dev/null"))
			return true;
	}
	return false;
}
