#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The fuzzer of the doors, which only kernels that notice mistakes run, is built without a warning, and finds the functions.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../static";
use File::Temp qw(tempdir);
use Test::More;
use Tree qw(root cache need tell output);

need(qw(make gcc awk pkg-config));
my $dir = tempdir('fuzz.XXXXXX', DIR => cache(), CLEANUP => 1);
my ($ok, @said) = output('make', '-C', root() . '/tests/fuzz/doors', "BUILD=$dir");
ok($ok && -x "$dir/netlink-fuzz", 'it is built') or diag(map { "$_\n" } @said);

open my $in, '<', "$dir/functions" or BAIL_OUT("$dir/functions: $!");
chomp(my @functions = <$in>);
my %known = map { $_ => 1 } @functions;
cmp_ok(scalar @functions, '>', 300, 'there are functions');
tell('each has a file and a name', grep { !/^\w+\.c [a-z]\w+$/ } @functions);
ok($known{$_}, "one of them is $_")
	for 'netlink_v2.c v2_new_peer', 'netlink_native_key.c ovpn_native_do_key_new', 'dev.c ovpn_dev_newlink';

done_testing();
