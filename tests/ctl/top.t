#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# top: rates are computed right; the screen is drawn in place, follows the window, and gives the terminal back on every
# way out; without a terminal it prints blocks or objects, as docs/json.md says.
use strict;
use warnings;
use utf8;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Test::More;
use ToolTest qw(root scratch sources build compile run need @sanitizers);

need(qw(make gcc pkg-config python3));
my $dir = scratch();
my $tool = build() . '/ovpn-mptcp-ctl';
my $rates = compile($dir, 'rates_test', 'gcc', @sanitizers, sources(qw(rates chart screen_clip units model address memory message)));
my $sample = compile($dir, 'top_sample', 'gcc', @sanitizers, '-DTABLE_WITHOUT_FUNCTIONS',
	sources(qw(top screen screen_clip chart rates print_top print_path print output units names model address memory message
		commands config_words request target digits)));

my ($status, $out, $err) = run($rates);
is($status, 0, 'rates, bars, lines') or diag($out, $err);
cmp_ok(scalar(() = $out =~ /^ok /mg), '>', 25, 'all of them') or diag($out);

# On a terminal. The name of a device tries to speak to it.
my $terminal = root() . '/tests/lib/terminal.py';
sub on_terminal {
	my ($name, $size, $steps, @command) = @_;
	my ($status, $out, $err) = run('python3', $terminal, $size, @$steps, '--', @command);
	ok($status == 0, $name) or diag($out, $err);
	utf8::decode($out);
	return $out;
}
my $second = 'expect:peer 1  mptcp, 2 of 3 paths  up 12\.0 Mbit/s.*  queue 1\.46 KiB .* drops 3';
my $screen = on_terminal('q quits', '24x160', [$second, 'expect:[▁-█]{3}', 'send:q', 'exit:0'], $sample);
like($screen, qr/^ovpn-mptcp-ctl top  \d\d:\d\d:\d\d  q quits\ntun0  ovpn-dco\n/, 'head');
like($screen, qr/^    wan\?\[1  10\.1\.1\.2 → 10\.1\.1\.1:1194  up 10\.0 Mbit\/s +█+  down \d.* rtt 11 ms +in flight 48\.00 KiB +unsent 100 B +bbr$/m,
	'a path, and no escape sequence of somebody else');
like($screen, qr/^    wan2 +10\.1\.2\.2 → 10\.1\.1\.1:1194  up 2\.5 Mbit\/s +[▁▂▃]+  .* cubic$/m, 'a slower one has lower bars');
like($screen, qr/^    lte0 +10\.1\.3\.2 +missing: no path on endpoint 9$/m, 'a missing one');
on_terminal('Q', '24x160', [$second, 'send:Q', 'exit:0'], $sample);
on_terminal('a narrow window', '24x80', [$second =~ s/  queue.*//r, 'lacks:10\.1\.1\.2', 'send:q', 'exit:0'], $sample);
on_terminal('a window that changes', '24x40', ['expect:wan2', 'lacks:in flight', 'size:30x170', 'expect:in flight', 'expect:unsent 100 B +cubic$', 'size:30x143', 'expect:unsent 100 B$', 'lacks:cubic', 'lacks:bbr',
	'size:3x20', 'lacks:wan2', 'send:q', 'exit:0'], $sample);
on_terminal('SIGTERM', '24x160', [$second, 'signal:TERM', 'exit:143'], $sample);
on_terminal('SIGHUP', '24x160', [$second, 'signal:HUP', 'exit:129'], $sample);
on_terminal('Ctrl-C', '24x160', [$second, "send:\x03", 'exit:130'], $sample);
on_terminal('a crash', '24x160', [$second, 'signal:SEGV', 'exit:139'], 'env', 'ASAN_OPTIONS=handle_segv=0', $sample);
on_terminal('Ctrl-Z and back', '24x160', [$second, "send:\x1a", 'expect:stopped', 'send:fg' . "\n", $second, 'send:q', 'expect:back 0', 'exit:0'],
	'bash', '--norc', '-ic', "bash --norc -ic 'set -m; $sample; echo stopped; read -r x; fg >/dev/null; echo back \$?'");
on_terminal('as many readings as wanted', '24x160', ['exit:0'], $sample, qw(count 1));
$screen = on_terminal('the kernel refuses', '24x160', ['expect:sample fails as it should \(EIO', 'exit:2'], 'env', 'FAIL=3', $sample);
$screen = on_terminal('more than fits', '10x160', ['expect:peer 1 ', 'lacks:peer 3 ', 'send:jjj', 'expect:q quits\n    wan2', 'send:\e[6~', 'expect:peer 3 ',
	'send:\e[5~k', 'expect:q quits\n    wan.\[1', 'send:kkkk', 'expect:q quits\ntun0', 'send:' . ' ' x 20, 'expect:peer 9 ', 'send:q', 'exit:0'], 'env', 'PEERS=9', $sample);
$screen = on_terminal('a peer on UDP', '24x160', ['expect:peer 2  udp  up ', 'expect:^    wan1  .*up 10\.0 Mbit/s', 'send:q', 'exit:0'],
	'env', 'PEERS=2', 'UDP=2', $sample);
like($screen, qr/^    wan1  10\.1\.1\.2 → 10\.1\.1\.1:1194  up 10\.0 Mbit\/s +█+  down [\d.]+ Mbit\/s +[▁-█]+$/m, 'rates and bars, and nothing that UDP does not tell');
on_terminal('ASCII', '24x160', ['expect:10\.1\.1\.2 -> .* ###', 'lacks:[^\x00-\x7f]', 'send:q', 'exit:0'], 'env', 'LC_ALL=C', $sample);
on_terminal('no colour without TERM', '24x160', ['expect:up 1', 'exit:0'], 'env', 'TERM=dumb', $sample, qw(count 1));

# Not on a terminal.
($status, $out, $err) = run($sample, qw(interval 1 count 2));
utf8::decode($out);
is($status, 0, 'plain: ends by itself') or diag($err);
is(scalar(() = $out =~ /^ovpn-mptcp-ctl top  [\d:]+$/mg), 2, 'plain: two blocks');
like($out, qr/\n\novpn-mptcp-ctl top/, 'plain: an empty line in between');
unlike($out, qr/[\e\r]/, 'plain: no sequences');
like($out, qr/wan2 +10\.1\.2\.2 → 10\.1\.1\.1:1194  up 2\.5 Mbit\/s/, 'plain: a path');
($status, $out) = run($sample, '--color=always', qw(count 1));
like($out, qr/\e\[32;1mtun0\e\[0m/, 'colour where it is wanted');

# JSON: exactly the documented keys.
open my $in, '<:utf8', root() . '/docs/json.md' or die;
my $doc = do { local $/; <$in> };
my ($section) = $doc =~ /^## top\n(.*?)(?=^## |\z)/ms or BAIL_OUT('docs/json.md has no section about top');
my %documented = map { /^\| `([^`]+)` \| (\w+)/ ? ($1 => $2) : () } split /\n/, $section;
my %optional = map { $_ => 1 } $section =~ /^\| `([^`]+)` \| (?:flag|\w+, optional) /mg;
($status, $out) = run($sample, '--json', qw(count 2));
my @objects = map { decode_json($_) } split /\n/, $out;
is(scalar @objects, 2, 'JSON: an object a line');
my %found;
sub keys_of {
	my ($value, $path) = @_;
	if (ref $value eq 'HASH') {
		keys_of($value->{$_}, $path eq '' ? $_ : "$path.$_") for keys %$value;
	} elsif (ref $value eq 'ARRAY') {
		keys_of($_, "$path\[]") for @$value;
	} else {
		$found{$path} = JSON::PP::is_bool($value) ? 'flag' : $value =~ /^\d+$/ ? 'number' : 'string';
	}
}
keys_of($_, '') for @objects;
delete $documented{$_} for grep { !$found{$_} } keys %optional;
is_deeply(\%found, \%documented, 'JSON: keys and types as documented');
my $path = $objects[1]{devices}[0]{peers}[0]{paths}[0];
cmp_ok(abs($path->{tx_bits_per_s} / 1e7 - 1), '<', 0.02, 'JSON: a rate') or diag($path->{tx_bits_per_s});
cmp_ok($objects[0]{interval_ms}, '>=', 900, 'JSON: the interval');

($status, $out) = run('env', 'UDP=1', $sample, '--json', qw(count 2));
is(join(' ', sort keys %{decode_json((split /\n/, $out)[1])->{devices}[0]{peers}[0]{paths}[0]}),
	'dev local local_port remote remote_port rx_bits_per_s tx_bits_per_s', 'JSON: what is known of datagrams');

# Without the module: a line that says how to load it, and the terminal stays as it is.
SKIP: {
	skip 'the module is loaded on this machine', 2 if -e '/sys/module/ovpn_dco_mptcp';
	$screen = on_terminal('no module', '24x160', ['expect:modprobe ovpn-dco-mptcp', 'exit:3'], $tool, 'top');
	($status, $out, $err) = run($tool, qw(top --json));
	ok($status == 3 && $out eq '' && $err =~ /modprobe ovpn-dco-mptcp/, 'no module, JSON');
}

done_testing();
