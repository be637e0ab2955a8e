#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# What strangers can send to attach, and what people write into its files: fuzzed from good and bad
# examples. FUZZ_SECONDS says for how long each.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use ToolTest qw(fuzz run need);

need(qw(clang pkg-config));

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
		sources => [qw(credentials message digits file)],
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
		sources => [qw(channel agree record tls tlserror credentials message digits file)],
		runs => 200,
		before => \&sample,
		corpus => {
			http => "\xfeGET / HTTP/1.1\r\n\r\n",
			alert => "\xff\x15\x03\x03\x00\x02\x02\x28",
			long => "\x00\x16\x03\x01\x40\x00\x01\x00\x3f\xfc\x03\x03",
		},
	},
);

# A good handshake, seen from both ends.
sub sample {
	my ($program, $corpus) = @_;
	my ($status, $out, $err) = run($program, "sample=$corpus");
	ok(!$status && -s "$corpus/client" > 200 && -s "$corpus/server" > 200, 'channel: a good handshake') or diag($err);
}

fuzz($_, longest => 4096, %{$targets{$_}}) for sort keys %targets;
done_testing();
