// SPDX-License-Identifier: GPL-2.0
/* The code of the tracepoints is made here; trace.h has what they are. */

#define CREATE_TRACE_POINTS
#include "trace.h"
