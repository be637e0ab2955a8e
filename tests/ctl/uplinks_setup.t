#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# uplinks setup and undo in network namespaces of their own: what they make and take back, beside what others have, with
# real packets; killed at every point; with bad input.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Test::More;
use ToolTest qw(root scratch build run need);
use UplinksLab qw(uplinks_lab lab lab_is);

need(qw(make gcc pkg-config));
my $dir = scratch();
my $built = build();
uplinks_lab("$built/ovpn-mptcp-ctl");
my ($status, $out, $err);

my @commands = split /\n/, <<'END';
ip mptcp limits set subflows 8 add_addr_accepted 8
ip route replace 10.1.1.0/24 dev wan1 table 1194002 proto 119
ip route replace default via 10.1.1.1 dev wan1 table 1194002 proto 119
ip -6 route replace 2001:db8:1::/64 dev wan1 table 1194002 proto 119 metric 1024
ip -6 route replace default via 2001:db8:1::1 dev wan1 table 1194002 proto 119 metric 1024
ip route replace 10.1.2.0/24 dev wan2 table 1194003 proto 119
ip route replace default via 10.1.2.1 dev wan2 table 1194003 proto 119
ip -6 route replace 2001:db8:2::/64 dev wan2 table 1194003 proto 119 metric 1024
ip -6 route replace default via 2001:db8:2::1 dev wan2 table 1194003 proto 119 metric 1024
ip rule add from 10.1.1.2 lookup 1194002 pref 11940 protocol 119
ip -6 rule add from 2001:db8:1::2 lookup 1194002 pref 11940 protocol 119
ip rule add from 10.1.2.2 lookup 1194003 pref 11940 protocol 119
ip -6 rule add from 2001:db8:2::2 lookup 1194003 pref 11940 protocol 119
ip mptcp endpoint add 10.1.1.2 dev wan1 subflow
ip mptcp endpoint add 2001:db8:1::2 dev wan1 subflow
ip mptcp endpoint add 10.1.2.2 dev wan2 subflow
ip mptcp endpoint add 2001:db8:2::2 dev wan2 subflow
END
sub normal {
	my ($text) = @_;
	# the numbers of the interfaces are those of a fresh namespace
	my ($first) = $text =~ /table (1194\d+)/ or return $text;
	my $second = $first + 1;
	return $text =~ s/\b$first\b/1194002/gr =~ s/\b$second\b/1194003/gr;
}

($status, $out, $err) = lab('snap >a; $tool uplinks setup --dry-run; snap >b; cmp a b');
is(normal($out), join("\n", @commands) . "\n", 'what setup would do, as commands') or diag($err);
is($status, 0, 'a dry run changes nothing');
($status, $out, $err) = lab('setup');
is(normal($out), join('', map { "made     $_\n" } @commands), 'it does that') or diag($err);

lab_is('the commands do the same', <<'END', "Nothing is missing.\n");
$tool uplinks setup --dry-run >commands
sh -e commands
snap >by-hand
setup
ip mptcp endpoint flush
$tool uplinks undo >/dev/null
ip mptcp limits set subflows 2 add_addr_accepted 0
$tool uplinks setup >/dev/null
snap >by-tool
cmp by-hand by-tool
END
lab_is('a second run changes nothing, and undo leaves all as it was', <<'END', "Nothing is missing.\nThere is nothing to take back.\n");
snap >before
$tool uplinks setup >/dev/null
snap >after
! cmp -s before after
setup
snap | cmp - after
$tool uplinks undo >/dev/null
snap | cmp - before
$tool uplinks undo
END

lab_is('packets from each address arrive, with a strict filter, too', <<'END', "before: 10.1.1.2 2001:db8:1::2 2001:db8:2::2\nafter: 10.1.1.2 2001:db8:1::2 10.1.2.2 2001:db8:2::2\n");
echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter
try() {
	printf '%s:' $1
	for n in 1 2; do
		if answers 10.1.$n.2 203.0.113.5; then printf ' %s' 10.1.$n.2; fi
		if answers 2001:db8:$n::2 2001:db8::5; then printf ' %s' 2001:db8:$n::2; fi
	done
	echo
}
try before
$tool uplinks setup >/dev/null
try after
END

lab_is('a full tunnel does not catch what belongs to the uplinks', <<'END', "wan1\nwan2\ntun0\n");
$tool uplinks setup >/dev/null
ip tuntap add tun0 mode tun
ip addr add 10.8.0.2/24 dev tun0
ip link set tun0 up
ip route add 203.0.113.5/32 via 10.1.1.1 dev wan1
ip route add 0.0.0.0/1 dev tun0
ip route add 128.0.0.0/1 dev tun0
for from in 10.1.1.2 10.1.2.2; do ip route get 203.0.113.5 from $from | sed -n 's/.* dev \([^ ]*\) .*/\1/p'; done
ip route get 8.8.8.8 | sed -n 's/.* dev \([^ ]*\) .*/\1/p'
END

