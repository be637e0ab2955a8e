// SPDX-License-Identifier: GPL-2.0-or-later
/* What files say of a unit: sdunit_sample ROOT UNIT */

#include <stdio.h>

#include "kernel/sdunit.h"

int main(int argc, char **argv)
{
	struct host host = { .root = argv[1] };

	if (argc != 3)
		return 1;
	printf("%s%s\n",
	       sdunit_is_enabled(&host, argv[2]) ? "enabled" : "disabled",
	       sdunit_is_masked(&host, argv[2]) ? " masked" : "");
	return 0;
}
