#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# What the tool says to right and wrong arguments: exit status, one line, help; no leak on any of these ways.
use strict;
use warnings;
use Fcntl qw(F_SETFD);
use FindBin;
use lib $FindBin::Bin;
use Socket;
use Test::More;
use ToolTest qw(root scratch build run need);

need(qw(make gcc pkg-config valgrind unshare));
my $dir = scratch();
my $tool = build() . '/ovpn-mptcp-ctl';

sub key_file {
	my ($name, $text) = @_;
	open my $out, '>', "$dir/$name" or die;
	print $out $text;
	close $out or die;
	chmod 0600, "$dir/$name";
	return "$dir/$name";
}
my ($key, $tail) = ('00112233445566778899aabbccddeeff', '0123456789abcdef');
my $secret = 'deadbeef' x 4;
my @new = (qw(key new tun0 peer 1 slot primary id 0 cipher aes-gcm file));

# arguments, and what must stand in the only line of errors
my @wrong = (
	[[qw(frob)], "expected a command, not 'frob'"],
	[[qw(peer)], 'peer: expected show, new, set, set-sock, del'],
	[[qw(peer frob)], "peer: expected show, new, set, set-sock, del, not 'frob'"],
	[[qw(peers show)], "expected a command, not 'peers'"],
	[[qw(sho)], "expected a command, not 'sho'"],
	[[qw(--frob)], "expected --json, --color, --version or --help, not '--frob'"],
	[[qw(--json=ugly)], "--json wants nothing or pretty, not 'ugly'"],
	[[qw(--color=sometimes)], "--color wants auto, always or never, not 'sometimes'"],
	[[qw(--color)], '--color wants a value'],
	[[qw(show a b)], "show: expected nothing more, not 'b'"],
	[[qw(monitor tun0 x)], "monitor: expected nothing more, not 'x'"],
	[[qw(keep manage)], 'keep: manage wants LIST'],
	[['keep', 'manage', ''], "keep: manage wants LIST, not ''"],
	[[qw(keep tun0 tun1)], "keep: expected manage, no-backup, until-idle, not 'tun1'"],
	[[qw(keep no-backup yes)], "keep: expected manage, no-backup, until-idle, not 'yes'"],
	[[qw(keep until-idle)], 'keep: until-idle wants UNIT'],
	[[qw(keep until-idle /etc/passwd)], "keep: until-idle wants the name of a unit of systemd, not '/etc/passwd'"],
	[[qw(keep --no-backup no-backup)], 'keep: no-backup is there twice'],
	[[qw(keep manage wan1 manage wan2)], 'keep: manage is there twice'],
	[['keep', 'tun0', 'manage', 'wan1,'], 'keep: manage wants addresses and interfaces with commas between'],
	[['keep', 'manage', 'wan1,,wan2'], 'keep: manage wants addresses and interfaces with commas between'],
	[[qw(keep manage abcdefghijklmnop)], "with commas between, not 'abcdefghijklmnop'"],
	[[qw(keep manage 10.0.0.1/24)], "with commas between, not '10.0.0.1/24'"],
	[[qw(show abcdefghijklmnop)], 'show: a device name has 1 to 15 characters'],
	[['show', ''], 'show: a device name has 1 to 15 characters'],
	[[qw(top interval 0)], "top: interval wants a number from 1 to 3600, not '0'"],
	[[qw(top tun0 interval 3601)], "interval wants a number from 1 to 3600, not '3601'"],
	[[qw(top count x)], "count wants a number from 1 to 4294967295, not 'x'"],
	[[qw(doctor probe)], 'doctor: probe wants HOST:PORT'],
	[[qw(--color never doctor --probe host)], "doctor: probe wants HOST:PORT, not 'host'"],
	[[qw(doctor --color never --probe host)], "doctor: probe wants HOST:PORT, not 'host'"],
	[[qw(doctor --probe host)], "doctor: probe wants HOST:PORT, not 'host'"],
	[[qw(doctor tun0)], "doctor: expected probe, not 'tun0'"],
	[[qw(metrics --json)], 'metrics: expected no --json: show --json has the same'],
	[[qw(metrics format json)], "metrics: format wants openmetrics|prometheus, not 'json'"],
	[[qw(metrics output)], 'metrics: output wants FILE'],
	[[qw(metrics listen)], 'metrics: listen wants ADDRESS[:PORT]'],
	(map { [[qw(metrics listen), $_], "metrics: listen wants ADDRESS[:PORT], not '$_'"] }
		qw(0 65536 localhost :9100 10.1.1.256 10.1.1.1: 10.1.1.1:0 10.1.1.1:65536 [::1 ::1] [] [x] [::1]: [::1]:x 10.1.1.1:1:1), ''),
	[[qw(metrics listen 127.0.0.1 output x)], 'metrics: listen goes without output and format: who asks chooses'],
	[[qw(metrics --listen ::1 --format prometheus)], 'metrics: listen goes without output and format: who asks chooses'],
	[[qw(metrics peers-max 16777217)], "metrics: peers-max wants a number from 0 to 16777216, not '16777217'"],
	[[qw(link add)], 'link add: expected the name of a device'],
	[[qw(link add t mode)], 'link add: mode wants p2p|mp'],
	[[qw(link add t mode tap)], "link add: mode wants p2p|mp, not 'tap'"],
	[[qw(link add t mode p2p mode mp)], 'link add: mode is there twice'],
	[[qw(peer new tun0)], 'peer new: expected id ID'],
	[[qw(peer new tun0 id 1)], 'peer new: expected fd N'],
	[[qw(peer new tun0 id -1)], "not '-1'"],
	[[qw(peer new tun0 id +1)], "id wants a number from 0 to 16777215, not '+1'"],
	[[qw(peer new tun0 id 16777216)], "id wants a number from 0 to 16777215, not '16777216'"],
	[[qw(peer new tun0 id 99999999999999999999999)], 'id wants a number from 0 to 16777215'],
	[[qw(peer new tun0 id 0x1)], "not '0x1'"],
	[['peer', 'new', 'tun0', 'id', ' 1'], "not ' 1'"],
	[[qw(peer new tun0 id 1 fd 77)], 'peer new: fd wants an open file descriptor, and 77 is closed'],
	[[qw(peer new tun0 id 1 fd x)], "fd wants the number of a file descriptor, not 'x'"],
	[[qw(peer new tun0 id 1 fd 0 remote)], 'peer new: remote wants ADDRESS:PORT'],
	(map { [[qw(peer new tun0 id 1 fd 0 remote), $_], "peer new: remote wants ADDRESS:PORT or [ADDRESS]:PORT, not '$_'"] }
		qw(10.1.1.1 host:1194 10.1.1.1:0 10.1.1.1:65536 2001:db8::1:1194 [2001:db8::1] [x]:1194 10.1.1.256:1), ''),
	[[qw(peer new tun0 id 1 fd 0 --remote [fe80::1%nowhere0]:1194)], "peer new: remote: no interface of this network namespace has the name 'nowhere0'"],
	[[qw(peer new tun0 id 1 fd 0 remote [2001:db8::1%lo]:1194)], 'peer new: remote has %lo, which belongs to link-local addresses (fe80::) only'],
	[[qw(peer new tun0 id 1 fd 0 remote [::ffff:10.1.1.1%lo]:1194)], 'peer new: remote has %lo, which'],
	[[qw(peer new tun0 id 1 fd 0 local 10.1.1.1/24)], "peer new: local wants ADDRESS, not '10.1.1.1/24'"],
	[[qw(peer set tun0 id 1 local 10.1.1.2)], 'peer set: local needs remote ADDRESS:PORT'],
	[[qw(peer set tun0 id 1 local fd00::1 remote 10.1.1.1:1194)], 'peer set: local fd00::1 and remote 10.1.1.1:1194 are of different IP versions'],
	[[qw(peer set tun0 id 1 local 10.1.1.1 remote [fd00::1]:1194)], 'peer set: local 10.1.1.1 and remote [fd00::1]:1194 are of different IP versions'],
	[[qw(peer set tun0 id 1 vpn4 10.8.0.256)], "peer set: vpn4 wants an IPv4 ADDRESS, not '10.8.0.256'"],
	[[qw(peer set tun0 id 1 vpn6 10.8.0.1)], "peer set: vpn6 wants an IPv6 ADDRESS, not '10.8.0.1'"],
	[[qw(peer set tun0 id 1 keepalive 10)], 'peer set: keepalive wants INTERVAL TIMEOUT'],
	[[qw(peer set tun0 id 1 keepalive 10 86401)], "keepalive wants two numbers from 0 to 86400, not '86401'"],
	[[qw(peer set-sock tun0 id 1)], 'peer set-sock: expected fd N'],
	[[qw(peer set-sock tun0 id 1 fd 77)], 'peer set-sock: fd wants an open file descriptor, and 77 is closed'],
	[[qw(peer set-sock tun0 id 1 fd 0 vpn4 10.8.0.2)], "peer set-sock: expected id, fd, not 'vpn4'"],
	[[qw(peer del tun0 id 1 id 1)], 'peer del: id is there twice'],
	[[qw(key del tun0 peer 1 slot third)], "key del: slot wants primary|secondary, not 'third'"],
	[[qw(key new tun0 peer 1 slot primary id 8)], "key new: id wants a number from 0 to 7, not '8'"],
	[[qw(key new tun0 peer 1 slot primary id 0 cipher none)], 'cipher wants aes-gcm|chacha20-poly1305'],
	[[@new, "$dir/nothing"], 'expected a key file, cannot open'],
	[[@new, $dir], 'expected a key file, cannot read'],
	[[@new, '-'], 'standard input: expected two lines, encrypt and decrypt'],
	[[@new, key_file('one', "encrypt $key $tail\n")], 'one: expected two lines, encrypt and decrypt'],
	[[@new, key_file('twice', "encrypt $key $tail\nencrypt $key $tail\n")], 'twice, line 2: expected each direction once'],
	[[@new, key_file('odd', "\n# odd\nencrypt ${secret}0 $tail\n")], 'odd, line 3: expected a key of 32, 48 or 64'],
	[[@new, key_file('digit', "encrypt ${secret}xx $tail\n")], 'digit, line 1: expected a key of 32, 48 or 64'],
	[[@new, key_file('tail', "encrypt $secret ${tail}00\n")], 'tail, line 1: expected a nonce tail of 16'],
	[[@new, key_file('more', "encrypt $secret $tail more\n")], 'more, line 1: expected nothing behind the nonce tail'],
	[[@new, key_file('word', "$secret\n")], 'word, line 1: expected the word encrypt or decrypt'],
	[[@new, key_file('differ', "encrypt $key $tail\ndecrypt $key$key $tail\n")], 'expected keys of the same length'],
	[[@new, key_file('large', "#\n" x 2049)], 'expected a key file of at most 4096 bytes'],
);

