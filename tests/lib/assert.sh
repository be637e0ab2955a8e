# shellcheck shell=bash
# Verdicts. A test passes when its script ends with status 0; the first failed assertion ends it.

ok() { printf 'ok: %s\n' "$*"; }
# Figures worth keeping; they reach the TAP output even when the test passes.
note() { printf '# %s\n' "$*"; }
fail() {
	printf 'FAIL: %s (%s)\n' "$*" "$(assert_where)"
	exit 1
}
assert_where() {
	local i=1
	while [[ ${BASH_SOURCE[$i]:-} == */lib/* ]]; do i=$((i + 1)); done
	printf '%s:%s' "${BASH_SOURCE[$i]##*/}" "${BASH_LINENO[$((i - 1))]}"
}

# need REASON COMMAND...: the command must succeed.
need() {
	local reason=$1
	shift
	"$@" || fail "$reason"
	ok "$reason"
}
# refuse REASON COMMAND...: the command must fail.
refuse() {
	local reason=$1
	shift
	! "$@" || fail "$reason"
	ok "$reason"
}

# Seconds with fraction, from a clock that nobody sets.
uptime_now() { local up _; read -r up _ </proc/uptime; printf '%s\n' "$up"; }

# Polling costs an emulated machine dearly: no process is started but the command's own, and that seldom when it takes long.
exec {never_ready}<> <(:)
pause() { ! read -r -t "${1:-0.05}" -u "$never_ready"; }

# wait_for SECONDS COMMAND...: polls until the command succeeds; 1 when the deadline passes. A busy host makes the polls
# as slow as what is waited for, so about half of those are made in any case that an idle one has time for. A debug kernel
# is slow by itself.
wait_for() {
	local limit=$(($1 * ${LAB_SLOW:-1})) up _ end polls=0
	shift
	read -r up _ </proc/uptime
	# In the first second it begins with a zero.
	end=$((10#${up/./} + limit * 100))
	until "$@"; do
		polls=$((polls + 1))
		read -r up _ </proc/uptime
		[ "${up/./}" -lt "$end" ] || [ $polls -lt $((limit * 2)) ] || return 1
		pause "0.$((polls < 10 ? 0 : 2))5"
	done
}

# number "EXPRESSION": arithmetic comparison with fractions.
number() { awk "BEGIN { exit !($1) }"; }

# expect NAME VALUE OPERATOR BOUND: a measured value and its bound.
expect() {
	number "$2 $3 $4" || fail "$1 is $2, must be $3 $4"
	note "$1: $2 (must be $3 $4)"
}
