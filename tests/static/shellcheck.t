#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# All shell scripts of the tree.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Tree qw(root files lines need output tell);

# What is not followed, and why.
my %excluded = (
	SC1090 => 'a file that is sourced by a computed name is checked by itself',
	SC1091 => 'the same',
	SC2016 => 'text for the shell of another machine or program is quoted on purpose',
	SC2317 => 'shellcheck 0.9 takes functions that a trap calls for unreachable',
);

# Files that are sourced give variables to those that source them, and use variables of theirs. A name that is misspelt is in no
# other file: these findings stand if no other script has what is missing.
my $name = qr/^\S+ (?:warning|note): (\w+) /;
my %elsewhere = (
	SC2034 => sub { qr/\$\{?[!#]?$_[0]\b/ },
	SC2154 => sub { qr/(?<![\w\$])$_[0](?:\[[^]]*\])?\+?=|\b(?:read|mapfile|coproc|local|for|printf -v)\b.*\b$_[0]\b/ },
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
my %text = map { $_ => join "\n", lines($_) } @files;

# Whether another script uses the variable, or sets it.
sub is_elsewhere {
	my ($file, $finding) = @_;
	my ($code) = $finding =~ /\[(SC\d+)\]$/;
	my ($variable) = $finding =~ $name;
	return unless $variable && $elsewhere{$code // ''};
	my $pattern = $elsewhere{$code}->($variable);
	return scalar grep { $_ ne $file && $text{$_} =~ $pattern } @files;
}

cmp_ok(scalar @files, '>', 5, 'there are scripts');
ok(is_elsewhere('-', '-:1:1: warning: ns_client is referenced but not assigned. [SC2154]'), 'a variable of the library is set there');
ok(!is_elsewhere('-', '-:1:1: warning: ns_clinet is referenced but not assigned. [SC2154]'), 'a misspelt one is nowhere');
ok(is_elsewhere('-', '-:1:1: warning: OVPN_CIPHER appears unused. [SC2034]'), 'a variable for the library is used there');
ok(!is_elsewhere('-', '-:1:1: warning: OVPN_CYPHER appears unused. [SC2034]'), 'a misspelt one is not');
for my $file (@files) {
	my (undef, @said) = output('shellcheck', '--norc', '--external-sources', '--source-path=SCRIPTDIR',
		'--format=gcc', '--exclude=' . join(',', sort keys %excluded),
		is_shell($file) eq 'fragment' ? '--shell=bash' : (), $file);
	tell($file, grep { !is_elsewhere($file, $_) } @said);
}

done_testing();
