# shellcheck shell=bash
# Runs in a system of chroot.sh, in a network namespace of its own: uplinks beside NetworkManager and mptcpd, as the archive has
# them. $1 is the tool.
set -euo pipefail
tool=$1
fail() {
	echo "failed: $*"
	cat /tmp/*.log
	ip mptcp endpoint
	ip rule
	exit 1
}
# shellcheck source=tests/package/alone.sh
. "${BASH_SOURCE[0]%/*}/alone.sh"
# link NAME: its far end belongs to nobody.
link() {
	ip link add "$1" type veth peer name "far-$1"
	ip link set "far-$1" up
	ip link set "$1" addrgenmode none
}
endpoint() { ip mptcp endpoint | grep "^$1 .*dev $2 *$" >/dev/null; }
rule() { ip rule | grep "from $1 lookup 1194" >/dev/null; }
said() { grep -qF -- "$1" /tmp/uplinks.log; }
keep() {
	"$tool" uplinks keep >/tmp/uplinks.log 2>&1 &
	keep=$!
	within said following || fail 'uplinks keep does not begin'
}
undo() {
	"$tool" uplinks undo >/dev/null
	wait "$keep"
	! ip rule | grep 'proto 119' || fail 'undo leaves rules'
}
# shown ADDRESS KEY: of what uplinks shows of an address
shown() { "$tool" uplinks --json | jq -r --arg a "$1" ".uplinks[] | . as \$u | .ways[] | select(.local == \$a) | $2"; }
doctor_says() { { "$tool" doctor --json || :; } | jq -e --arg id "$1" '.findings[] | select(.id == $id)' >/dev/null; }

mount -t sysfs -o ro sysfs /sys
mount -t tmpfs none /run
ip link set lo up
sysctl -qw net.mptcp.enabled=1
link wan1
link wan2

# NetworkManager makes endpoints, and follows addresses, by itself.
mkdir -p /run/dbus /etc/NetworkManager/conf.d
dbus-daemon --system --fork
cat >/etc/NetworkManager/conf.d/tests.conf <<-END
	[main]
	no-auto-default=*
	[keyfile]
	unmanaged-devices=interface-name:far-*
END
NetworkManager --no-daemon >/tmp/nm.log 2>&1 &
manager=$!
running() { nmcli -t -f RUNNING general 2>/dev/null | grep '^running' >/dev/null; }
within running || fail 'NetworkManager does not start'
for n in 1 2; do
	nmcli connection add type ethernet con-name "wan$n" ifname "wan$n" autoconnect no ipv6.method disabled \
		ipv4.method manual ipv4.addresses "10.1.$n.2/24" ipv4.gateway "10.1.$n.1"
	nmcli --wait 30 connection up "wan$n"
done
within endpoint 10.1.2.2 wan2 || fail 'NetworkManager makes no endpoint: this test tells nothing'
keep
rule 10.1.2.2 || fail 'there is no rule'
! said 'endpoint add' || fail 'an endpoint of NetworkManager is not left to it'
is "$(shown 10.1.2.2 .endpoint_by)" NetworkManager
is "$(shown 10.1.2.2 '$u.manager')" NetworkManager
is "$("$tool" uplinks --json | jq -c '[.uplinks[].missing[], .uplinks[].left[]]')" '[]'

nmcli connection modify wan2 ipv4.addresses 10.1.2.9/24
nmcli --wait 30 connection up wan2
within endpoint 10.1.2.9 wan2 || fail 'NetworkManager does not follow'
within rule 10.1.2.9 || fail 'another address that NetworkManager gives is not followed'
! said 'endpoint add' || fail 'an endpoint of NetworkManager is not left to it when it changes'

# Where it is told not to, setup does.
nmcli connection modify wan2 connection.mptcp-flags disabled
nmcli --wait 30 connection up wan2
within said 'ip mptcp endpoint add 10.1.2.9 dev wan2 subflow' || fail 'NetworkManager makes no endpoint, and nobody else does'
is "$(shown 10.1.2.9 .endpoint_by)" setup
undo
endpoint 10.1.1.2 wan1 || fail 'undo takes what NetworkManager has made'
! endpoint 10.1.2.9 wan2 || fail 'undo leaves an endpoint'

# mptcpd sees new addresses only, and makes endpoints without a flag unless it is told otherwise.
mptcpd() {
	/usr/libexec/mptcpd --log=stderr "$@" >/tmp/mptcpd.log 2>&1 &
	daemon=$!
	within grep -q 'address advertiser path manager initialized' /tmp/mptcpd.log || fail 'mptcpd does not start'
}
# plug N: a new link with its address and route
plug() {
	nmcli device set "wan$1" managed no
	ip link set "wan$1" up
	ip addr add "10.1.$1.2/24" dev "wan$1"
	ip route add default via "10.1.$1.1" dev "wan$1" metric "${1}00"
}
mptcpd
doctor_says managers || fail 'doctor is not worried about both'
link wan3
plug 3
within endpoint 10.1.3.2 wan3 || fail 'mptcpd makes no endpoint: this test tells nothing'
keep
is "$(shown 10.1.3.2 .endpoint_by)" mptcpd
"$tool" uplinks | grep 'has not the flag subflow' >/dev/null || fail 'uplinks takes an endpoint without a flag for one with it'
doctor_says uplinks-left || fail 'doctor does not tell of it'
doctor_says uplinks-mptcpd || fail 'doctor does not tell of mptcpd'
rule 10.1.3.2 || fail 'what mptcpd does not make is not made'
kill "$daemon"
wait "$daemon" || :
ip mptcp endpoint flush

mptcpd --addr-flags=subflow
link wan4
plug 4
within rule 10.1.4.2 || fail 'a new link is not followed beside mptcpd'
within endpoint 10.1.4.2 wan4 || fail 'a new link has no endpoint'
"$tool" uplinks --json | jq -e '[.uplinks[] | select(.dev == "wan4").left[]] == []' >/dev/null
limits() { ip mptcp limits | grep 'add_addr_accepted 8 subflows 8' >/dev/null; }
within limits || fail 'limits that mptcpd makes small stay so'
undo
kill "$daemon" "$manager"
wait "$daemon" "$manager" || :
