# shellcheck shell=bash
# Cases that drive the module without OpenVPN: the script in Python that stands beside the case speaks netlink to it
# and plays the remote end on a socket of its own, so that every byte on the wire is under its control.

# engine_run [PROGRAM...]: the script has the same name as the case. It gets the names of the two namespaces.
engine_run() {
	[ -e /sys/module/ovpn_dco_mptcp ] || {
		note "nothing to test without the module"
		exit 0
	}
	engine_script "$@"
}
# engine_script [PROGRAM...]: whichever module is loaded.
engine_script() {
	local script=${0##*/}
	# The script uses the kernel's ciphers. Linux 7.3 keeps most of them from programs unless it is told not to.
	modprobe af_alg
	[ ! -e /proc/sys/crypto/af_alg_restrict ] || sysctl -qw crypto.af_alg_restrict=0
	PYTHONPATH=/lab/lib PYTHONDONTWRITEBYTECODE=1 "$@" python3 -u "/lab/cases/${script%.sh}.py" "$ns_client" "$ns_server" 9>&- ||
		exit 1
}
