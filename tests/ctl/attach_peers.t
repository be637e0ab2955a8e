#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# A server of attach with several clients on one port: each has a device of its own and is known by its secret or its
# certificate; what becomes of one is nothing to the others; the file may get more or fewer of them.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use AttachPair qw(build_stub start logged lines ended stop fresh touch file asked %pid);
use IO::Socket::INET;
use Socket ();
use Test::More;
use Time::HiRes qw(sleep time);
use ToolTest qw(need run);

need(qw(openssl));
my $dir = build_stub();
my $port = do {
	my $probe = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die;
	$probe->sockport;
};
sub secret { file("$_[0].psk", sprintf("%02x" x 32 . "\n", map { int rand 256 } 1 .. 32), 0600) }
my %section = (
	paris => ['device to-paris', "psk-file $dir/paris.psk", 'address 10.9.1.1/30', 'route 10.20.0.0/16'],
	rome => ["psk-file $dir/rome.psk", 'address 10.9.2.1/30', 'mtu 1400', 'keepalive 2 8'],
	oslo => ["psk-file $dir/oslo.psk", 'psk-identity north', 'address 10.9.3.1/30'],
);
sub server_file { file('server.conf', join '', map { "$_\n" } "listen 127.0.0.1 $port", 'rekey-seconds 0', map { ("[peer $_]", @{$section{$_}}) } @_) }
sub client {
	my ($name, @words) = @_;
	start($name, 'connect', '127.0.0.1', $port, 'psk-file', "$dir/$name.psk", 'psk-identity', $name eq 'oslo' ? 'north' : $name, @words);
}
sub made { return join ' ', map { /^device-add (\S+)/ ? $1 : () } asked('server') }

