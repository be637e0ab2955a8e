#!/bin/bash
# Memory and throughput with one, a hundred and ten thousand peers, when strangers and clients mean harm.
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
exec "$tests/run" --cases "$tests/long/cases" --kernel 6.1,newest --jobs 1 bounds floods
