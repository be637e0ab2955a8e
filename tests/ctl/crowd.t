#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# Which stranger makes room at the server of attach.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use ToolTest qw(scratch sources compile run need @sanitizers);

need(qw(gcc pkg-config));
my $test = compile(scratch(), 'crowd_test', 'gcc', @sanitizers, sources('crowd'), '-lcmocka');
my ($status, $out, $err) = run($test);
is($status, 0, 'who has most makes room, whatever its addresses') or diag($out . $err);

done_testing();
