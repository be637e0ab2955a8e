# shellcheck shell=bash
# The control tool in the namespaces of a test.

[ -e /sys/module/ovpn_dco_mptcp ] || {
	note "nothing to show without the module"
	exit 0
}
tool=/lab/ovpn-mptcp-ctl

# ctl_status client|server ARGUMENT...: sets $ctl_status; output and errors go to ctl.out and ctl.err.
ctl_status() {
	local where=$1
	shift
	ctl_status=0
	"on_$where" "$tool" "$@" >"$LAB_DIR/ctl.out" 2>"$LAB_DIR/ctl.err" || ctl_status=$?
}

# ctl client|server ARGUMENT...: must succeed and say nothing on standard error.
ctl() {
	ctl_status "$@"
	[ "$ctl_status" = 0 ] || fail "ovpn-mptcp-ctl ${*:2}: status $ctl_status: $(cat "$LAB_DIR/ctl.err")"
	[ ! -s "$LAB_DIR/ctl.err" ] || fail "ovpn-mptcp-ctl ${*:2} says: $(cat "$LAB_DIR/ctl.err")"
}

# ctl_fails STATUS TEXT client|server ARGUMENT...: must fail so, with one line that contains TEXT.
ctl_fails() {
	local status=$1 text=$2
	shift 2
	ctl_status "$@"
	[ "$ctl_status" = "$status" ] || fail "ovpn-mptcp-ctl ${*:2}: status $ctl_status, must be $status: $(cat "$LAB_DIR/ctl.err")"
	[ "$(wc -l <"$LAB_DIR/ctl.err")" = 1 ] || fail "ovpn-mptcp-ctl ${*:2}: not one line: $(cat "$LAB_DIR/ctl.err")"
	grep -qF -- "$text" "$LAB_DIR/ctl.err" || fail "ovpn-mptcp-ctl ${*:2} says '$(cat "$LAB_DIR/ctl.err")', must say '$text'"
	ok "ovpn-mptcp-ctl ${*:2}: status $status, $(cat "$LAB_DIR/ctl.err")"
}

# json FILTER: of what the last ctl printed.
json() { jq -r "$1" "$LAB_DIR/ctl.out"; }

refuses_escape() { ! grep -q $'\033' "$1"; }

# equal WHAT VALUE EXPECTED
equal() {
	[ "$2" = "$3" ] || fail "$1 is '$2', must be '$3'"
	ok "$1: $2"
}

# tool_drops client|server: what the module dropped, by reason.
tool_drops() { ctl "$1" --json && json '[.devices[].peers[].drops // {} | to_entries[] | select(.value > 0) | "\(.key) \(.value)"] | join(", ")'; }
