#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# Two attach processes and no kernel module: in which order they ask the kernel for what, with which keys, when keys are
# renewed, connections end, processes die, and strangers come.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use AttachPair qw(build_stub start logged lines ended stop fresh touch file asked keys_of %pid);
use IO::Socket::INET;
use POSIX ();
use Socket ();
use Test::More;
use Time::HiRes qw(sleep time);
use ToolTest qw(need);

need(qw(prlimit ss unshare));
my $dir = build_stub();
my $port = do {
	my $probe = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die;
	$probe->sockport;
};
file($_, sprintf("%02x" x 32 . "\n", map { int rand 256 } 1 .. 32), 0600) for qw(psk other);

sub server { start('server', 'listen', '127.0.0.1', $port, 'psk-file', "$dir/psk", 'address', '10.9.0.1/24', @_) }
sub client { start('client', 'connect', '127.0.0.1', $port, 'psk-file', "$dir/psk", 'address', '10.9.0.2/24', 'route', '10.20.0.0/16', @_) }
# A client comes to a server that has begun.
sub meet {
	lines('server', 'waits for a client', 1);
	client();
	lines('client', ': attached: ', 1);
	lines('server', ': attached: ', 1);
}
sub part {
	stop('client', 'TERM', 0);
	stop('server', 'TERM', 0);
}

