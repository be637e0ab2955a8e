#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# A client of attach on a machine with two uplinks, each of which may be silently dead when it begins: it attaches by the
# other one, from an endpoint of MPTCP, or without one through what has a route; and goes nowhere else when told where to begin.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use AttachPair qw(build_stub alone start start_far start_name_server logged lines ended stop fresh file %pid);
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);
use ToolTest qw(need run);

alone();
need(qw(ip nft nsenter ss));
my $dir = build_stub('-DBETTER_MIN_MS=1000');
file('psk', sprintf("%02x" x 32 . "\n", map { int rand 256 } 1 .. 32), 0600);

my @far = start_far();

my $far = join ' ', @far;
# p1 is the way of the default route, p2 that of packets from its address. The server is behind both.
file('world', <<"END");
set -e
ip link set lo up
for n in 1 2; do
	ip link add p\$n type veth peer name s\$n
	ip link set s\$n netns $pid{far}
	ip addr add 10.1.\$n.2/24 dev p\$n
	ip link set p\$n up
	$far ip addr add 10.1.\$n.1/24 dev s\$n
	$far ip link set s\$n up
done
$far ip addr add 10.9.9.1/32 dev lo
ip route add default via 10.1.1.1 dev p1 metric 100
ip route add default via 10.1.2.1 dev p2 table 100
ip rule add from 10.1.2.2 table 100
# a dead link swallows what is sent on it
$far nft add table inet links
$far nft add chain inet links in '{ type filter hook prerouting priority -300; }'
END
my ($status, $out, $err) = run('sh', "$dir/world");
plan skip_all => "this machine cannot have two links and a filter: $err" if $status;
my $mptcp = !system 'ip mptcp endpoint >/dev/null 2>&1 && sysctl -qn net.mptcp.enabled 2>/dev/null | grep -q 1';
plan skip_all => 'no MPTCP in this kernel' unless $mptcp;

sub far { system(@far, @_) == 0 or die "@_" }
sub links_heal { far(qw(nft flush chain inet links in)) }
sub link_dies { far(qw(nft add rule inet links in iifname), "s$_[0]", 'drop') }
sub server { local @AttachPair::under = @far; start('server', qw(listen * 1194 psk-file), "$dir/psk", @_); lines('server', 'waits for a client', 1) }
sub client { start('client', qw(connect 10.9.9.1 1194 psk-file), "$dir/psk", @_) }
sub endpoints { system('ip mptcp endpoint flush') == 0 or die; system("ip mptcp endpoint add $_") == 0 or die for @_ }
# The address that the server has its client at, of the last tunnel.
sub client_at { my ($line) = reverse lines('server', ': attached: 10', 1); return $line =~ /attached: (\S+):\d+ / ? $1 : '?' }
my $start;

server();

# Both links are well: the usual one is taken, and the server sees no other connection.
endpoints('10.1.2.2 dev p2 subflow');
client();
lines('client', ': attached: 10\.9\.9\.1:1194 ', 1);
is(client_at(), '10.1.1.2', 'the usual way, when it works');
stop('client', 'TERM', 0);
unlike(logged('client'), qr/ by p2/, 'the other one is not heard of');