for my $case (@wrong) {
	my ($arguments, $expected) = @$case;
	my ($status, $out, $err) = run($tool, @$arguments);
	my $name = join ' ', map { s{^\Q$dir\E/}{}r } @$arguments;
	ok($status == 1 && $out eq '' && $err =~ /\Aovpn-mptcp-ctl: [^\n]*\Q$expected\E[^\n]*\n\z/, "wrong: $name")
		or diag("status $status, output '$out', errors '$err'");
	unlike($err, qr/deadbeef/, "$name: no key in the message") if $err =~ /line/;
}

# Sockets and addresses that do not go together: how the socket is made, arguments, and the line.
my @valgrind = (qw(valgrind -q --error-exitcode=99 --leak-check=full),
	'--errors-for-leak-kinds=definite,indirect,possible');
sub with_socket {
	my ($type, $to, @command) = @_;
	socket my $socket, AF_INET, $type, 0 or die;
	connect $socket, pack_sockaddr_in($to, INADDR_LOOPBACK) or die if $to;
	fcntl $socket, F_SETFD, 0 or die;
	return run(map { $_ eq 'FD' ? fileno $socket : $_ } @command);
}
for my $case ([SOCK_DGRAM, 0, [], qr/peer new: expected remote ADDRESS:PORT, for the UDP socket \d+ is not connected\n\z/],
	[SOCK_DGRAM, 0, [qw(local 10.1.1.1)], qr/peer new: expected remote ADDRESS:PORT, for the UDP socket \d+ is not connected\n\z/],
	[SOCK_DGRAM, 9, [qw(local fd00::1)], qr/peer new: local fd00::1 and remote 127\.0\.0\.1:9 are of different IP versions\n\z/],
	[SOCK_STREAM, 0, [qw(remote 10.1.1.1:1194)], qr/peer new: remote and local are for UDP: the stream socket \d+ has its own addresses\n\z/],
	[SOCK_STREAM, 0, [qw(local 10.1.1.1)], qr/peer new: remote and local are for UDP: the stream socket \d+ has its own addresses\n\z/]) {
	my ($type, $to, $more, $expected) = @$case;
	my ($status, $out, $err) = with_socket($type, $to, $tool, qw(peer new tun0 id 1 fd FD), @$more);
	ok($status == 1 && $out eq '' && $err =~ /\Aovpn-mptcp-ctl: $expected/, 'wrong: ' . ($type == SOCK_DGRAM ? 'datagrams' : 'a stream') .
		($to ? ', connected' : '') . ": @$more") or diag("status $status, output '$out', errors '$err'");
}
SKIP: {
	skip 'the module is loaded on this machine', 2 if -e '/sys/module/ovpn_dco_mptcp';
	for my $case ([9, []], [0, [qw(remote [fe80::1%lo]:1194 local fe80::2)]]) {
		my ($to, $more) = @$case;
		my ($status, undef, $err) = with_socket(SOCK_DGRAM, $to, @valgrind, $tool, qw(peer new tun0 id 1 fd FD), @$more);
		ok($status == 3 && $err =~ /and it is not loaded/, 'right, as far as it goes: datagrams' . ($to ? ', connected' : '') . ": @$more")
			or diag("status $status: $err");
	}
}

