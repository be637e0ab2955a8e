#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# A client of attach that is the gateway of its machine, which has two uplinks: everything goes into the tunnel but its own
# connection, which has both; nothing leaks, unless it may; and all is taken back, however it ends. The device is one of kind
# veth: what goes into the tunnel is what it counts.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use AttachPair qw(build_stub alone start start_far start_name_server logged lines ended stop fresh file %pid);
use Test::More;
use Time::HiRes qw(sleep time);
use ToolTest qw(need run);

$ENV{STUB_LINK} = 1;
alone();
need(qw(ip nft nsenter ss ping sysctl));
my $dir = build_stub();
file('psk', sprintf("%02x" x 32 . "\n", map { int rand 256 } 1 .. 32), 0600);

my @far = start_far();
my $far = join ' ', @far;
# Two uplinks, the second one with another default route; a server behind both, and far off, one on each side of the world.
file('world', <<"END");
set -e
ip link set lo up
for n in 1 2; do
	ip link add p\$n type veth peer name s\$n netns $pid{far}
	ip link set p\$n addrgenmode none
	sysctl -qw net.ipv4.conf.p\$n.rp_filter=\$n
	ip addr add 10.1.\$n.2/24 dev p\$n
	ip addr add 2001:db8:\$n::2/64 dev p\$n nodad
	ip link set p\$n up
	$far ip addr add 10.1.\$n.1/24 dev s\$n
	$far ip addr add 2001:db8:\$n::1/64 dev s\$n nodad
	$far ip link set s\$n up
	ip route add default via 10.1.\$n.1 dev p\$n metric \${n}00
	ip -6 route add default via 2001:db8:\$n::1 dev p\$n metric \${n}00
done
$far ip addr add 10.9.9.1/32 dev lo
$far ip mptcp limits set subflows 8
ip mptcp limits set subflows 8
ip mptcp endpoint add 10.1.2.2 dev p2 subflow
# what leaves by the uplinks and is no neighbour's talk, but for the tunnel's own connection
nft add table inet out
nft add chain inet out leave '{ type filter hook output priority 0; }'
nft add rule inet out leave oifname != "p*" accept
nft add rule inet out leave tcp dport 1194 accept
nft add rule inet out leave icmpv6 type '{ 133, 134, 135, 136, 143 }' accept
nft add rule inet out leave ip daddr 10.1.0.0/16 accept
nft add rule inet out leave counter
END
my ($status, $out, $err) = run('sh', "$dir/world");
plan skip_all => "this machine cannot have two links and a filter: $err" if $status;
my $mptcp = !system 'ip mptcp endpoint >/dev/null 2>&1 && sysctl -qn net.mptcp.enabled 2>/dev/null | grep -q 1';
plan skip_all => 'no MPTCP in this kernel' unless $mptcp;

