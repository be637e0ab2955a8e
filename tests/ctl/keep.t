#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The decisions of keep, with sanitizers; each is a line of TAP. Its log as JSON is what docs/json.md says.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Test::More;
use ToolTest qw(root scratch sources compile passes run need @sanitizers);

need(qw(gcc clang pkg-config));
my $dir = scratch();

my @parts = sources(qw(keep_view keep_plan keep_slow keep_alone keep_fallback model address memory message links netlink));
for my $case ([qw(keep_plan_test gcc 20)], [qw(keep_plan_test clang 20)], [qw(keep_slow_test gcc 15)], [qw(keep_slow_test clang 15)],
	[qw(keep_limit_test gcc 3)], [qw(keep_alone_test gcc 5)], [qw(keep_fallback_test gcc 4)], [qw(keep_chance_test gcc 2)]) {
	my ($name, $compiler, $least) = @$case;
	my $test = compile($dir, $name, $compiler, @sanitizers, @parts, '-lcmocka');
	passes("$name, $compiler", $least, $test);
}

# What is documented, and what of it each event must have.
open my $in, '<', root() . '/docs/json.md' or die;
my ($section) = join('', <$in>) =~ /^## keep\n(.*?)(?:^## |\z)/ms;
my %types = $section =~ /^\| `([^`]+)` \| (\w+)/mg;
my ($words) = $section =~ /^\| `event` \|.*?\| (.*)\|$/m;
my %words = map { $_ => 1 } $words =~ /`([\w-]+)`/g;

my $sample = compile($dir, 'keep_sample', 'gcc', @sanitizers,
	sources(qw(keep_print journal print print_path output units names model address memory message)));
my ($status, $out, $err) = run($sample, 'json');
is($status, 0, 'the log is printed') or diag($err);
my %seen;
for (split /\n/, $out) {
	my $event = decode_json($_);
	$seen{$event->{event}} = 1;
	ok($words{$event->{event}}, "documented: $event->{event}");
	is($event->{schema}, 1, 'with the version of the format');
	for my $key (sort keys %$event) {
		my $type = $types{$key} // 'nothing';
		my $is = JSON::PP->new->canonical->encode([$event->{$key}]) =~ /^\["/ ? 'string' : 'number';
		is($is, $type, "$event->{event}: $key is a documented $type");
	}
}
is_deeply([sort keys %seen], [sort grep { $_ ne 'keeping' } keys %words], 'every documented event occurs');

($status, $out) = run($sample, 'text');
is($out, <<'END', 'as text');
lost     wan2 10.0.2.2 endpoint 2  for tun0 peer 5
renewed  wan2 10.0.2.2 endpoint 2  for tun0 peer 5  try 3, next in 8 s
back     wan2 10.0.2.2 endpoint 2  after 1 s
waiting  wan2 10.0.2.2 endpoint 2  for tun0 peer 5, 2 peers in all  wan2 is down
left     wan2 10.0.2.2 endpoint 2  for tun0 peer 5  would close 1 path of other connections from it
removed  wan2 10.0.2.2 endpoint 2  by somebody else, so it stays away
stray    wan2 10.0.2.2  for tun0 peer 5  its address is not an endpoint that is kept
refused  wan2 10.0.2.2 endpoint 2  for tun0 peer 5  EPERM: Operation not permitted
dropped  wan2 10.0.2.2 endpoint 2  for tun0 peer 5  ENOMEM: Cannot allocate memory
slow     wan2 10.0.2.2 endpoint 2  for tun0 peer 5  612 ms where the best path takes 21 ms: made a backup
fast     wan2 10.0.2.2 endpoint 2  for tun0 peer 5  48 ms where the best path takes 21 ms: normal again
fast     wan2 10.0.2.2 endpoint 2  for tun0 peer 5  normal again  no other path to be used first
no-peer  tun0  for 10 s
peer     tun0  after 15 s
fallback tun0 peer 5  one path over TCP
END

done_testing();
