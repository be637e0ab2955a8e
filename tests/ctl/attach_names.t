#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# A client of attach and its name servers: silent ones stop neither it nor its tunnel, new addresses are taken, names that are
# none are told. In namespaces of its own, with a name server of this test.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use AttachPair qw(build_stub alone start start_name_server logged lines ended stop fresh file %pid);
use Test::More;
use Time::HiRes qw(sleep time);
use ToolTest qw(need);

alone();
need(qw(ip mount));
my $dir = build_stub();
file('psk', sprintf("%02x" x 32 . "\n", map { int rand 256 } 1 .. 32), 0600);
file('resolv.conf', "nameserver 127.0.0.1\n");
file('nsswitch.conf', "hosts: files dns\n");
file('hosts', "127.0.0.1 localhost\n");
for my $name (qw(resolv.conf nsswitch.conf hosts)) {
	system('mount', '--bind', "$dir/$name", "/etc/$name") == 0 or plan skip_all => "/etc/$name cannot be another file here";
}
system('ip link set lo up') == 0 or die;

sub zone { file('zone.new', join '', map { "$_\n" } @_); rename "$dir/zone.new", "$dir/zone" or die }
sub name_server_start { start_name_server('127.0.0.1', "$dir/zone") }
sub server { start('server', 'listen', $_[0], 1194, 'psk-file', "$dir/psk"); lines('server', 'waits for a client', 1) }
sub client { start('client', 'connect', 'vpn.test', 1194, 'psk-file', "$dir/psk", @_) }
my @silent = qw(A AAAA);
my $start;

# Nobody answers: a signal is heard at once.
zone(@silent);
name_server_start();
client();
lines('dns', 'A vpn\.test', 1);
$start = time;
stop('client', 'INT', 0);
cmp_ok(time - $start, '<', 2, 'a silent name server does not keep it from ending');

# The name servers are gone with the tunnel, as when they are behind it: the last address will do.
zone('vpn.test 127.0.0.1');
fresh();
server('127.0.0.1');
client();
lines('client', ': attached: 127\.0\.0\.1:1194 ', 1);
zone(@silent);
stop('server', 'KILL', 137);
lines('client', 'connection to \S+ ended', 1);
fresh();
server('127.0.0.1');
lines('client', 'attached again: 127\.0\.0\.1:1194 ', 1);

# The server has moved: its new address is taken as soon as it is known.
stop('server', 'KILL', 137);
lines('client', 'connection to \S+ ended', 1);
fresh();
server('127.0.0.3');
lines('client', 'cannot connect to 127\.0\.0\.1:1194', 1);
zone('vpn.test 127.0.0.3');
lines('client', 'attached again: 127\.0\.0\.3:1194 ', 1);
stop('client', 'TERM', 0);

# A name server that is deaf for IPv6 holds up nothing.
zone('AAAA', 'vpn.test 127.0.0.3');
fresh();
$start = time;
client();
lines('client', ': attached: 127\.0\.0\.3:1194 ', 1);
cmp_ok(time - $start, '<', 5, 'a name server that is deaf for IPv6 does not hold it up');
stop('client', 'TERM', 0);

# A name that nobody has.
zone('else.test 127.0.0.3');
fresh();
client();
ended('client', 'no such name', 2);
like(logged('client'), qr/: expected the name or address of a server, not 'vpn\.test' \(/, 'it says so');

# No name server is there: that may pass.
stop('dns', 'KILL', 137);
fresh();
client();
lines('client', "expected the name or address of a server, not 'vpn\\.test'", 2);
zone('vpn.test 127.0.0.3');
name_server_start();
lines('client', ': attached: 127\.0\.0\.3:1194 ', 1);
stop('client', 'TERM', 0);
stop('server', 'TERM', 0);
unlike(logged('server') . logged('client'), qr/ERROR: |runtime error/, 'the sanitizers have nothing to say');

done_testing();
