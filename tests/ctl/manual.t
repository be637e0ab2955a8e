#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The manual page: well formed, and nothing of the command table is missing.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use ToolTest qw(root scratch build run need);

need(qw(make gcc pkg-config scdoc mandoc));
my $dir = build();

# What scdoc writes whatever its input is, and what it does to a reader: nothing.
my @excluded = (
	qr/WARNING: skipping paragraph macro: PP (?:empty|after SH)$/,
	qr/STYLE: lower case character in document title: TH ovpn-mptcp-ctl$/,
	qr/STYLE: input text line longer than 80 bytes/,
);
sub findings {
	my (undef, $out, $err) = run('mandoc', '-Tlint', @_);
	return split /\n/, $out . $err;
}
my @all = findings("$dir/ovpn-mptcp-ctl.8");
my @found = grep { my $line = $_; !grep { $line =~ $_ } @excluded } @all;
ok(!@found, 'mandoc -Tlint has nothing to say') or diag(map { "$_\n" } @found);
for my $excluded (@excluded) {
	ok(scalar(grep { $_ =~ $excluded } @all), "the exclusion is needed: $excluded");
}
my $probe = scratch() . '/probe.8';
open my $out, '>', $probe or die;
print $out ".TH PROBE 8\n.SH NAME\nprobe \\- x\n.NOSUCH\n";
close $out;
ok(scalar(grep { /NOSUCH/ } findings($probe)), 'the check finds an unknown macro');

my (undef, $page) = run('mandoc', '-Tascii', '-Owidth=400', "$dir/ovpn-mptcp-ctl.8");
$page =~ s/.\x08//g;
my $tool = "$dir/ovpn-mptcp-ctl";
my (undef, $help) = run($tool, '--help');
my @commands = map { /^  (\w+(?: \w+)?)  +\w/ ? $1 : () } split /\n/, $help;
cmp_ok(scalar @commands, '>=', 12, 'there are commands');
for my $command (@commands) {
	my (undef, $text) = run($tool, split(' ', $command), '--help');
	my ($usage) = $text =~ /\AUsage: ovpn-mptcp-ctl (.*)/;
	# the page has the line of the help, wherever it is broken
	my $pattern = join '\s+', map { quotemeta } split ' ', $usage;
	like($page, qr/$pattern/, "the page has: $usage");
}
like($page, qr/\Q$_\E/, "the page has: $_") for qw(--json --color --help --version NO_COLOR);

done_testing();
