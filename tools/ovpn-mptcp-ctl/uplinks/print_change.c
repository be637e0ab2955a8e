// SPDX-License-Identifier: GPL-2.0-or-later
/* How changes are shown. */

#include <stdio.h>

#include "uplinks/print_change.h"
#include "uplinks/words.h"

static const char *event_of(const struct uplinks_result *result)
{
	static const char *const events[] = {
		[UPLINKS_MAKE] = "made",
		[UPLINKS_MOVE] = "made",
		[UPLINKS_SET] = "made",
		[UPLINKS_TAKE] = "removed",
		[UPLINKS_LEAVE] = "left",
	};

	if (result->error)
		return "refused";
	/* a number that was another one before */
	if (result->change->how == UPLINKS_TAKE &&
	    (result->change->what == UPLINKS_LIMITS ||
	     result->change->what == UPLINKS_FILTER))
		return "restored";
	return events[result->change->how];
}

static void print_reason(struct out *out, const struct uplinks_result *result)
{
	char text[256];

	if (!result->error) {
		if (result->change->reason[0])
			out_string(out, "reason", LOOK(.before = ": "),
				   result->change->reason);
		return;
	}
	snprintf(text, sizeof(text), "%s%s%s", errno_text(result->error),
		 result->text[0] ? ": " : "", result->text);
	out_string(out, "reason", LOOK(.before = ": "), text);
}

void uplinks_print_result(struct out *out, const struct uplinks_result *result)
{
	const struct uplinks_change *change = result->change;
	bool left = change->how == UPLINKS_LEAVE;
	char command[UPLINKS_WORDS_SIZE];

	out_string(out, "event",
		   LOOK("", "", result->error || left ? STYLE_TROUBLE :
			STYLE_PLAIN, 9), event_of(result));
	out_string(out, "what", left ? LOOK(.width = 0) : NULL,
		   uplinks_what_names[change->what]);
	if (change->device[0])
		out_string(out, "dev", left ? LOOK(.before = " of ") : NULL,
			   change->device);
	if (left)
		out_string(out, "reason", LOOK(.before = ": "), change->why);
	else
		out_string(out, "command", LOOK(.width = 0),
			   uplinks_command(change, command, sizeof(command)));
	print_reason(out, result);
	out_text(out, "\n");
}

void uplinks_print_planned(struct out *out, const struct uplinks_change *change)
{
	const struct uplinks_result result = { .change = change };
	char command[UPLINKS_WORDS_SIZE];

	/* for a shell, the rest is a comment */
	if (out->format != OUT_TEXT || change->how == UPLINKS_LEAVE) {
		out_text(out, "# ");
		uplinks_print_result(out, &result);
		return;
	}
	out_text(out, uplinks_command(change, command, sizeof(command)));
	out_text(out, "\n");
}
