#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# docs/sockets.md says about each slot of the kernel's two tables what was decided; KDIR names another kernel.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Tree qw(root lines kheaders tell);

use constant DOCUMENT => 'docs/sockets.md';

# The members of a structure: functions, and what stands before ';' or '['.
sub members {
	my ($header, $structure) = @_;
	my ($file) = grep { -e } map { "$_/$header" } kheaders();
	BAIL_OUT("no $header") unless $file;
	open my $in, '<', $file or BAIL_OUT("$file: $!");
	my $text = do { local $/; <$in> };
	$text =~ s{/\*.*?\*/}{}gs;
	my ($body) = $text =~ /^struct $structure \{(.*?)^\}/ms or BAIL_OUT("$file has no struct $structure");
	$body =~ s/^#.*$//mg;
	# a union is known by its own name
	$body =~ s/union\s*\{[^}]*\}/union/g;
	return map { /\(\s*\*\s*(\w+)\s*\)/ ? $1 : /(\w+)\s*(?:\[\w+\])?\s*$/ ? $1 : () } split /;/, $body;
}

# What each chapter has in its first column.
my (%known, $chapter);
for (lines(DOCUMENT)) {
	$chapter = $1 if /^## `struct (\w+)`/;
	$known{$chapter}{$_}++ for $chapter && /^\| (`[^|]*)\|/ ? $1 =~ /`(\w+)`/g : ();
}

my %where = (proto_ops => 'linux/net.h', proto => 'net/sock.h');
for my $structure (sort keys %where) {
	my @slots = members($where{$structure}, $structure);
	cmp_ok(scalar @slots, '>', 25, "struct $structure has slots");
	ok((grep { $_ eq 'recvmsg' } @slots), 'recvmsg is one of them');
	tell("struct $structure: each is in the document", grep { !$known{$structure}{$_} } @slots);
	tell("struct $structure: none is there twice", grep { $known{$structure}{$_} > 1 } sort keys %{$known{$structure}});
}
done_testing();
