# shellcheck shell=bash
# Runs a case that is written in Python: it drives the module without OpenVPN, speaks netlink to it, and plays the remote end on a
# socket of its own, so that every byte on the wire is under its control.
#
#   bash engine.sh CASE.py
#
# The case gets the names of the two namespaces; how many paths join them it says in its header: "# paths: 2", else one.
. "${BASH_SOURCE[0]%/*}/lab.sh"

[ -e /sys/module/ovpn_dco_mptcp ] || {
	note "nothing to test without the module"
	exit 0
}
topology_open "$(sed -n '/^#/!q; s/^# paths: *//p' "$1")"
# The case uses the kernel's ciphers. Linux 7.3 keeps most of them from programs unless it is told not to.
modprobe af_alg
[ ! -e /proc/sys/crypto/af_alg_restrict ] || sysctl -qw crypto.af_alg_restrict=0
PYTHONPATH=$lab PYTHONDONTWRITEBYTECODE=1 python3 -u "$1" "$ns_client" "$ns_server" 9>&- || exit 1
