#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The comments that document functions, structures and the interface are what the kernel's own tool reads. KDIR names another kernel.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Tree qw(root sources cache kdir output tell);

# Debian has it beside the headers, in linux-kbuild.
my $script = kdir() . '/scripts/kernel-doc';
BAIL_OUT("no $script") unless -e $script;

# Returns the warnings about some files, and how many comments were read in them.
sub findings {
	my @files = @_;
	my (undef, @said) = output($script, '-none', @files);
	my (undef, @verbose) = output($script, '-v', '-none', @files);
	return (scalar(grep { /info: Scanning doc for/ } @verbose), grep { !/^\d+ (?:warnings|errors)$/ } @said);
}

# It must be able to find something.
my $probe = cache() . '/probe.h';
open my $out, '>', $probe or BAIL_OUT("$probe: $!");
print $out "/**\n * probe - documented\n * \@seen: here\n */\nint probe(int seen, int forgotten);\n";
close $out;
my ($read, @said) = findings($probe);
unlink $probe;
is($read, 1, 'a comment is read');
like("@said", qr/'forgotten' not described/, 'a parameter that is not described is found');

chdir root() or BAIL_OUT("chdir: $!");
($read, @said) = findings(sources());
cmp_ok($read, '>', 200, 'there are comments to read');
tell('none has a mistake', @said);
done_testing();
