# SPDX-License-Identifier: GPL-2.0
# The tree that the static checks look at, and the kernel they build it against.
package Tree;

use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Find;
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::More;

our @EXPORT_OK = qw(root files sources lines cache scratch_copy kdir kheaders kbuild need
	tell output);

# An interrupted check removes its scratch copy, too.
$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);

my $root = abs_path(dirname(__FILE__) . '/../..');
my $built = qr{\.(?:o|a|ko|mod|mod\.c|cmd|order|symvers)$}i;

sub root { return $root }

# Text files of the tree, relative to its root; nothing that a build left.
sub files {
	my @found;
	find({ no_chdir => 1, wanted => sub {
		$File::Find::prune = 1, return if m{/\.git$};
		push @found, substr $_, length("$root/")
			if -f && !-l && !/$built/ && (-z || -T);
	} }, $root);
	return sort @found;
}

# C files of the module
sub sources { return grep { m{^src/.*\.[ch]$} } files() }

sub lines {
	my ($file) = @_;
	open my $in, '<', "$root/$file" or die "$file: $!\n";
	chomp(my @lines = <$in>);
	return @lines;
}

sub cache {
	my ($name) = @_;
	my $home = $ENV{XDG_CACHE_HOME} || "$ENV{HOME}/.cache";
	my $dir = "$home/ovpn-dco-mptcp/static" . (defined $name ? "/$name" : '');
	make_path($dir);
	return $dir;
}

# A copy of src/ that is removed in the end: builds write beside the sources.
sub scratch_copy {
	my $dir = tempdir('src.XXXXXX', DIR => cache(), CLEANUP => 1);
	for my $file (grep { m{^src/} } files()) {
		my $to = "$dir/" . substr $file, length 'src/';
		make_path(dirname($to));
		system('cp', '--', "$root/$file", $to) == 0 or die "cannot copy $file\n";
	}
	return $dir;
}

sub kdir {
	my $dir = $ENV{KDIR};
	($dir) = reverse split /\n/,
		`ls -d /usr/src/linux-headers-6.1.*-cloud-amd64 2>/dev/null | sort -V`
		unless $dir;
	BAIL_OUT('no kernel headers: set KDIR, or install linux-headers-cloud-amd64')
		unless $dir && -e "$dir/Makefile";
	return $dir;
}

# Where <linux/...> of that kernel may be. Debian keeps a part apart, in the
# folder whose Makefile the headers include.
sub kheaders {
	my $kdir = kdir();
	open my $in, '<', "$kdir/Makefile" or die "$kdir/Makefile: $!\n";
	my ($common) = map { m{^include\s+(/\S+)/Makefile$} } <$in>;
	return map { ("$_/include", "$_/arch/x86/include", "$_/arch/x86/include/generated") }
		grep { defined } $kdir, $common;
}

# Builds the module in $dir; returns whether make succeeded, and what it said.
sub kbuild {
	my ($dir, $target, @arguments) = @_;
	chomp(my $jobs = `nproc`);
	return output('make', '-C', kdir(), "M=$dir", "-j$jobs", @arguments, $target);
}

# Runs a command; returns whether it succeeded, and the lines it printed.
sub output {
	my @command = @_;
	my $pid = open my $from, '-|';
	die "fork: $!\n" unless defined $pid;
	unless ($pid) {
		open STDERR, '>&', \*STDOUT;
		exec { $command[0] } @command or print "$command[0]: $!\n";
		exit 127;
	}
	chomp(my @said = <$from>);
	close $from;
	return ($? == 0, @said);
}

sub need {
	for my $program (@_) {
		BAIL_OUT("$program is not installed")
			unless grep { -x "$_/$program" } split /:/, $ENV{PATH};
	}
}

# A test that passes when there is nothing to say.
sub tell {
	my ($name, @findings) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return ok(!@findings, $name) || diag(map { "$_\n" } @findings);
}

1;
