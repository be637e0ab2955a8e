#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# What attach says to wrong directives, in a file and as words: exit status 1, one line that tells where and what; and that
# the examples and the unit are right.
use strict;
use warnings;
use FindBin;
use JSON::PP;
use lib $FindBin::Bin;
use Test::More;
use ToolTest qw(root scratch build run need);

need(qw(make gcc pkg-config valgrind openssl systemd-analyze));
my $dir = scratch();
my $build = build();
my $tool = "$build/ovpn-mptcp-ctl";

sub file {
	my ($name, $text, $mode) = @_;
	open my $out, '>', "$dir/$name" or die;
	print $out $text;
	close $out or die;
	chmod $mode // 0600, "$dir/$name" or die;
	return "$dir/$name";
}
my $psk = file('psk', 'deadbeef' x 8 . "\n");
my @client = (qw(device tun0 connect 192.0.2.1 1194 psk-file), $psk);

# One wrong line behind a good one, and what must be said of it.
my @lines = (
	['frob 1', "expected device, connect, listen or another directive of attach --help, not 'frob'"],
	['connect', 'connect wants HOST PORT'],
	['connect host', 'connect wants HOST PORT'],
	['connect host 0', "connect wants a port from 1 to 65535, not '0'"],
	['connect host 65536', "connect wants a port from 1 to 65535, not '65536'"],
	['connect host http', "connect wants a port from 1 to 65535, not 'http'"],
	['connect host 1194 udp', "connect wants nothing more, not 'udp'"],
	['listen * x', "listen wants a port from 1 to 65535, not 'x'"],
	['local 10.1.1', "local wants an IPv4 or IPv6 address, not '10.1.1'"],
	['local fe80::2', "local wants the interface of a link-local address, and of no other one, as in fe80::2%eth0, not 'fe80::2'"],
	['local 10.1.1.2%eth0', "of a link-local address, and of no other one, as in fe80::2%eth0, not '10.1.1.2%eth0'"],
	['local fe80::2%', "local wants an IPv4 or IPv6 address, not 'fe80::2%'"],
	['local fe80::2%a/b', "local wants an IPv4 or IPv6 address, not 'fe80::2%a/b'"],
	['device abcdefghijklmnop', "device wants a name of 1 to 15 characters without / : %, not 'abcdefghijklmnop'"],
	['device a/b', "device wants a name of 1 to 15 characters without / : %, not 'a/b'"],
	['psk-file', 'psk-file wants FILE'],
	['psk-identity a b', "psk-identity wants nothing more, not 'b'"],
	['cipher des', "cipher wants aes-256-gcm, aes-128-gcm or chacha20-poly1305, not 'des'"],
	['address 10.9.0.1/33', "address wants an address such as 10.9.0.1/24 or fd09::1/64, not '10.9.0.1/33'"],
	['address fd09::1/129', "not 'fd09::1/129'"],
	['address 10.9.0.1/', "not '10.9.0.1/'"],
	['address host/24', "not 'host/24'"],
	['route 10.9.0.1/24', "route wants a network, whose address has only 0 behind its length, not '10.9.0.1/24'"],
	['route default', "route wants a network such as 10.0.0.0/8 or fd00::/8, not 'default'"],
	['route 10.0.0.0/8 metric', 'route wants a number from 0 to 4294967295 behind metric'],
	['route 10.0.0.0/8 metric -1', 'route wants a number from 0 to 4294967295 behind metric'],
	['route 10.0.0.0/8 via', "route wants nothing more, not 'via'"],
	['mtu 575', "mtu wants a number from 576 to 65000, not '575'"],
	['mtu 65001', "mtu wants a number from 576 to 65000, not '65001'"],
	['mtu 0x600', "mtu wants a number from 576 to 65000, not '0x600'"],
	['keepalive 5', 'keepalive wants INTERVAL TIMEOUT'],
	['keepalive 5 86401', "keepalive wants two numbers from 0 to 86400, not '86401'"],
	['rekey-seconds 604801', "rekey-seconds wants a number from 0 to 604800, not '604801'"],
	['rekey-packets 4294967296', "rekey-packets wants a number from 0 to 4294967295, not '4294967296'"],
	['gateway', 'gateway wants yes|no'],
	['gateway maybe', "gateway wants yes or no, not 'maybe'"],
	['gateway yes no', "gateway wants nothing more, not 'no'"],
	['leak 1', "leak wants yes or no, not '1'"],
	['dns', 'dns wants ADDRESS...'],
	['dns one.example.net', "dns wants IPv4 or IPv6 addresses, not 'one.example.net'"],
	['dns 10.9.0.1 fd09::1 10.9.0.0/24', "dns wants nothing more, not '10.9.0.0/24'"],
	['dns 10.9.0.1 10.9.0.2 10.9.0.3 10.9.0.4', 'dns may have 3 addresses at most'],
	['dns-domain', 'dns-domain wants NAME'],
	['dns-domain -x.example', "dns-domain wants a domain such as example.com, not '-x.example'"],
	['dns-domain a..b', "dns-domain wants a domain such as example.com, not 'a..b'"],
	['dns-domain ~.', "dns-domain wants a domain such as example.com, not '~.'"],
	['dns-domain ' . 'x' x 64, 'dns-domain wants a domain such as example.com'],
	['congestion', 'congestion wants NAME'],
	['congestion bbr2_with_a_long', "congestion wants a name of 1 to 15 letters, digits and _ - ., not 'bbr2_with_a_long'"],
	['congestion b/r', "congestion wants a name of 1 to 15 letters, digits and _ - ., not 'b/r'"],
	['congestion bbr cubic', "congestion wants nothing more, not 'cubic'"],
	['require-mptcp yes', "require-mptcp wants nothing more, not 'yes'"],
	['check', 'expected directives, and check is for the command line'],
	['config other', 'expected directives, not the name of another file'],
	["mtu 1500\x01", 'expected text, not a byte of value 1'],
	['route ' . 'x' x 1100, 'expected a line of at most 1023 characters'],
	['a b c d e f g h i', 'expected 8 words in a line at most'],
);
for my $case (@lines) {
	my ($line, $expected) = @$case;
	my $file = file('wrong.conf', "# a comment\nno-keep\n$line\n");
	my ($status, $out, $err) = run($tool, 'attach', '--config', $file);
	my $name = substr $line, 0, 40;
	ok($status == 1 && $out eq '' && $err =~ /\Aovpn-mptcp-ctl: attach: \Q$file\E:3: [^\n]*\Q$expected\E[^\n]*\n\z/, "line: $name")
		or diag("status $status, output '$out', errors '$err'");
}

