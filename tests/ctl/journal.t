#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# What keep and attach tell the journal: a real journald, with a /run of its own, has it with the priorities and fields that docs/json.md names.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use IO::Socket::INET;
use JSON::PP;
use Test::More;
use ServerTest qw(free_port until_true);
use AttachPair qw(build_stub);
use ToolTest qw(root scratch sources build compile run need @sanitizers);

# A mount namespace of our own; so is the network, for its sysctls.
need(qw(make gcc pkg-config unshare systemd-cat journalctl mount ip sysctl));
unless ($ENV{JOURNAL_TEST_INSIDE}) {
	$ENV{JOURNAL_TEST_INSIDE} = 1;
	exec 'unshare', ($> ? '--map-root-user' : ()), '--mount', '--net', $^X, $0 or die "unshare: $!\n";
}
my ($journald) = grep { -x } qw(/usr/lib/systemd/systemd-journald /lib/systemd/systemd-journald);
BAIL_OUT('systemd-journald is not installed') unless $journald;
my $dir = scratch();
my $tool = build() . '/ovpn-mptcp-ctl';
my $keep = compile($dir, 'keep_sample', 'gcc', @sanitizers, sources(qw(keep_print journal print print_path output units names model address memory message)));
my $attach = build_stub() . '/attach_stub';