# The usual one is dead, and nobody tells.
link_dies(1);
fresh();
$start = time;
client();
lines('client', ': attached: 10\.9\.9\.1:1194 ', 1);
cmp_ok(time - $start, '<', 2, 'a dead link is not waited for');
is(client_at(), '10.1.2.2', 'the other way is taken');
like((`@far ss -Htn state established sport = :1194`)[0] // '', qr/10\.1\.2\.2/, 'its connection is there');

# It dies, too: no other connection can be had. When the usual one is well again, that is taken.
link_dies(2);
kill 'HUP', $pid{client};
lines('client', 'no new connection: the last one stays', 1);
links_heal();
link_dies(2);
fresh();
kill 'HUP', $pid{client};
lines('client', 'attached again: ', 1);
my ($back) = lines('server', 'the client is back: ', 1);
like($back, qr/back: 10\.1\.1\.2:/, 'and the usual one, when it is well again');
stop('client', 'TERM', 0);

# No endpoint: what has a route is the last resort. An endpoint that is a backup is one, too.
links_heal();
link_dies(1);
endpoints();
system('ip route add default via 10.1.2.1 dev p2 metric 200') == 0 or die;
fresh();
client();
lines('client', 'cannot connect to 10\.9\.9\.1:1194 \(no answer\)', 1);
lines('client', ': attached: 10\.9\.9\.1:1194 ', 1);
is(client_at(), '10.1.2.2', 'an interface with a route is the last resort');
stop('client', 'TERM', 0);
system('ip route del default via 10.1.2.1 dev p2 metric 200') == 0 or die;
endpoints('10.1.2.2 dev p2 subflow backup');
fresh();
client();
lines('client', 'cannot connect to 10\.9\.9\.1:1194 \(no answer\)', 1);
lines('client', ': attached: 10\.9\.9\.1:1194 ', 1);
is(client_at(), '10.1.2.2', 'so is an endpoint that is a backup');
stop('client', 'TERM', 0);

# A tunnel that had to begin there goes back when the usual link is well again, for nothing else would open a path by it.
endpoints('10.1.2.2 dev p2 subflow');
fresh();
client();
lines('client', ': attached: 10\.9\.9\.1:1194 ', 1);
is(client_at(), '10.1.2.2', 'it begins by the other way');
links_heal();
lines('client', 'attached again: ', 1);
like((lines('server', 'the client is back: ', 1))[-1], qr/back: 10\.1\.1\.2:/, 'and moves to the usual one, which is no endpoint');
stop('client', 'TERM', 0);
# MPTCP opens one by itself from an endpoint.
endpoints('10.1.1.2 dev p1 subflow', '10.1.2.2 dev p2 subflow');
link_dies(1);
fresh();
client();
lines('client', ': attached: 10\.9\.9\.1:1194 ', 1);
is(client_at(), '10.1.2.2', 'the other way once more');
links_heal();
far(qw(nft add rule inet links in iifname s1 tcp flags syn counter));
sub tries { return `@far nft list chain inet links in` =~ /counter packets (\d+)/ ? $1 : 0 }
for (1 .. 400) { last if tries() >= 2; sleep 0.05 }
cmp_ok(tries(), '>=', 2, 'the usual way is looked at');
unlike(logged('client'), qr/attached again/, 'and left to MPTCP when it is an endpoint');
stop('client', 'TERM', 0);
links_heal();
link_dies(1);

# Who says where to begin goes nowhere else.
endpoints('10.1.2.2 dev p2 subflow');
fresh();
client(qw(local 10.1.1.2));
lines('client', 'cannot connect to 10\.9\.9\.1:1194 from 10\.1\.1\.2 \(no answer\)', 2);
unlike(logged('client'), qr/by p2|attached/, 'the local address that was asked for is the only one');
links_heal();
lines('client', ': attached: 10\.9\.9\.1:1194 ', 1);
is(client_at(), '10.1.1.2', 'and serves when its link is well');
stop('client', 'TERM', 0);

# The usual way is dead to name servers, too: they are asked by the other one.
file('resolv.conf', "nameserver 10.9.9.1\n");
file('nsswitch.conf', "hosts: dns\n");
for my $name (qw(resolv.conf nsswitch.conf)) {
	system('mount', '--bind', "$dir/$name", "/etc/$name") == 0 or die;
}
file('zone', "vpn.test 10.9.9.1\n");
{
	local @AttachPair::under = @far;
	start_name_server('10.9.9.1', "$dir/zone");
}
link_dies(1);
fresh();
start('client', qw(connect vpn.test 1194 psk-file), "$dir/psk");
lines('client', ': attached: 10\.9\.9\.1:1194 ', 1);
is(client_at(), '10.1.2.2', 'a name is looked up by the other way, too');
stop('client', 'TERM', 0);
stop('dns', 'KILL', 137);
links_heal();

# Both ends by their link-local addresses.
links_heal();
system('ip addr add fe80::2/64 dev p1 nodad') == 0 or die;
far(qw(ip addr add fe80::1/64 dev s1 nodad));
fresh();
start('client', qw(connect fe80::1%p1 1194 local fe80::2%p1 psk-file), "$dir/psk");
lines('client', ': attached: \[fe80::1\]:1194 ', 1);
like((lines('server', ': attached: ', 1))[-1], qr/\[fe80::2\]/, 'link-local addresses');
stop('client', 'TERM', 0);
start('client', qw(connect fe80::1%p1 1194 local fe80::3%p1 psk-file), "$dir/psk");
ended('client', 'not the address of this interface', 2);
like(logged('client'), qr/expected an address of this host, not local fe80::3%p1/, 'it says so');

# The usual way has no MPTCP, the other one has.
far(qw(nft add rule inet links in iifname s1 reset tcp option mptcp));
fresh();
client();
lines('client', ': attached: 10\.9\.9\.1:1194 over mptcp,', 1);
is(client_at(), '10.1.2.2', 'a way with MPTCP is better than one without');
stop('client', 'TERM', 0);
link_dies(2);
fresh();
client();
lines('client', ': attached: 10\.9\.9\.1:1194 over mptcp-fallback,', 1);
is(client_at(), '10.1.1.2', 'one without is better than none');
# A better one is tried while the tunnel goes on, and taken when there is one.
lines('server', 'no agreement with 10\.1\.1\.2:', 2);
unlike(logged('client'), qr/ended|attached again|no new connection/, 'attempts to have MPTCP do the tunnel no harm');
links_heal();
link_dies(2);
lines('client', 'attached again: 10\.9\.9\.1:1194 over mptcp,', 1);
stop('client', 'TERM', 0);
far(qw(nft add rule inet links in iifname s1 reset tcp option mptcp));
fresh();
client(qw(require-mptcp));
ended('client', 'no way with MPTCP', 5);
stop('server', 'TERM', 0);
unlike(logged('server') . logged('client'), qr/ERROR: |runtime error/, 'the sanitizers have nothing to say');

done_testing();