lab_is('what others have stays theirs', <<'END', "made 0 rules and 1 endpoint for wan2\n");
ip route add default via 10.1.2.1 dev wan2 table 77
ip rule add from 10.1.2.2 table 77
ip -6 route add default via 2001:db8:2::1 dev wan2 table 77
ip -6 rule add from 2001:db8:2::/64 table 77
ip mptcp endpoint add 10.1.2.2 dev wan2 subflow backup id 9
snap >before
setup >said
echo "made $(grep -c 'rule add from .*:2::2\|rule add from 10.1.2' said || :) rules and $(grep -c 'endpoint add .*wan2' said) endpoint for wan2"
$tool uplinks undo >/dev/null
snap | cmp - before
END

lab_is('rp_filter, where a rule of others comes first', <<'END', "left     rule of wan2: a rule of others comes before that of setup, and leads packets from there elsewhere: see ip rule\nsysctl -w net/ipv4/conf/wan2/rp_filter=2\n0 2\nrestored sysctl -w net/ipv4/conf/wan2/rp_filter=0\n");
echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter
ip rule add from 10.1.2.2 table main pref 9
snap >before
$tool uplinks setup >said
grep ^left said
sed -n 's/^made *\(sysctl .*\)/\1/p' said
echo $(cat /proc/sys/net/ipv4/conf/wan1/rp_filter /proc/sys/net/ipv4/conf/wan2/rp_filter)
snap >after
$tool uplinks setup >/dev/null
snap | cmp - after
$tool uplinks undo | grep sysctl
snap | cmp - before
END

lab_is('links of other sorts', <<'END', "default dev ppp9 proto 119 scope link linkdown \ndefault via inet6 fe80::9 dev wan2 proto 119 onlink mtu 1400 \n");
ip tuntap add ppp9 mode tun
ip addr add 100.64.0.2/32 dev ppp9
ip link set ppp9 up
ip route add default dev ppp9 metric 300
echo 'ppp9 backup' >/etc/ovpn-mptcp/uplinks.conf
ip route del default dev wan2
ip link add lan0 type veth peer name lan9
ip link set lan9 up
ip link set lan0 addrgenmode none up
ip addr add 192.168.7.1/24 dev lan0
ip route add 172.16.0.0/12 via 192.168.7.9
ip -4 route add default via inet6 fe80::9 dev wan2 onlink mtu 1400
$tool uplinks setup --dry-run >commands
sh -e commands
snap >by-hand
ip mptcp endpoint flush
$tool uplinks undo >/dev/null
$tool uplinks setup >/dev/null
ip mptcp limits set subflows 8 add_addr_accepted 8
snap >by-tool
cmp by-hand by-tool
for dev in ppp9 wan2; do ip route show table $((1194000 + $(ip -o link show dev $dev | sed "s/:.*//"))) | grep default; done
ip route get 172.16.0.1 from 10.1.1.2 | grep -q 'via 192.168.7.9 dev lan0'
ip mptcp endpoint | grep -q '^100.64.0.2 .* backup dev ppp9'
END

lab_is('a name that a shell would stumble over', <<'END', "done\n");
ip link set wan2 name "w';id"
$tool uplinks setup --dry-run >commands
sh -e commands
setup | grep -v '^Nothing is missing' || echo done
END

lab_is('two at one time', <<'END', "Nothing is missing.\n");
snap >before
for n in 1 2 3 4 5 6; do $tool uplinks setup >said.$n & pids="$pids $!"; done
for pid in $pids; do wait $pid; done
[ "$(cat said.* | grep -c 'endpoint add')" = 4 ]
setup
$tool uplinks undo >/dev/null
snap | cmp - before
END

# What was killed at any point, undo takes back; and what was not, setup completes.
my @objects = glob("$built/*/*.o");
chomp(my $flags = `pkg-config --cflags --libs libnl-genl-3.0 json-c libkmod libcares openssl`);
($status, $out, $err) = run('gcc', '-std=gnu11', '-D_GNU_SOURCE', '-I', root() . '/tools/ovpn-mptcp-ctl', '-o', "$dir/kill",
	root() . '/tests/ctl/uplinks_kill.c', @objects, '-Wl,--wrap=netlink_talk,--wrap=rename,--wrap=unlink', split ' ', $flags);
BAIL_OUT("uplinks_kill.c does not build: $err") if $status;
($status, $out, $err) = lab(<<"END");
killed() { KILL_AT=\$1 $dir/kill uplinks \$2 >/dev/null 2>&1 || [ \$? = 137 ]; }
ended() { KILL_AT=\$1 $dir/kill uplinks \$2 >/dev/null 2>&1; }
snap >before
n=1
until ended \$n setup; do
	\$tool uplinks undo >/dev/null
	snap | cmp - before
	n=\$((n + 1))
