#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# Name servers of a client of attach: told to systemd-resolved or resolvconf, whichever is there (programs of those names that
# write down what they are asked for), and put back at the end and after a crash; a service makes a file instead.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use AttachPair qw(build_stub alone start logged lines ended stop fresh file touch %pid);
use Test::More;
use Time::HiRes qw(sleep);
use ToolTest qw(need run);

alone();
my $dir = build_stub();
file('psk', sprintf("%02x" x 32 . "\n", map { int rand 256 } 1 .. 32), 0600);
system('ip link set lo up && mount -t tmpfs none /run') == 0 or plan skip_all => 'no tmpfs here';
mkdir "$dir/bin" or die;
$ENV{PATH} = "$dir/bin:/usr/bin:/bin";
plan skip_all => 'this machine has programs that keep name servers in /usr/bin' if grep { -e "/usr/bin/$_" || -e "/bin/$_" } qw(resolvectl resolvconf);

sub keeper { my ($name) = @_; file("bin/$name", "#!/bin/sh\necho $name \"\$@\" >>$dir/told\n[ \"\$1\" != -a ] || cat >>$dir/told\n[ ! -e $dir/fails ] || { echo no >&2; exit 1; }\n", 0755) }
sub told { open my $in, '<', "$dir/told" or return ''; local $/; return <$in> }
sub until_is { my ($what, $want) = @_; for (1 .. 200) { last if told() eq $want; sleep 0.05 } is(told(), $want, $what); unlink "$dir/told" }
my @client = (qw(connect 127.0.0.1 1194 psk-file), "$dir/psk");
sub client { fresh(); start('client', @client, @_); lines('client', ': attached: ', 1) }

sub server { delete local $ENV{STUB_LINK}; start('server', qw(listen * 1194 psk-file), "$dir/psk"); lines('server', 'waits for a client', 1) }
server();
client(qw(dns 10.9.0.1));
lines('client', ': warning: dns: expected systemd-resolved or resolvconf, and neither is here: the name servers stay what they are', 1);
stop('client', 'TERM', 0);

# resolvconf: what a client has left that was killed goes first.
keeper('resolvconf');
client(qw(dns 10.9.0.1 fd09::1 dns-domain one.example dns-domain two.example gateway no));
lines('client', 'warning: dns: resolvconf cannot ask for names of some domains only', 1);
until_is('resolvconf is told', "resolvconf -d tun.tun-client.ovpn-mptcp\nresolvconf -a tun.tun-client.ovpn-mptcp -m 0 -x\nnameserver 10.9.0.1\nnameserver fd09::1\nsearch one.example two.example\n");
stop('client', 'KILL', 137);
client(qw(dns 10.9.0.1));
until_is('the next client begins anew', "resolvconf -d tun.tun-client.ovpn-mptcp\nresolvconf -a tun.tun-client.ovpn-mptcp -m 0 -x\nnameserver 10.9.0.1\n");
stop('client', 'TERM', 0);
until_is('and puts back what was', "resolvconf -d tun.tun-client.ovpn-mptcp\n");

# systemd-resolved comes first, where it runs.
keeper('resolvectl');
client(qw(dns 10.9.0.1));
stop('client', 'TERM', 0);
like(told(), qr/\Aresolvconf -d(?!.*resolvectl)/s, 'resolvectl without a service to speak to is passed over');
unlink "$dir/told";
mkdir $_ or die for '/run/systemd', '/run/systemd/resolve';
touch('/run/systemd/resolve/io.systemd.Resolve');
$ENV{STUB_LINK} = 1;
client(qw(dns 10.9.0.1 fd09::1));
until_is('systemd-resolved is told', "resolvectl dns tun-client 10.9.0.1 fd09::1\nresolvectl domain tun-client ~.\nresolvectl default-route tun-client yes\n");
stop('client', 'TERM', 0);
until_is('and puts back what was', "resolvectl revert tun-client\n");
client(qw(dns 10.9.0.1 dns-domain corp.example));
until_is('of one domain only', "resolvectl dns tun-client 10.9.0.1\nresolvectl domain tun-client corp.example\nresolvectl default-route tun-client no\n");
stop('client', 'TERM', 0);
unlink "$dir/told";
touch("$dir/fails");
client(qw(dns 10.9.0.1));
lines('client', ': dns: resolvectl dns did not do it: the name servers may be what they were', 1);
unlink "$dir/fails", "$dir/told";

# A changed configuration.
stop('client', 'TERM', 0);
unlink "$dir/told";
my @lines = ('connect 127.0.0.1 1194', 'device tun-client', "psk-file $dir/psk");
file('conf', join "\n", @lines, 'dns 10.9.0.1', '');
fresh();
start('client', 'config', "$dir/conf");
lines('client', ': attached: ', 1);
until_is('the first configuration', "resolvectl dns tun-client 10.9.0.1\nresolvectl domain tun-client ~.\nresolvectl default-route tun-client yes\n");
file('conf', join "\n", @lines, 'dns 10.9.0.2', '');
kill 'HUP', $pid{client};
until_is('the second one', "resolvectl revert tun-client\nresolvectl dns tun-client 10.9.0.2\nresolvectl domain tun-client ~.\nresolvectl default-route tun-client yes\n");
stop('client', 'TERM', 0);
unlink "$dir/told";

# A service makes a file. Who may leak has others while the tunnel does not stand.
mkdir "$dir/service" or die;
$ENV{RUNTIME_DIRECTORY} = "$dir/service";
client(qw(dns 10.9.0.1));
ok(-e "$dir/service/dns", 'a service makes a file');
stop('server', 'KILL', 137);
lines('client', 'connection to .* ended', 1);
ok(-e "$dir/service/dns", 'which stays while it looks for the server');
stop('client', 'TERM', 0);
ok(!-e "$dir/service/dns", 'and goes at the end');
server();
client(qw(address 10.9.0.2/24 gateway yes leak yes dns 10.9.0.1));
ok(-e "$dir/service/dns", 'with leak yes, too');
stop('server', 'TERM', 0);
lines('client', 'connection to .* ended', 1);
for (1 .. 100) { last unless -e "$dir/service/dns"; sleep 0.05 }
ok(!-e "$dir/service/dns", 'but not while it looks for the server');
stop('client', 'TERM', 0);
is(told(), '', 'and it runs no program');
unlike(join('', map { logged($_) } qw(server client)), qr/ERROR: |runtime error|expected success of/, 'the sanitizers have nothing to say');

done_testing();
