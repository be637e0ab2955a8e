#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# All shell scripts of the tree.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Tree qw(root files lines need output);

# What is not followed, and why.
my %excluded = (
	SC1090 => 'a file that is sourced by a computed name is checked by itself',
	SC1091 => 'the same',
	SC2016 => 'text for the shell of another machine or program is quoted on purpose',
	SC2034 => 'files that are sourced give variables to those that source them',
	SC2154 => 'and use variables of theirs; set -u sees what nobody set',
	SC2317 => 'shellcheck 0.9 takes functions that a trap calls for unreachable',
);

# Shell by its first line, its name, or its place: the cases are fragments.
sub is_shell {
	my ($file) = @_;
	my $first = (lines($file))[0] // '';
	return $first =~ m{^#!.*\b(?:ba|da)?sh\b} ? 'script'
		: $file =~ /\.(?:ba)?sh$/ || $first =~ /shellcheck shell=/ ? 'fragment' : '';
}

need('shellcheck');
chdir root() or BAIL_OUT("chdir: $!");
my @files = grep { is_shell($_) } files();
cmp_ok(scalar @files, '>', 5, 'there are scripts');
for my $file (@files) {
	my ($ok, @said) = output('shellcheck', '--external-sources', '--source-path=SCRIPTDIR',
		'--format=gcc', '--exclude=' . join(',', sort keys %excluded),
		is_shell($file) eq 'fragment' ? '--shell=bash' : (), $file);
	ok($ok, $file) or diag(map { "$_\n" } @said);
}

done_testing();
