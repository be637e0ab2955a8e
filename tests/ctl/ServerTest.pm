# SPDX-License-Identifier: GPL-2.0
# Programs that serve HTTP while a test asks them.
package ServerTest;

use strict;
use warnings;
use Exporter qw(import);
use HTTP::Tiny;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep time);

our @EXPORT_OK = qw(free_port serve end get until_true);

my %running;
END { kill 'KILL', $_ for keys %running }

# A port of this host that nobody has.
sub free_port {
	my $socket = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die "socket: $@\n";
	return $socket->sockport;
}

# Waits until something is true, for a minute at most; returns what it was at last.
sub until_true {
	my ($what) = @_;
	my $end = time + 60;
	my $was;
	sleep 0.05 until ($was = $what->()) || time > $end;
	return $was;
}

# Runs a command, with its output in a file, and waits for somebody at a port of this host. Returns its process id.
sub serve {
	my ($log, $port, @command) = @_;
	my $pid = fork // die "fork: $!\n";
	unless ($pid) {
		open STDIN, '<', '/dev/null' or die;
		open STDOUT, '>', $log or die;
		open STDERR, '>&', \*STDOUT or die;
		exec { $command[0] } @command or print STDERR "$command[0]: $!\n";
		exit 127;
	}
	$running{$pid} = 1;
	until_true(sub { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) })
		or BAIL_OUT("$command[0] does not listen: " . do { open my $in, '<', $log; local $/; <$in> });
	return $pid;
}

# Ends it; returns its exit status.
sub end {
	my ($pid) = @_;
	kill 'TERM', $pid;
	waitpid $pid, 0;
	delete $running{$pid};
	return $? & 127 ? 128 + ($? & 127) : $? >> 8;
}

sub get {
	my ($url, %headers) = @_;
	return HTTP::Tiny->new(timeout => 30)->get($url, { headers => \%headers });
}

1;
