#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# How long attach waits between its attempts.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use ToolTest qw(scratch sources compile run need @sanitizers);

need(qw(gcc pkg-config));
my $test = compile(scratch(), 'backoff_test', 'gcc', @sanitizers, sources('backoff'), '-lcmocka');
my ($status, $out, $err) = run($test);
is($status, 0, 'waits double, are bounded and spread') or diag($out . $err);

done_testing();
