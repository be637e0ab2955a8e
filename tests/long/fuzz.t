#!/bin/bash
# Each fuzzer of what the network sends and what files have, for FUZZ_SECONDS (default 600).
set -uo pipefail
fuzz=$(cd "$(dirname "${BASH_SOURCE[0]}")/../fuzz" && pwd)
export FUZZ_SECONDS=${FUZZ_SECONDS:-600}
echo 1..2
number=0 failed=0
for name in frame attach; do
	verdict=ok number=$((number + 1))
	"$fuzz/$name.t" 2>&1 | sed 's/^/# /' || verdict='not ok' failed=1
	echo "$verdict $number - fuzz/$name, $FUZZ_SECONDS s each"
done
exit $failed
