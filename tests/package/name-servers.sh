# shellcheck shell=bash
# Runs in a system of chroot.sh, in a network namespace of its own: the name servers of a tunnel beside those that keep them, as
# the archive has them. $1 is the tool, $2 who keeps them: systemd-resolved, resolvconf or openresolv.
set -euo pipefail
tool=$1 keeper=$2
fail() {
	echo "failed: $*"
	cat /tmp/keeper.log /tmp/dns.log /etc/resolv.conf || :
	exit 1
}
# shellcheck source=tests/package/alone.sh
. "${BASH_SOURCE[0]%/*}/alone.sh"
# A device that stands for a tunnel.
device() {
	ip link add tun9 type veth peer name far9
	ip link set far9 up
	ip link set tun9 up
	ip addr add 10.9.0.2/24 dev tun9
}
# The tool as the unit runs it.
keep() {
	: >/run/flag
	"$tool" dns keep tun9 config /etc/tun9.conf while /run/flag >/tmp/dns.log 2>&1 &
	keep=$!
}
ends() {
	rm /run/flag
	wait "$keep"
	is "$(cat /tmp/dns.log)" ''
}

mount -t tmpfs none /run
mkdir -p /run/dbus /run/systemd
ip link set lo up
device
: >/tmp/keeper.log
cat >/etc/tun9.conf <<-END
	connect 192.0.2.1 1194
	psk-file /none
	dns 10.9.0.1 fd09::1
	dns-domain corp.example
END

if [ "$keeper" = systemd-resolved ]; then
	dbus-daemon --system --fork
	/lib/systemd/systemd-resolved >/tmp/keeper.log 2>&1 &
	asks() { [ "$(resolvectl dns tun9 | sed 's/^[^:]*: *//') $(resolvectl domain tun9 | sed 's/^[^:]*: *//') $(resolvectl default-route tun9 | sed 's/^[^:]*: *//')" = "$1" ]; }
	within asks '  no' || within asks '  yes' || fail 'systemd-resolved does not start'
	before=$(resolvectl default-route tun9 | sed 's/^[^:]*: *//')
	keep
	within asks '10.9.0.1 fd09::1 corp.example no' || fail 'systemd-resolved is not told'
	ends
	asks "  $before" || fail 'systemd-resolved is not told of the end'
	echo 'gateway yes' >>/etc/tun9.conf
	keep
	within asks '10.9.0.1 fd09::1 corp.example ~. yes' || fail 'systemd-resolved is not told of a gateway'
	# somebody removes the device, which is the end of attach
	ip link del tun9
	ends
	device
	within asks "  $before" || fail 'systemd-resolved keeps it for another device'
	exit 0
fi
[ "$keeper" != resolvconf ] || { mkdir -p /run/resolvconf/interface; resolvconf --enable-updates; }
[ "$keeper" != openresolv ] || echo 'resolv_conf=/run/resolv.conf' >/etc/resolvconf.conf
file=/run/resolv.conf
[ "$keeper" != resolvconf ] || file=/run/resolvconf/resolv.conf
asks() { [ "$(sed -n 's/^nameserver //p' "$file" | paste -sd' ')" = "$1" ]; }
echo 'nameserver 192.0.2.9' | resolvconf -a wan1.dhcp
within asks 192.0.2.9 || fail "$keeper keeps no name servers: this test tells nothing"
echo 'gateway yes' >>/etc/tun9.conf
first() { [ "$(sed -n 's/^nameserver //p' "$file" | head -n 2 | paste -sd' ')" = '10.9.0.1 fd09::1' ]; }
keep
within first || fail "$keeper is not told, or asks others first"
grep -q '^search .*corp.example' "$file" || fail "$keeper does not search the domain"
ends
asks 192.0.2.9 || fail "$keeper is not told of the end"
# one that was killed
keep
within first
kill -KILL "$keep"
wait "$keep" || :
"$tool" dns undo tun9
asks 192.0.2.9 || fail "$keeper is not told of the end of one that was killed"
