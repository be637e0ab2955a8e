#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The parser of key files: fuzzed from good and bad examples. FUZZ_SECONDS says for how long.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use ToolTest qw(fuzz need);

need(qw(clang pkg-config));

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
fuzz('keyfile', sources => [qw(keyfile message digits file)], corpus => \%corpus, longest => 512, runs => 1000);

done_testing();