# In no order: what is made again comes last.
sub state_of { return join '', sort map { `$_` } 'ip rule', 'ip -6 rule', 'ip route show table all', 'ip -6 route show table all', 'ip -br link', 'sysctl -a 2>/dev/null | grep "rp_filter"' }
sub leaked { return `nft list chain inet out leave` =~ /counter packets (\d+)/ ? $1 : die 'no counter' }
sub into_tunnel { return `ip -s -j link show tun-client` =~ /"tx":\{"bytes":\d+,"packets":(\d+)/ ? $1 : 0 }
# By which interface packets leave, with these words for ip route get.
sub way { my $six = $_[0] =~ /:/ ? '-6' : '-4'; my $line = `ip $six route get @_ 2>&1`; return $line =~ /dev (\S+)/ ? $1 : $line =~ /No route to host/ ? 'nowhere' : $line }
sub talk { system "ping -c1 -W1 $_ >/dev/null 2>&1" for '198.51.100.7', '2001:db8:99::7' }
sub server { local @AttachPair::under = @far; start('server', qw(listen * 1194 psk-file), "$dir/psk"); lines('server', 'waits for a client', 1) }
my @client = (qw(connect 10.9.9.1 1194 address 10.9.0.2/24 gateway yes psk-file), "$dir/psk");
sub subflows { return scalar grep { /10\.9\.9\.1/ } `ss -Htn state established dport = :1194` }
sub until_true { my ($what, $true) = @_; for (1 .. 200) { return pass($what) if $true->(); sleep 0.05 } fail($what) }
my $before = state_of();
is(way('198.51.100.7'), 'p1', 'without a gateway, packets leave by an uplink');

# Before there is a server, nothing leaves.
start('client', @client);
lines('client', 'cannot connect to', 2);
talk();
is(leaked(), 0, 'nothing leaks before the first connection');
is(way('198.51.100.7'), 'tun-client', 'IPv4 is led into the tunnel');
is(way('2001:db8:99::7'), 'tun-client', 'and IPv6, for which it has no address');
is(way('10.1.2.9'), 'p2', 'a network nearby stays near');
is(way('198.51.100.7', 'from', '10.1.2.2'), 'tun-client', 'the address of an uplink is no reason to leave by it');
cmp_ok(into_tunnel(), '>', 0, 'the tunnel swallows it');

# Then both uplinks carry the connection, whose answers a strict filter lets in; and what is inside goes through the tunnel.
server();
lines('client', ': attached: 10\.9\.9\.1:1194 over mptcp,', 1);
until_true('the connection has a path by each uplink', sub { subflows() == 2 });
is(join(' ', map { `sysctl -n net.ipv4.conf.p$_.rp_filter` =~ s/\n//r } 1, 2), '2 2', 'the strict filter of an uplink was made loose');
my $had = into_tunnel();
talk();
cmp_ok(into_tunnel(), '>', $had, 'what is sent goes into the tunnel');
is(leaked(), 0, 'and by no uplink');
like(`ip -6 route get 2001:db8:99::7`, qr/ src fe80:/, 'IPv6 goes there from an address that programs do not prefer to IPv4');

# Somebody removes a rule; the address of an uplink changes; its default route is another one.
system('ip rule del pref 11933') == 0 or die;
system("ip addr del 10.1.1.2/24 dev p1 && ip addr add 10.1.1.7/24 dev p1 && ip route add default via 10.1.1.1 dev p1 metric 50") == 0 or die;
until_true('a rule that somebody removed is there again', sub { `ip rule` =~ /^11933:/m });
kill 'HUP', $pid{client};
lines('client', ': attached again: ', 1);
like((lines('server', 'the client is back: ', 1))[-1], qr/back: 10\.1\.1\.7:/, 'a new connection leaves by the new address');
talk();
is(leaked(), 0, 'and it alone');
is(way('198.51.100.7'), 'tun-client', 'the new default route is none for others');

# Somebody switches the device off, and on again.
system('ip link set tun-client down') == 0 or die;
until_true('no way leads out when the device is down', sub { way('198.51.100.7') eq 'nowhere' });
system('ip link set tun-client up') == 0 or die;
until_true('and into the tunnel when it is up', sub { way('198.51.100.7') eq 'tun-client' });

# A second gateway is refused, and does no harm.
start('other', map { s{10\.9\.0\.2}{10.9.1.2}r } @client);
ended('other', 'a second gateway', 2);
like(logged('other'), qr/: gateway: expected to be the only gateway of this network namespace, and process $pid{client} has made one/, 'it says so');
is(way('198.51.100.7'), 'tun-client', 'the first one stays');

# The server goes: nothing leaks while the client looks for it.
my $leaked = leaked();
stop('server', 'KILL', 137);
lines('client', 'connection to .* ended', 1);
talk();
is(leaked(), $leaked, 'nothing leaks while it is not attached');

# A gateway that was killed leaks nothing; the device's removal takes the routes; the next start is like the first.
stop('client', 'KILL', 137);
talk();
is(leaked(), $leaked, 'nor when it was killed');
system('ip link del tun-client') == 0 or die;
unlike(`ip route show table all; ip -6 route show table all`, qr/table 1193999|unreachable|tun-client/, 'no route is left without the device');
is(way('198.51.100.7'), 'p1', 'and packets have their way');
system("ip addr del 10.1.1.7/24 dev p1 && ip addr add 10.1.1.2/24 dev p1 && ip route replace default via 10.1.1.1 dev p1 metric 100") == 0 or die;
fresh();
server();
start('client', @client);
lines('client', ': attached: ', 1);
$pid{talk} = fork // die;
if (!$pid{talk}) { open STDERR, '>', '/dev/null'; open STDOUT, '>', '/dev/null'; exec qw(ping -i 0.002 198.51.100.7) or die }
stop('client', 'KILL', 137);
fresh();
start('client', @client);
lines('client', ': attached: ', 1);
is(leaked(), $leaked, 'nothing leaks while the next one takes its place');
stop('talk', 'KILL', 137);
stop('client', 'TERM', 0);
is(state_of(), $before, 'all is as it was before');

# What one has left goes with the next client that is no gateway, too.
fresh();
start('client', @client);
lines('client', ': attached: ', 1);
stop('client', 'KILL', 137);
fresh();
start('client', qw(connect 10.9.9.1 1194 psk-file), "$dir/psk");
lines('client', ': attached: ', 1);
is(way('198.51.100.7'), 'p1', 'a gateway that was killed is none any more');
stop('client', 'TERM', 0);
is(state_of(), $before, 'nothing of it is left');

# Who lets it leak has the uplinks before and after the tunnel stands, and for IPv6.
stop('server', 'TERM', 0);
fresh();
start('client', @client, qw(leak yes));
lines('client', 'cannot connect to', 1);
is(way('198.51.100.7'), 'p1', 'with leak yes, packets leave before there is a tunnel');
server();
lines('client', ': attached: ', 1);
is(way('198.51.100.7'), 'tun-client', 'go into the tunnel when it stands');
is(way('2001:db8:99::7'), 'p1', 'but for those of IPv6, for which it has no address');
stop('server', 'TERM', 0);
lines('client', 'connection to .* ended', 1);
until_true('and leave when it does not stand', sub { way('198.51.100.7') eq 'p1' });
stop('client', 'TERM', 0);
is(state_of(), $before, 'nothing is left of that either');

# By IPv6 outside and inside; the server has a name, and the name server is far off, too.
sub far { system(@far, @_) == 0 or die "@_" }
far(qw(ip addr add 2001:db8:9::1/128 dev lo nodad));
file('resolv.conf', "nameserver 10.9.9.1\n");
file('nsswitch.conf', "hosts: dns\n");
for my $name (qw(resolv.conf nsswitch.conf)) {
	system('mount', '--bind', "$dir/$name", "/etc/$name") == 0 or die;
}
file('zone', "vpn.test 2001:db8:9::1\n");
{
	local @AttachPair::under = @far;
	start_name_server('10.9.9.1', "$dir/zone");
}
system(qw(nft insert rule inet out leave udp dport 53 meta mark 1194000 accept)) == 0 or die;
$leaked = leaked();
fresh();
server();
start('client', qw(connect vpn.test 1194 address 10.9.0.2/24 address fd09::2/64 gateway yes psk-file), "$dir/psk");
lines('client', ': attached: \[2001:db8:9::1\]:1194 ', 1);
is(way('2001:db8:99::7'), 'tun-client', 'IPv6 is led into the tunnel');
like(`ip -6 route get 2001:db8:99::7`, qr/ src fd09::2 /, 'from its address there');
is(way('198.51.100.7'), 'tun-client', 'and IPv4');
talk();
is(leaked(), $leaked, 'nothing else leaves');
stop('client', 'TERM', 0);
stop('server', 'TERM', 0);
stop('dns', 'KILL', 137);
is(state_of(), $before, 'all is as it was before');

# A changed configuration: gateway comes and goes with the connection that there is.
server();
my @lines = ('connect 10.9.9.1 1194', 'device tun-client', 'address 10.9.0.2/24', "psk-file $dir/psk");
file('conf', join "\n", @lines, '');
fresh();
start('client', 'config', "$dir/conf");
lines('client', ': attached: ', 1);
file('conf', join "\n", @lines, 'gateway yes', '');
kill 'HUP', $pid{client};
lines('client', 'the configuration was read again', 1);
is(way('198.51.100.7'), 'tun-client', 'gateway yes of a new configuration');
lines('client', 'attached again', 1);
file('conf', join "\n", @lines, '');
kill 'HUP', $pid{client};
lines('client', 'the configuration was read again', 2);
is(way('198.51.100.7'), 'p1', 'and its end');
lines('client', 'attached again', 2);
stop('client', 'TERM', 0);
is(state_of(), $before, 'nothing is left of it');
stop('server', 'TERM', 0);
unlike(join('', map { logged($_) } qw(server client other)), qr/ERROR: |runtime error|expected success of/, 'the sanitizers have nothing to say');

done_testing();
