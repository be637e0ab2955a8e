#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The parser of configurations: fuzzed from good and bad examples. FUZZ_SECONDS says for how long.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use ToolTest qw(fuzz need);

need(qw(clang pkg-config));

my %corpus = (
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
);
fuzz('config', sources => [qw(config config_check config_words names model address memory message digits)], corpus => \%corpus, longest => 2048, runs => 1000);

done_testing();
