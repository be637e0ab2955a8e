#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The kernel's own style check, in strict mode.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use File::Temp qw(tempdir);
use Test::More;
use Tree qw(root sources lines cache kheaders need output);

# What is not followed: the type, in which files, on which lines, and why.
my @excluded = (
	['SPACING', qr{/compat\w*\.h$}, qr/__has_include\(</,
		'takes the brackets of a header name for operators'],
	['SPACING', qr{/compat\w*\.h$}, qr/^\s+[^?]*:\s/,
		'does not know the associations of _Generic'],
	['INDENTED_LABEL', qr{/compat\w*\.h$}, qr/^\s+\w+:\s/,
		'takes the associations of _Generic for labels'],
	['CAMELCASE', qr{/compat\w*\.h$}, qr/\b_Generic\b/,
		'a keyword of C11'],
	['MACRO_ARG_REUSE', qr{/compat\w*\.h$}, qr/./,
		'the arguments are names of functions, pasted to make others'],
	['LINUX_VERSION_CODE', qr{/compat\w*\.h$}, qr/./,
		'this is where a module outside the kernel tree tells versions apart'],
	['CONSTANT_COMPARISON', qr{/compat\w*\.h$}, qr/\bLINUX_VERSION_CODE\b/,
		'takes the version for the constant, which is on the left everywhere'],
	['CONST_STRUCT', qr{\.[ch]$}, qr/\bstruct proto_ops\b/,
		'the copies are filled in at run time, from the operations of a live socket'],
	['UNCOMMENTED_DEFINITION', qr{\.h$}, qr/./,
		'kernel-doc above the structure says what each lock protects'],
	['COMPLEX_MACRO', qr{/trace\.h$}, qr/\bOVPN_TRACE_\w+\s/,
		'a list for __print_symbolic(), whose braces are those of its elements'],
	['TRAILING_SEMICOLON', qr{/trace\.h$}, qr/\bTRACE_DEFINE_ENUM\b/,
		'such a list has no place for a semicolon of its own'],
	['OPEN_ENDED_LINE', qr{/trace\.h$}, qr/\bTP_\w+\($/,
		'the parts of an event are written so in the whole kernel'],
	['PARENTHESIS_ALIGNMENT', qr{/trace\.h$}, qr/^$|^\tTP_/,
		'the parts of an event are written so in the whole kernel'],
	['LONG_LINE_STRING', qr{\.c$}, qr/"/,
		'messages are not split, so that they can be searched for'],
);

# Debian ships the script in the sources alone.
sub extracted {
	my $have = cache('checkpatch');
	my ($tar) = sort glob '/usr/src/linux-source-6.1.tar.xz';
	BAIL_OUT('no checkpatch.pl: install linux-source-6.1, or set CHECKPATCH') unless $tar;
	my $script = "$have/checkpatch.pl";
	return $script if -e $script && -M $script <= -M $tar;
	my $part = tempdir('part.XXXXXX', DIR => $have, CLEANUP => 1);
	my @names = qw(checkpatch.pl spelling.txt const_structs.checkpatch);
	# --occurrence: the archive is long, and the three come early
	my ($ok, @said) = output('tar', '-xJf', $tar, '-C', $part, '--touch', '--strip-components=2',
		'--occurrence=1', map { "linux-source-6.1/scripts/$_" } @names);
	BAIL_OUT("cannot extract checkpatch.pl: @said") unless $ok;
	# the script last: it stands for all three
	rename "$part/$_", "$have/$_" or BAIL_OUT("$have/$_: $!") for reverse @names;
	return $script;
}

sub excluded_by {
	my ($file, $line, $type) = @_;
	my $text = (lines($file))[$line - 1] // '';
	my ($why) = grep { $type eq $_->[0] && $file =~ $_->[1] && $text =~ $_->[2] } @excluded;
	return $why;
}

need(qw(perl tar xz));
my $checkpatch = $ENV{CHECKPATCH} || extracted();
my ($include) = grep { -e "$_/linux/kernel.h" } kheaders();
my @files = sources();

# names in camel case that the kernel uses itself are looked up below --root, and
# remembered in the current directory
chdir cache('checkpatch') or BAIL_OUT("chdir: $!");
my (undef, @said) = output('perl', $checkpatch, '--no-tree', '--root=' . ($include =~ s{/include$}{}r),
	'--strict', '--show-types', '--terse', '--no-summary', '-f', map { root() . "/$_" } @files);

my (%findings, %used, @unclear);
my $prefix = root() . '/';
for (@said) {
	if (m{^\Q$prefix\E(.+?):(\d+): (\w+):(\w+): (.*)}) {
		my ($file, $line, $level, $type, $text) = ($1, $2, $3, $4, $5);
		my $why = excluded_by($file, $line, $type);
		$used{$why}++, next if $why;
		push @{$findings{$file}}, "$file:$line: $level:$type: $text";
	} elsif (/\S/ && !/^total:/) {
		push @unclear, $_;
	}
}

# It must have read something, and must be able to find something.
my $probe = cache('checkpatch') . '/probe.c';
open my $out, '>', $probe or BAIL_OUT("$probe: $!");
print $out "// SPDX-License-Identifier: GPL-2.0\nint a;\nvoid f(void) {\n  if(a)\n\t\tf();\n}\n";
close $out;
my (undef, @probed) = output('perl', $checkpatch, '--no-tree', '--strict', '--show-types',
	'--terse', '--no-summary', '-f', $probe);
unlink $probe;
ok(scalar(grep { /OPEN_BRACE/ } @probed), 'the check finds a misplaced brace')
	or diag(map { "$_\n" } @probed);
ok(!@unclear, 'the check understood every file') or diag(map { "$_\n" } @unclear);
for my $file (@files) {
	my @found = @{$findings{$file} // []};
	ok(!@found, $file) or diag(map { "$_\n" } @found);
}
ok($used{$_}, "the exclusion of $_->[0] is needed: $_->[3]") for @excluded;

done_testing();