server();
lines('server', 'waits for a client', 1);
client('rekey-seconds', 1);
lines('client', ': attached: 127\.0\.0\.1:\d+ over \S+, AES-256-GCM, key 0', 1);
lines('server', ': attached: 127\.0\.0\.1:\d+ over', 1);
lines('client', 'KERNEL key-new', 11);
lines('server', 'KERNEL key-swap', 11);
my @client = keys_of('client');
my @server = keys_of('server');
is($client[0][0], 0, 'the first key of the client goes to the primary slot');
is(scalar(grep { $_->[0] != 1 } @server, @client[1 .. $#client]), 0, 'all others to the secondary one');
my %seen;
for my $i (0 .. 10) {
	is("$client[$i][1] $client[$i][2] $client[$i][3] $client[$i][4]", "$server[$i][1] $server[$i][2] $server[$i][4] $server[$i][3]",
		"key $i: one end encrypts with what the other decrypts with");
	$seen{$_}++ for @{$client[$i]}[3, 4];
}
is(scalar keys %seen, 22, 'no key comes twice, in either direction');
is(join(' ', map { $_->[1] } @client[0 .. 10]), '0 1 2 3 4 5 6 7 0 1 2', 'numbers go round');
my @order = asked('server');
is(join(' ', map { s/ .*//r } @order[0 .. 6]), 'device-add device-alias device-up address-add peer-new key-new key-swap', 'order of the server');
is(join(' ', map { s/ .*//r } (asked('client'))[0 .. 6]), 'device-add device-alias peer-new key-new device-up address-add route-add', 'order of the client');

# A new connection on demand: the session goes on.
kill 'HUP', $pid{client};
lines('client', 'attached again', 1);
lines('server', 'the client is back', 1);
lines('client', 'KERNEL set-sock', 1);
lines('server', 'KERNEL set-sock', 1);

# The server dies and comes back: it does not know the session, the client keeps its peer.
stop('server', 'KILL', 137);
lines('client', 'connection to \S+ ended: ', 1);
server();
lines('client', 'attached again', 2);
lines('server', ': attached: ', 2);
lines('client', 'KERNEL set-sock', 2);
my $news = () = logged('client') =~ /peer-new/g;
is($news, 1, 'the peer of the client is the same all the time');
stop('client', 'TERM', 0);
like((asked('client'))[-1], qr/^device-del 7777/, 'its device goes');
lines('server', 'connection to \S+ ended: the other end closed', 1);

# Who does not know the key.
fresh();
start('client', 'connect', '127.0.0.1', $port, 'psk-file', "$dir/other");
ended('client', 'wrong key', 2);
like(logged('client'), qr/no agreement with 127\.0\.0\.1:\d+: .*key/, 'the client says so');
unlike(logged('client'), qr/peer-new|key-new|device-up/, 'and the kernel gets nothing of it');
unlike(logged('server'), qr/peer-new|key-new|set-sock/, 'nor does that of the server');
fresh();
start('client', 'connect', '127.0.0.1', $port, 'psk-file', "$dir/psk", qw(cipher chacha20-poly1305));
lines('client', 'attached: \S+ over \S+ CHACHA20-POLY1305, key 0', 1);
stop('client', 'INT', 0);

# Renewal by packets.
fresh();
client(qw(rekey-seconds 0 rekey-packets 150));
lines('client', 'KERNEL key-new', 3);

# Strangers. Only noise here: what they would do to a live tunnel is a matter of the module, too.
for my $size (1, 3, 100, 5000, 100000) {
	my $stranger = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or die;
	local $SIG{PIPE} = 'IGNORE';
	syswrite $stranger, pack 'C*', map { int rand 256 } 1 .. $size;
	close $stranger;
}
my @silent = map { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or die } 1 .. 100;
lines('server', 'made room for newer connections', 1);
kill 'HUP', $pid{client};
lines('client', 'attached again', 1);
unlike(logged('client'), qr/ended/, 'the client does not notice');
close $_ for @silent;
stop('client', 'TERM', 0);

# A service manager is told that a client is ready when its device is there, whether there is a server or not.
stop('server', 'TERM', 0);
fresh();
{
	socket my $notify, Socket::AF_UNIX(), Socket::SOCK_DGRAM(), 0 or die;
	bind $notify, Socket::pack_sockaddr_un("$dir/notify") or die;
	{
		local $ENV{NOTIFY_SOCKET} = "$dir/notify";
		client();
	}
	lines('client', 'cannot connect to 127', 1);
	my @told;
	while (defined recv $notify, my $text, 512, Socket::MSG_DONTWAIT()) { push @told, $text }
	is(join('', grep { /READY/ } @told), "READY=1\nSTATUS=connects", 'READY without a server, and what it does');
	server();
	lines('client', ': attached: ', 1);
	stop('client', 'TERM', 0);
	@told = ();
	while (defined recv $notify, my $text, 512, Socket::MSG_DONTWAIT()) { push @told, $text }
	is((grep { /READY/ } @told), 0, 'and once');
	like($told[-1], qr/^STOPPING=1$/m, 'the end is told, too');
}

# Two for one device: the second one leaves the first one's alone, in words; a claim goes with its process, and is nobody's who
# may make no devices.
fresh();
client();
lines('client', ': attached: ', 1);
for (1 .. 12) {
	start('second', qw(device tun-client connect 127.0.0.1), $port, 'psk-file', "$dir/psk");
	ended('second', "another attach for the same device, $_", 2);
}
like(logged('second'), qr/expected the name of a device that no other attach has, and process $pid{client} has tun-client \(EBUSY: /, 'it says who has it');
is(join(' ', asked('second')), '', 'and touches nothing');
stop('client', 'KILL', 137);
SKIP: {
	skip 'only root can be somebody else', 3 if $>;
	my $squatter = fork // die;
	if (!$squatter) {
		($(, $)) = (1234, '1234 1234');
		($<, $>) = (1234, 1234);
		socket my $socket, Socket::AF_UNIX(), Socket::SOCK_STREAM(), 0 or die;
		bind $socket, Socket::pack_sockaddr_un("\0ovpn-mptcp-ctl attach tun-client") or die;
		listen $socket, 1 or die;
		sleep 60;
		POSIX::_exit(0);
	}
	my $end = time + 10;
	sleep 0.05 until `ss -Hxl src unix:\@ovpn-mptcp-ctl*` =~ /attach tun-client/ or time > $end;
	fresh();
	client();
	lines('client', 'warning: a process that makes no devices has the name', 1);
	lines('client', ': attached: ', 1);
	stop('client', 'TERM', 0);
	kill 'KILL', $squatter;
	waitpid $squatter, 0;
}
fresh();
client();
lines('client', ': attached: ', 1);
unlike(logged('client'), qr/warning: a process/, 'the name is free again');
stop('client', 'TERM', 0);

# Keepalives that differ: both ends ping as often as the one needs that gives up first. A server that comes back may need more.
fresh();
client(qw(keepalive 1 4));
lines('client', ': attached: ', 1);
lines('server', ': attached: ', 1);
is((grep { /peer-new/ } asked('client'))[0], 'peer-new 1 keepalive 1 4', 'the shorter one at the end that has it');
is((grep { /peer-new/ } asked('server'))[0], 'peer-new 1 keepalive 1 20', 'pings as often at the other end, and its own timeout');
lines('server', 'keepalive is 5 20 here and 1 4 at the other end: both send a ping after 1 s', 1);
stop('client', 'TERM', 0);
fresh();
client(qw(keepalive 10 30));
lines('client', ': attached: ', 1);
is((grep { /peer-new/ } asked('client'))[0], 'peer-new 1 keepalive 5 30', 'a client may have the longer one');
lines('client', 'keepalive is 10 30 here and 5 20 at the other end: both send a ping after 5 s', 1);
stop('server', 'KILL', 137);
server(qw(keepalive 2 8));
lines('client', 'attached again', 1);
lines('client', 'KERNEL peer-keepalive 1 2 30', 1);
lines('client', 'keepalive is 10 30 here and 2 8 at the other end: both send a ping after 2 s', 1);
stop('client', 'TERM', 0);
stop('server', 'TERM', 0);
fresh();
server();
lines('server', 'waits for a client', 1);

# A name with two addresses, of which the second is dead: a new connection begins with the first one again.
fresh();
{
	file('hosts', "127.0.0.1 two.test\n127.0.0.9 two.test\n");
	local @AttachPair::under = ('unshare', $> ? '-rm' : '-m', 'sh', '-c', "mount --bind $dir/hosts /etc/hosts && exec \"\$@\"", 'sh');
	start('client', 'connect', 'two.test', $port, 'psk-file', "$dir/psk", 'address', '10.9.0.2/24');
}
lines('client', ': attached: ', 1);
kill 'HUP', $pid{client};
lines('client', 'attached again', 1);
unlike(logged('client'), qr/127\.0\.0\.9/, 'the other address was not tried');
part();

# The kernel of the server has no cipher for one client: that one fails, and others go on.
fresh();
{
	local $ENV{STUB_NO_CIPHER} = 2;
	server();
}
meet();
start('other', 'connect', '127.0.0.1', $port, 'psk-file', "$dir/psk", qw(cipher chacha20-poly1305));
lines('server', 'no agreement .* the kernel refused', 2);
stop('other', 'TERM', 0);
kill 'HUP', $pid{client};
lines('client', 'attached again', 1);
lines('server', ': attached: ', 2);
part();

# No descriptors are left: who has one is served, others get in later.
fresh();
{
	local @AttachPair::under = qw(prlimit --nofile=15);
	server();
}
meet();
@silent = map { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or die } 1 .. 20;
lines('server', 'no room for a new connection \(EMFILE', 1);
my @before = split ' ', do { local (@ARGV, $/) = "/proc/$pid{server}/stat"; <> };
sleep 1;
my @after = split ' ', do { local (@ARGV, $/) = "/proc/$pid{server}/stat"; <> };
# fields 14 and 15 of proc(5), in hundredths of a second
cmp_ok($after[13] + $after[14] - $before[13] - $before[14], '<', 30, 'it waits, and does not spin');
close $_ for @silent;
kill 'HUP', $pid{client};
lines('client', 'attached again', 1);

# The device goes while no peer is there that would tell: of a client without a connection, of a server without a client.
stop('server', 'TERM', 0);
lines('client', 'connection to \S+ ended', 1);
stop('client', 'TERM', 0);
fresh();
for my $name (qw(client server)) {
	local $ENV{STUB_GONE} = "$dir/$name.gone";
	$name eq 'client' ? client() : server();
}
lines('client', ': attached: ', 1);
lines('server', ': attached: ', 1);
touch("$dir/server.gone");
ended('server', 'no device', 2);
like(logged('server'), qr/somebody removed the device/, 'it says why');
touch("$dir/client.gone");
ended('client', 'no device', 2);
like(logged('client'), qr/somebody removed the device/, 'it says why');

# A changed file is taken up by SIGHUP, and the device stays.
fresh();
sub secret { file('changing', sprintf("%02x" x 32 . "\n", map { int rand 256 } 1 .. 32), 0600) }
sub config { my ($name, @lines) = @_; file("$name.conf", join '', map { "$_\n" } "psk-file $dir/changing", @lines) }
sub reload { my ($name, $times) = @_; kill 'HUP', $pid{$name}; lines($name, 'the configuration was read again', $times) }
secret();
config('server', 'device tun-server', "listen 127.0.0.1 $port", 'address 10.9.0.1/24');
config('client', 'device tun-client', "connect 127.0.0.1 $port", 'address 10.9.0.2/24', 'address fd09::2/64', 'route 10.20.0.0/16', 'route 10.30.0.0/24');
start('server', 'config', "$dir/server.conf");
lines('server', 'waits for a client', 1);
{
	local $ENV{STUB_ROUTE} = '0 100';
	start('client', 'config', "$dir/client.conf");
}
lines('client', ': attached: ', 1);
lines('server', ': attached: ', 1);
fresh();
config('client', 'device tun-client', "connect 127.0.0.1 $port", 'address 10.9.0.7/24', 'address fd09::2/64', 'route 10.20.0.0/16 metric 5', 'mtu 1400', 'keepalive 2 9', 'no-keep');
reload('client', 1);
lines('client', 'attached again', 1);
is(join(', ', grep { !/key/ } (asked('client'))[0 .. 7]), 'device-up 7777 mtu 1400, address-add 7777 length 24, route-add 7777 length 16, route-del 7777 length 16, '
	. 'route-del 7777 length 24, address-del 7777 length 24, address-add 7777 length 24, address-add 7777 length 64', 'what is new, then what is gone; and what went with it is there again');
is((grep { /^peer-keepalive/ } asked('client'))[0], 'peer-keepalive 1 2 9', 'the keepalive is agreed on anew');
lines('server', 'KERNEL peer-keepalive 1 2 20', 1);
unlike(join(' ', asked('client')), qr/device-del|device-add|peer-new/, 'device and peer stay');

# What is wrong changes nothing.
for my $wrong (['frob'], ['device tun9'], ['route 0.0.0.0/0'], ["listen 127.0.0.1 $port"], ['congestion no-such_cc'], ["cert $dir/none"]) {
	fresh();
	config('client', $wrong->[0] =~ /device/ ? () : 'device tun-client', $wrong->[0] =~ /listen/ ? () : "connect 127.0.0.1 $port",
		'address 10.9.0.8/24', @$wrong);
	kill 'HUP', $pid{client};
	lines('client', 'the configuration stays as it was', 1);
	is(join(' ', asked('client')), '', "@$wrong: nothing is done");
	unlike(logged('client'), qr/ended|attached/, "@$wrong: the tunnel does not notice");
}

# A new secret, at the server first: the tunnel lives on with the last keys until the client has it, too.
fresh();
secret();
reload('server', 1);
config('client', 'device tun-client', "connect 127.0.0.1 $port", 'address 10.9.0.7/24');
reload('client', 1);
lines('client', 'attached again', 1);
secret();
reload('client', 2);
lines('client', 'no agreement with ', 1);
lines('client', 'no new connection: the last one stays', 1);
reload('server', 2);
kill 'HUP', $pid{client};
lines('client', 'attached again', 2);
unlike(logged('client') . logged('server'), qr/ended/, 'no connection was lost');

# The server listens elsewhere.
fresh();
config('server', 'device tun-server', 'listen 127.0.0.3 ' . ($port - 1), 'address 10.9.0.1/24');
reload('server', 1);
ok(!IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port), 'the last port is closed');
config('client', 'device tun-client', 'connect 127.0.0.3 ' . ($port - 1), 'address 10.9.0.7/24');
reload('client', 1);
lines('client', 'attached again: 127\.0\.0\.3:', 1);
# ... or where it cannot.
config('server', 'device tun-server', 'listen 192.0.2.1 1194');
kill 'HUP', $pid{server};
lines('server', 'the configuration stays as it was', 1);
kill 'HUP', $pid{client};
lines('client', 'attached again: 127\.0\.0\.3:', 2);
# ... or could, but for something else in the file.
config('server', "listen 127.0.0.1 $port", 'device tun9');
kill 'HUP', $pid{server};
lines('server', 'expected the same device, and not tun9', 1);
lines('server', 'the configuration stays as it was', 2);
kill 'HUP', $pid{client};
lines('client', 'attached again: 127\.0\.0\.3:', 3);
part();

# Somebody gives the device another name: the tunnel goes on, and that is said once.
fresh();
server();
{
	local $ENV{STUB_RENAMED} = "$dir/wan7";
	client();
}
lines('client', ': attached: ', 1);
touch("$dir/wan7");
kill 'HUP', $pid{client};
lines('client', 'attached again', 1);
lines('client', 'SEEN wan7', 2);
is((grep { /the device has the name wan7 now/ } split /\n/, logged('client')), 1, 'the new name is told once');
unlike(logged('client'), qr/no device has the name/, 'and the old one is looked for no more');
part();

# Nobody reads the log any more.
fresh();
{
	local @AttachPair::under = ('bash', '-c', 'exec "$@" 2> >(true)', 'bash');
	server();
}
client();
lines('client', ': attached: ', 1);
stop('client', 'TERM', 0);
client();
lines('client', ': attached: ', 2);
part();

# Both ends choose the congestion control of what they send; the kernel's own is another one, here and nearly everywhere.
fresh();
server(qw(congestion reno));
lines('server', 'waits for a client', 1);
client(qw(congestion reno));
lines('client', ': attached: ', 1);
lines('server', ': attached: ', 1);
sub congestion { return map { / (\S+) wscale:/ ? $1 : () } `ss -OHtni state established '$_[0] = :$port'` }
is(join(' ', congestion('dport')), 'reno', 'the client has the congestion control that it was told');
is(join(' ', congestion('sport')), 'reno', 'so has the server');
# The client's may be another one, and without a line it is the kernel's.
stop('client', 'TERM', 0);
client();
lines('client', ': attached: ', 2);
open my $in, '<', '/proc/sys/net/ipv4/tcp_congestion_control' or die;
chomp(my $default = <$in>);
is(join(' ', congestion('dport')), $default, 'without a line it is left alone');
is(join(' ', congestion('sport')), 'reno', 'and the server keeps its own');
part();

# Routes that would lead the server into the tunnel are refused before anything is done; ones that only seem to are not.
for my $case (['0 100', '0.0.0.0/0'], ['8 0', '127.0.0.0/16'], ['0 100', qw(10.0.0.0/8 route 0.0.0.0/0 metric 99)]) {
	my ($there, @routes) = @$case;
	fresh();
	local $ENV{STUB_ROUTE} = $there;
	start('client', 'connect', '127.0.0.1', $port, 'psk-file', "$dir/psk", 'route', @routes);
	ended('client', "beside $there: @routes", 1);
	like(logged('client'), qr/: a route leads 127\.0\.0\.1:$port, which is the server, into the tunnel itself/, 'it says why');
	is(join(' ', asked('client')), 'device-add tun-client device-alias 7777 ovpn-mptcp-ctl attach device-del 7777', 'nothing of it was set');
}
fresh();
server();
my $times = 0;
for my $case (['8 0', '0.0.0.0/0'], ['0 100', qw(0.0.0.0/0 metric 200)], ['0 100', '126.0.0.0/8']) {
	my ($there, @routes) = @$case;
	local $ENV{STUB_ROUTE} = $there;
	start('client', 'connect', '127.0.0.1', $port, 'psk-file', "$dir/psk", 'route', @routes);
	lines('client', ': attached: ', ++$times);
	stop('client', 'TERM', 0);
}
stop('server', 'TERM', 0);

# Any address of a kernel without IPv6.
fresh();
{
	local $ENV{STUB_NO_IPV6} = 1;
	start('server', 'listen', '*', $port, 'psk-file', "$dir/psk");
}
meet();
part();
unlike(logged('server') . logged('client'), qr/ERROR: |runtime error/, 'the sanitizers have nothing to say');

done_testing();
