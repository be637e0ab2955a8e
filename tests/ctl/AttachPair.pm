# SPDX-License-Identifier: GPL-2.0
# Ends of attach without a kernel module (attach_stub.c): each has a name, and its log in a file of that name.
package AttachPair;

use strict;
use warnings;
use Exporter qw(import);
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);
use ToolTest qw(root scratch sources compile need @sanitizers);

our @EXPORT_OK = qw(build_stub alone start start_far start_name_server logged lines ended stop fresh touch file asked keys_of %pid);

# Processes by name, and what runs one instead of this program itself.
our (%pid, @under);
my ($dir, $tool);

# Compiles the stub, with more options for the compiler. Returns the directory of logs and other files.
sub build_stub {
	my (@options) = @_;
	need(qw(gcc pkg-config));
	$dir = scratch();
	my @sources = sources(qw(attach/service gate attach attach_config attach_client caller lookup race ways attach_server attach_status attach_machine attach_dns gateway dns rp_filter
		session claim waits handshake crowd backoff config config_check config_words config_file dial congestion host sdnotify journal netlink links egress endpoints
		channel agree record tls tlserror credentials keyfile model address names memory message units digits file));
	$tool = compile($dir, 'attach_stub', 'gcc', @sanitizers, @options, @sources,
		'-Wl,--wrap=socket,--wrap=links_load', '-lssl', '-lcrypto');
	return $dir;
}

# Goes on in namespaces of mounts and the network that nobody else has, or skips the test.
sub alone {
	return if $ENV{ATTACH_ALONE};
	need('unshare');
	my @alone = ('unshare', $> ? '-rmn' : '-mn');
	plan skip_all => 'no namespaces here' if system "@alone true 2>/dev/null";
	$ENV{ATTACH_ALONE} = 1;
	exec @alone, $^X, $0, @ARGV or die;
}

sub run_as {
	my ($name, @command) = @_;
	$pid{$name} = fork // die;
	return if $pid{$name};
	open STDIN, '<', '/dev/null' or die;
	open STDERR, '>>', "$dir/$name.log" or die;
	# what this program was given beyond them would count where descriptors are few
	POSIX::close($_) for 3 .. 63;
	exec @under, @command or die;
}
# Each has a device of its own, unless the words, or the file that they name, say another one.
sub start {
	my ($name, @words) = @_;
	my $has_device = grep { $_ eq 'device' } @words;
	if (@words == 2 && $words[0] eq 'config') {
		open my $in, '<', $words[1] or die;
		$has_device = grep { /^device / } <$in>;
	}
	run_as($name, $tool, $has_device ? () : ('device', "tun-$name"), @words);
}
# See name_server.pl; it has the name dns.
# A namespace for the server's side: whoever is killed takes it and the links along. Returns the words that run a command there.
sub start_far {
	$pid{far} = fork // die;
	if (!$pid{far}) { exec 'unshare', '-n', 'sh', '-c', "ip link set lo up && touch $dir/far && exec sleep 3600" or die }
	for (1 .. 200) { last if -e "$dir/far"; sleep 0.05 }
	return ('nsenter', '-t', $pid{far}, '-n');
}

sub start_name_server { run_as('dns', $^X, root() . '/tests/ctl/name_server.pl', @_) }
sub logged {
	my ($name) = @_;
	open my $in, '<', "$dir/$name.log" or return '';
	local $/;
	return <$in> // '';
}
# Waits until the log has so many lines of that kind; returns them all.
sub lines {
	my ($name, $pattern, $count) = @_;
	my $end = time + 30;
	my @found;
	while (time < $end) {
		@found = grep { /$pattern/ } split /\n/, logged($name);
		last if @found >= $count;
		sleep 0.05;
	}
	return @found if cmp_ok(scalar @found, '>=', $count, "$name: $pattern, $count times");
	diag("$_:\n" . logged($_)) for sort keys %pid;
	BAIL_OUT('what follows would wait in vain');
}
sub ended {
	my ($name, $what, $status) = @_;
	my $end = time + 20;
	while (time < $end) {
		if (waitpid($pid{$name}, 1) == $pid{$name}) {
			my $got = $? & 127 ? 128 + ($? & 127) : $? >> 8;
			delete $pid{$name};
			return is($got, $status, "$what: status of the $name") || diag(logged($name));
		}
		sleep 0.05;
	}
	fail("$what: $name ends") or diag(logged($name));
}
sub stop {
	my ($name, $signal, $status) = @_;
	kill $signal, $pid{$name};
	ended($name, "SIG$signal", $status);
}
# Processes write at the end, so that a log can begin anew while one has it.
sub fresh { truncate "$dir/$_.log", 0 for map { s/.*\/|\.log$//gr } glob "$dir/*.log" }
sub touch { open my $out, '>', $_[0] or die }
sub file {
	my ($name, $text, $mode) = @_;
	open my $out, '>', "$dir/$name" or die "$name: $!\n";
	print $out $text;
	close $out or die;
	chmod $mode // 0644, "$dir/$name" or die;
	return "$dir/$name";
}

# What the kernel was asked for, in order.
sub asked { return map { /KERNEL (.*)/ ? $1 : () } split /\n/, logged($_[0]) }
sub keys_of { return map { /^key-new slot (\d) id (\d) cipher \d size (\d+) encrypt (\w+) decrypt (\w+)/ ? [$1, $2, $3, $4, $5] : () } asked($_[0]) }

END { kill 'KILL', values %pid if %pid }

1;