# Words of the command line, and what is wrong with the whole.
my @words = (
	[[], 'attach: expected device NAME'],
	[[qw(device tun0)], 'attach: expected connect HOST PORT, or listen HOST PORT'],
	[[qw(device tun0 connect h 1)], 'attach: expected psk-file, or cert, key and peer-fingerprint'],
	[[@client, qw(listen * 1194)], 'attach: expected either connect or listen, not both'],
	[[@client, qw(mtu 1500 mtu 1500)], 'attach: mtu is there twice'],
	[[@client, qw(--frob)], "not '--frob'"],
	[[@client, 'frob'], "attach: expected device, connect, listen or another directive of attach --help, not 'frob'"],
	[[@client, qw(--mtu)], 'attach: mtu wants BYTES'],
	[[@client, qw(cert c key k peer-fingerprint f)], 'attach: expected either psk-file or cert, key and peer-fingerprint, not both'],
	[[qw(device tun0 connect h 1 cert c key k)], 'attach: expected all three of cert, key and peer-fingerprint'],
	[[qw(device tun0 connect h 1 cert c key k peer-fingerprint f psk-identity i)], 'attach: psk-identity needs psk-file'],
	[[qw(device tun0 listen * 1 local 10.1.1.1 psk-file), $psk], 'attach: local is for a client'],
	[[qw(device tun0 listen * 1 gateway yes psk-file), $psk], 'attach: gateway is for a client: a server is where the traffic of clients leaves the tunnel'],
	[[qw(device tun0 listen * 1 dns 10.9.0.1 psk-file), $psk], 'attach: dns and dns-domain are for a client'],
	[[@client, qw(leak no)], 'attach: leak needs gateway yes'],
	[[@client, qw(gateway no leak yes)], 'attach: leak needs gateway yes'],
	[[@client, qw(dns-domain example.com)], 'attach: dns-domain needs dns'],
	[['--config', file('gateways.conf', "listen * 1194\n[peer paris]\npsk-file $psk\ngateway yes\n")], 'attach: [peer paris]: gateway is for a client'],
	[['--config', file('servers.conf', "listen * 1194\ndns 10.9.0.1\n[peer paris]\npsk-file $psk\n")], 'attach: dns and dns-domain are for a client'],
	[[@client, qw(keepalive 10 10)], 'attach: keepalive wants a timeout that is longer than the interval, or 0'],
	[[@client, qw(mtu 1000 address fd09::1/64)], 'attach: an IPv6 address needs an mtu of 1280 or more'],
	[[@client, qw(cipher aes-128-gcm cipher AES-128-GCM)], 'attach: cipher AES-128-GCM is there twice'],
	[[qw(--config), "$dir/nothing"], 'attach: expected a configuration, cannot open'],
	[[qw(--config), $dir], 'attach: expected a configuration, cannot read'],
	[[qw(--config), file('large.conf', "#\n" x 40000)], 'expected a configuration of at most 65536 bytes'],
	[[qw(device tun0 connect h 1 psk-file), "$dir/nothing"], 'nothing'],
	[[qw(device tun0 connect h 1 psk-file), file('short', 'deadbeef' x 7)], 'expected a pre-shared key of 64 to 256 hexadecimal digits'],
	[[qw(device tun0 connect h 1 psk-file), file('open', 'deadbeef' x 8, 0644)], 'open'],
	[[qw(device tun0 connect h 1 cert), $psk, 'key', $psk, qw(peer-fingerprint aa)], 'psk'],
	[[@client, 'psk-identity', 'x' x 65], 'identity'],
);
for my $case (@words) {
	my ($arguments, $expected) = @$case;
	my ($status, $out, $err) = run($tool, 'attach', @$arguments);
	my $name = join ' ', map { s{^\Q$dir\E/}{}r } @$arguments;
	ok($status == 1 && $out eq '' && $err =~ /\Aovpn-mptcp-ctl: [^\n]*\Q$expected\E[^\n]*\n\z/, "words: $name")
		or diag("status $status, output '$out', errors '$err'");
	unlike($err, qr/deadbeef/, "$name: no key in the message");
}

