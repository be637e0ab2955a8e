#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# docs/reliability.md names tests that exist, and each failure once.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Tree qw(root lines tell);

use constant DOCUMENT => 'docs/reliability.md';

sub exists_test {
	my ($name) = @_;
	return -e root() . "/tests/$name" if $name =~ m{/};
	return scalar grep { -e root() . "/tests/cases/$name.$_" } qw(sh py);
}

# The rows of the tables whose last column names tests; the table of runs names places, too.
my (@rows, $names_tests);
for (lines(DOCUMENT)) {
	my @cells = map { s/^\s+|\s+$//gr } /^\|/ ? split /\|/, substr $_, 1 : ();
	if (!@cells) {
		undef $names_tests;
	} elsif (!defined $names_tests) {
		$names_tests = $cells[-1] =~ /^(?:test|held by)$/ ? 1 : 0;
	} elsif ($names_tests && $cells[-1] !~ /^-+$/) {
		push @rows, \@cells;
	}
}
my @named = grep { $_->[0] =~ /^[TL]\d+$/ } @rows;
my (%seen, @bad, @vague);
my $tests = 0;

ok(exists_test('engine-storm') && !exists_test('engine-strom'), 'a test that is missing is seen');
cmp_ok(scalar @named, '>', 60, 'there are rows');
for my $row (@rows) {
	# Commands are no tests.
	my @tests = grep { !/^make / && !/^\w+\(/ } $row->[-1] =~ /`([^`]+)`/g;
	$tests += @tests;
	push @bad, map { "$row->[0]: $_" } grep { !exists_test($_) } @tests;
}
cmp_ok($tests, '>', 150, 'they name tests');
for my $row (@named) {
	$seen{$row->[0]}++;
	push @vague, $row->[0] unless @$row >= 3 && $row->[2] =~ /`|^not tested/;
}
tell('the tests exist', @bad);
tell('each row has a test, or says that there is none', @vague);
tell('each id is there once', grep { $seen{$_} > 1 } sort keys %seen);
tell('no id is left out', map { "L$_" } grep { !$seen{"L$_"} } 1 .. grep { /^L/ } keys %seen);
# Numbers of reports that were about something else.
my %other = map { $_ => 1 } 10, 13, 19;
tell('all reports are there', map { "T$_" } grep { !$other{$_} && !$seen{"T$_"} } 1 .. 22);

my %cases = map { $_ => 1 } map { m{cases/([\w.-]+)\.(?:sh|py)$} } glob root() . '/tests/cases/*';
my @asterisks = map { /`([^`]+)`\\\*/g } map { $_->[-1] } @rows;
my $long = join "\n", lines('tests/long/debug.t');
my ($globs) = $long =~ /cases\/\{([^}]+)\}/;
my $pattern = join '|', map { quotemeta =~ s/\\\*/.*/gr } split /,/, $globs;
tell('what is said to run on the debug kernel does', grep { !/^(?:$pattern)$/ || !$cases{$_} } @asterisks);
done_testing();
