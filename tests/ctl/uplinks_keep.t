#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# uplinks keep in network namespaces of their own: what it makes of changes and of a line that is silently dead, and how soon.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Test::More;
use ToolTest qw(root build_sanitized need);
use UplinksLab qw(uplinks_lab lab lab_is);

need(qw(make gcc pkg-config));
# A service that forgets nothing that it has allocated grows: the sanitizers tell of it.
uplinks_lab(build_sanitized() . '/ovpn-mptcp-ctl');
# What the manual page promises, milliseconds: where the kernel tells, and where it does not.
use constant { TOLD => 2000, UNTOLD => 6000 };

# Each change: its name, what is done, the command that has to follow, and how soon; a change with nothing to follow has none.
my @changes = (
	['another address', 'ip addr del 10.1.2.2/24 dev wan2; ip addr add 10.1.2.77/24 dev wan2; ip route add default via 10.1.2.1 dev wan2 metric 200',
		'ip mptcp endpoint add 10.1.2.77 dev wan2 subflow'],
	['another gateway', 'ip route replace default via 10.1.2.254 dev wan2 metric 200', 'ip route replace default via 10.1.2.254 dev wan2 '],
	['another gateway of IPv6', 'ip -6 route replace default via 2001:db8:2::fe dev wan2 metric 200', 'ip -6 route replace default via 2001:db8:2::fe dev wan2 '],
	['a deprecated address', 'ip addr add 2001:db8:2::77/64 dev wan2 nodad; ip addr change 2001:db8:2::2/64 dev wan2 nodad preferred_lft 0',
		'ip mptcp endpoint add 2001:db8:2::77 dev wan2 subflow'],
	['an address of another prefix', 'ip addr add 2001:db8:9::2/64 dev wan2 nodad', 'ip -6 rule add from 2001:db8:9::2 lookup '],
	['an address that goes', 'ip addr del 2001:db8:9::2/64 dev wan2', 'ip -6 rule del from 2001:db8:9::2 lookup '],
	['another name', 'ip link set wan2 name lte0', undef],
	['no carrier', 'nsenter -n -t $far ip link set far2 down', undef],
	['carrier', 'nsenter -n -t $far ip link set far2 up', undef],
	['down', 'ip link set lte0 down', 'ip mptcp endpoint delete id '],
	['up', 'ip link set lte0 up; ip route add default via 10.1.2.1 dev lte0', 'ip mptcp endpoint add 10.1.2.77 dev lte0 subflow'],
	['unplugged', 'ip link del lte0', 'ip rule del from 10.1.2.77 lookup '],
	['plugged, with another name', 'ip link add between type veth peer name across; ip link add usb1 type veth peer name far2 netns $far
		ip link set usb1 addrgenmode none up; uplink 2 usb1', 'ip mptcp endpoint add 10.1.2.2 dev usb1 subflow'],
	['a rule that somebody removes', 'ip rule del from 10.1.2.2', 'ip rule add from 10.1.2.2 lookup '],
	['a route that somebody removes', 'ip route flush table $(ip rule | sed -n "s/.*from 10.1.2.2 lookup //p")', 'ip route replace default via 10.1.2.1 dev usb1 '],
	['another network', 'ip link set between up; ip addr add 192.168.7.1/24 dev between', 'ip route replace 192.168.7.0/24 dev between '],
	['a route of a routing daemon', 'ip route add 192.168.64.0/18 via 192.168.7.9 proto bird', undef],
	['endpoints that somebody removes', 'ip mptcp endpoint flush', 'ip mptcp endpoint add 10.1.2.2 dev usb1 subflow', UNTOLD],
	['a configuration', 'echo "usb* backup" >/etc/ovpn-mptcp/uplinks.conf', 'ip mptcp endpoint change id ', UNTOLD],
	['another one, and SIGHUP', 'echo "usb* never" >/etc/ovpn-mptcp/uplinks.conf; kill -HUP $keep', 'ip mptcp endpoint delete id '],
	['one that is bad', 'echo "usb* sometimes" >/etc/ovpn-mptcp/uplinks.conf; kill -HUP $keep', undef],
	['a new uplink', 'rm /etc/ovpn-mptcp/uplinks.conf; kill -HUP $keep', 'ip mptcp endpoint add 10.1.2.2 dev usb1 subflow'],
);
my $script = <<'END';
said() { grep -qF -- "$1" log; }
missing() { $tool uplinks --json 2>/dev/null | grep -o '"missing":\[[^]]*[a-z][^]]*\]' || :; }
# until COMMAND...: within ten seconds, or all ends
within() { n=0; until "$@"; do n=$((n + 1)); [ $n -lt 200 ] || { echo "never: $*"; cat log err; exit 1; }; sleep 0.05; done; }
keep() { : >log; $tool uplinks keep --json >>log 2>>err & keep=$!; within said '"event":"following"'; }
change() { cat log >>all; : >log; printf '{"change":"%s","time_ms":%s}\n' "$1" "$(date +%s%3N)" >>all; }
now() { [ -z "$(missing)" ]; }
snap >before
keep
END
for my $change (@changes) {
	my ($name, $code, $follows) = @$change;
	# a look that has nothing to do is not told: one that has follows a rule that was added after the change
	$script .= "change '$name'\n$code\n" . ($follows ? "within said '$follows'\n" : "ip rule add from 10.1.1.2 lookup 1 pref 11940 protocol 119\nwithin said 'ip rule del from 10.1.1.2 lookup 1 '\n");
	$script .= "within now\n";
}
$script .= <<'END';
change end
settled >last
kill -KILL $keep
wait $keep || :
settled | cmp - last
keep
[ "$(wc -l <log)" = 1 ]
cat log >>all
settled | cmp - last
$tool uplinks keep 2>second || echo $? >>second
kill $keep
wait $keep
settled | cmp - last
keep
$tool uplinks undo >/dev/null
wait $keep
keep=
ip link del usb1
ip link del between
ip link del wan1
rm -f /run/ovpn-mptcp-uplinks/*
cat all
cat second err >&2
END
my ($status, $out, $err) = lab($script);
is($status, 0, 'all that had to follow a change has followed') or diag($out, $err);
my (%events, $last);
for my $event (map { decode_json($_) } split /\n/, $out) {
	$last = $event->{change} if $event->{change};
	push @{$events{$last // 'begin'}}, $event;
}
for my $change (@changes) {
	my ($name, undef, $follows, $limit) = @$change;
	my ($begin, @events) = @{$events{$name} // []};
	if (!$follows) {
		is(join("\n", grep { !/pref 11940 protocol 119$/ || !/10\.1\.1\.2 lookup 1 / } map { $_->{command} } @events), '', "$name: nothing is made");
		next;
	}
	my ($found) = grep { ($_->{command} // '') =~ /^\Q$follows/ } @events;
	ok($found, "$name: $follows");
	cmp_ok($found ? $found->{time_ms} - $begin->{time_ms} : 'inf', '<=', $limit // TOLD, "$name: soon");
}
is(scalar(grep { ($_->{event} // '') eq 'refused' } map { @$_ } values %events), 0, 'the kernel has refused nothing');
like($err, qr/ovpn-mptcp-ctl: uplinks keep: expected to be the only one in this network namespace, and another one is at work\n2\n/, 'a second one is refused');
is(scalar(() = $err =~ /uplinks\.conf:1: expected normal, backup or never behind usb\*, not 'sometimes'/g), 1, 'a bad configuration is told once');
like($err, qr/\novpn-mptcp-ctl: uplinks keep: uplinks undo was run: .*\n\z/, 'undo ends it');

lab_is('a bad configuration is told once, and ends it at its start', <<'END', "1\n1\n");
echo 'wan1 slow' >/etc/ovpn-mptcp/uplinks.conf
status=0
$tool uplinks keep 2>err || status=$?
echo $status
wc -l <err
snap | grep 119 || :
END

# A note that somebody has spoiled: told once, again when it was good meanwhile, and followed as soon as it is good.
lab_is('a note that is not what setup writes is told once', <<'END', "1\n2\nfollowed\n");
: >log
$tool uplinks keep --json >log 2>err &
keep=$!
within() { n=0; until "$@"; do n=$((n + 1)); [ $n -lt 200 ] || { echo "never: $*"; cat log err; exit 1; }; sleep 0.05; done; }
within grep -q following log
note=$(echo /run/ovpn-mptcp-uplinks/netns-*.json)
cp "$note" good
told() { grep -c 'is not what setup writes' err || :; }
new() { [ "$(told)" = "$1" ]; }
# a look reads the note, which the kernel writes down as it was not read since it was touched
was_read() { [ "$(stat -c %X "$note")" != 0 ]; }
look() { touch -a -d @0 "$note"; kill -HUP $keep; within was_read; }
echo '[' >"$note"
for i in 1 2 3; do look; done
told
cp good "$note"
look
look
echo '[' >"$note"
for i in 1 2 3; do look; done
told
cp good "$note"
ip addr add 10.1.2.77/24 dev wan2
within grep -q 10.1.2.77 log
echo followed
: >err
END

# More than eight endpoints: told once, not at each look.
($status, $out, $err) = lab(<<'END');
for n in 1 2 3 4 5 6 7; do ip addr add 10.9.9.$n/32 dev lo; ip mptcp endpoint add 10.9.9.$n subflow; done
$tool uplinks keep --json >log &
keep=$!
looked() { [ "$(grep -c "$1" log)" -ge "$2" ]; }
n=0
until looked following 1; do n=$((n + 1)); [ $n -lt 200 ]; sleep 0.05; done
for i in 1 2 3; do
	ip rule add from 10.1.1.2 lookup 1 pref 11940 protocol 119
	n=0
	until looked 'rule del from 10.1.1.2 lookup 1 ' $i; do n=$((n + 1)); [ $n -lt 200 ]; sleep 0.05; done
done
cat log
END
is($status, 0, 'more endpoints than there may be') or diag($err);
my @refused = grep { $_->{event} eq 'refused' } map { decode_json($_) } split /\n/, $out;
is(scalar @refused, 3, 'each is told once');

# The log is what docs/json.md says.
open my $in, '<', root() . '/docs/json.md' or die;
my $doc = do { local $/; <$in> };
my ($section) = $doc =~ /^## uplinks keep\n(.*?)(?=^## |\z)/ms or BAIL_OUT('docs/json.md has no section about uplinks keep');
my %documented = $section =~ /^\| `(\w+)` \| (\w+)/mg;
my %seen;
$seen{$_} = 1 for map { keys %$_ } map { decode_json($_) } split /\n/, $out;
is_deeply([sort keys %seen], [sort keys %documented], 'exactly the documented keys');

# The first line is silently dead, and a program knows no other way, as OpenVPN: it connects by the other line. Milliseconds: what the
# manual page promises, and a second before the program tries again.
use constant CONNECTED => 10_000;

my $dead_line = <<'END';
server= client=
trap 'kill $far $keep $server $client; exit' EXIT
# silent N, loud N: nothing comes back by an uplink, or all does
silent() { nsenter -n -t $far sh -c "ip route add blackhole 10.1.$1.2; ip -6 route add blackhole 2001:db8:$1::2"; }
loud() { nsenter -n -t $far sh -c "ip route del blackhole 10.1.$1.2; ip -6 route del blackhole 2001:db8:$1::2"; }
cat >program.py <<'PROGRAM'
import socket, sys, threading, time
name, family = sys.argv[1], socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
def told(*words): print(time.monotonic_ns() // 1000000, *words, flush=True)
def server():
    s = socket.socket(family, socket.SOCK_STREAM, 262)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((name, 1194))
    s.listen()
    told("listens")
    while True: threading.Thread(target=serve, args=s.accept()).start()
# Data go both ways: only then further paths are opened.
def serve(s, _):
    while s.recv(1): s.send(b"!")
    s.close()
# As OpenVPN does: it closes the socket, waits for a second, and begins anew.
def client():
    while True:
        s = socket.socket(family, socket.SOCK_STREAM, 262)
        told("connects")
        try:
            s.connect((name, 1194))
            told("connected", s.getsockname()[0])
            s.send(b"?")
            s.recv(1)
            time.sleep(3600)
        except OSError as error:
            s.close()
            told(error.strerror)
            time.sleep(1)
server() if sys.argv[2:] else client()
PROGRAM
within() { n=0; until "$@"; do n=$((n + 1)); [ $n -lt 400 ] || { echo "never: $*"; cat log client err; $tool uplinks; exit 1; }; sleep 0.05; done; }
said() { grep -q -- "$1" "$2"; }
: >server; : >client; : >log; : >err
serve() { nsenter -n -t $far python3 program.py $1 server >server & server=$!; within said listens server; }
connect() { python3 program.py $1 >client & client=$!; }
keep() { $tool uplinks keep --json >>log 2>>err & keep=$!; within said following log; }
# keep of tunnels does so for a path that is gone
renew() { ip mptcp endpoint delete id $(ip mptcp endpoint | sed -n "s/^$1 id \([0-9]*\).*/\1/p"); }
END

# What is told of detours, one line each; how long the program took to connect, and how often an attempt was ended.
sub detours { return map { "$_->{event} $_->{dev} $_->{command}: $_->{reason}" } grep { ($_->{what} // '') eq 'detour' } map { decode_json($_) } grep { /^\{/ } split /\n/, shift; }
sub took {
	my ($out) = @_;
	my ($begin) = $out =~ /^(\d+) connects$/m;
	my ($end) = $out =~ /^(\d+) connected /m;
	return defined $end ? $end - $begin : 'inf';
}
sub aborted { my ($out) = @_; return scalar(() = $out =~ /Software caused connection abort/g); }

($status, $out, $err) = lab($dead_line . <<'END');
serve 203.0.113.5
keep
silent 1
connect 203.0.113.5
within said 'connected 10.1.2.2' client
$tool uplinks | grep '^detour'
loud 1
renew 10.1.1.2
within said 'removed","what":"detour"' log
$tool uplinks | grep '^detour' || :
ip route show table main proto 119
ss -Hnt state established dst 203.0.113.5 dport = 1194 | wc -l
cat log client
END
is("$status $err", '0 ', 'IPv4, until the line answers') or diag($out);
my $way = '203.0.113.5/32 via 10.1.2.1 dev wan2 table 254 proto 119';
is_deeply([detours($out)], ["made wan2 ip route prepend $way: no answer by wan1", "removed wan2 ip route del $way: wan1 answers again"], 'one detour');
cmp_ok(took($out), '<=', CONNECTED, 'connected soon');
is(aborted($out), 1, 'one attempt was ended');
like($out, qr/^detour to 203\.0\.113\.5 by wan2 via 10\.1\.2\.1: no answer by wan1\n2\n\{/, 'shown while it is there; the connection stays, and has both lines');

# ... killed in between, and taken back; what others have at its place stays.
($status, $out, $err) = lab($dead_line . <<'END');
serve 2001:db8::5
keep
silent 1
ip -6 route add 2001:db8::5 via 2001:db8:1::1 dev wan1
connect 2001:db8::5
within said 'connected 2001:db8:2::2' client
kill -KILL $keep
wait $keep 2>/dev/null || :
ip -6 route show table main proto 119
cat log >before
: >log
keep
# a look that has nothing to do is not told: one that has follows a rule
ip rule add from 10.1.1.2 lookup 1 pref 11940 protocol 119
within said 'ip rule del from 10.1.1.2 lookup 1 ' log
ip -6 route show table main proto 119
cat before log
$tool uplinks undo --dry-run | grep "2001:db8::5.*table 254"
$tool uplinks undo >/dev/null
wait $keep
keep=
ip -6 route show 2001:db8::5
ip -6 route show table main proto 119
cat client
END
is("$status $err", '0 ', 'IPv6, killed and undone') or diag($out);
$way = '2001:db8::5/128 via 2001:db8:2::1 dev wan2 table 254 proto 119 metric 1';
is_deeply([detours($out)], ["made wan2 ip -6 route prepend $way: no answer by wan1"], 'one detour');
cmp_ok(took($out), '<=', CONNECTED, 'connected soon');
my $shown = '2001:db8::5 via 2001:db8:2::1 dev wan2 metric 1 pref medium';
like($out, qr/\A\Q$shown\E\n\Q$shown\E\n\{.*^ip -6 route del \Q$way\E\n2001:db8::5 via 2001:db8:1::1 dev wan1 metric 1024 pref medium\n\d+ connects\n/ms,
	'the next one knows it, and undo takes nothing else');

# Nobody answers for the gateway, so the kernel ends each attempt after 3 s.
($status, $out, $err) = lab($dead_line . <<'END');
serve 203.0.113.5
keep
nsenter -n -t $far ip link set far1 arp off
ip neigh flush dev wan1
connect 203.0.113.5
within said 'connected 10.1.2.2' client
cat log client
END
is("$status $err", '0 ', 'a gateway that is not there') or diag($out);
like($out, qr/^\d+ No route to host$/m, 'the kernel ends an attempt');
cmp_ok(took($out), '<=', 2 * CONNECTED, 'connected soon, all the same');

done_testing();
