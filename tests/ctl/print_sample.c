// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Prints a model in which everything occurs that can occur, through the
 * printer of the tool: print_sample text|json|key COLOUR
 */

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "sample_model.h"
#include "show/print.h"

int main(int argc, char **argv)
{
	struct devices devices = { items, 2 };
	struct out out;

	if (argc != 3)
		return 1;
	setlocale(LC_CTYPE, "");
	out_init(&out, strcmp(argv[1], "text") ? OUT_JSON : OUT_TEXT,
		 strcmp(argv[2], "always") ? COLOUR_AUTO : COLOUR_ALWAYS);
	sample_fill();
	if (!strcmp(argv[1], "key"))
		print_key(&out, "tun0", &peers[0].keys[0]);
	else
		print_devices(&out, &devices, "available");
	return out_flush();
}
