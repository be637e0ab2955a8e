# SPDX-License-Identifier: GPL-2.0
# The control tool, built for this machine as the tests want it.
package ToolTest;

use strict;
use warnings;
use Cwd qw(abs_path);
use Digest::SHA qw(sha256_hex);
use Exporter qw(import);
use Fcntl qw(:flock);
use File::Basename qw(basename dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::More;

our @EXPORT_OK = qw(root home scratch sources build build_sanitized compile passes run run_on need unpacked @sanitizers);

# What programs of the tests are compiled with. They share objects: all of them the same.
our @sanitizers = ('-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all');

# The tool leaves SIGHUP ignored where it was, as under nohup: the tests send it.
$SIG{HUP} = 'DEFAULT';

my $root = abs_path(dirname(__FILE__) . '/../..');
my $home = ($ENV{XDG_CACHE_HOME} || "$ENV{HOME}/.cache") . '/ovpn-dco-mptcp';

sub root { return $root }

# The folder of what tests keep.
sub home { return $home }

sub scratch {
	my $dir = "$home/tool-tests";
	make_path($dir);
	return tempdir('run.XXXXXX', DIR => $dir, CLEANUP => 1);
}

sub need {
	for my $program (@_) {
		BAIL_OUT("$program is not installed")
			unless grep { -x "$_/$program" } split /:/, $ENV{PATH};
	}
}

# Runs a command with empty input; returns exit status, output and errors. The locale is
# one that has arrows, the terminal one that has colours.
sub run { return run_on(undef, @_) }

# The same with an input.
sub run_on {
	my ($input, @command) = @_;
	my $dir = tempdir(CLEANUP => 1);
	my $from = defined $input ? "$dir/in" : '/dev/null';
	if (defined $input) {
		open my $to, '>', $from or die;
		print $to $input;
		close $to or die;
	}
	my $pid = fork // die "fork: $!\n";
	unless ($pid) {
		open STDIN, '<', $from or die;
		open STDOUT, '>', "$dir/out" or die;
		open STDERR, '>', "$dir/err" or die;
		@ENV{qw(LC_ALL TERM)} = ('C.UTF-8', 'xterm');
		exec { $command[0] } @command or print STDERR "$command[0]: $!\n";
		exit 127;
	}
	waitpid $pid, 0;
	my $status = $? & 127 ? 128 + ($? & 127) : $? >> 8;
	my @text = map { local $/; open my $in, '<', "$dir/$_" or die; scalar <$in> } qw(out err);
	return ($status, map { $_ // '' } @text);
}

# The files of a package of this machine's suite, which is not installed: no service of it starts. Returns the directory that has them.
sub unpacked {
	my ($package) = @_;
	my (undef, $known) = run('apt-cache', 'show', '--no-all-versions', $package);
	my ($version) = $known =~ /^Version: (\S+)/m or BAIL_OUT("apt knows no $package: apt-get update");
	my $dir = "$home/package/$package-$version";
	return $dir if -e $dir;
	make_path(dirname($dir));
	my $part = tempdir("$package.XXXXXX", DIR => dirname($dir), CLEANUP => 1);
	for my $command ("apt-get download -qq '$package=$version'", 'dpkg-deb -x *.deb files') {
		my ($status, $out, $err) = run('sh', '-c', "cd '$part' && $command");
		BAIL_OUT("cannot get $package: $out$err") if $status;
	}
	# somebody else may have been faster
	rename "$part/files", $dir or -e $dir or BAIL_OUT("$dir: $!");
	return $dir;
}

# Sources of the tool by name, with the folder where two folders have the same: qw(race uplinks/show).
sub sources {
	return map {
		my ($name) = my @found = glob $root . '/tools/ovpn-mptcp-ctl/' . (m{/} ? $_ : "*/$_") . '.c';
		@found == 1 && -e $name or BAIL_OUT("the tool has no source $_, or several: @found");
		$name;
	} @_;
}

# What make builds of the tool with these arguments, in a directory that all tests share who want the same: it builds what has changed
# since the last one. Returns the directory.
sub made {
	my ($arguments, @targets) = @_;
	my $tool = "$root/tools/ovpn-mptcp-ctl";
	my ($compiler) = map { /^CC=(.*)/ } @$arguments;
	my (undef, $version) = run($compiler // 'gcc', '--version');
	open my $makefile, '<', "$tool/Makefile" or die;
	my $dir = "$home/tool-tests/build-" . substr(sha256_hex($root, $version, <$makefile>, @$arguments), 0, 12);
	make_path($dir);
	open my $lock, '>', "$dir.lock" or die;
	flock $lock, LOCK_EX or die "$dir.lock: $!\n";
	my (undef, $processors) = run('nproc');
	my ($status, $out, $err) = run('make', '-C', $tool, '-j' . ($processors + 0), "BUILD=$dir", 'WERROR=1', @$arguments, map { "$dir/$_" } @targets);
	BAIL_OUT("the tool does not build:\n$out$err") if $status;
	return $dir;
}

# The tool, built with these arguments of make; returns the directory that has it.
sub build { return made(\@_) }

# Arguments of make for objects that have these options alone: sanitizers see more without what hardens.
sub bare { my ($compiler, @options) = @_; return ["CC=$compiler", "CFLAGS=-g @options", 'hardening=', 'fortify='] }

# The tool with sanitizers, of the objects that programs of the tests are linked with, too.
sub build_sanitized { return made(bare('gcc', @sanitizers)) }

# A program of tests/ctl, or FOLDER/NAME of tests, linked with objects of the tool: compile(DIR, NAME, COMPILER, OPTIONS and SOURCES...).
# Folders of headers are for the sources of the tests alone.
sub compile {
	my ($dir, $name, $compiler, @how) = @_;
	my @sources = ("$root/tests/" . ($name =~ m{/} ? $name : "ctl/$name") . '.c', grep { !/^-/ && !m{^\Q$root/tools/} } @how);
	my @objects = map { m{^\Q$root/tools/ovpn-mptcp-ctl/\E(.*)\.c$} ? "$1.o" : () } @how;
	my @linked = grep { /^-(?:l|Wl,)/ } @how;
	my @folders = grep { /^-I/ } @how;
	my @options = grep { /^-/ && !/^-(?:l|Wl,|I)/ } @how;
	my $built = @objects ? made(bare($compiler, @options), @objects) : '';
	$name = basename($name);
	chomp(my $flags = `pkg-config --cflags --libs libnl-genl-3.0 json-c libkmod libcares openssl`);
	my ($status, $out, $err) = run($compiler, '-g', @options, '-std=gnu11', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', @folders,
		"-I$root/tools/ovpn-mptcp-ctl", "-I$root/src", '-o', "$dir/$name", @sources, map({ "$built/$_" } @objects), @linked, split(' ', $flags));
	BAIL_OUT("$name does not build:\n$out$err") if $status;
	return "$dir/$name";
}

# A program that prints TAP: each of its tests is one of ours, and there are so many at least.
sub passes {
	my ($how, $least, @command) = @_;
	my ($status, $out, $err) = run(@command);
	my $count = 0;
	while ($out =~ /^(not )?ok \d+ - (.*)/mg) {
		$count++;
		ok(!$1, "$how: " . $2 =~ tr/_/ /r);
	}
	my ($planned) = $out =~ /^1\.\.(\d+)/m;
	cmp_ok($planned // 0, '>=', $least, "$how: there is something to test");
	is($count, $planned, "$how: all of it was tested");
	is($status, 0, "$how: nothing else to complain of") or diag($out . $err);
}

1;
