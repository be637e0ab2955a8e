#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# clang, with the warnings that the kernel calls W=1, has none. gcc builds so for each kernel (module-builds-without-warning in vm.t).
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Tree qw(scratch_copy kbuild need tell);

# CLANG chooses another version, for the wrapper script.
my $clang = $ENV{CLANG} || 'clang';
need('make', $clang);

# Debian configures its kernels for gcc. The wrapper drops what clang does not
# know; objtool would miss the mitigations that are lost with that.
my $dir = scratch_copy();
my ($ok, @said) = kbuild($dir, 'modules', '-k', 'W=1', 'KCFLAGS=-Werror -g0', "CC=$FindBin::Bin/clang-as-gcc", 'OBJECT_FILES_NON_STANDARD=y');
my @found = map { s{^\Q$dir\E}{src}r } grep { /\b(?:warning|error|undefined!)[: ]|undefined!/ } @said;
tell('clang has nothing to warn of', @found);
ok($ok && -e "$dir/ovpn-dco-mptcp.ko", 'clang builds the module') or diag(map { "$_\n" } @said > 40 ? @said[-40 .. -1] : @said);

done_testing();
