#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The layout shows the architecture: who includes whom, where kernel
# differences are, how long things are.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Tree qw(root files sources lines tell output);

use constant { FILE_MAX => 600, FUNCTION_MAX => 80, SIZE_MAX => 128 * 1024 };

# Functions of kernel-style code: a brace in the first column opens the body, a
# brace in the first column closes it. Returns [name, first line, last line].
sub functions {
	my @lines = @_;
	my (@found, $start);
	for my $n (1 .. @lines) {
		my $line = $lines[$n - 1];
		if (!$start && $line =~ /^\{/) {
			$start = $n;
		} elsif ($start && $line =~ /^\}/) {
			my ($name) = map { /^(?:\w.*?[\s*])?(\w+)\(/ ? $1 : () }
				reverse @lines[($start > 8 ? $start - 9 : 0) .. $start - 2];
			push @found, [$name // '?', $start, $n];
			$start = undef;
		}
	}
	return @found;
}

sub long_functions {
	my ($file, @lines) = @_;
	return map { "$file:$_->[1]: $_->[0]() has " . ($_->[2] - $_->[1] + 1) . ' lines' }
		grep { $_->[2] - $_->[1] + 1 > FUNCTION_MAX } functions(@lines);
}

sub conditions_in_functions {
	my ($file, @lines) = @_;
	my @found;
	for my $function (functions(@lines)) {
		push @found, map { "$file:$_: in $function->[0](): $lines[$_ - 1]" }
			grep { $lines[$_ - 1] =~ /^\s*#\s*(?:if|ifdef|ifndef|elif|else)\b/ }
			$function->[1] .. $function->[2];
	}
	return @found;
}

# What a file of src/ includes, itself and through the headers of src/.
sub reaches {
	my ($file, $seen) = @_;
	$seen //= {};
	for (lines("src/$file")) {
		next unless /^\s*#\s*include\s+"([^"]+)"/ && -e root() . "/src/$1";
		next if $seen->{$1}++;
		reaches($1, $seen);
	}
	return $seen;
}

sub archive_hosts {
	my ($ok, @sites) = output('apt-get', 'indextargets', '--format', '$(SITE)');
	my %hosts = map { m{^\w+://(?:[^/@]*@)?([^/:]+)} ? ($1 => 1) : () } @sites;
	return sort keys %hosts;
}

sub mentions {
	my ($pattern, @files) = @_;
	my @found;
	for my $file (@files) {
		my $n = 0;
		push @found, map { $n++; /$pattern/ ? "$file:$n: $_" : () } lines($file);
	}
	return @found;
}

my @sources = sources();
my @modules = map { m{^src/([^/]+)$} ? $1 : () } @sources;
my @transports = grep { -e root() . "/src/$_.h" } qw(udp tcp mptcp);

# What is checked must be there, and the checks must be able to fail.
cmp_ok(scalar @sources, '>', 10, 'there are sources');
cmp_ok(scalar @transports, '>=', 2, "there are transports: @transports");
my @sample = ('static int', 'sample(void)', '{', '#ifdef A', ('x;') x 77, '}');
is(scalar long_functions('sample', @sample), 0, 'a function of 80 lines is not too long');
is_deeply([long_functions('sample', @sample[0 .. 2], 'x;', @sample[3 .. $#sample])],
	['sample:3: sample() has 81 lines'], 'a function of 81 lines is');
is_deeply([conditions_in_functions('sample', @sample)],
	['sample:4: in sample(): #ifdef A'], 'a condition inside a function is seen');
is_deeply([conditions_in_functions('sample', '#if A', @sample[0 .. 2], '}', '#endif')],
	[], 'a condition around a function is none inside');

my @crossed;
for my $transport (@transports) {
	for my $file (grep { /^\Q$transport\E(?:_\w+)?\.[ch]$/ } @modules) {
		my $reached = reaches($file);
		push @crossed, map { "src/$file includes $_.h, itself or through a header" }
			grep { $_ ne $transport && $reached->{"$_.h"} } @transports;
	}
}
tell('no transport includes another', @crossed);

my @all = grep {
	my $reached = reaches($_);
	!grep { !$reached->{"$_.h"} } @transports;
} @modules;
is_deeply(\@all, ['sock.c'], 'sock.c alone includes all transports');

# The folders of the tool, from bottom to top: each may use what is below it.
my @folders = qw(base kernel cli show keep attach import metrics uplinks doctor);
my %height = map { $folders[$_] => $_ } 0 .. $#folders;

sub climbs {
	my ($file, @lines) = @_;
	my ($folder) = $file =~ m{^tools/ovpn-mptcp-ctl/(\w+)/\w+\.[ch]$} or return "$file is in none of the folders";
	return "$file: no such folder is known" unless exists $height{$folder};
	return map { m{^\s*#\s*include\s+"(\w+)/} && ($height{$1} // -1) > $height{$folder} ? "$file includes $1/" : () } @lines;
}

my @tool = grep { m{^tools/ovpn-mptcp-ctl/.*\.[ch]$} } files();
cmp_ok(scalar @tool, '>', 100, 'the tool has sources');
is_deeply([climbs('tools/ovpn-mptcp-ctl/base/a.c', '#include "show/b.h"')], ['tools/ovpn-mptcp-ctl/base/a.c includes show/'], 'an include from below is seen');
is_deeply([climbs('tools/ovpn-mptcp-ctl/show/a.c', '#include "base/b.h"', '#include "show/c.h"')], [], 'one from above or beside is none');
tell('no folder of the tool includes one above it', map { climbs($_, lines($_)) } @tool);

my @not_compat = grep { !m{^src/compat\w*\.h$} } @sources;
tell('kernel versions are named in compat headers only',
	mentions(qr/\b(?:LINUX_VERSION_CODE|KERNEL_VERSION|LINUX_VERSION_MAJOR|UTS_RELEASE)\b/,
		@not_compat));
tell('no condition inside a function, outside compat headers',
	map { conditions_in_functions($_, lines($_)) } @not_compat);

my @c = grep { /\.[ch]$/ } files();
tell('files have at most ' . FILE_MAX . ' lines',
	map { my @lines = lines($_); @lines > FILE_MAX ? "$_ has " . @lines . ' lines' : () } @c);
tell('functions have at most ' . FUNCTION_MAX . ' lines',
	map { long_functions($_, lines($_)) } @c);

# A release is made of what git has and what it would take.
my ($known, @shipped) = output('git', '-C', root(), 'ls-files', '--cached', '--others', '--exclude-standard');
@shipped = files() unless $known;
tell('no file is too large to be a source: ' . SIZE_MAX / 1024 . ' KiB',
	map { my $size = -s root() . "/$_"; ($size // 0) > SIZE_MAX ? "$_ has $size bytes" : () } @shipped);

# Mirrors are asked for at run time: see apt-get indextargets.
my @hosts = archive_hosts();
cmp_ok(scalar @hosts, '>', 0, 'this machine has a package archive to look for');
my $host = join '|', map { quotemeta } @hosts;
tell('no file names the host of a package archive', @hosts ? mentions(qr/$host/i, files()) : ());

done_testing();
