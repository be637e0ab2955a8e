// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel knows the names of functions that were not inlined, and where they
 * are; of which source file they are, the list says that was made of the sources.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "functions.h"

#define FUNCTIONS_MAX	2048
#define NAME_MAX_LEN	96
/* the files that have the doors */
#define DOOR_FILES	"netlink"

struct source {
	char file[NAME_MAX_LEN], function[NAME_MAX_LEN];
};

/**
 * struct function - one that the kernel knows
 * @start: address
 * @name: without what the compiler has added
 * @source: where it is from, or NULL
 * @places: how many of it were reached
 */
struct function {
	uint64_t start;
	char name[NAME_MAX_LEN];
	const struct source *source;
	unsigned int places;
};

static struct source sources[FUNCTIONS_MAX];
static struct function functions[FUNCTIONS_MAX];
static int n_sources, n_functions;

static bool read_sources(const char *list)
{
	FILE *in = fopen(list, "r");

	while (in && n_sources < FUNCTIONS_MAX &&
	       fscanf(in, "%95s %95s", sources[n_sources].file, sources[n_sources].function) == 2)
		n_sources++;
	if (in)
		fclose(in);
	return n_sources;
}

static int by_start(const void *a, const void *b)
{
	const struct function *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

static bool read_functions(const char *module)
{
	char line[512], type, of[NAME_MAX_LEN], wanted[NAME_MAX_LEN];
	FILE *in = fopen("/proc/kallsyms", "r");
	unsigned long long start;

	snprintf(wanted, sizeof(wanted), "[%s]", module);
	while (in && n_functions < FUNCTIONS_MAX && fgets(line, sizeof(line), in)) {
		struct function *function = &functions[n_functions];

		if (sscanf(line, "%llx %c %95s %95s", &start, &type, function->name, of) != 4 ||
		    (type != 't' && type != 'T') || strcmp(of, wanted) ||
		    !strncmp(function->name, "__pfx_", 6))
			continue;
		function->start = start;
		function->name[strcspn(function->name, ".")] = 0;
		n_functions++;
	}
	if (in)
		fclose(in);
	qsort(functions, n_functions, sizeof(functions[0]), by_start);
	return n_functions;
}

/*
 * Functions of a file stand together: of several with one name, it is that one
 * which the last one's file has.
 */
static const struct source *source_of(const char *name, const struct source *last)
{
	const struct source *found = NULL;
	int i;

	for (i = 0; i < n_sources; i++) {
		if (strcmp(sources[i].function, name))
			continue;
		if (last && !strcmp(sources[i].file, last->file))
			return &sources[i];
		if (!found)
			found = &sources[i];
	}
	return found;
}

static void look_up(void)
{
	const struct source *last = NULL;
	int i;

	for (i = 0; i < n_functions; i++) {
		struct function *function = &functions[i];
		uint64_t end = i + 1 < n_functions ? function[1].start : function->start + 4096;

		function->source = source_of(function->name, last);
		if (function->source)
			last = function->source;
		function->places = coverage_reached(function->start, end);
	}
}

/* Parts of a function that stand elsewhere are the same function: the first one counts for all. */
static bool is_first(int at)
{
	int i;

	for (i = 0; i < n_functions; i++) {
		if (functions[i].source != functions[at].source)
			continue;
		if (i < at)
			return false;
		if (i > at)
			functions[at].places += functions[i].places;
	}
	return true;
}

static void report_file(const char *file)
{
	unsigned int all = 0, reached = 0, places = 0;
	char never[4096] = "";
	int i;

	for (i = 0; i < n_functions; i++) {
		const struct source *source = functions[i].source;

		if (!source || strcmp(source->file, file) || !is_first(i))
			continue;
		all++;
		reached += functions[i].places > 0;
		places += functions[i].places;
		if (!functions[i].places && strlen(never) + NAME_MAX_LEN + 2 < sizeof(never))
			sprintf(never + strlen(never), " %s", source->function);
	}
	if (!all)
		return;
	printf("# %-26s %9u of %3u %9u\n", file, reached, all, places);
	if (*never && !strncmp(file, DOOR_FILES, strlen(DOOR_FILES)))
		printf("#   never reached:%s\n", never);
}

bool functions_report(const char *list, const char *module)
{
	int i;

	if (!read_sources(list) || !read_functions(module)) {
		printf("FAIL: the functions of the module are not known\n");
		return false;
	}
	look_up();
	printf("# %-26s functions reached    places\n", "file");
	for (i = 0; i < n_sources; i++) {
		if (!i || strcmp(sources[i].file, sources[i - 1].file))
			report_file(sources[i].file);
	}
	return true;
}