secret($_) for qw(paris rome oslo berlin);
socket my $notify, Socket::AF_UNIX(), Socket::SOCK_DGRAM(), 0 or die;
bind $notify, Socket::pack_sockaddr_un("$dir/notify") or die;
sub told {
	my ($pattern) = @_;
	my $text = '';
	local $SIG{ALRM} = sub { die "nothing\n" };
	alarm 30;
	eval { while ($text !~ $pattern) { recv $notify, $text, 512, 0 // last } };
	alarm 0;
	return $text;
}
server_file(qw(paris rome oslo));
{
	local $ENV{NOTIFY_SOCKET} = "$dir/notify";
	local $ENV{STUB_GONE} = "$dir/server.gone";
	start('server', 'config', "$dir/server.conf", 'device', 'office');
}
lines('server', 'waits for a client at 127\.0\.0\.1', 3);
is(made(), 'to-paris rome oslo', 'a device for each, by the name of the peer unless it says another one');
is(told(qr/STATUS/), 'STATUS=0 of 3 peers attached', 'a service manager is told how many');

# Each gets to its own.
for my $name (qw(rome paris oslo)) {
	client($name);
	lines($name, ': attached: ', 1);
}
lines('server', 'to-paris: attached: ', 1);
lines('server', 'rome: attached: ', 1);
lines('server', 'oslo: attached: ', 1);
like(told(qr/3 of/), qr/STATUS=3 of 3 peers attached/, 'all are attached');
is((grep { /^peer-new/ } asked('rome'))[0], 'peer-new 1 keepalive 2 20', 'each with what its section says');

# A new connection of one is no matter of the others.
fresh();
kill 'HUP', $pid{paris};
lines('paris', 'attached again', 1);
lines('server', 'to-paris: the client is back: ', 1);
unlike(logged('server'), qr/rome:|oslo:/, 'the others do not notice');

# Who is nobody, and who has a name with the key of another one.
client('berlin');
ended('berlin', 'nobody that the server knows', 2);
lines('server', 'office: no agreement with \S+: .*expected the identity of a peer, the other end has berlin', 1);
start('liar', 'connect', '127.0.0.1', $port, 'psk-file', "$dir/rome.psk", 'psk-identity', 'paris');
ended('liar', 'the name of another one', 2);
unlike(logged('server'), qr/replaces|to-paris: attached/, 'nobody is replaced by it');

# A second client with the same secret replaces the first one of that peer.
stop('rome', 'KILL', 137);
lines('server', 'rome: connection to \S+ ended', 1);
fresh();
client('rome');
lines('server', 'rome: attached: ', 1);

# The file gets one more, loses one, and changes one.
fresh();
$section{berlin} = ["psk-file $dir/berlin.psk", 'address 10.9.4.1/30'];
$section{paris}[2] = 'address 10.9.1.5/30';
server_file(qw(paris berlin oslo));
kill 'HUP', $pid{server};
lines('server', 'berlin: waits for a client', 1);
lines('server', 'rome: it is not in the configuration any more', 1);
lines('server', 'to-paris: the configuration was read again', 1);
is(join(', ', grep { /device-(?:add|del)|address/ } asked('server')), 'device-del 7778, address-add 7777 length 30, address-del 7777 length 30, address-add 7777 length 30, '
	. 'device-add berlin, address-add 7780 length 30', 'only that is done') or diag(logged('server'));
client('berlin');
lines('berlin', ': attached: ', 1);
lines('rome', 'connection to \S+ ended', 1);
lines('server', 'office: no agreement with \S+: .*the other end has rome', 1);
unlike(logged('paris') . logged('oslo'), qr/ended/, 'those that stay do not notice');
kill 'HUP', $pid{$_} for qw(paris oslo);
lines('paris', 'attached again', 1);
lines('oslo', 'attached again', 1);
$section{berlin}[0] = 'psk-file';
server_file(qw(paris berlin oslo));
kill 'HUP', $pid{server};
lines('server', 'server\.conf:\d+: psk-file wants FILE', 1);
lines('server', 'office: the configuration stays as it was', 1);
stop($_, 'TERM', 0) for qw(paris oslo berlin rome);

# All devices go: there is nothing left to do.
touch("$dir/server.gone");
ended('server', 'no device', 2);
is((() = logged('server') =~ /somebody removed the device/g), 3, 'each is told');
is((() = logged('server') =~ /ends, and the others go on/g), 2, 'one does not end the others');

# By certificates.
fresh();
my %print;
for my $name (qw(hub paris rome)) {
	my ($status, undef, $err) = run(qw(openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj), "/CN=$name",
		'-keyout', "$dir/$name.key", '-out', "$dir/$name.crt");
	is($status, 0, "certificate of $name") or diag($err);
	chmod 0600, "$dir/$name.key";
	($status, my $out) = run(qw(openssl x509 -noout -fingerprint -sha256 -in), "$dir/$name.crt");
	($print{$name}) = $out =~ /=(\S+)/;
}
file('server.conf', join '', map { "$_\n" } "listen 127.0.0.1 $port", "cert $dir/hub.crt", "key $dir/hub.key", '[peer paris]', "peer-fingerprint $print{paris}",
	'[peer rome]', "peer-fingerprint $print{rome}");
start('server', 'config', "$dir/server.conf", 'device', 'office');
lines('server', 'waits for a client', 2);
for my $name (qw(rome paris)) {
	start($name, 'connect', '127.0.0.1', $port, 'cert', "$dir/$name.crt", 'key', "$dir/$name.key", 'peer-fingerprint', $print{hub});
	lines('server', "$name: attached: ", 1);
}
start('liar', 'connect', '127.0.0.1', $port, 'cert', "$dir/hub.crt", 'key', "$dir/hub.key", 'peer-fingerprint', $print{hub});
ended('liar', 'a certificate that nobody has', 2);
stop($_, 'TERM', 0) for qw(paris rome server);
is(join(' ', sort map { /device-del/ ? $_ : () } asked('server')), 'device-del 7777 device-del 7778', 'both devices go');
unlike(join('', map { logged($_) } qw(server paris rome oslo berlin)), qr/ERROR: |runtime error/, 'the sanitizers have nothing to say');

done_testing();
