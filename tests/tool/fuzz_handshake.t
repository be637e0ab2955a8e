#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# What strangers can send to attach, and what people write into its files: fuzzed from good and bad
# examples. FUZZ_SECONDS says for how long each.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use ToolTest qw(scratch sources compile run need);

need(qw(clang pkg-config));
my $dir = scratch();
my $seconds = $ENV{FUZZ_SECONDS} || 10;

my $hello = "\x01\x02\x01\x00" . 'session id of 16' . "\x00\x00\x00\x05\x00\x00\x00\x14" . "\x02\x02\x03";
my $answer = "\x02\x02\x00\x02\x01\x00\x00\x07" . "\x00\x00\x00\x05\x00\x00\x00\x14";
my $hex = '00112233445566778899aabbccddeeff' x 2;
my %targets = (
	record => {
		sources => [qw(record)],
		runs => 1000,
		corpus => {
			one => "\x01\x00\x08\x58\x16\x03\x03\x00\x02\x01\x00",
			two => "\xff" . "\x00\x04\x58abc" x 2,
			longest => "\x40\x04\xb0\x58" . 'x' x 1199 . "\x00\x04\x58abc",
			longer => "\x40\x04\xb1\x58" . 'x' x 1200,
			http => "\x40GET / HTTP/1.1\r\n\r\n",
			openvpn => "\x00\x00\x0e\x38" . 'x' x 13,
		},
	},
	agree => {
		sources => [qw(agree)],
		runs => 1000,
		corpus => {
			hello => "\x00$hello",
			answer => "\x01$answer",
			refusal => "\x01\x02\x02\x05" . "\x00" x 13,
			finish => "\x02\x03\x02",
			version => "\x00\x01\x03" . substr($hello, 2),
			late => "\x01\x02\x09\x01\x07",
			trailing => "\x00$hello\x01",
			cut => "\x00" . substr($hello, 0, 20),
		},
	},
	credentials => {
		sources => [qw(credentials message)],
		runs => 1000,
		corpus => {
			psk => "$hex\n",
			long => " \t" . $hex x 4 . "\r\n",
			odd => "${hex}0",
			colons => join(':', $hex =~ /../g),
			plain => uc $hex,
			gaps => join('::', $hex =~ /../g),
			identity => 'site-a@example.net',
			blank => 'site a',
			empty => '',
		},
	},
	channel => {
		sources => [qw(channel agree record tls tlserror credentials message)],
		runs => 200,
		corpus => {
			http => "\xfeGET / HTTP/1.1\r\n\r\n",
			alert => "\xff\x15\x03\x03\x00\x02\x02\x28",
			long => "\x00\x16\x03\x01\x40\x00\x01\x00\x3f\xfc\x03\x03",
		},
	},
);

for my $name (sort keys %targets) {
	my $target = $targets{$name};
	my @sources = sources(@{$target->{sources}});
	my $fuzz = compile($dir, "fuzz_$name", 'clang', '-O1', '-fsanitize=fuzzer,address,undefined',
		'-fno-sanitize-recover=all', @sources);
	my ($corpus, $found) = map { "$dir/$name-$_" } qw(corpus found);
	mkdir or die for $corpus, $found;
	for my $example (keys %{$target->{corpus}}) {
		open my $out, '>:raw', "$corpus/$example" or die;
		print $out $target->{corpus}{$example};
		close $out or die;
	}
	my ($status, $out, $err);
	if ($name eq 'channel') {
		($status, $out, $err) = run($fuzz, "sample=$corpus");
		ok(!$status && -s "$corpus/client" > 200 && -s "$corpus/server" > 200, "$name: a good handshake")
			or diag($err);
	}
	($status, $out, $err) = run($fuzz, '-runs=0', $corpus);
	is($status, 0, "$name: the examples do no harm") or diag($err);
	($status, $out, $err) = run($fuzz, "-max_total_time=$seconds", '-max_len=4096', '-print_final_stats=1',
		"-artifact_prefix=$dir/crash-", $found, $corpus);
	is($status, 0, "$name: nor does what is made of them") or diag($err);
	my ($runs) = $err =~ /number_of_executed_units: (\d+)/;
	cmp_ok($runs // 0, '>', $target->{runs}, "$name: it was tried often");
	note("$name: $runs runs in $seconds s") if $runs;
}

done_testing();
