#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The web server of metrics: what it answers, and that strangers who are slow, many or talkative keep nobody else waiting.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use HTTP::Tiny;
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Socket qw(SOL_SOCKET SO_RCVBUF);
use Test::More;
use Time::HiRes qw(time);
use ServerTest qw(free_port serve end get until_true);
use ToolTest qw(scratch sources build compile run need @sanitizers);

need(qw(make gcc pkg-config setpriv readelf));
my $dir = scratch();
my $tool = build() . '/ovpn-mptcp-ctl';
my $sample = compile($dir, 'scrape_sample', 'gcc', @sanitizers,
	sources(qw(scrape httpd sdnotify print_metrics openmetrics names model address memory message output units)));

my $port = free_port();
my $url = "http://127.0.0.1:$port/metrics";
$ENV{REFUSE} = "$dir/refuse";
# else the sanitizer keeps what was freed, and memory says nothing
$ENV{ASAN_OPTIONS} = 'quarantine_size_mb=8:thread_local_quarantine_size_kb=64';
my $pid = serve("$dir/log", $port, $sample, '127.0.0.1', $port, 16 << 20);
sub slurp { open my $in, '<', $_[0] or return ''; local $/; return scalar <$in> // '' }
sub descriptors { return scalar(() = glob "/proc/$pid/fd/*") }
# The first client was serve(), which has gone.
until_true(sub { descriptors() <= 8 });
my $few = descriptors();

# What is answered.
my $old = get($url);
is($old->{status}, 200, 'metrics');
is($old->{headers}{'content-type'}, 'text/plain; version=0.0.4; charset=utf-8', 'in the older format');
like($old->{content}, qr/^ovpn_mptcp_device_info\{device="tun0",/m, 'with numbers');
my $new = get($url, Accept => 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1');
is($new->{headers}{'content-type'}, 'application/openmetrics-text; version=1.0.0; charset=utf-8', 'in OpenMetrics for who takes it');
like($new->{content}, qr/^# EOF\n\z/m, 'to its end');
is($_->{headers}{connection}, 'close', 'a connection is for one answer') for $old, $new;
is(get("$url?x=1")->{status}, 200, 'with a query');
is(get("http://127.0.0.1:$port$_")->{status}, 404, "not found: $_") for '/', '/metrics/', '/../metrics', '/metricsx';
my $http = HTTP::Tiny->new;
my $head = $http->head($url);
ok($head->{status} == 200 && ($head->{content} // '') eq '' && $head->{headers}{'content-length'} > 16 << 20, 'HEAD');
for my $method (qw(POST PUT DELETE OPTIONS)) {
	my $refused = $http->request($method, $url, { content => 'x' x 100 });
	ok($refused->{status} == 405 && $refused->{headers}{allow} eq 'GET, HEAD', "refused: $method");
}

# However often it is asked, the model is printed once in a second for each format.
my $asked = () = slurp("$dir/log") =~ /asked/g;
my ($since, $answers) = (time, 0);
while (time < $since + 3) { $answers++ if get($url)->{status} == 200 }
my $asked_now = () = slurp("$dir/log") =~ /asked/g;
cmp_ok($answers, '>', 8, "asked often: $answers times");
cmp_ok($asked_now - $asked, '<=', time - $since + 1, 'and printed once in a second');

# What cannot be had is said, and is no end.
open my $refuse, '>', $ENV{REFUSE} or die;
my $failed = until_true(sub { my $answer = get($url); $answer->{status} == 503 && $answer });
like($failed->{content}, qr/the log of ovpn-mptcp-ctl says why/, 'no metrics: 503');
$asked = () = slurp("$dir/log") =~ /asked/g;
($since, $answers) = (time, 0);
while (time < $since + 3) { $answers++ if get($url)->{status} == 503 }
$asked_now = () = slurp("$dir/log") =~ /asked/g;
cmp_ok($answers, '>', 8, "asked often: $answers times");
cmp_ok($asked_now - $asked, '<=', time - $since + 1, 'and tried, and said, once in a second');
unlink $ENV{REFUSE} or die;
ok(until_true(sub { get($url)->{status} == 200 }), 'and again when they can be had');

# A connection from an address of its own of 127.0.0.0/8, and how long it lived until it was ended.
sub stranger {
	my ($from, $text) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, LocalAddr => $from, Timeout => 30) or return;
	$socket->blocking(0);
	local $SIG{PIPE} = 'IGNORE';
	syswrite $socket, $text if length $text;
	return $socket;
}
# All that comes until the end; undef when there is no end within so many seconds.
sub remainder {
	my ($socket, $seconds) = @_;
	my ($text, $end) = ('', time + $seconds);
	my $select = IO::Select->new($socket);
	while (time < $end) {
		next unless $select->can_read($end - time);
		my $got = sysread $socket, $text, 65536, length $text;
		return $text if !$got && !$!{EAGAIN};
	}
	return undef;
}
my $begin = "GET /metrics HTTP/1.1\r\nHost: x\r\n";

# Wrong requests, all at once.
my @wrong = (['nothing but bytes', "\x00\xff" x 5000], ['a long request line', 'GET /' . 'x' x 100000 . " HTTP/1.1\r\n\r\n"],
	['a long header', "${begin}X: " . 'y' x 100000 . "\r\n\r\n"], ['many headers', $begin . "X: y\r\n" x 20000 . "\r\n"],
	['TLS', "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" . "\0" x 400], ['a long body', "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000000\r\n\r\n" . 'z' x 100000],
	['chunks', "POST /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n" . 'z' x 1000]);
push @$_, stranger('127.0.0.9', $_->[1]) for @wrong;

# Slow ones: one that sends a byte now and then, one that says nothing, one that does not read.
my %slow = (
	'sends a byte now and then' => stranger('127.0.0.2', "${begin}X: "),
	'says nothing' => stranger('127.0.0.3', ''),
	'does not read' => do {
		my $socket = IO::Socket::INET->new(Proto => 'tcp', LocalAddr => '127.0.0.4') or die;
		setsockopt $socket, SOL_SOCKET, SO_RCVBUF, 4096 or die;
		connect $socket, Socket::pack_sockaddr_in($port, Socket::inet_aton('127.0.0.1')) or die;
		syswrite $socket, "$begin\r\n";
		$socket;
	},
);
my $drip = fork // die "fork: $!\n";
unless ($drip) {
	local $SIG{PIPE} = 'DEFAULT';
	my $slow = $slow{'sends a byte now and then'};
	select undef, undef, undef, 0.3 while syswrite $slow, 'x';
	POSIX::_exit(0);
}
# Many: of one address no more than a few get in, of several together no more than are room for.
my @crowd = map { stranger('127.0.0.5', $begin) } 1 .. 100;
my $answer = get($url);
is($answer->{status}, 200, 'beside a hundred that say nothing, another client is answered');
cmp_ok(descriptors() - $few, '<=', @wrong + 3 + 8 + 1, 'of which few were let in');
my @full = map { my $from = "127.0.1.$_"; map { stranger($from, $begin) } 1 .. 8 } 1 .. 4;
ok(until_true(sub { descriptors() - $few >= 32 }), 'some addresses together take all the room');
cmp_ok(descriptors() - $few, '<=', 33, 'and no more');
($since, $answer) = (time, get($url));
is($answer->{status}, 200, 'who comes then waits, and is answered');
cmp_ok(time - $since, '<', 20, 'within the time of two connections');

# What became of them: an answer that is no metrics, or none; and the end.
for my $case (@wrong) {
	my ($name, undef, $socket) = @$case;
	my $answer = remainder($socket, 30);
	ok(defined $answer && $answer !~ /200 OK/ && $answer !~ /ovpn_mptcp/, "refused: $name") or diag(substr $answer // 'no end', 0, 200);
	close $socket;
}
my %ended;
my $start = time;
while (keys %ended < keys %slow && time < $start + 60) {
	for my $name (grep { !$ended{$_} } keys %slow) {
		my $socket = $slow{$name};
		# what does not read sees its end in the state of the connection: ESTABLISHED is 1
		my $state = unpack 'C', getsockopt $socket, Socket::IPPROTO_TCP(), 11;
		$ended{$name} = 1 if $state != 1;
	}
	select undef, undef, undef, 0.5;
}
ok($ended{$_}, "ended: one that $_") for sort keys %slow;
kill 'TERM', $drip;
waitpid $drip, 0;
$_->close for values %slow, @crowd, @full;
ok(until_true(sub { descriptors() == $few }), 'nothing is left of them') or diag(descriptors() . " and not $few");
is(get($url)->{status}, 200, 'the server goes on');
my ($peak) = slurp("/proc/$pid/status") =~ /^VmHWM:\s+(\d+)/m;
cmp_ok($peak, '<', 256 << 10, 'memory is bounded');
note("at most $peak KiB");
is(end($pid), 0, 'SIGTERM ends it; the sanitizers have nothing to say') or diag(slurp("$dir/log"));
like(slurp("$dir/log"), qr{\A(?:ovpn-mptcp-ctl: asked\n)*ovpn-mptcp-ctl: sample: listens at http://127\.0\.0\.1:$port/metrics\n(?:ovpn-mptcp-ctl: asked\n)*\z}, 'the log has no word of strangers');

# The tool: no root, IPv6, and a port that somebody has.
my @as_nobody = $> == 0 ? qw(setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs) : ();
SKIP: {
	skip 'the module is loaded on this machine', 4 if -e '/sys/module/ovpn_dco_mptcp';
	my ($status, undef, $err) = run('sh', '-c', 'cp "$1" "$2" && chmod 755 "$2" "${2%/*}"', 'sh', $tool, my $copy = File::Temp::tempdir(CLEANUP => 1) . '/ctl');
	is($status, 0, 'a copy for nobody') or diag($err);
	$pid = serve("$dir/log", $port, @as_nobody, $copy, qw(metrics --listen), $port);
	like(get($url)->{content}, qr/^ovpn_mptcp_module_loaded 0$/m, 'the tool answers, at 127.0.0.1 unless told otherwise');
	($status, undef, $err) = run($tool, 'metrics', 'listen', "127.0.0.1:$port");
	ok($status == 2 && $err =~ /\Aovpn-mptcp-ctl: metrics: cannot listen at 127\.0\.0\.1:$port \(EADDRINUSE: /, 'a port that somebody has') or diag("$status $err");
	is(end($pid), 0, 'and ends');
}
my $six = serve("$dir/log", $port, $tool, 'metrics', 'listen', "[::]:$port");
is(get($url)->{status}, 200, 'at all addresses of both families');
is(end($six), 0, 'and ends');

# The other commands start without the library, and this one says what to install.
unlike((run('readelf', '-d', $tool))[1], qr/microhttpd/, 'the library is not linked');
open my $bogus, '>', "$dir/libmicrohttpd.so.12" or die;
my ($status, undef, $err) = run('env', "LD_LIBRARY_PATH=$dir", $tool, 'metrics', 'listen', $port);
ok($status == 2 && $err =~ /\Aovpn-mptcp-ctl: metrics: listen needs libmicrohttpd\.so\.12: install libmicrohttpd12, or libmicrohttpd \(/, 'what to install is said')
	or diag("$status $err");

done_testing();
