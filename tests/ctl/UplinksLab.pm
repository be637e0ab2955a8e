# SPDX-License-Identifier: GPL-2.0
# A network namespace with two uplinks, for uplinks setup and uplinks keep: shell code runs there.
package UplinksLab;

use strict;
use warnings;
use Exporter qw(import);
use Test::More;
use ToolTest qw(run need);

our @EXPORT_OK = qw(uplinks_lab lab lab_is);

my ($tool, @alone);

# Two uplinks, both with IPv4 and IPv6, and a provider's namespace behind them with a server of both versions.
my $world = <<'END';
set -e
mount -t tmpfs none /run
mount -t tmpfs none /etc
mkdir /etc/ovpn-mptcp
cd "$(mktemp -d -p /run)"
mkfifo ready plugged
trap 'kill $far $keep; exit' EXIT
unshare -n sh -c 'echo >ready
	read _ <plugged
	ip link set lo up
	ip addr add 203.0.113.5/32 dev lo
	ip addr add 2001:db8::5/128 dev lo
	for n in 1 2; do
		ip link set far$n up
		ip addr add 10.1.$n.1/24 dev far$n
		ip addr add 2001:db8:$n::1/64 dev far$n nodad
	done
	exec python3 -c "import socket
s = socket.create_server((\"::\", 7), family=socket.AF_INET6, dualstack_ipv6=True)
open(\"ready\", \"w\").close()
while True: s.accept()"' &
far=$! keep=
read _ <ready || :
ip link set lo up
# uplink N NAME
uplink() {
	ip addr add 10.1.$1.2/24 dev $2
	ip addr add 2001:db8:$1::2/64 dev $2 nodad
	ip route add default via 10.1.$1.1 dev $2 metric ${1}00 proto dhcp
	ip -6 route add default via 2001:db8:$1::1 dev $2 metric ${1}00 proto ra
}
for n in 1 2; do
	ip link add wan$n type veth peer name far$n netns $far
	ip link set wan$n addrgenmode none up
	uplink $n wan$n
done
echo >plugged
cat ready
snap() {
	ip rule; ip -6 rule; ip route show table all; ip -6 route show table all; ip mptcp endpoint; ip mptcp limits
	cat /proc/sys/net/ipv4/conf/*/rp_filter
}
# ... in no order, for what is made again gets another number, and comes last
settled() { snap | sed 's/ id [0-9]* / /' | sort; }
# setup without its remark about what follows
setup() { $tool uplinks setup | sed '/^No program follows/d'; }
# answers ADDRESS SERVER: whether a connection that begins there arrives
answers() { python3 -c 'import socket, sys
socket.create_connection((sys.argv[2], 7), timeout=2, source_address=(sys.argv[1], 0))' "$@" 2>/dev/null; }
END

# The tool, once the machine is found to be able; skips all otherwise.
sub uplinks_lab {
	($tool) = @_;
	need(qw(unshare ip ss python3 mount));
	# who is not root gets a user namespace, too
	@alone = ('unshare', $> ? '-rnm' : '-nm');
	my ($status, undef, $err) = run(@alone, 'sh', '-c', 'ip link add p1 type veth peer name far1 && ip mptcp endpoint && mount -t tmpfs none /run');
	plan skip_all => "no network namespace, veth, MPTCP or tmpfs here: $err" if $status || $err;
}

# Runs shell code there; returns its status, output and errors.
sub lab {
	my ($code, @words) = @_;
	return run(@alone, 'env', "tool=$tool", 'LC_ALL=C', 'sh', '-c', "$world\n$code", 'sh', @words);
}

sub lab_is {
	my ($name, $code, $want) = @_;
	my ($status, $out, $err) = lab($code);
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is($out, $want, $name) or diag($err);
	is("$status $err", '0 ', "$name: no complaint");
}

1;
