#!/bin/bash
# STORM_ROUNDS operations, ten thousand, on the newest kernel: all of them, while engine-storm alone lasts seconds.
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
exec "$tests/run" --kernel newest --timeout 7200 --set "STORM_ROUNDS=${STORM_ROUNDS:-10000}" engine-storm
