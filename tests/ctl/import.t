#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# Configurations of OpenVPN that become ones that are offloaded over MPTCP: what is changed, what is told, and what is no
# configuration. That the real OpenVPN takes what comes out is a matter of tests/cases/tool-import.sh.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Test::More;
use ToolTest qw(root scratch build run need);

need(qw(make gcc pkg-config valgrind));
my $dir = scratch();
my $tool = build() . '/ovpn-mptcp-ctl';
my $count = 0;
sub file { my $name = "$dir/" . ++$count . '.ovpn'; open my $out, '>', $name or die; print $out $_[0]; close $out or die; return $name }
# What becomes of some lines: the changes in words, the lines without ours, and the status.
sub import {
	my @lines = @_;
	my $file = file(join '', map { "$_\n" } @lines);
	my ($status, $out, $err) = run($tool, 'import', $file, 'to', "$file.new", '--json');
	is($err, '', 'no errors') or return ($status);
	my $data = decode_json($out);
	open my $in, '<', "$file.new" or die;
	my @new = grep { !/^# ovpn-mptcp-ctl import: / } map { chomp; $_ } <$in>;
	return ($status, $data, @new);
}
# The client's and the server's own line, without which there would be more to say.
my @client = ('client', 'proto tcp-client');
my @server = ('server 10.8.0.0 255.255.255.0', 'topology subnet', 'proto tcp-server');

# One line each, and what stands in its place: a line, nothing (undef), or itself.
my @cases = (
	[\@client, 'proto udp', 'proto tcp-client', 'changed'], [\@client, 'proto udp6', 'proto tcp6-client', 'changed'],
	[\@server, 'proto udp4', 'proto tcp4-server', 'changed'], [\@client, '--proto  "udp" # fast', 'proto tcp-client', 'changed'],
	[\@client, 'remote vpn.example.net 1194 udp', 'remote vpn.example.net 1194 tcp-client', 'changed'],
	[\@client, 'remote vpn.example.net 1194', 'remote vpn.example.net 1194'], [\@client, 'remote h 443 tcp', 'remote h 443 tcp'],
	[\@client, 'comp-lzo', undef, 'removed'], [\@client, 'compress lz4-v2', undef, 'removed'], [\@server, 'compress migrate', 'compress migrate'],
	[\@client, 'allow-compression asym', 'allow-compression no', 'changed'], [\@client, 'allow-compression no', 'allow-compression no'],
	[\@client, 'fragment 1300', undef, 'removed'], [\@client, 'explicit-exit-notify 2', undef, 'removed'], [\@client, 'disable-dco', undef, 'removed'],
	[\@client, 'data-ciphers AES-256-GCM:AES-256-CBC', 'data-ciphers AES-256-GCM', 'changed'],
	[\@client, 'ncp-ciphers BF-CBC', 'data-ciphers AES-256-GCM:AES-128-GCM:CHACHA20-POLY1305', 'changed'],
	[\@client, 'data-ciphers aes-128-gcm:?CHACHA20-POLY1305', 'data-ciphers aes-128-gcm:?CHACHA20-POLY1305'],
	[\@client, 'data-ciphers-fallback AES-256-CBC', undef, 'removed'], [\@client, 'data-ciphers-fallback AES-256-GCM', 'data-ciphers-fallback AES-256-GCM'],
	[\@client, 'sndbuf 393216', undef, 'removed'], [\@client, 'rcvbuf 0', 'rcvbuf 0'],
	[['server 10.8.0.0 255.255.255.0', 'proto tcp-server'], 'topology net30', 'topology subnet', 'changed'], [\@client, 'topology net30', 'topology net30'],
	[\@server, 'push "explicit-exit-notify 1"', undef, 'removed'], [\@server, "push 'comp-lzo no'", undef, 'removed'],
	[\@server, 'push "topology net30"', 'push "topology subnet"', 'changed'], [\@server, 'push "route 10.0.0.0 255.0.0.0"', 'push "route 10.0.0.0 255.0.0.0"'],
	[\@client, 'dev tap0', 'dev tap0', 'blocked'], [\@client, 'dev-type tap', 'dev-type tap', 'blocked'], [\@client, 'secret key', 'secret key', 'blocked'],
	[\@client, 'http-proxy p 80', 'http-proxy p 80', 'blocked'], [\@client, 'socks-proxy p', 'socks-proxy p', 'blocked'],
	[\@server, 'client-to-client', 'client-to-client', 'kept'], [\@client, 'mssfix 1300', 'mssfix 1300', 'kept'], [\@client, 'shaper 1000', 'shaper 1000', 'kept'],
	[\@client, '# proto udp', '# proto udp'], [\@client, '; fragment 1', '; fragment 1'], [\@client, 'verb 3', 'verb 3'], [\@client, '', ''],
);
for my $case (@cases) {
	my ($around, $line, $expected, $kind) = @$case;
	my @around = $line =~ /^\W*proto/ ? grep { !/^proto/ } @$around : @$around;
	@around = (@around, 'proto tcp-client') if $line =~ /^# proto/;
	my ($status, $data, @new) = import(@around, $line);
	is_deeply(\@new, [@around, grep { defined } $expected], "'$line'") or diag(explain(\@new));
	my @told = grep { $_->{kind} ne 'other-end' } @{$data->{changes}};
	is(join(' ', map { $_->{kind} } @told), $kind // '', "'$line': what is told");
	is($told[0]{line}, @around + 1, "'$line': where") if $kind;
	is($status, ($kind // '') eq 'blocked' ? 2 : 0, "'$line': status");
	is(!!$data->{offloaded}, ($kind // '') ne 'blocked', "'$line': whether it is offloaded");
}

# What lacks is added; blocks are left alone, but for those of connections.
my (undef, $data, @new) = import('client', '<connection>', 'remote h 1194 udp', 'explicit-exit-notify', '</connection>', '<ca>', 'proto udp', '</ca>', 'remote k');
is_deeply(\@new, ['client', '<connection>', 'remote h 1194 tcp-client', '</connection>', '<ca>', 'proto udp', '</ca>', 'remote k', 'proto tcp-client'],
	'blocks of a client') or diag(explain(\@new));
(undef, $data, @new) = import('server 10.8.0.0 255.255.255.0');
is_deeply(\@new, ['server 10.8.0.0 255.255.255.0', 'proto tcp-server', 'topology subnet'], 'a short server');
is($data->{role}, 'server', 'its role');
(undef, $data, @new) = import('tls-server', 'ifconfig 10.8.0.1 10.8.0.2');
is_deeply(\@new, ['tls-server', 'ifconfig 10.8.0.1 10.8.0.2', 'proto tcp-server'], 'a server for one client');
like(join(' ', map { $_->{why} } @{$data->{changes}}), qr/closes its port/, 'is told what it lacks');

# A second time there is nothing to change.
my (undef, undef, @once) = import('client', 'proto udp', 'comp-lzo', 'remote h 1194 udp');
(undef, $data, @new) = import(@once);
is_deeply(\@new, \@once, 'what was made stays as it is');
is(join(' ', map { $_->{kind} } @{$data->{changes}}), 'other-end', 'and there is nothing to tell but of the other end');

# The keys are the documented ones.
open my $document, '<', root() . '/docs/json.md' or die;
my ($section) = join('', <$document>) =~ /^## import\n(.*?)(?:^## |\z)/ms;
my @documented = $section =~ /^\| `([^`]+)` /mg;
my %seen = ((map { ($_ => 1) } grep { $_ ne 'changes' } keys %$data), map { map { ("changes[].$_" => 1) } keys %$_ }
	@{$data->{changes}}, map { @{(import('client', @$_))[1]{changes}} } ['proto udp'], ['mssfix']);
is_deeply([sort keys %seen], [sort @documented], 'exactly the documented keys');

# In words; nothing is written unless asked for, nothing is overwritten, and only the owner reads it.
my $file = file("client\nproto udp\ndev tap\n");
my ($status, $out, $err) = run($tool, 'import', $file);
ok($status == 2 && $err eq '' && $out =~ /^changed    line 2  proto udp \S+ proto tcp-client$/m && $out =~ /^blocked    line 3  dev tap$/m
	&& $out =~ /^The data stay in userspace, with what is blocked\.$/m && $out =~ /^Nothing is written: "to FILE" writes it\.$/m, 'in words') or diag("$status $out$err");
($status, $out, $err) = run($tool, 'import', $file, 'to', "$dir/made.conf");
like($out, qr{^written to \Q$dir\E/made\.conf\nthen: mptcpize run openvpn --config \Q$dir\E/made\.conf$}m, 'how to go on');
is((stat "$dir/made.conf")[2] & 0777, 0600, 'nobody else reads it');
my @before = stat "$dir/made.conf";
($status, $out, $err) = run($tool, 'import', $file, 'to', "$dir/made.conf");
ok($status == 1 && $out eq '' && $err =~ /expected the name of a file to make, cannot make .* \(EEXIST: /, 'a file that is there stays') or diag("$status $err");
is((stat "$dir/made.conf")[9], $before[9], 'as it was');

# What is no configuration.
my @wrong = (
	["client\nremote 'a\n", ':2: expected a quote at the end'], ["a\\\n", ':1: expected a character behind the backslash'],
	["client\n<ca>\nx\n", ':3: expected an end of the last block'], ["client\0\n", 'expected text'], ['x ' x 20, ':1: expected 16 words'],
	['#' x (1 << 21), 'expected a configuration of at most 1048576 bytes'],
);
for my $case (@wrong) {
	my ($text, $expected) = @$case;
	($status, $out, $err) = run($tool, 'import', file($text));
	ok($status == 1 && $out eq '' && $err =~ /\Aovpn-mptcp-ctl: import: [^\n]*\Q$expected\E[^\n]*\n\z/, "wrong: $expected") or diag("$status '$out' '$err'");
}
for my $words (['import', "$dir/none"], ['import', $dir], ['import'], ['import', $file, 'frob'], ['import', $file, 'to']) {
	($status, $out, $err) = run($tool, @$words);
	ok($status == 1 && $out eq '' && $err =~ /\Aovpn-mptcp-ctl: import: [^\n]*\n\z/, "wrong: @$words[1 .. $#$words]") or diag("$status '$out' '$err'");
}
my $odd = file(join "\n", '', '   ', "\ttls-client  # x", '"proto" \'udp\'', 'remote "a b" 1 udp6', '<a>', '<b>', '</b>', '</a>', 'push "a \"b\""', 'push', 'proto',
	'remote', 'data-ciphers', 'dev', 'data-ciphers :::', 'data-ciphers ' . 'AES-256-CBC:' x 200, "verb 3\r", '--', '--x', 'topology');
for my $input ($file, $odd, file(''), file("\n"), file('client'), file("<ca>\n</ca>")) {
	($status, undef, $err) = run(qw(valgrind -q --error-exitcode=99 --leak-check=full), $tool, 'import', $input);
	ok($status != 99 && $err eq '', 'valgrind') or diag($err);
}

done_testing();
