#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The bash completion, as bash would call it.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use ToolTest qw(scratch build run need);

need(qw(make gcc pkg-config bash shellcheck));
my $dir = build(scratch());
my $file = "$dir/ovpn-mptcp-ctl.bash";

my ($status, $out) = run('shellcheck', $file);
is($status, 0, 'shellcheck has nothing to say') or diag($out);

# What is offered for the last of these words.
sub offered {
	my (@words) = @_;
	my ($status, $out, $err) = run('bash', '-euc',
		'. "$1"; shift; COMP_WORDS=(ovpn-mptcp-ctl "$@"); COMP_CWORD=$#; _ovpn_mptcp_ctl; printf "%s\n" "${COMPREPLY[@]}"',
		'bash', $file, @words);
	diag($err) if $status || $err;
	return join ' ', split /\n/, $out;
}
my @expected = (
	[[''], 'show monitor keep link peer key'],
	[['k'], 'keep key'],
	[['keep', 'tun0', ''], 'manage'],
	[['peer', ''], 'show new set del'],
	[['--json', 'peer', 's'], 'show set'],
	[['peer', 'set', 'tun0', ''], 'id tx-id vpn4 vpn6 keepalive'],
	[['peer', 'set', 'tun0', 'id', ''], ''],
	[['peer', 'set', 'tun0', 'id', '1', 'vpn'], 'vpn4 vpn6'],
	[['key', 'new', 'tun0', 'cipher', ''], 'aes-gcm chacha20-poly1305'],
	[['key', 'get', 'tun0', 'peer', '1', 'slot', 's'], 'secondary'],
	[['link', 'add', 'tun0', 'mode', ''], 'p2p mp'],
	[['--c'], '--color=auto --color=always --color=never'],
	[['--color', '=', 'a'], 'auto always'],
	[['--json', '=', 'pretty', 'k'], 'keep key'],
	[['show', 'lo'], 'lo'],
	[['link', 'del', 'lo'], 'lo'],
);
for my $case (@expected) {
	my ($words, $expected) = @$case;
	is(offered(@$words), $expected, 'after: ' . join ' ', map { $_ eq '' ? "''" : $_ } @$words);
}
like(offered('key', 'new', 'tun0', 'file', "$dir/ovpn-mptcp-ctl.b"), qr/ovpn-mptcp-ctl\.bash$/, 'files for the word file');

done_testing();
