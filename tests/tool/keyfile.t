#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The parser of key files: fuzzed from good and bad examples. FUZZ_SECONDS says for how long.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use ToolTest qw(scratch sources compile run need);

need(qw(clang pkg-config));
my $dir = scratch();
my @sources = sources(qw(keyfile message));
my $fuzz = compile($dir, 'fuzz_keyfile', 'clang', '-O1', '-fsanitize=fuzzer,address,undefined',
	'-fno-sanitize-recover=all', @sources);

my ($key, $tail) = ('00112233445566778899aabbccddeeff', '0123456789abcdef');
my %corpus = (
	small => "encrypt $key $tail\ndecrypt $key $tail\n",
	middle => "encrypt ${key}0123456789ABCDEF $tail\r\n\tdecrypt ${key}0123456789abcdef\t$tail",
	large => "# both\n\ndecrypt $key$key $tail\n   encrypt $key$key $tail\n",
	differ => "encrypt $key $tail\ndecrypt $key$key $tail\n",
	twice => "encrypt $key $tail\nencrypt $key $tail\n",
	odd => "encrypt ${key}0 $tail\n",
	empty => '',
);
mkdir "$dir/$_" or die for qw(corpus found);
for my $name (keys %corpus) {
	open my $out, '>', "$dir/corpus/$name" or die;
	print $out $corpus{$name};
	close $out or die;
}
my ($status, $out, $err) = run($fuzz, '-runs=0', "$dir/corpus");
is($status, 0, 'the examples do no harm') or diag($err);
my $seconds = $ENV{FUZZ_SECONDS} || 10;
($status, $out, $err) = run($fuzz, "-max_total_time=$seconds", '-max_len=512', '-print_final_stats=1',
	"-artifact_prefix=$dir/crash-", "$dir/found", "$dir/corpus");
is($status, 0, 'nor does what is made of them') or diag($err);
my ($runs) = $err =~ /number_of_executed_units: (\d+)/;
cmp_ok($runs // 0, '>', 1000, 'it was tried often');
note("$runs runs in $seconds s") if $runs;

done_testing();