# Help goes to standard output.
my ($status, $help, $err) = run($tool, '--help');
is($status, 0, '--help succeeds');
is($err, '', '--help has no errors');
my @commands = map { /^  (\w+(?: \w+)?)  +\w/ ? $1 : () } split /\n/, $help;
cmp_ok(scalar @commands, '>=', 12, 'help names the commands') or diag($help);
for my $command (@commands) {
	($status, my $text, $err) = run($tool, split(' ', $command), '--help');
	ok($status == 0 && $err eq '' && $text =~ /\AUsage: ovpn-mptcp-ctl \Q$command\E\b/, "help of $command")
		or diag($text . $err);
}
($status, $help) = run($tool, qw(peer --help));
ok($status == 0 && $help =~ /peer del/ && $help !~ /key del/, 'help of a noun names its verbs');
($status, my $version) = run($tool, '--version');
open my $in, '<', root() . '/src/version.h' or die;
my ($want) = map { /OVPN_VERSION "(.*)"/ ? $1 : () } <$in>;
is($version, "ovpn-mptcp-ctl $want\n", 'version');
is((run($tool, '-V'))[1], $version, '-V');
is((run($tool, 'help'))[1], (run($tool, '--help'))[1], 'help');
is((run($tool, qw(help peer new)))[1], (run($tool, qw(peer new --help)))[1], 'help of a command');
($status, undef, $err) = run($tool, qw(help frob));
ok($status == 1 && $err =~ /expected a command, not 'frob'/, 'help of nothing') or diag($err);

