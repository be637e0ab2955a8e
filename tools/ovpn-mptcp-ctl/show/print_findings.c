// SPDX-License-Identifier: GPL-2.0-or-later
/* How findings are shown. */

#include <stdio.h>

#include "show/print.h"

static const char *const level_names[] = {
	[LEVEL_GOOD] = "good",
	[LEVEL_NOTE] = "note",
	[LEVEL_UNSEEN] = "unseen",
	[LEVEL_ADVICE] = "advice",
	[LEVEL_PROBLEM] = "problem",
};

static const enum out_style level_styles[] = {
	[LEVEL_GOOD] = STYLE_DEVICE,
	[LEVEL_NOTE] = STYLE_UNIT,
	[LEVEL_UNSEEN] = STYLE_UNIT,
	[LEVEL_ADVICE] = STYLE_PEER,
	[LEVEL_PROBLEM] = STYLE_TROUBLE,
};

static void print_finding(struct out *out, const struct finding *finding)
{
	out_object(out, NULL);
	out_string(out, "level", LOOK(.after = "  ", .width = 7,
				      .style = level_styles[finding->level]),
		   level_names[finding->level]);
	out_string(out, "id", NULL, finding->id);
	out_string(out, "text", LOOK(.after = "\n"), finding->text);
	if (finding->fix[0])
		out_string(out, "fix", LOOK(.before = "         what to do: ",
					    .after = "\n"), finding->fix);
	out_end(out);
}

void print_findings(struct out *out, const struct findings *findings)
{
	size_t problems = findings_of_level(findings, LEVEL_PROBLEM);
	char text[64];
	size_t i;

	print_begin(out);
	out_array(out, "findings");
	for (i = 0; i < findings->count; i++)
		print_finding(out, &findings->items[i]);
	out_end(out);
	out_number(out, "problems", NULL, UNIT_NONE, problems);
	snprintf(text, sizeof(text), "%zu problem%s.\n", problems,
		 problems == 1 ? "" : "s");
	out_text(out, problems ? text : "No problem was found.\n");
	out_end(out);
}
