# SPDX-License-Identifier: GPL-2.0
# Runs one fuzzer of this folder under libFuzzer, ASan and UBSan.
package Fuzz;

use strict;
use warnings;
use Exporter qw(import);
use File::Path qw(make_path);
use FindBin;
use lib "$FindBin::Bin/../ctl";
use Test::More;
use ToolTest qw(home scratch compile run);

our @EXPORT_OK = qw(fuzz);

# The fuzzer NAME, with these sources and flags, for FUZZ_SECONDS; it has to have run more often than "runs". It is led by examples:
# a folder, or texts by their names, to which "before" adds, called with the program and the folder. An input that crashes is kept.
sub fuzz {
	my ($name, %how) = @_;
	my $dir = scratch();
	my $seconds = $ENV{FUZZ_SECONDS} || 5;
	my $kept = home() . '/fuzz-crashes';
	my $program = compile($dir, "fuzz/$name", 'clang', '-O1', '-fsanitize=fuzzer,address,undefined',
		'-fno-sanitize-recover=all', @{$how{flags} // []}, @{$how{sources}});
	my ($corpus, $found) = (ref $how{corpus} ? "$dir/corpus" : $how{corpus}, "$dir/found");
	make_path($corpus, $found, $kept);
	for my $example (ref $how{corpus} ? keys %{$how{corpus}} : ()) {
		open my $out, '>:raw', "$corpus/$example" or die;
		print $out $how{corpus}{$example};
		close $out or die;
	}
	$how{before}->($program, $corpus) if $how{before};
	my ($status, $out, $err) = run($program, '-runs=0', $corpus);
	is($status, 0, "$name: the examples do no harm") or diag($err);
	($status, $out, $err) = run($program, "-max_total_time=$seconds", "-max_len=$how{longest}", '-print_final_stats=1',
		"-artifact_prefix=$kept/$name-", $found, $corpus);
	is($status, 0, "$name: nor does what is made of them") or diag($err);
	my ($runs) = $err =~ /number_of_executed_units: (\d+)/;
	cmp_ok($runs // 0, '>', $how{runs}, "$name: it was tried often");
	note("$name: $runs runs in $seconds s") if $runs;
}

1;
