#!/bin/bash
# The module in real kernels, as one test of prove: every series of TEST_KERNELS.
exec "${0%/*}/run" --kernel "${TEST_KERNELS// /,}"