# A name that is right on another kernel, or here when its module is loaded.
my ($status, $out, $err) = run($tool, 'attach', @client, qw(congestion no-such_cc.1));
ok($status == 2 && $out eq '' && $err =~ /\Aovpn-mptcp-ctl: tun0: expected a congestion control that this kernel has, not no-such_cc\.1: modprobe tcp_no-such_cc\.1, or choose one of [^\n]*\breno\b[^\n]* \(ENOENT: [^\n]*\n\z/,
	'a congestion control that this kernel does not have') or diag("status $status, output '$out', errors '$err'");

# A name that does not resolve, which may be the fault of this minute.
($status, $out, $err) = run($tool, 'attach', qw(device tun0 listen nowhere.invalid 1194 psk-file), $psk);
$err =~ s/.*(?:warning: there is no MPTCP).*\n//;
ok($status == 2 && $out eq '' && $err =~ /\Aovpn-mptcp-ctl: tun0: expected an address of this host to listen at, not 'nowhere\.invalid' \([^\n]*\)\n\z/,
	'a name that does not resolve') or diag("status $status, output '$out', errors '$err'");

# What is right goes as far as the module. The command line wins over the file, and options are words.
my $module = -e '/sys/module/ovpn_dco_mptcp';
my $missing = "ovpn-mptcp-ctl: expected the module ovpn-dco-mptcp, and it is not loaded: modprobe ovpn-dco-mptcp\n";
my $good = file('good.conf', "device tun0 # the first\r\nconnect 192.0.2.1 1194\n\tpsk-file $psk\nmtu 1400");
my @right = (
	[qw(--config), $good], [qw(--config), $good, qw(--mtu 9000 --require-mptcp)], ['config', $good, qw(mtu 9000)],
	[@client, qw(--address 10.9.0.1/24 --route 10.0.0.0/8 metric 5 --keepalive 0 0)], [@client, qw(congestion reno)],
	[qw(device tun0 listen 127.0.0.1 40404 psk-file), $psk], [@client, qw(gateway no)],
);
($status, $out, $err) = run(qw(openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=t
	-keyout), "$dir/t.key", '-out', "$dir/t.crt");
is($status, 0, 'a certificate for the examples') or diag($err);
chmod 0600, "$dir/t.key";
for my $example (glob root() . '/tools/ovpn-mptcp-ctl/examples/*.conf') {
	open my $in, '<', $example or die;
	my $text = join '', <$in>;
	my %files = ('psk-file' => $psk, cert => "$dir/t.crt", key => "$dir/t.key");
	my ($name) = $example =~ m{([^/]+)\.conf$};
	ok($text =~ s/^(psk-file|cert|key) \S+/$1 $files{$1}/mg, "example $name: has credentials");
	push @right, ['--config', file("example-$name.conf", $text), '--device', 'tun0'];
}
for my $arguments (@right) {
	my $name = join ' ', map { s{^\Q$dir\E/}{}r } @$arguments;
	SKIP: {
		skip 'the module is loaded on this machine', 1 if $module;
		($status, $out, $err) = run($tool, 'attach', @$arguments);
		$err =~ s/.*(?:warning: there is no MPTCP|expected MPTCP in this kernel).*\n//;
		ok(($status == 3 && $err eq $missing) || ($status == 4 && $err eq ''), "right: $name") or diag("status $status: $err");
	}
}
# What is right is said to be so, and nothing is made; what is wrong is told as ever.
for my $arguments (@right) {
	($status, $out, $err) = run($tool, 'attach', @$arguments, '--check');
	ok(($status == 0 && $out =~ /\A\S+  (?:for \S+, )?(?:client of|server at) \S+ port \d+, .*^The configuration is right\.\n\z/ms)
		|| ($status == 4 && $err =~ /expected MPTCP in this kernel/),
		'checked: ' . join ' ', map { s{^\Q$dir\E/}{}r } @$arguments) or diag("status $status, output '$out', errors '$err'");
}
($status, $out, $err) = run($tool, 'attach', @client, qw(--address 10.9.0.1/24 --address fd09::1/64 --route 10.0.0.0/8 metric 5 gateway yes
	dns 10.9.0.1 fd09::1 dns-domain example.com. check --json));
is_deeply(decode_json($out), { schema => 1, tunnels => [{ dev => 'tun0', role => 'client', host => '192.0.2.1', port => 1194, credentials => 'psk', mtu => 1500,
	addresses => ['10.9.0.1/24', 'fd09::1/64'], routes => ['10.0.0.0/8'], gateway => JSON::PP::true, leak => JSON::PP::false,
	dns => ['10.9.0.1', 'fd09::1'], dns_domains => ['example.com'] }] }, 'and in JSON') or diag("$out$err");
($status, $out) = run($tool, 'attach', @client, qw(dns 10.9.0.1 gateway yes leak yes mtu 1400 check));
like($out, qr/ mtu 1400\n  gateway yes, leak yes\n  dns 10\.9\.0\.1\n/, 'a gateway in words');
open my $document, '<', root() . '/docs/json.md' or die;
my ($section) = join('', <$document>) =~ /^## attach check\n(.*?)(?:^## |\z)/ms;
my $peers = file('peers.conf', "listen * 1194\n[peer paris]\npsk-file $psk\naddress 10.9.1.1/30\n[peer rome]\npsk-file $psk\ndevice tun-rome\nmtu 1400\n");
($status, $out, $err) = run($tool, 'attach', '--config', $peers, qw(--check --json));
my $tunnels = decode_json($out)->{tunnels};
is_deeply([map { "$_->{dev} $_->{peer} $_->{mtu}" } @$tunnels], ['paris paris 1500', 'tun-rome rome 1400'], 'each peer has a tunnel') or diag("$out$err");
is_deeply([sort $section =~ /^\| `tunnels\[\]\.(\w+)(?:\[\])?` /mg], [sort keys %{$tunnels->[0]}], 'with the documented keys');
for my $wrong (['mtu', 5], ['psk-file', "$dir/none"], ['congestion', 'no-such_cc.1']) {
	($status, $out, $err) = run($tool, 'attach', qw(device tun0 connect h 1), $wrong->[0] eq 'psk-file' ? () : ('psk-file', $psk), @$wrong, '--check');
	ok($status && $out eq '' && $err =~ /\Aovpn-mptcp-ctl: [^\n]+\n\z/, "checked: wrong $wrong->[0]") or diag("status $status, output '$out', errors '$err'");
}
my @valgrind = (qw(valgrind -q --error-exitcode=99 --leak-check=full), '--errors-for-leak-kinds=definite,indirect,possible');
for my $arguments (@right[0, 3 .. 5], [@client, 'frob'], [@client, qw(route 10.0.0.0/8 check)], ['--config', "$dir/wrong.conf"], $right[-1]) {
	($status, $out, $err) = run(@valgrind, $tool, 'attach', @$arguments);
	isnt($status, 99, 'valgrind: ' . join ' ', map { s{^\Q$dir\E/}{}r } @$arguments) or diag($err);
}

# The unit, as it is installed.
($status, $out, $err) = run('make', '-C', root() . '/tools/ovpn-mptcp-ctl', "BUILD=$build", "PREFIX=$dir/usr", 'install', '-B', 'WERROR=1');
is($status, 0, 'installed') or diag($err);
my $unit = "$dir/usr/lib/systemd/system/ovpn-mptcp\@.service";
($status, $out, $err) = run('systemd-analyze', '--man=no', 'verify', $unit);
ok($status == 0 && $err !~ /ovpn-mptcp/, 'systemd has nothing to say of the unit') or diag("status $status: $out$err");
open my $in, '<', $unit or die;
my $text = join '', <$in>;
like($text, qr{^ExecStart=\Q$dir\E/usr/sbin/ovpn-mptcp-ctl attach --config /etc/ovpn-mptcp/%i\.conf --device %i$}m, 'it starts what was installed');
like($text, qr{^Restart=on-failure\n(?:.*\n)*?RestartPreventExitStatus=1$}m, 'it starts again what failed, but not with a wrong configuration');
unlike($text, qr/\@BINDIR\@/, 'nothing is left to be filled in');
file('bad.service', $text =~ s/^Type=.*/Type=frob/mr);
(undef, undef, $err) = run('systemd-analyze', '--man=no', 'verify', "$dir/bad.service");
like($err, qr/frob/, 'the check finds a wrong unit');

done_testing();
