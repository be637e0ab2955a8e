#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# What uplinks shows of a network namespace of its own: each default route, of whatever table and sort, where packets
# leave, whose rules and endpoints there are, and how far a server is.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Test::More;
use ToolTest qw(build run need);

need(qw(make gcc pkg-config unshare ip python3));
# who is not root gets a user namespace, too
my @alone = ('unshare', $> ? '-rn' : '-n');
my ($status, $out, $err) = run(@alone, 'sh', '-c', 'ip link add p1 type veth peer name far1 && ip mptcp endpoint');
plan skip_all => "no network namespace, veth or MPTCP here: $err" if $status || $err;
my $tool = build() . '/ovpn-mptcp-ctl';

# Three links with DHCP, router advertisements and none of both; a tunnel; a link that only a table of its own knows.
my $world = <<'END';
set -e
ip link set lo up
for n in 1 2 3 4; do
	ip link add p$n type veth peer name far$n
	ip link set p$n addrgenmode none
	ip addr add 10.1.$n.2/24 dev p$n
	ip link set far$n up
	ip link set p$n up
done
ip route add default via 10.1.1.1 dev p1 metric 100 proto dhcp
ip route add default nexthop via 10.1.2.1 dev p2 nexthop via inet6 fe80::9 dev p3 onlink
ip route add default via 10.1.4.1 dev p4 table 77
ip rule add from 10.1.4.2 table 77
ip rule add from 10.1.2.2 fwmark 7 table 78
ip addr add 2001:db8:1::2/64 dev p1 nodad
ip addr add 2001:db8:1::3/64 dev p1 nodad preferred_lft 0
ip -6 route add default via fe80::1 dev p1 proto ra
ip tuntap add tun0 mode tun
ip addr add 10.66.0.2/24 dev tun0
ip link set tun0 up
ip route add default dev tun0 metric 50
ip mptcp endpoint add 10.1.2.2 dev p2 subflow backup
END
sub show {
	my ($more, @words) = @_;
	my ($status, $out, $err) = run(@alone, 'sh', '-c', "$world$more\n$tool uplinks --json \"\$@\"", 'sh', @words);
	is($status, 0, 'uplinks ' . join ' ', @words) or diag($err);
	my $data = decode_json($out);
	my %uplinks = map { $_->{dev} => { %$_, ways => { map { $_->{local} => $_ } @{$_->{ways}} } } } @{$data->{uplinks}};
	return ($data, \%uplinks);
}

my ($data, $uplinks) = show('');
is(join(' ', sort keys %$uplinks), 'p1 p2 p3 p4 tun0', 'interfaces with a default route');
is($uplinks->{tun0}{role}, 'never', 'a tunnel is left out');
like($uplinks->{tun0}{why}, qr/^a tunnel/, 'and it is said why');
my $way = $uplinks->{p1}{ways}{'10.1.1.2'};
is("@$way{qw(gateway metric protocol route_table)}", '10.1.1.1 100 16 254', 'a route of DHCP');
like($way->{leaves_by}, qr/^p[23]$/, 'which another one is used before, with several ways');
is($uplinks->{p2}{ways}{'10.1.2.2'}{gateway}, '10.1.2.1', 'the first way of a route with several');
ok(!exists $uplinks->{p2}{ways}{'10.1.2.2'}{table}, 'a rule for some packets is none for all');
is("@{$uplinks->{p2}{ways}{'10.1.2.2'}}{qw(endpoint_id endpoint_by)}", '1 others', 'an endpoint of others');
ok($uplinks->{p2}{ways}{'10.1.2.2'}{backup}, 'it is a backup');
is(join(' ', @{$uplinks->{p2}{missing}}), 'table rule', 'so the endpoint is not missing');
is($uplinks->{p3}{ways}{'10.1.3.2'}{gateway}, 'fe80::9', 'the second way, with a gateway of IPv6');
$way = $uplinks->{p4}{ways}{'10.1.4.2'};
is("@$way{qw(route_table table)}", '77 77', 'a table of its own, and the rule that leads there');
ok($way->{leaves} && !$way->{rule_ours}, 'packets leave by it, without setup');
is(join(' ', @{$uplinks->{p4}{missing}}), 'endpoint', 'so nothing but an endpoint is missing');
is($uplinks->{p1}{ways}{'2001:db8:1::2'}{gateway}, 'fe80::1', 'IPv6');
ok($uplinks->{p1}{ways}{'2001:db8:1::3'}{deprecated}, 'a deprecated address');
is(join(' ', @{$data->{missing}}), 'limits', 'limits are missing');

(undef, $uplinks) = show("ip link set far1 down\nuntil ip link show p1 | grep -q NO-CARRIER; do sleep 0.05; done\nip link set p2 down\necho 1 >/proc/sys/net/ipv4/conf/p3/rp_filter");
ok($uplinks->{p1}{up} && !$uplinks->{p1}{carrier}, 'no link');
ok(!$uplinks->{p2}, 'what is down leads nowhere');
is($uplinks->{p3}{rp_filter}, 1, 'strict reverse path filter');

# A server behind the first link answers; behind the others nobody does.
my $server = <<'END';
cd "$(mktemp -d)"
mkfifo ready plugged
unshare -n sh -c 'echo >ready
	read _ <plugged
	ip link set lo up
	ip addr add 203.0.113.5/32 dev lo
	ip addr add 10.1.1.1/24 dev far1
	ip link set far1 up
	exec python3 -c "import socket
s = socket.create_server((\"203.0.113.5\", 7))
open(\"ready\", \"w\").close()
while True: s.accept()"' &
trap "kill $!; rm -r '$PWD'" EXIT
read _ <ready || :
ip link set far1 netns $!
ip route replace default via 10.1.1.1 dev p1
echo >plugged
cat ready
END
($data, $uplinks) = show($server, 'probe', '203.0.113.5:7');
like($uplinks->{p1}{ways}{'10.1.1.2'}{rtt_us}, qr/^[1-9]\d*$/, 'round trip to a server');
ok(!exists $uplinks->{p1}{ways}{'2001:db8:1::2'}{rtt_us}, 'not by a family that the server does not have');
like($uplinks->{p4}{ways}{'10.1.4.2'}{rtt_error}, qr/^E(?:TIMEDOUT|HOSTUNREACH): /, 'no answer by another link');

($status, $out, $err) = run(@alone, $tool, 'uplinks');
is("$status $err", '0 ', 'a machine without a way out');
is($out, "No way out: no interface has a default route.\n", 'is told so');
($status, $out, $err) = run($tool, 'uplinks', 'wan0');
is($status, 1, 'a word that is none');
like($err, qr/^ovpn-mptcp-ctl: uplinks: expected probe, setup, undo, keep, not 'wan0'/, 'is refused');
($status, $out, $err) = run($tool, 'uplinks', '--probe', 'no-such-host.invalid:7');
is($status, 2, 'a server without an address');
like($err, qr/^ovpn-mptcp-ctl: uplinks: no-such-host\.invalid has no address: /, 'is told');

done_testing();
