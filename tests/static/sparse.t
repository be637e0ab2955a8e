#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# sparse: address spaces, byte order, locks.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Tree qw(sources scratch_copy kheaders kbuild need tell);

need(qw(make gcc sparse));
my $dir = scratch_copy();

# sparse 0.6 cannot read __has_include: the answer is put in its place.
my @headers = kheaders();
for my $file (map { s{^src/}{}r } sources()) {
	open my $in, '<', "$dir/$file" or die "$file: $!\n";
	my $text = join '', <$in>;
	close $in;
	next unless $text =~ s{__has_include\(<([^>]+)>\)}{
		my $header = $1;
		(grep { -e "$_/$header" } @headers) ? 1 : 0 }ge;
	open my $out, '>', "$dir/$file" or die "$file: $!\n";
	print $out $text;
	close $out or die "$file: $!\n";
}

# One mistake that sparse must find: otherwise it did not run.
my $probe = 'src_probe.c';
open my $out, '>', "$dir/$probe" or die "$probe: $!\n";
print $out <<'END';
// SPDX-License-Identifier: GPL-2.0
#include <linux/types.h>

u32 src_probe(__be32 wire);

u32 src_probe(__be32 wire)
{
	return wire;
}
END
close $out;
open my $kbuild, '>>', "$dir/Kbuild" or die "Kbuild: $!\n";
print $kbuild "ovpn-dco-mptcp-y += src_probe.o\n";
close $kbuild;

my ($ok, @said) = kbuild($dir, 'ovpn-dco-mptcp.o', "CC=$FindBin::Bin/empty-cc", 'W=1', 'C=2', 'CF=-D__CHECK_ENDIAN__');
ok($ok, 'sparse reads the module') or diag(map { "$_\n" } @said > 40 ? @said[-40 .. -1] : @said);

my %seen;
my @ours = grep { !$seen{$_}++ } map { s{^\Q$dir\E/}{}r }
	grep { m{^\Q$dir\E/.*?\b(?:warning|error):} } @said;
my @probed = grep { /^\Q$probe\E:.*incorrect type|^\Q$probe\E:.*restricted/ } @ours;
ok(scalar @probed, 'sparse finds a confusion of byte order');
tell('sparse finds nothing in the module', map { "src/$_" } grep { !/^\Q$probe\E:/ } @ours);

done_testing();
