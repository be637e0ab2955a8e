# shellcheck shell=bash
# For scripts that run alone in a system of chroot.sh: they say by fail() what they show when something goes wrong.
trap 'fail "line $LINENO: $BASH_COMMAND"' ERR
# within COMMAND...: ten seconds, by a clock that a busy machine does not slow down
within() {
	local end=$((SECONDS + 10))
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}
is() { [ "$1" = "$2" ] || fail "'$1', must be '$2'"; }
