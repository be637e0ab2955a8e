#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# Two attach processes and no kernel module: in which order they ask the kernel for what, with which keys, when keys are
# renewed, connections end, processes die, and strangers come.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use IO::Socket::INET;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);
use ToolTest qw(root scratch compile need);

need(qw(gcc pkg-config prlimit ss));
my $dir = scratch();
my @sources = map { root() . "/tools/ovpn-mptcp-ctl/$_.c" } qw(attach attach_client attach_server attach_status session handshake
	crowd backoff config config_words config_file dial congestion host sdnotify journal netlink channel agree record tls tlserror credentials keyfile
	model names memory message units);
my $tool = compile($dir, 'attach_stub', 'gcc', '-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all', @sources,
	'-Wl,--wrap=socket,--wrap=dial_resolve', '-lssl', '-lcrypto');
my %pid;
# A program that runs attach, when it is not run by itself.
our @under;
my $port = do {
	my $probe = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die;
	$probe->sockport;
};
for my $name (qw(psk other)) {
	open my $out, '>', "$dir/$name" or die;
	printf $out "%02x" x 32 . "\n", map { int rand 256 } 1 .. 32;
	close $out or die;
	chmod 0600, "$dir/$name";
}

sub start {
	my ($name, @words) = @_;
	$pid{$name} = fork // die;
	return if $pid{$name};
	open STDIN, '<', '/dev/null' or die;
	open STDERR, '>>', "$dir/$name.log" or die;
	# what this program was given beyond them would count where descriptors are few
	POSIX::close($_) for 3 .. 63;
	exec @under, $tool, qw(device tun0), @words or die;
}
sub server { start('server', 'listen', '127.0.0.1', $port, 'psk-file', "$dir/psk", 'address', '10.9.0.1/24', @_) }
sub client { start('client', 'connect', '127.0.0.1', $port, 'psk-file', "$dir/psk", 'address', '10.9.0.2/24', 'route', '10.20.0.0/16', @_) }
sub logged {
	my ($name) = @_;
	open my $in, '<', "$dir/$name.log" or return '';
	local $/;
	return <$in> // '';
}
# Waits until the log has so many lines of that kind; returns them all.
sub lines {
	my ($name, $pattern, $count) = @_;
	my $end = time + 30;
	my @found;
	while (time < $end) {
		@found = grep { /$pattern/ } split /\n/, logged($name);
		last if @found >= $count;
		sleep 0.05;
	}
	return @found if cmp_ok(scalar @found, '>=', $count, "$name: $pattern, $count times");
	diag(logged('server'), logged('client'));
	BAIL_OUT('what follows would wait in vain');
}
sub ended {
	my ($name, $what, $status) = @_;
	my $end = time + 20;
	while (time < $end) {
		if (waitpid($pid{$name}, 1) == $pid{$name}) {
			my $got = $? & 127 ? 128 + ($? & 127) : $? >> 8;
			delete $pid{$name};
			return is($got, $status, "$what: status of the $name") || diag(logged($name));
		}
		sleep 0.05;
	}
	fail("$what: $name ends") or diag(logged($name));
}
sub stop {
	my ($name, $signal, $status) = @_;
	kill $signal, $pid{$name};
	ended($name, "SIG$signal", $status);
}
# Both write at the end, so that a log can begin anew while a process has it.
sub fresh { truncate "$dir/$_.log", 0 or die for qw(client server) }
END { kill 'KILL', values %pid if %pid }
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
sub touch { open my $out, '>', $_[0] or die }

# What the kernel was asked for, in order.
sub asked { return map { /KERNEL (.*)/ ? $1 : () } split /\n/, logged($_[0]) }
sub keys_of { return map { /^key-new slot (\d) id (\d) cipher \d size (\d+) encrypt (\w+) decrypt (\w+)/ ? [$1, $2, $3, $4, $5] : () } asked($_[0]) }

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
like((asked('client'))[-1], qr/^device-del 77/, 'its device goes');
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

# A name with two addresses, of which the second is dead: a new connection begins with the first one again.
fresh();
{
	local $ENV{STUB_SECOND} = '127.0.0.9';
	client();
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
	local @under = qw(prlimit --nofile=15);
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

# Nobody reads the log any more.
fresh();
{
	local @under = ('bash', '-c', 'exec "$@" 2> >(true)', 'bash');
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
	is(join(' ', asked('client')), 'device-add tun0 device-alias 77 ovpn-mptcp-ctl attach device-del 77', 'nothing of it was set');
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
