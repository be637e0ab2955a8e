#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# What strangers can send to attach, and what people write into its files and key files, fuzzed from good and bad examples.
# FUZZ_SECONDS says for how long each.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../ctl";
use Test::More;
use Fuzz qw(fuzz);
use ToolTest qw(sources run need);

need(qw(clang pkg-config));

my $hello = "\x01\x02\x01\x00" . 'session id of 16' . "\x00\x00\x00\x05\x00\x00\x00\x14" . "\x02\x02\x03";
my $answer = "\x02\x02\x00\x02\x01\x00\x00\x07" . "\x00\x00\x00\x05\x00\x00\x00\x14";
my ($key, $tail) = ('00112233445566778899aabbccddeeff', '0123456789abcdef');
my $hex = $key x 2;
my %targets = (
	record => {
		sources => [qw(record)],
		runs => 500,
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
		runs => 500,
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
		runs => 500,
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
		runs => 100,
		before => \&sample,
		corpus => {
			http => "\xfeGET / HTTP/1.1\r\n\r\n",
			alert => "\xff\x15\x03\x03\x00\x02\x02\x28",
			long => "\x00\x16\x03\x01\x40\x00\x01\x00\x3f\xfc\x03\x03",
		},
	},
	config => {
		sources => [qw(config config_check config_words names model address memory message digits)],
		longest => 2048,
		runs => 500,
		corpus => {
			client => "device tun0\nconnect vpn.example.net 1194 # the server\npsk-file /etc/key\naddress 10.9.0.2/24\nroute 10.0.0.0/8 metric 5\n",
			server => "# all addresses\n\nlisten\t*\t1194\r\ndevice tun0\ncert c.pem\nkey k.pem\npeer-fingerprint aa:bb\nmtu 9000\n",
			words => join("\n", 'local 192.0.2.1', 'local fe80::2%eth0', 'local6', 'psk-identity a', 'cipher AES-256-GCM', 'cipher chacha20-poly1305',
				'address fd09::1/64', 'route ::/0', 'keepalive 1 4', 'rekey-seconds 60', 'rekey-packets 0', 'congestion bbr', 'require-mptcp', 'no-keep', 'no-backup', 'gateway yes', 'leak no', 'dns 10.9.0.1 fd09::1', 'dns-domain a.example.'),
			good => join("\n", 'device t', 'connect h 1', 'local 192.0.2.1', 'psk-file x', 'psk-identity a', 'cipher AES-256-GCM', 'cipher chacha20-poly1305',
				'address fd09::1/64', 'route ::/0', 'keepalive 1 4', 'rekey-seconds 60', 'rekey-packets 0', 'congestion bbr', 'require-mptcp', 'no-keep', 'no-backup',
				'gateway yes', 'leak yes', 'dns fd09::1', 'dns-domain a.example', 'dns-domain b'),
			peers => "listen * 1\nmtu 1400\ncipher aes-128-gcm\nkeepalive 1 4\nno-keep\n[peer a]\npsk-file x\naddress 10.1.1.1/30\n[peer b]\ndevice t\npsk-file y\nroute 10.0.0.0/8\nmtu 1300\n",
			bad => "[peer ]\n[peers x]\n[peer a\n[peer a]\n[peer a]\nlisten * 1\n",
			twice => "mtu 1500\nmtu 1500\n",
			odd => "connect\nroute 10.1.2.3/8\n\x00\n",
			empty => '',
		},
	},
	keyfile => {
		sources => [qw(keyfile message digits file)],
		longest => 512,
		runs => 500,
		corpus => {
			small => "encrypt $key $tail\ndecrypt $key $tail\n",
			middle => "encrypt ${key}0123456789ABCDEF $tail\r\n\tdecrypt ${key}0123456789abcdef\t$tail",
			large => "# both\n\ndecrypt $key$key $tail\n   encrypt $key$key $tail\n",
			differ => "encrypt $key $tail\ndecrypt $key$key $tail\n",
			twice => "encrypt $key $tail\nencrypt $key $tail\n",
			odd => "encrypt ${key}0 $tail\n",
			empty => '',
		},
	},
);

# A good handshake, seen from both ends.
sub sample {
	my ($program, $corpus) = @_;
	my ($status, $out, $err) = run($program, "sample=$corpus");
	ok(!$status && -s "$corpus/client" > 200 && -s "$corpus/server" > 200, 'channel: a good handshake') or diag($err);
}

fuzz($_, longest => 4096, %{$targets{$_}}, sources => [sources(@{$targets{$_}{sources}})]) for sort keys %targets;
done_testing();
