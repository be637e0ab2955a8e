#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# Metrics: strict parsers take both formats, names and labels are those of docs/metrics.md, a file is replaced in one step.
use strict;
use warnings;
use utf8;
use File::stat;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Test::More;
use ToolTest qw(root scratch sources build compile run run_on need unpacked @sanitizers);

need(qw(make gcc pkg-config));
my $dir = scratch();
my $tool = build() . '/ovpn-mptcp-ctl';
my $sample = compile($dir, 'metrics_sample', 'gcc', @sanitizers,
	sources(qw(print_metrics openmetrics names model address memory message output units)));
my $promtool = unpacked('prometheus') . '/usr/bin/promtool';

# The families of a text, by name, as the parser of Prometheus' client library for Python has them.
sub families {
	my ($text) = @_;
	my ($status, $out, $err) = run_on($text, '/usr/bin/python3', root() . '/tests/ctl/openmetrics.py');
	is($status, 0, 'the parser takes it') or diag($err);
	return { map { $_->{name} => $_ } @{decode_json($out || '[]')} };
}
# Of the samples of a family, those with a label of that value.
sub labelled {
	my ($family, $label, $value) = @_;
	return grep { ($_->{labels}{$label} // '') eq $value } @{$family->{samples}};
}

my ($status, $text, $err) = run($sample, 'openmetrics', 1000);
is($status, 0, 'OpenMetrics is printed') or diag($err);
my $families = families($text);
my %suffix = (gauge => '', counter => '_total', info => '_info');

# docs/metrics.md: name => [type, labels, meaning]
my %documented;
open my $in, '<:encoding(UTF-8)', root() . '/docs/metrics.md' or die;
while (<$in>) {
	my ($name, $type, $labels, $meaning) = /^\| `(ovpn_mptcp_\w+)` \| (\w+) \| (.*?) ?\| (.*) \|$/ or next;
	$documented{$name} = [$type, join(' ', sort $labels =~ /`(\w+)`/g), $meaning];
}
cmp_ok(scalar keys %documented, '>', 30, 'metrics are documented');
my %printed;
for my $family (values %$families) {
	my %labels = map { map { $_ => 1 } keys %{$_->{labels}} } @{$family->{samples}};
	$printed{$family->{name} . $suffix{$family->{type}}} = [$family->{type}, join(' ', sort keys %labels), $family->{help}];
	ok(@{$family->{samples}}, "$family->{name} has a number in the sample");
	my ($unit) = $family->{name} =~ /_(bytes|seconds)$/;
	is($family->{unit}, $unit // '', "$family->{name} has the unit of its name");
}
is_deeply(\%printed, \%documented, 'names, types, labels and meanings are the documented ones');

my ($device) = grep { $_->{labels}{device} ne 'tun0' } @{$families->{ovpn_mptcp_device}{samples}};
is($device->{labels}{device}, "a\"b\\c\nd\x{fc}\\xff", 'a name with everything that must be escaped');
my ($rtt) = labelled($families->{ovpn_mptcp_path_rtt_seconds}, 'peer', 1);
is($rtt->{value}, 0.0114, 'microseconds become seconds');
my ($idle) = labelled($families->{ovpn_mptcp_path_idle_seconds}, 'interface', 'wan2');
is($idle->{value}, 3661, 'and so do milliseconds');
my ($drops) = labelled($families->{ovpn_mptcp_peer_dropped_packets}, 'reason', 'reason_26');
like($text, qr/reason="reason_26"\} 18446744073709551615$/m, 'a counter of 64 bits');
my @twins = labelled($families->{ovpn_mptcp_path}, 'peer', 6);
is(join(' ', map { $_->{labels}{congestion} } @twins), 'cubic', 'of two paths with the same labels the one that works');
is(scalar(grep { $_->{labels}{local_id} || $_->{labels}{remote_id} } labelled($families->{ovpn_mptcp_path}, 'peer', 4)), 0, 'UDP has no ids');
unlike($text, qr/1194|4000[01]|4000000000/, 'no port and no token');

# Fewer peers than there are.
(undef, my $few) = run($sample, 'openmetrics', 2);
$families = families($few);
is(join(' ', map { $_->{labels}{peer} } @{$families->{ovpn_mptcp_peer}{samples}}), '1 2', 'peers-max: so many have metrics');
is((labelled($families->{ovpn_mptcp_device_peers_omitted}, 'device', 'tun0'))[0]{value}, 4, 'and the others are counted');

# The older format, with what promtool thinks of names, types and help texts; its numbers are the same.
($status, my $old, $err) = run($sample, 'prometheus', 1000);
is($status, 0, 'the older format is printed') or diag($err);
($status, my $said, $err) = run_on($old, $promtool, qw(check metrics));
is("$status$said$err", '0', 'promtool has nothing to say');
isnt((run_on("$old\x{1}", $promtool, qw(check metrics)))[0], 0, 'promtool would have');
is(join("\n", grep { !/^#/ } split /\n/, $old), join("\n", grep { !/^#/ } split /\n/, $text), 'both formats have the same numbers');

# The tool itself, which tells of a machine without the module as well, and does not load it.
($status, $text, $err) = run($tool, 'metrics');
is("$status$err", '0', 'the tool prints metrics') or diag($err);
$families = families($text);
is($families->{ovpn_mptcp_module_loaded}{samples}[0]{value}, -e '/sys/module/ovpn_dco_mptcp' ? 1 : 0, 'whether the module is loaded');
is_deeply([sort map { $_ . $suffix{$families->{$_}{type}} } keys %$families], [sort keys %documented], 'all families are there, with numbers or not');

my $file = "$dir/ovpn.prom";
($status, my $out, $err) = run($tool, 'metrics', 'output', $file);
is("$status$out$err", '0', 'to a file');
my $before = stat($file);
is(sprintf('%o', $before->mode & 0777), '644', 'that everybody may read');
is(slurp($file) =~ tr/\n//, (() = (run($tool, qw(metrics format prometheus)))[1] =~ /\n/g), 'in the older format');
chmod 0, $file;
($status) = run($tool, 'metrics', '--output', $file, '--format', 'openmetrics');
is($status, 0, 'once more');
isnt(stat($file)->ino, $before->ino, 'which is another file: no reader sees half of it');
like(slurp($file), qr/^# EOF\n\z/m, 'in the format that was asked for');
is_deeply([glob "$dir/ovpn.prom*"], [$file], 'and nothing else is left');

mkdir "$dir/full" or die;
symlink $file, "$dir/link" or die;
for my $case (["$dir/full", 1, qr/output wants a regular file/], ["$dir/link", 1, qr/output wants a regular file/], ['/dev/null', 1, qr/output wants a regular file/],
	["$dir/nowhere/x", 2, qr/cannot write to .* \(ENOENT/]) {
	($status, undef, $err) = run($tool, 'metrics', 'output', $case->[0]);
	ok($status == $case->[1] && $err =~ $case->[2], "refused: output " . $case->[0] =~ s{^\Q$dir\E/}{}r) or diag("$status $err");
}
# A disk that is full leaves the file as it was.
($status, undef, $err) = run('sh', '-c', 'ulimit -f 1; trap "" XFSZ; exec "$@"', 'sh', $tool, 'metrics', 'output', $file);
ok($status == 2 && $err =~ /cannot write to/, 'a file that grows too large is an error') or diag("$status $err");
is_deeply([glob "$dir/ovpn.prom*"], [$file], 'which leaves nothing');
like(slurp($file), qr/^# EOF\n\z/m, 'but the file as it was');

sub slurp { open my $in, '<', $_[0] or return ''; local $/; return scalar <$in> }
done_testing();
