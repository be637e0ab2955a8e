#!/bin/bash
# An hour of the machine's time, SOAK_SECONDS, on the newest kernel.
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
exec "$tests/run" --cases "$tests/long/cases" --kernel newest --set "SOAK_SECONDS=${SOAK_SECONDS:-3600}" soak
