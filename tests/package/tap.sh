# shellcheck shell=bash
# For the tests of this folder: TAP from a shell script, what they share, and a scratch directory that goes away.
set -euo pipefail
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
repo=${tests%/*}
cache_root=${XDG_CACHE_HOME:-$HOME/.cache}/ovpn-dco-mptcp
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -- "$@"; fi; }
die() { printf 'Bail out! %s\n' "$*"; exit 1; }
host_needs() { "$tests/vm/host-packages" "$@"; }
. "$tests/package/chroot.sh"
. "$tests/package/debs.sh"

mkdir -p "$cache_root/package"
scratch=$(mktemp -d "$cache_root/package/run.XXXXXX")
tap_count=0
tap_end() {
	local status=$?
	[ -n "${KEEP:-}" ] || as_root rm -rf "$scratch"
	[ -n "${tap_done:-}" ] || printf '1..%d\n# %s has ended early\n' $((tap_count + 1)) "${0##*/}"
	exit $status
}
trap tap_end EXIT
trap 'exit 1' INT TERM HUP

# check WHAT COMMAND...: one test; what the command says is shown when it fails. What follows makes no sense without it: the
# script ends there, unless the caller asks for the result.
tap_log=$scratch/log
check() {
	local what=$1 status=0 start=$SECONDS
	shift
	tap_count=$((tap_count + 1))
	"$@" >"$tap_log" 2>&1 || status=$?
	[ $status = 0 ] || printf 'not '
	printf 'ok %d - %s\n#   %d s\n' "$tap_count" "$what" $((SECONDS - start))
	[ $status = 0 ] || tail -n 60 "$tap_log" | cut -c1-300 | sed 's/^/# /'
	return $status
}

done_testing() {
	printf '1..%d\n' "$tap_count"
	tap_done=yes
}
