#!/bin/bash
# The module in real kernels, as one test of prove: every kernel of TEST_KERNELS.
exec "${0%/*}/run" --kernel "${TEST_KERNELS// /,}"
