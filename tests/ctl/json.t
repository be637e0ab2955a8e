#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The printer: JSON is what docs/json.md says, key by key; text is what people are promised; colour only where it may be.
use strict;
use warnings;
use utf8;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Test::More;
use ToolTest qw(root scratch sources build compile run need @sanitizers);

need(qw(make gcc pkg-config));
my $dir = scratch();
my $built = build();
my $sample = compile($dir, 'print_sample', 'gcc', @sanitizers,
	sources(qw(print print_path output units names model address memory message)));

# Rows of the tables of docs/json.md: section => { key => type }.
my (%documented, $section);
open my $in, '<', root() . '/docs/json.md' or die;
my $doc = join '', <$in>;
for (split /\n/, $doc) {
	$section = $1 if /^## (.*)/;
	$documented{$section}{$1} = $2 if /^\| `([^`]+)` \| ([^|]+?) \|/;
}
my ($version) = $doc =~ /now \*\*(\d+)\*\*/;
my @reasons = $doc =~ /`((?:tx|rx)_(?!bytes|packets|id|percent)\w+)`/g;

# Keys of a value, in the notation of the document, each with the types that occur.
sub keys_of {
	my ($value, $path, $found) = @_;
	if (ref $value eq 'HASH') {
		for my $key (keys %$value) {
			my $name = $path =~ /\.drops$/ ? '*' : $key;
			keys_of($value->{$key}, $path eq '' ? $name : "$path.$name", $found);
		}
	} elsif (ref $value eq 'ARRAY') {
		keys_of($_, "$path\[]", $found) for @$value;
	} else {
		my $type = JSON::PP::is_bool($value) ? 'flag' : B::svref_2object(\$value)->FLAGS & B::SVp_POK() ? 'string' : 'number';
		$found->{$path}{$type} = $value;
	}
	return $found;
}
use B;

for my $case (['json', 'show, peer show'], ['key', 'key get']) {
	my ($what, $section) = @$case;
	my ($status, $out, $err) = run($sample, $what, 'auto');
	is($status, 0, "$what: printed") or diag($err);
	is($out =~ tr/\n//, 1, "$what: one line");
	my $data = decode_json($out);
	is($data->{schema}, $version, "$what: version of the format as documented");
	my $found = keys_of($data, '', {});
	is_deeply([sort keys %$found], [sort keys %{$documented{$section}}], "$what: exactly the documented keys");
	for my $key (sort keys %$found) {
		my ($type) = split /,/, $documented{$section}{$key} // '';
		is(join(' ', sort keys %{$found->{$key}}), $type, "$what: type of $key");
	}
	next unless $what eq 'json';
	my $peer = $data->{devices}[0]{peers}[0];
	is_deeply([sort keys %{$peer->{drops}}], [sort @reasons, 'reason_26'], 'every reason is documented');
	is($peer->{drops}{reason_26}, '18446744073709551615', 'a counter of 64 bits');
	is($peer->{keys}[1]{cipher}, '99', 'an unknown cipher is its number');
	is($peer->{paths}[1]{remote}, '203.0.113.5', 'a mapped address is one of version 4');
	is($peer->{paths}[0]{tx_percent}, 61, 'share of a path');
	ok(!exists $data->{devices}[0]{peers}[1]{offloaded}, 'without a key nothing is offloaded');
	is(join(' ', map { $_->{congestion} } @{$peer->{paths}}), 'bbr cubic', 'congestion control of each path');
	is($peer->{congestion}, 'bbr', 'that of those which are established');
	ok(!exists $data->{devices}[0]{peers}[5]{congestion}, 'no such thing when each has its own');
	is_deeply($data->{devices}[0]{peers}[3]{paths}, [{ dev => 'wan1', local => '192.0.2.10', local_port => 1194,
		remote => '203.0.113.9', remote_port => 40000 }], 'UDP: nothing of a path that nobody knows');
	is_deeply($data->{devices}[0]{peers}[4]{paths}, [{ dev => '', local_port => 0, remote => '2001:db8::9', remote_port => 1194 }],
		'UDP: no local address that nobody tells');
}

my ($status, $text, $err) = run($sample, 'text', 'auto');
is($status, 0, 'text printed') or diag($err);
utf8::decode($text);
is($text, <<'END', 'text');
interface: tun0  ovpn-dco  mp  mtu 1500
  peer 1 (5 for the other end)  10.8.0.2  fd08::2  mptcp, 1 of 2 paths  offloaded
    wan1  192.0.2.10   → 203.0.113.5:1194  rtt 11 ms  61 % of tx
    wan2  2001:db8::7  → 203.0.113.5:1194  syn-sent  39 % of tx  backup  no answer, 3 retries
    lte0  198.51.100.9 port 1195  missing: no path on endpoint 4
    congestion: bbr
    keys: primary 3 AES-256-GCM, secondary 2 99
    keepalive: ping every 10 s, give up after 60 s
    transfer: 1.21 GiB received, 310.40 MiB sent · last received 2 s ago, 1.46 KiB waiting
    drops: rx_replay 4, reason_26 18446744073709551615
  peer 2  tcp  socket in another network namespace (id 0)  not offloaded
    keys: primary –, secondary –
    transfer: 0 B received, 0 B sent
  peer 3  no socket  not offloaded
    keys: primary –, secondary –
    transfer: 0 B received, 0 B sent
  peer 4  udp  offloaded
    wan1  192.0.2.10 → 203.0.113.9:40000
    keys: primary 0 CHACHA20-POLY1305, secondary –
    transfer: 0 B received, 0 B sent
  peer 5  udp  socket in another network namespace  not offloaded
      ? → [2001:db8::9]:1194
    keys: primary –, secondary –
    transfer: 0 B received, 0 B sent
  peer 6  mptcp  not offloaded
    wan1  192.0.2.10 → 203.0.113.5:1194  rtt 11 ms  50 % of tx  bbr
    wan2  192.0.2.10 → 203.0.113.5:1194  rtt 31 ms  50 % of tx  cubic  backup
    keys: primary –, secondary –
    transfer: 0 B received, 0 B sent · last received 0 s ago

interface: tun1  ovpn  mtu 1400  down  served by another module
END
unlike($text, qr/\e/, 'no colour without a terminal');
(undef, my $coloured) = run($sample, 'text', 'always');
utf8::decode($coloured);
like($coloured, qr/\e\[32;1mtun0\e\[0m/, 'colour where it is wanted');
is($coloured =~ s/\e\[[\d;]*m//gr, $text, 'colour changes nothing else');

# On a terminal, unless NO_COLOR says otherwise.
sub on_terminal {
	my (undef, $out) = run('script', '-qec', "$_[0] $sample text auto", '/dev/null');
	return $out =~ /\e\[32/;
}
need('script');
ok(on_terminal(''), 'colour on a terminal');
ok(!on_terminal('NO_COLOR=1'), 'none with NO_COLOR');

done_testing();
