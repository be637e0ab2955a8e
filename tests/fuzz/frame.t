#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# What the module reads from the network before anything is authenticated, fuzzed from examples. FUZZ_SECONDS says for how long.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../ctl";
use Test::More;
use Fuzz qw(fuzz);
use ToolTest qw(root need);

need(qw(clang pkg-config));

my ($src, $unit) = map { root() . "/$_" } qw(src tests/unit);
# The stand-ins for headers of the kernel come before the system's of the same names.
fuzz('frame', flags => ["-I$unit", "-I$unit/include", "-I$src"], sources => ["$src/pktid.c"], corpus => "$FindBin::Bin/corpus/frame",
	longest => 8192, runs => 1000);
done_testing();
