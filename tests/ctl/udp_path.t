#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The path of a peer on UDP, in a network namespace of its own: the interface and the local address that the route has
# for its socket, by device and mark; nothing where nobody tells.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use ToolTest qw(scratch sources compile run need @sanitizers);

need(qw(gcc pkg-config unshare ip ss));
# who is not root gets a user namespace, too
my @alone = ('unshare', $> ? '-rn' : '-n');
my ($status, $out, $err) = run(@alone, 'sh', '-c', 'ip link add p1 type veth peer name far1 && ss -Huan >/dev/null');
plan skip_all => "no network namespace, veth or udp_diag here: $err" if $status || $err;
my $dir = scratch();
my $sample = compile($dir, 'udp_path_sample', 'gcc', @sanitizers, sources(qw(udp_path egress sockdiag links netlink model address memory message)));

# Two links; the far end is behind the first, and for the mark 7 behind the second.
my $world = <<'END';
set -e
ip link set lo up
for n in 1 2; do
	ip link add p$n type veth peer name far$n
	ip addr add 10.1.$n.2/24 dev p$n
	ip addr add fd0$n::2/64 dev p$n nodad
	ip link set far$n up
	ip link set p$n addrgenmode none up
	ip addr add fe80::$n/64 dev p$n nodad
	ip route add default via 10.1.$n.1 dev p$n metric $n
done
ip route add default via 10.1.2.1 dev p2 table 7
ip rule add fwmark 7 table 7
ip route add unreachable 10.66.0.0/16
END
my @cases = (
	['the route decides', '10.9.9.9', 'p1 10.1.1.2'],
	['a neighbour', '10.1.2.1', 'p2 10.1.2.2'],
	['an own address that is given', '10.9.9.9 local 10.1.2.2', 'p1 10.1.2.2'],
	['one that nobody has any more', '10.9.9.9 local 10.1.3.2', 'p1 10.1.1.2'],
	['a socket bound to an address', '10.9.9.9 bind 10.1.2.2', 'p1 10.1.2.2'],
	['a socket bound to a device', '10.9.9.9 device p2', 'p2 10.1.2.2'],
	['a socket with a mark', '10.9.9.9 mark 7', 'p2 10.1.2.2'],
	['a mark without a rule', '10.9.9.9 mark 8', 'p1 10.1.1.2'],
	['no route', '10.66.0.1', '- -'],
	['no route, and an own address', '10.66.0.1 local 10.1.1.2', '- 10.1.1.2'],
	['two sockets with one port', '10.9.9.9 bind 10.1.1.2 beside 10.1.2.2', '- -'],
	['two sockets, and an own address', '10.9.9.9 bind 10.1.1.2 beside 10.1.2.2 local 10.1.2.2', '- 10.1.2.2'],
	['a socket of the other version', '10.9.9.9 bind fd01::2', '- -'],
	['a socket of both versions', '10.9.9.9 bind ::', 'p1 10.1.1.2'],
	['IPv6', 'fd02::1 bind ::', 'p2 fd02::2'],
	['IPv6, and an own address', 'fd02::1 bind :: local fd01::2', 'p2 fd01::2'],
	['link-local', 'fe80::9 bind :: scope p2', 'p2 fe80::2'],
);
my $script = $world . join '', map { "$sample $_->[1]\n" } @cases;
($status, $out, $err) = run(@alone, 'sh', '-c', $script);
is($status, 0, 'the namespace, and all paths') or diag($err);
my @found = split /\n/, $out;
for my $i (0 .. $#cases) {
	my ($name, undef, $want) = @{$cases[$i]};
	is($found[$i], $want, $name);
}

done_testing();
