#!/bin/bash
# The runner's own test: every case of tests/runner fails or passes as its name says, each in its own way.
set -euo pipefail
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
out=$work/out
trap 'rm -rf "$work"' EXIT
status=0
"$tests/run" --no-module --cases "$tests/runner" "$@" >"$out" || status=$?
sed 's/^/# /' "$out"

count=0
claim() {
	count=$((count + 1))
	if eval "$2"; then echo "ok $count - $1"; else echo "not ok $count - $1"; fi
}
# after TEST PATTERN: the report of TEST contains PATTERN.
after() { awk -v t=" $1\$" -v p="$2" '/^(not )?ok / { on = $0 ~ t } on && $0 ~ p { found = 1 } END { exit !found }' "$out"; }

claim 'the run as a whole failed' "[ $status = 1 ]"
for f in "$tests"/runner/fails-*.sh; do
	f=${f##*/} f=${f%.sh}
	claim "$f is reported with its reason" "grep -q '^not ok .* $f\$' '$out' && after $f 'failed: .*$(sed -n 's/^# reason: //p' "$tests/runner/$f.sh")'"
done
for f in "$tests"/runner/passes-*.sh; do
	f=${f##*/} f=${f%.sh}
	claim "$f passes" "grep -q '^ok .* $f\$' '$out'"
done
claim 'a held namespace fails the machine' "grep -q '^not ok .* vm-end-after-' '$out' && grep -q 'failed: network namespaces never went away: canary' '$out'"
claim 'the console of a dead kernel is shown' "after fails-panic 'sysrq triggered crash'"

claim 'a failure tells the command that repeats it' "after fails-assertion '#   again: tests/run .*--no-module --cases .*/runner --kernel .* fails-assertion\$'"
"$tests/run" --no-module --cases "$tests/runner" "$@" fails-assertion passes-empty-lab >"$out" || sed 's/^/# /' "$out"
"$tests/run" --failed >"$out" || sed 's/^/# /' "$out"
claim '--failed repeats what has failed' "grep -q '^not ok .* fails-assertion\$' '$out'"
claim 'and nothing else' "[ $(grep -cE '^(not )?ok ' "$out") = 1 ]"

# What make calls.
printf '#!/bin/sh\necho 1..1\necho "%sok 1"\n' '' >"$work/passes.t"
printf '#!/bin/sh\necho 1..1\necho "%sok 1"\n' 'not ' >"$work/fails.t"
PERL5LIB=$tests/prove prove --formatter Again "$work"/*.t >"$out" 2>&1 || sed 's/^/# /' "$out"
claim 'prove tells the same of a file' "[ '$(grep '^Again' "$out")' = 'Again: prove -v $work/fails.t' ]"
claim 'and ends with its own words' "[ '$(tail -n 1 "$out")' = 'Result: FAIL' ]"

# TERM: a prompt without sequences that only a real terminal knows.
terminal() { TERM=dumb TERMINAL_DEADLINE=300 python3 "$tests/lib/terminal.py" 40x120 "$@" -- "$tests/run" --shell 6.1 2>&1; }
status=0
terminal 'expect:^lab#$' $'send:on_client ping -c 1 -q 10.8.0.1\n' 'expect: 1 received' 'expect:^lab#$' $'send:stty size\n' 'expect:^40 120$' 'expect:^lab#$' \
	$'send:\x04' exit:0 >"$out" || status=$?
sed 's/^/# /' "$out"
claim '--shell has a prompt beside a tunnel, ends with Ctrl-D, and gives the terminal back' "[ $status = 0 ]"
echo "1..$count"