system(qw(mount -t tmpfs tmpfs /run)) == 0 && system(qw(mkdir -p /run/systemd/journal /run/log/journal)) == 0 or BAIL_OUT('no /run of our own');
system(qw(ip link set lo up)) == 0 or BAIL_OUT('no network of our own');
my %running;
END { kill 'KILL', $_ for keys %running }
sub start {
	my ($log, @command) = @_;
	my $pid = fork // die "fork: $!\n";
	unless ($pid) {
		open STDIN, '<', '/dev/null' or die;
		open STDOUT, '>', $log or die;
		open STDERR, '>&', \*STDOUT or die;
		exec @command or die;
	}
	$running{$pid} = 1;
	return $pid;
}
sub stop {
	my ($pid, $signal) = @_;
	kill $signal, $pid;
	waitpid $pid, 0;
	delete $running{$pid};
	return $?;
}
my $daemon = start("$dir/journald.log", $journald);
until_true(sub { -S '/run/systemd/journal/stdout' }) or BAIL_OUT('journald does not start: ' . slurp("$dir/journald.log"));
sub slurp { open my $in, '<', $_[0] or return ''; local $/; return scalar <$in> // '' }

# A command as systemd runs one: its output is a stream to the journal, which it is told. As many more words as there are.
my @as_service = ('systemd-cat', '-t', 'unit', 'sh', '-c', 'export JOURNAL_STREAM=$(stat -L -c %d:%i /proc/$$/fd/1); exec "$@"', 'sh');
# Entries of our program: the last of them is that number, once it is there.
sub entries {
	my ($wanted, @match) = @_;
	my @entries;
	until_true(sub {
		my (undef, $out) = run('journalctl', '-D', '/run/log/journal', '--no-pager', '-o', 'json', @match);
		@entries = map { decode_json($_) } split /\n/, $out;
		return @entries >= $wanted;
	});
	return @entries;
}
sub fields { my ($entry) = @_; return { map { /^OVPN_MPTCP_(.*)/ ? (lc $1 => $entry->{$_}) : () } keys %$entry } }

# Priorities as documented: event => level, of keep and of attach.
my ($section) = do { open my $in, '<', root() . '/docs/json.md' or die; join('', <$in>) =~ /^### In the journal\n(.*)/ms };
my %number = (err => 3, warning => 4, notice => 5, info => 6);
my (%keep, %attach);
for my $row ($section =~ /^\| `(?:err|warning|notice|info)` \| .*$/mg) {
	my ($level, $of_keep, $of_attach) = $row =~ /^\| `(\w+)` \| (.*?)(?:; of `attach`(.*))? \|$/ or die $row;
	push @{$keep{$_}}, $number{$level} for $of_keep =~ /`([\w-]+)`/g;
	push @{$attach{$_}}, $number{$level} for grep { $_ ne 'require-mptcp' } ($of_attach // '') =~ /`([\w-]+)`/g;
}
cmp_ok(scalar keys %keep, '>=', 12, 'priorities are documented');

# Each event of keep.
my (undef, $text) = run($keep, 'text');
my (undef, $json) = run($keep, 'json');
my @lines = split /\n/, $text;
my @objects = map { decode_json($_) } split /\n/, $json;
my ($status, $out, $err) = run(@as_service, $keep, 'text');
is("$status$out$err", '0', 'keep has a log that is the journal');
my @entries = entries(scalar @lines, 'SYSLOG_IDENTIFIER=ovpn-mptcp-ctl');
is(scalar @entries, scalar @lines, 'an entry for each line');
for my $i (0 .. $#lines) {
	my ($entry, $object) = ($entries[$i], $objects[$i]);
	my $event = $object->{event};
	is($entry->{MESSAGE}, $lines[$i], "$event: the message is the line");
	is($entry->{_TRANSPORT}, 'journal', "$event: with fields");
	my %expected = (%$object, time_ms => (fields($entry))->{time_ms} // 'none');
	is_deeply(fields($entry), \%expected, "$event: those of the JSON");
	like($expected{time_ms}, qr/^\d{13}$/, "$event: and the time");
	ok(scalar(grep { $_ == $entry->{PRIORITY} } @{$keep{$event} // []}), "$event: the priority is documented") or diag($entry->{PRIORITY});
}
run(@as_service, $keep, 'json');
@entries = entries(2 * @lines, 'SYSLOG_IDENTIFIER=ovpn-mptcp-ctl');
is((decode_json($entries[-1]{MESSAGE}))->{event}, $objects[-1]{event}, 'with --json the message is the object');
is($entries[-1]{OVPN_MPTCP_EVENT}, $objects[-1]{event}, 'which has its fields as well');

# Output that goes elsewhere, whatever systemd has said, is text; and so is it when the journal has gone.
($status, $out) = run(@as_service, 'sh', '-c', '"$1" text >"$2"', 'sh', $keep, "$dir/elsewhere");
is(slurp("$dir/elsewhere"), $text, 'a log that is a file');
is(scalar(entries(2 * @lines, 'SYSLOG_IDENTIFIER=ovpn-mptcp-ctl')), 2 * @lines, 'of which the journal has nothing');
rename '/run/systemd/journal/socket', '/run/systemd/journal/away' or die;
run('sh', '-c', 'exec >"$2"; export JOURNAL_STREAM=$(stat -L -c %d:%i /proc/$$/fd/1); exec "$1" text', 'sh', $keep, "$dir/elsewhere");
is(slurp("$dir/elsewhere"), $text, 'a journal that cannot be reached');
rename '/run/systemd/journal/away', '/run/systemd/journal/socket' or die;

# Messages without fields.
run(@as_service, $tool, 'frob');
my ($message) = entries(1, 'SYSLOG_IDENTIFIER=unit', 'PRIORITY=3');
like($message->{MESSAGE} // '', qr/^ovpn-mptcp-ctl: expected a command/, 'an error has the priority of one');
(undef, undef, $err) = run($tool, 'frob');
like($err, qr/\Aovpn-mptcp-ctl: /, 'and nothing in front elsewhere');

# attach: a server without MPTCP, a client that would like it, and one that insists.
my $port = free_port();
open my $psk, '>', "$dir/psk" or die;
print $psk '5a' x 32, "\n";
close $psk or die;
chmod 0600, "$dir/psk";
sub peer { my ($log, @words) = @_; return start("$dir/$log", @as_service, $attach, 'psk-file', "$dir/psk", 'no-keep', @words) }
sub event { my ($event, $count) = @_; return (entries($count // 1, "OVPN_MPTCP_EVENT=$event", '_COMM=attach_stub'))[-1] // {} }
system('sysctl', '-qw', 'net.mptcp.enabled=0') == 0 or BAIL_OUT('MPTCP stays on');
my $server = peer('server', qw(device tun1), 'listen', '127.0.0.1', $port, 'address', '10.9.0.1/24');
until_true(sub { open my $in, '<', '/proc/net/tcp' or return; my $hex = sprintf ':%04X ', $port; grep { /$hex\S+ 0A / } <$in> }) or BAIL_OUT('no server');
system('sysctl', '-qw', 'net.mptcp.enabled=1') == 0 or BAIL_OUT('MPTCP stays off');
my $client = peer('client', qw(device tun0), 'connect', '127.0.0.1', $port, 'address', '10.9.0.2/24');
my $attached = event('attached', 2);
like($attached->{MESSAGE}, qr/^tun[01]: attached: .* over (?:tcp|mptcp-fallback), /, 'attached');
like($attached->{OVPN_MPTCP_DEV}, qr/^tun[01]$/, 'with the device');
my $fallback = event('fallback');
like($fallback->{MESSAGE}, qr/^tun0: warning: the connection fell back to TCP, /, 'fallback');
is($fallback->{PRIORITY}, 4, 'a warning');
stop($server, 'TERM');
my $ended = event('ended');
like($ended->{MESSAGE} // '', qr/^tun0: connection to 127\.0\.0\.1:$port ended: /, 'ended') or diag(explain($ended));
stop($client, 'TERM');
system('sysctl', '-qw', 'net.mptcp.enabled=0');
$server = peer('server', qw(device tun1), 'listen', '127.0.0.1', $port, 'address', '10.9.0.1/24');
until_true(sub { open my $in, '<', '/proc/net/tcp' or return; my $hex = sprintf ':%04X ', $port; grep { /$hex\S+ 0A / } <$in> }) or BAIL_OUT('no server');
system('sysctl', '-qw', 'net.mptcp.enabled=1');
$client = peer('client', qw(device tun0), 'connect', '127.0.0.1', $port, 'address', '10.9.0.2/24', 'require-mptcp');
$fallback = event('fallback', 2);
is($fallback->{PRIORITY}, 3, 'an error where MPTCP is required');
for my $event (sort keys %attach) {
	next if $event eq 'paths';
	my $entry = event($event);
	ok(scalar(grep { $_ == $entry->{PRIORITY} } @{$attach{$event}}), "attach, $event: the priority is documented");
}
stop($_, 'TERM') for $client, $server, $daemon;

done_testing();