# A full disk is not a success.
($status, undef, $err) = run('sh', '-c', "exec '$tool' --help >/dev/full");
ok($status == 2 && $err =~ /\(ENOSPC: /, 'output that cannot be written is an error') or diag("$status $err");

# No leak and no wrong access; without the module, with every kind of netlink socket refused or answered.
my $good = key_file('good', "decrypt\t$key $tail\r\n\n encrypt $key $tail");
my $wide = key_file('wide', "encrypt $key $tail\ndecrypt $key $tail\n");
chmod 0644, $wide;
my $grouped = key_file('grouped', "encrypt $key $tail\ndecrypt $key $tail\n");
chmod 0640, $grouped;
my $module = -e '/sys/module/ovpn_dco_mptcp';
for my $arguments ([], [qw(show --json)], [qw(monitor tun0)], ['keep', 'manage', 'wan1,10.0.0.2,fd00::2'], [qw(keep tun0 --no-backup manage wan1)], [@new, $good], [qw(link add tun0 mode mp)], [qw(link del lo)],
	[qw(peer new tun0 id 1 fd 0)], [qw(peer set lo id 1)], [qw(peer set lo id 1 remote [2001:db8::1]:1194 local 2001:db8::2)], [qw(peer show tun0 id 1)], [qw(key get tun0 peer 1 slot primary)]) {
	($status, undef, $err) = run(@valgrind, $tool, @$arguments);
	my $name = join ' ', map { s{^\Q$dir\E/}{}r } @$arguments;
	isnt($status, 99, "valgrind: $name") or diag($err);
	SKIP: {
		skip 'the module is loaded on this machine', 1 if $module;
		ok($status == 3 && $err eq "ovpn-mptcp-ctl: expected the module ovpn-dco-mptcp, and it is not loaded: modprobe ovpn-dco-mptcp\n",
			"without the module: $name") or diag("status $status: $err");
	}
}
for my $arguments ([qw(--help)], [qw(key new --help)], [@new, "$dir/odd"], [@new, "$dir/large"], [qw(peer)]) {
	($status, undef, $err) = run(@valgrind, $tool, @$arguments);
	isnt($status, 99, 'valgrind: ' . join ' ', map { s{^\Q$dir\E/}{}r } @$arguments) or diag($err);
}
for my $file ($wide, $grouped) {
	($status, undef, $err) = run($tool, @new, $file);
	ok($status == 1 && $err eq "ovpn-mptcp-ctl: key new: $file: expected a file that nobody else may read or write: chmod 600 $file\n",
		'a key file that others may read is refused') or diag("status $status: $err");
}

done_testing();
