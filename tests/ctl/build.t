#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# Both compilers without a warning; quiet output; hardening; what is installed where.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use ToolTest qw(root scratch build run need);

need(qw(make gcc clang pkg-config scdoc readelf));
my $dir = scratch();
my $make = root() . '/tools/ovpn-mptcp-ctl';

my ($status, $out, $err) = run('make', '--no-print-directory', '-C', $make, 'WERROR=1', "BUILD=$dir/build");
is($status, 0, 'gcc builds it') or diag($err);
is($err, '', 'gcc has nothing to warn of');
my @odd = grep { !/^  (?:CC|LD|HOSTCC|GEN|SCDOC) +\S+$/ } split /\n/, $out;
ok(!@odd, 'output is quiet') or diag(map { "$_\n" } @odd);
($status, $out, $err) = run('make', '-C', $make, 'V=1', "BUILD=$dir/clang", 'CC=clang', 'WERROR=1');
ok($status == 0 && $err eq '', 'clang builds it, and has nothing to warn of') or diag($err);
like($out, qr/clang .*-D_FORTIFY_SOURCE=2.* -c .*main\.c/, 'V=1 shows the commands');

my (undef, $elf) = run('readelf', '-W', '-h', '-l', '-d', "$dir/build/ovpn-mptcp-ctl");
like($elf, qr/Type:\s+DYN/, 'position independent');
like($elf, qr/GNU_RELRO/, 'relocations are read-only');
like($elf, qr/BIND_NOW|FLAGS_1.*NOW/, 'bound at once');
unlike($elf, qr/GNU_STACK.* RWE /, 'stack is not executable');

($status, undef, $err) = run('make', '-C', $make, "BUILD=$dir/build", "DESTDIR=$dir/dest", 'PREFIX=/usr', 'install');
is($status, 0, 'install') or diag($err);
ok(-x "$dir/dest/usr/sbin/ovpn-mptcp-ctl", 'program');
ok(-s "$dir/dest/usr/share/man/man8/ovpn-mptcp-ctl.8", 'manual page');
ok(-s "$dir/dest/usr/share/bash-completion/completions/ovpn-mptcp-ctl", 'completion');
ok(-s "$dir/dest/usr/share/zsh/site-functions/_ovpn-mptcp-ctl", 'completion for zsh');
ok(-s "$dir/dest/usr/share/fish/vendor_completions.d/ovpn-mptcp-ctl.fish", 'completion for fish');
ok(-s "$dir/dest/usr/lib/systemd/system/ovpn-mptcp@.service", 'unit');
ok(-s "$dir/dest/usr/share/doc/ovpn-mptcp-ctl/examples/$_", "example: $_") for qw(client.conf grafana.json);

like(do { open my $in, '<', "$dir/dest/usr/lib/systemd/system/ovpn-mptcp-keep.service" or die; join '', <$in> },
	qr{^ExecStart=/usr/sbin/ovpn-mptcp-ctl keep until-idle %n$}m, 'unit, with the path of the program');
ok(-s "$dir/dest/usr/lib/systemd/system/ovpn-mptcp-restart@.$_", "restart, $_") for qw(path service);
ok(-s "$dir/dest/usr/lib/systemd/system/ovpn-mptcp-dns@.$_", "dns, $_") for qw(path service);
like(do { open my $in, '<', "$dir/dest/usr/lib/systemd/system/ovpn-mptcp-uplinks.service" or die; join '', <$in> },
	qr{^ExecStart=/usr/sbin/ovpn-mptcp-ctl uplinks keep$}m, 'unit for uplinks, with the path of the program');
ok(-s "$dir/dest/usr/lib/systemd/system/ovpn-mptcp-metrics.service", 'unit of metrics');
ok(-s "$dir/dest/usr/lib/udev/rules.d/60-ovpn-mptcp-keep.rules", 'udev rule, beside the units');
($status, undef, $err) = run('make', '-C', $make, "BUILD=$dir/build", "DESTDIR=$dir/split", 'PREFIX=/usr', 'UNITDIR=/lib/systemd/system', 'install');
is($status, 0, 'install where units are in /lib') or diag($err);
ok(-s "$dir/split/lib/udev/rules.d/60-ovpn-mptcp-keep.rules", 'and so is the rule');

done_testing();
