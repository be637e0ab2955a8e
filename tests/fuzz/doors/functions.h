/* SPDX-License-Identifier: GPL-2.0 */
/* The functions of the module: where they are, and which of them were reached. */
#ifndef FUNCTIONS_H
#define FUNCTIONS_H

#include <stdbool.h>

/*
 * @list: file with lines of "FILE FUNCTION" for all functions of the sources.
 * false: the reason was printed.
 */
bool functions_report(const char *list, const char *module);

#endif
