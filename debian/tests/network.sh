# shellcheck shell=bash
# For the tests beside this file: two machines, a server that is a network namespace and a client that is this one, with two
# paths between them; services that run on one or the other. Everything that is used has been installed by packages.
set -euo pipefail

fail() {
	journalctl --no-pager -b -n 60 || :
	echo "failed: $*"
	exit 1
}
trap 'fail "line $LINENO: $BASH_COMMAND"' ERR

# wait_for SECONDS COMMAND...
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt "$end" ] || return 1
		sleep 0.5
	done
}

# The testbed's kernel may be one without headers in the archive, or in no need of the module.
module_needed() {
	modinfo ovpn-dco-mptcp >/dev/null 2>&1 && return 0
	echo "SKIP: dkms has built no module for Linux $(uname -r)"
	exit 77
}

loaded() { [ -e /sys/module/ovpn_dco_mptcp ]; }

# The client's second address is one more path to the server.
network_open() {
	local n
	trap network_close EXIT
	ip netns add server
	# a name for this one
	ip netns attach client $$
	for n in server client; do
		ip -n $n link set lo up
		ip -n $n mptcp limits set subflow 4 add_addr_accepted 4
	done
	for n in 1 2; do
		ip link add "path$n" netns client type veth peer name "path$n" netns server
		ip -n server address add "10.7.$n.1/24" dev "path$n"
		ip -n client address add "10.7.$n.2/24" dev "path$n"
		ip -n server link set "path$n" up
		ip -n client link set "path$n" up
	done
	ip -n client route add 10.7.1.0/24 via 10.7.2.1 dev path2 metric 1000
	ip -n client mptcp endpoint add 10.7.2.2 id 77 dev path2 subflow
}

# However the test ends, the next one finds nothing of it.
network_close() {
	systemctl stop 'openvpn-*@office' 'ovpn-mptcp@*' ovpn-mptcp-keep
	ip mptcp endpoint delete id 77
	ip link del path1
	ip link del path2
	ip -all netns del
}

# on_server UNIT: will run there.
on_server() {
	mkdir -p "/etc/systemd/system/$1.d"
	printf '%s\n' '[Service]' 'NetworkNamespacePath=/run/netns/server' >"/etc/systemd/system/$1.d/namespace.conf"
	systemctl daemon-reload
}

property() { systemctl show --property "$2" --value "$1"; }
is() { [ "$(property "$1" "$2")" = "$3" ]; }
matches() { [[ $(property "$1" "$2") =~ $3 ]]; }

shown() { ip netns exec "$1" ovpn-mptcp-ctl; }
# both_paths NAMESPACE: of the only peer there.
both_paths() { shown "$1" | grep -q '^ *peer [0-9]*  mptcp, 2 of 2 paths  offloaded$'; }

# said UNIT EVENT: keep, or the one in attach, since the unit was started: in words, and in a field of the journal.
said() { journalctl -b "_SYSTEMD_INVOCATION_ID=$(property "$1" InvocationID)" --grep "^$2 " -q -o json | grep -Eq "\"OVPN_MPTCP_EVENT\" *: *\"$2\""; }

# The service starts by itself, so nothing here starts it.
keep_is() { is ovpn-mptcp-keep ActiveState "$1"; }
# udev has told systemd of the device.
plugged() { is "sys-subsystem-net-devices-$1.device" ActiveState active; }

# path_lost SIDE ADDRESS: its subflow, as by a middlebox.
path_lost() { ip netns exec "$1" ss -K src "$2" dport = :1194 >/dev/null; }

# service_stops UNIT: and does so cleanly.
service_stops() {
	systemctl stop "$1"
	is "$1" ActiveState inactive || fail "$1 has ended as $(property "$1" ActiveState)"
	is "$1" Result success || fail "$1 has ended with $(property "$1" Result)"
}

no_devices() { [ -z "$(ip -n server -o link show type "$1"; ip -n client -o link show type "$1")" ]; }

# The last of the tunnels gone, the module can go.
module_goes() { wait_for 20 modprobe -r ovpn-dco-mptcp 2>/dev/null || fail "the module stays: $(modprobe -r ovpn-dco-mptcp 2>&1)"; }
