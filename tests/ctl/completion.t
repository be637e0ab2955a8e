#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The completion, as bash, zsh and fish call it.
use strict;
use warnings;
use File::Path qw(make_path);
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use ToolTest qw(scratch build run need);

need(qw(make gcc pkg-config bash zsh fish shellcheck));
my $dir = build();
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
# The same for zsh: what its own function would add, and where it would look for files.
my $zsh_file = "$dir/_ovpn-mptcp-ctl";
sub offered_by_zsh {
	my (@words) = @_;
	my ($status, $out, $err) = run('zsh', '-feuc', 'setopt no_unset; compadd() { shift; print -l -- ${(M)@:#$words[CURRENT]*} }
		_files() { print FILES }; file=$1; shift; words=(ovpn-mptcp-ctl "$@"); CURRENT=$#words; . $file', 'zsh', $zsh_file, @words);
	diag($err) if $status || $err;
	return join ' ', grep { length } split /\n/, $out;
}
my @expected = (
	[[''], 'show monitor keep top doctor uplinks metrics attach dns import link peer key help'],
	[['k'], 'keep key'],
	[['keep', 'tun0', ''], 'manage no-backup until-idle'],
	[['keep', 'no-backup', 'm'], 'manage'],
	[['peer', ''], 'show new set set-sock del'],
	[['--json', 'peer', 's'], 'show set set-sock'],
	[['peer', 'set-sock', 'tun0', ''], 'id fd'],
	[['peer', 'set', 'tun0', ''], 'id remote local tx-id vpn4 vpn6 keepalive'],
	[['peer', 'set', 'tun0', 'id', ''], ''],
	[['peer', 'new', 'tun0', 'remote', '10.1.1.1:1194', 'l'], 'local'],
	[['peer', 'set', 'tun0', 'id', '1', 'vpn'], 'vpn4 vpn6'],
	[['key', 'new', 'tun0', 'cipher', ''], 'aes-gcm chacha20-poly1305'],
	[['key', 'get', 'tun0', 'peer', '1', 'slot', 's'], 'secondary'],
	[['link', 'add', 'tun0', 'mode', ''], 'p2p mp'],
	[['attach', 'c'], 'config connect cert cipher congestion check'],
	[['attach', 'device', 'lo'], 'lo'],
	[['attach', 'congestion', 'ren'], 'reno'],
	[['attach', 'no-keep', 'mt'], 'mtu'],
	[['attach', 'no-'], 'no-keep no-backup'],
	[['attach', 'cipher', 'c'], 'chacha20-poly1305'],
	[['attach', 'gateway', ''], 'yes no'],
	[['attach', '--config', 'f', '--de'], '--device'],
	[['attach', '--no-k'], '--no-keep'],
	[['attach', '--no-keep', 'mt'], 'mtu'],
	[['attach', '--device', 'lo'], 'lo'],
	[['attach', '--cipher', 'c'], 'chacha20-poly1305'],
	[['attach', '--c'], '--color=auto --color=always --color=never --config --connect --cert --cipher --congestion --check'],
	[['doctor', '--p'], '--probe'],
	[['doctor', '--probe', ''], ''],
	[['--color', 'never', 'doctor', '--p'], '--probe'],
	[['--color', 'a'], 'auto always'],
	[['peer', '--'], '--json --json=pretty --color=auto --color=always --color=never --help --version'],
	[['import', 'x', ''], 'to'],
	[['import', 'x', '--t'], '--to'],
	[['help', 'k'], 'keep key'],
	[['help', 'peer', 's'], 'show set set-sock'],
	[['--c'], '--color=auto --color=always --color=never'],
	[['--color', '=', 'a'], 'auto always'],
	[['--json', '=', 'pretty', 'k'], 'keep key'],
	[['--color', 'a'], 'auto always'],
	[['--color', 'never', 'keep', 'm'], 'manage'],
	[['--color', 'never', 'keep', 'tun0', '--m'], '--manage'],
	[['doctor', ''], 'probe'],
	[['doctor', 'p'], 'probe'],
	[['doctor', 'probe', ''], ''],
	[['uplinks', ''], 'setup undo keep probe'],
	[['uplinks', 'probe', ''], ''],
	[['uplinks', 'setup', ''], 'dry-run'],
	[['top', 'lo', ''], 'interval count'],
	[['top', 'lo', 'interval', ''], ''],
	[['top', 'interval', '5', 'c'], 'count'],
	[['top', 'int'], 'interval'],
	[['show', 'lo'], 'lo'],
	[['metrics', 'listen', ''], ''],
	[['metrics', 'format', ''], 'openmetrics prometheus'],
	[['metrics', 'output', 'x', 'p'], 'peers-max'],
	[['link', 'del', 'lo'], 'lo'],
	[['link', 'del', 'lo', ''], ''],
	# words of a command may have two dashes
	[['keep', '--no'], '--no-backup'],
	[['keep', 'tun0', '--man'], '--manage'],
	[['keep', '--no-backup', 'm'], 'manage'],
	[['keep', '--manage', ''], ''],
	[['keep', '--manage', 'wan1', '--until'], '--until-idle'],
	[['attach', '--c'], '--color=auto --color=always --color=never --config --connect --cert --cipher --congestion --check'],
	[['attach', '--cipher', 'c'], 'chacha20-poly1305'],
	[['attach', '--device', 'lo'], 'lo'],
	[['attach', '--congestion', 'ren'], 'reno'],
	[['--json', 'attach', '--no-keep', '--no-b'], '--no-backup'],
	[['metrics', '--format', ''], 'openmetrics prometheus'],
	[['metrics', '--listen', ''], ''],
	[['peer', 'new', 'tun0', '--id', '1', '--vp'], '--vpn4 --vpn6'],
	[['peer', 'new', '--v'], '--version'],
	[['show', '--c'], '--color=auto --color=always --color=never'],
);
for my $case (@expected) {
	my ($words, $expected) = @$case;
	is(offered(@$words), $expected, 'after: ' . join ' ', map { $_ eq '' ? "''" : $_ } @$words);
}
for my $case (grep { !grep { $_ eq '=' } @{$_->[0]} } @expected) {
	my ($words, $expected) = @$case;
	is(offered_by_zsh(@$words), $expected, 'zsh, after: ' . join ' ', map { $_ eq '' ? "''" : $_ } @$words);
}
# fish sorts what it has, and gives options an order and a text of its own.
sub offered_by_fish {
	my (@words) = @_;
	my ($status, $out, $err) = run('fish', '--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', "$dir/ovpn-mptcp-ctl.fish", join ' ', 'ovpn-mptcp-ctl', @words);
	diag($err) if $status || $err;
	return join ' ', sort map { s/\t.*//r } split /\n/, $out;
}
for my $case (grep { !grep { $_ eq '=' } @{$_->[0]} } @expected) {
	my ($words, $expected) = @$case;
	# options have their values behind = in fish, and may do without where they have none
	my %expected = map { s/^(--color)=.*|^(--json=).*/$1 || $2/er => 1 } split ' ', $expected;
	is(offered_by_fish(@$words), join(' ', sort keys %expected), 'fish, after: ' . join ' ', map { $_ eq '' ? "''" : $_ } @$words);
}
is(offered_by_fish('--color='), '--color=always --color=auto --color=never', 'fish: values of an option');
is(offered_by_fish('key', 'new', 'tun0', 'file', "$dir/ovpn-mptcp-ctl.b"), "$dir/ovpn-mptcp-ctl.bash", 'fish: files for the word file');
is(offered_by_fish('attach', '--config', "$dir/ovpn-mptcp-ctl.b"), "$dir/ovpn-mptcp-ctl.bash", 'fish: and for one with dashes');

like(offered('attach', '--config', "$dir/ovpn-mptcp-ctl.b"), qr/ovpn-mptcp-ctl\.bash$/, 'files for a word with dashes');
is(offered_by_zsh('attach', '--config', 'x'), 'FILES', 'zsh: files for a word with dashes');
like(offered('key', 'new', 'tun0', 'file', "$dir/ovpn-mptcp-ctl.b"), qr/ovpn-mptcp-ctl\.bash$/, 'files for the word file');
like(offered('attach', '--config', "$dir/ovpn-mptcp-ctl.b"), qr/ovpn-mptcp-ctl\.bash$/, 'files for --config');

is(offered_by_zsh('key', 'new', 'tun0', 'file', 'x'), 'FILES', 'zsh: files for the word file');
is(offered_by_zsh('attach', '--config', 'x'), 'FILES', 'zsh: files for --config');
is(offered_by_zsh('import', 'x'), 'FILES', 'zsh: files for import');
like(offered('import', "$dir/ovpn-mptcp-ctl.b"), qr/ovpn-mptcp-ctl\.bash$/, 'files for import');

# zsh finds the file by itself, and completes with it.
my $session = <<'END';
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PS1= fpath=($1 \$fpath); autoload -U compinit; compinit -u -D; print re\"\"ady"
zpty -r -m z out '*ready*'
zpty -w -n z $'ovpn-mptcp-ctl key s\t'
zpty -r -m z out '*key swap*' && print completed
zpty -d z
END
my ($zsh_status, $zsh_out, $zsh_err) = run('timeout', '30', 'zsh', '-fc', $session, 'zsh', $dir);
like($zsh_out, qr/completed/, 'zsh completes') or diag($zsh_status, $zsh_err);

# fish finds the file where it is installed.
my $data = scratch();
make_path("$data/fish/vendor_completions.d");
symlink "$dir/ovpn-mptcp-ctl.fish", "$data/fish/vendor_completions.d/ovpn-mptcp-ctl.fish" or die "symlink: $!\n";
my ($fish_status, $fish_out, $fish_err) = run('env', "HOME=$data", "PATH=$dir:$ENV{PATH}", "XDG_DATA_DIRS=$data:/usr/share", 'fish', '-c', 'complete -C "ovpn-mptcp-ctl key s"');
is($fish_out, "swap\n", 'fish completes') or diag($fish_status, $fish_err);
# bash has it as its package loads it.
my ($bash_status, $bash_out) = run('bash', '-c', '. "$1" && complete -p ovpn-mptcp-ctl', 'bash', $file);
is($bash_out, "complete -F _ovpn_mptcp_ctl ovpn-mptcp-ctl\n", 'bash knows the function');

done_testing();