done
echo \$n
\$tool uplinks setup >/dev/null
settled >after
n=1
while true; do
	\$tool uplinks setup >/dev/null
	settled | cmp - after
	if ended \$n undo; then break; fi
	\$tool uplinks undo >/dev/null
	snap | cmp - before
	n=\$((n + 1))
done
echo \$n
n=1
until ended \$n setup; do
	\$tool uplinks setup >/dev/null
	settled | cmp - after
	\$tool uplinks undo >/dev/null
	n=\$((n + 1))
done
echo \$n
END
my @points = split /\n/, $out;
is("$status $err", '0 ', 'killed at any point');
cmp_ok($points[$_] // 0, '>=', 38, "at many points: $_") for 0 .. 2;

# A server, to which others open the paths.
lab_is('all left alone: the limits alone are made', <<'END', <<'OUT');
echo '* never' >/etc/ovpn-mptcp/uplinks.conf
snap >before
setup
ip mptcp endpoint
ip rule | grep 119 || :
setup
$tool uplinks undo
snap | cmp - before
END
made     ip mptcp limits set subflows 8 add_addr_accepted 8
Each interface with a default route is left alone: see ovpn-mptcp-ctl uplinks
Nothing is missing.
Each interface with a default route is left alone: see ovpn-mptcp-ctl uplinks
restored ip mptcp limits set subflows 2 add_addr_accepted 0
OUT

# Bad input.
sub refuses {
	my ($name, $code, $want, $said, @words) = @_;
	my ($status, $out, $err) = lab("snap >before\n$code\nstatus=0; \$tool uplinks \"\$\@\" || status=\$?; snap | cmp - before; exit \$status", @words);
	is($status, $want, "$name: status");
	like($err, $said, "$name: what it says");
	is($out, '', "$name: nothing else");
}
refuses('a bad configuration', 'printf "# x\nwan1 fast\n" >/etc/ovpn-mptcp/uplinks.conf', 1,
	qr{^ovpn-mptcp-ctl: uplinks: /etc/ovpn-mptcp/uplinks\.conf:2: expected normal, backup or never behind wan1, not 'fast'$}, 'setup');
refuses('a configuration that is a directory', 'mkdir /etc/ovpn-mptcp/uplinks.conf', 1, qr{cannot read /etc/ovpn-mptcp/uplinks\.conf \(EISDIR: }, 'setup');
refuses('a configuration without end', 'head -c 70000 /dev/zero | tr "\0" "#" >/etc/ovpn-mptcp/uplinks.conf', 1, qr{of at most 65536 bytes}, 'setup');
refuses('MPTCP is off', 'echo 0 >/proc/sys/net/mptcp/enabled', 4, qr{net\.mptcp\.enabled=0}, 'setup');
refuses('no word', '', 1, qr{^ovpn-mptcp-ctl: uplinks setup: expected dry-run, not 'now'}, 'setup', 'now');
refuses('no verb', '', 1, qr{^ovpn-mptcp-ctl: uplinks: expected probe, setup, undo, keep, not 'start'}, 'start');
($status, $out, $err) = lab('$tool uplinks setup >/dev/null; for file in /run/ovpn-mptcp-uplinks/*.json; do echo "{" >"$file"; done; $tool uplinks undo');
is($status, 2, 'a file of its own that is broken');
like($err, qr/is not what setup writes: /, 'is told');
is($out, '', 'and nothing is taken away');

# JSON is what docs/json.md says.
open my $in, '<', root() . '/docs/json.md' or die;
my $doc = do { local $/; <$in> };
my ($section) = $doc =~ /^## uplinks setup, uplinks undo\n(.*?)(?=^## |\z)/ms or BAIL_OUT('docs/json.md has no section about uplinks setup');
my %documented = $section =~ /^\| `changes\[\]\.(\w+)` \| (\w+)/mg;
my ($events) = $section =~ /^\| `changes\[\]\.event` \|.*?\| (.*)\|$/m;
my %events = map { $_ => 1 } $events =~ /`([\w-]+)`/g;
($status, $out, $err) = lab(<<'END');
echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter
ip rule add from 10.1.2.2 table main pref 9
$tool uplinks setup --json
$tool uplinks undo --json
ip -6 rule add from 2001:db8:2::2 lookup 5 pref 11940
for n in 1 2 3 4 5 6 7 8; do ip addr add 10.9.9.$n/32 dev lo; ip mptcp endpoint add 10.9.9.$n subflow; done
$tool uplinks setup --json || [ $? = 2 ]
END
is($status, 0, 'JSON is printed') or diag($err);
my %seen;
for my $data (map { decode_json($_) } split /\n/, $out) {
	is($data->{schema}, 1, 'with the version of the format');
	for my $change (@{$data->{changes}}) {
		$seen{event}{$change->{event}} = 1;
		$seen{key}{$_} = 1 for keys %$change;
	}
}
is_deeply([sort keys %{$seen{key}}], [sort keys %documented], 'exactly the documented keys');
is_deeply([sort keys %{$seen{event}}], [sort keys %events], 'exactly the documented events');

done_testing();
