# shellcheck shell=bash
# What a test case declares in its header comments:
#   # topic: one sentence      # timeout: seconds of guest time      # vm: icount mem=SIZE alone
#   # kernels: first           where a run has several, on the oldest only: it goes the same ways elsewhere, or takes long
#   # kernels: all             on every kernel, one of the few that prove it; without this line on the oldest and the newest
#   # kernels: debug           on debug kernels only

case_list() { local f; for f in "$cases"/*.sh; do f=${f##*/}; printf '%s\n' "${f%.sh}"; done; }
case_header() { sed -n "/^#/!q; s/^# $2: *//p" "$cases/$1.sh" | head -n1; }
# "first", "all", "debug", or nothing; nothing for what is reported and is no case.
case_kernels() { [ ! -e "$cases/$1.sh" ] || case_header "$1" kernels; }
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
