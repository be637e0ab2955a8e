# shellcheck shell=bash
# A test case is NAME.sh, or NAME.py that lib/engine.sh runs. What it declares in its header comments:
#   # topic: one sentence      # timeout: seconds of guest time      # vm: icount mem=SIZE alone
#   # kernels: first           where a run has several, on the oldest only: it goes the same ways elsewhere, or takes long
#   # kernels: all             on every kernel, one of the few that prove it; without this line on the oldest and the newest
#   # kernels: debug           on debug kernels only
#   # paths: 2                 for a case in Python, between client and server; without this line one

case_list() { find "$cases" -maxdepth 1 -name '*.[ps][yh]' -printf '%f\n' | sed 's/\.[^.]*$//' | LC_ALL=C sort; }
# case_file NAME: its path; nothing for what is reported and is no case.
case_file() { find "$cases" -maxdepth 1 -name "$1.[ps][yh]"; }
case_header() { sed -n "/^#/!q; s/^# $2: *//p" "$(case_file "$1")" | head -n1; }
# "first", "all", "debug", or nothing.
case_kernels() { [ -z "$(case_file "$1")" ] || case_header "$1" kernels; }
case_topic() { case_header "$1" topic; }
# The run may have another one for all.
case_timeout() { local t=${timeout:-}; [ -n "$t" ] || t=$(case_header "$1" timeout); printf '%s\n' "${t:-60}"; }

# case_machine NAME KERNEL: "MODE MEM REUSE": tests with the same machine share a boot; an icount test has its own,
# so that its figures do not depend on what ran before. A debug kernel is not for measuring: with one processor it would
# see less, and its shadow needs memory.
case_machine() {
	local w mode=${force_mode:-smp} mem=2G reuse=shared
	! debug_is "$2" || { echo smp 4G shared; return; }
	for w in $(case_header "$1" vm); do
		case $w in
		icount) mode=icount ;;
		mem=*) mem=${w#mem=} ;;
		alone) reuse=alone ;;
		*) die "$1: unknown word '$w' in '# vm:'" ;;
		esac
	done
	[ "$mode" = smp ] || reuse=alone
	printf '%s %s %s\n' "$mode" "$mem" "$reuse"
}
