#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The decisions of uplinks, with sanitizers; each is a line of TAP. How it shows what there is: the JSON is what docs/json.md says.
use strict;
use warnings;
use B;
use FindBin;
use lib $FindBin::Bin;
use File::Basename qw(dirname);
use File::Path qw(make_path);
use JSON::PP;
use Test::More;
use ToolTest qw(root scratch sources compile passes run need @sanitizers);

need(qw(gcc clang pkg-config));
my $dir = scratch();

my @logic = sources(qw(uplinks/plan uplinks/detour uplinks/usual uplinks/want uplinks/find uplinks/made uplinks/conf model address memory message links netlink host file));
for my $case ([qw(uplinks_plan_test gcc 22)], [qw(uplinks_plan_test clang 22)], [qw(uplinks_choice_test gcc 11)],
	[qw(uplinks_choice_test clang 11)], [qw(uplinks_chance_test gcc 2)], [qw(uplinks_detour_test gcc 18)],
	[qw(uplinks_detour_test clang 18)]) {
	my ($name, $compiler, $least) = @$case;
	my $test = compile($dir, $name, $compiler, @sanitizers, @logic, '-lcmocka');
	passes("$name, $compiler", $least, $test);
}

# A host made of files: who minds which interface.
my %files = (
	'run/NetworkManager/devices/2' => "# This is private data. Do not parse.\n\n[device]\nmanaged=true\nnm-owned=false\n",
	'run/NetworkManager/devices/3' => "[device]\nmanaged=false\n",
	'run/systemd/netif/links/3' => "# This is private data. Do not parse.\nADMIN_STATE=configured\nOPER_STATE=routable\n",
	'run/systemd/netif/links/6' => "ADMIN_STATE=unmanaged\n",
	'run/network/ifstate' => "lo=lo\nppp0=ppp0\n",
	'proc/7/comm' => "mptcpd\n",
);
for my $path (keys %files) {
	make_path(dirname("$dir/host/$path"));
	open my $out, '>', "$dir/host/$path" or die "$path: $!";
	print $out $files{$path};
	close $out or die;
}
my $sample = compile($dir, 'uplinks_sample', 'gcc', @sanitizers, @logic,
	sources(qw(uplinks/print_uplinks uplinks/managers check_uplinks uplinks/store uplinks/world rp_filter egress endpoints
		check_openvpn finding process output print print_path print_findings names units)), '-lcmocka');

my ($status, $out, $err) = run($sample, "$dir/host", 'text');
is($status, 0, 'text is printed') or diag($err);
is($out, <<'END', 'as text');
endpoints cannot be seen without root
/etc/ovpn-mptcp/uplinks.conf cannot be seen without root
wan1  normal  NetworkManager
  10.1.1.2          via 10.1.1.1  table 1194002  leaves here  endpoint 1 backup  rtt 11 ms
  2001:db8:1::2     via fe80::1   deprecated  table 200
  2001:db8:1::aaaa  via fe80::1   privacy address  endpoint 2 by NetworkManager or mptcpd  ETIMEDOUT: Connection timed out
  2001:db8:1::bbbb  via fe80::1   not confirmed
  missing: table, rule
wan2  backup  systemd-networkd  no link
  10.1.2.2          via 10.1.2.1  leaves by wan1  endpoint 3 by mptcpd signal
  missing: table, rule
ppp0  normal  ifupdown  down
  10.1.2.2                        leaves by wan1  endpoint 3 by mptcpd signal
  left: another uplink has the same address: give one of the two another
wg0  never: a tunnel, and not named in /etc/ovpn-mptcp/uplinks.conf
  10.66.0.2                       leaves nowhere: ENETUNREACH: Network is unreachable
detour to 203.0.113.5 by wan2 via 10.1.2.1: no answer by wan1
detour to 203.0.113.7 by ppp0: no answer by wan1
missing: limits
What is missing is made by: ovpn-mptcp-ctl uplinks setup
No program follows what changes: ovpn-mptcp-ctl uplinks keep does
END

# Keys of a value, in the notation of the document, each with its type.
sub keys_of {
	my ($value, $path, $found) = @_;
	if (ref $value eq 'HASH') {
		keys_of($value->{$_}, $path eq '' ? $_ : "$path.$_", $found) for keys %$value;
	} elsif (ref $value eq 'ARRAY') {
		keys_of($_, "$path\[]", $found) for @$value;
	} else {
		$found->{$path}{JSON::PP::is_bool($value) ? 'flag' : B::svref_2object(\$value)->FLAGS & B::SVp_POK() ? 'string' : 'number'} = 1;
	}
	return $found;
}
open my $in, '<', root() . '/docs/json.md' or die;
my $doc = do { local $/; <$in> };
my ($section) = $doc =~ /^## uplinks\n(.*?)(?=^## |\z)/ms or BAIL_OUT('docs/json.md has no section about uplinks');
my %documented = $section =~ /^\| `([^`]+)` \| ([^|,]+?)(?:, optional)? \|/mg;

($status, $out, $err) = run($sample, "$dir/host", 'json');
is($status, 0, 'JSON is printed') or diag($err);
my $found = keys_of(decode_json($out), '', {});
is_deeply([sort keys %$found], [grep { $_ ne 'kept' } sort keys %documented], 'exactly the documented keys');
is(join(' ', sort keys %{$found->{$_}}), $documented{$_} // '', "type of $_") for sort keys %$found;

# What doctor says of it.
($section) = $doc =~ /^## doctor\n(.*?)(?=^## |\z)/ms;
my %ids = map { $_ => 1 } $section =~ /^\| `([\w-]+)` \| \w/mg;
my $missing = 'limits, table, rule, endpoint';
for my $case (
	['one way out', 'one', ''],
	['one that was set up', 'one settled set-up kept', 'good uplinks', qr/^1 interface leads out, and MPTCP can use it$/],
	['two', '', 'advice uplinks-missing', qr/^2 interfaces lead out, and for MPTCP to use all of them there is missing: $missing$/, qr/ uplinks setup$/],
	['two, as others have set them up', 'settled', 'good uplinks', qr/^2 interfaces lead out, and MPTCP can use all of them$/],
	['two that were set up', 'settled set-up', 'note uplinks-networkd, advice uplinks-mptcpd, problem uplinks-not-kept, good uplinks', qr/^2 interfaces/],
	['two that are kept', 'settled set-up kept', 'note uplinks-networkd, advice uplinks-mptcpd, good uplinks', qr/wan2, removes .* again at once$/, qr/^ManageForeignRoutingPolicyRules=no/],
	['one address twice', 'same-address', 'problem uplinks-left, advice uplinks-missing', qr/^MPTCP does not use wan2 as it should: another uplink has the same address/],
	['an endpoint that mptcpd made, were it running', 'no-flag settled', 'problem uplinks-left, good uplinks', qr/^MPTCP does not use wan2 .* flag subflow/, qr/^addr-flags=subflow in /],
) {
	my ($name, $words, $want, $text, $fix) = @$case;
	my $root = $words =~ /kept/ || $name =~ /were/ ? "$dir/host" : '/nowhere';
	$root = '/nowhere' if $words =~ /one/;
	($status, $out, $err) = run($sample, $root, 'findings', split ' ', $words);
	is($status, 0, "$name: looked at") or diag($err);
	my @findings = @{decode_json($out)->{findings}};
	is(join(', ', sort { $b cmp $a } map { "$_->{level} $_->{id}" } @findings), join(', ', sort { $b cmp $a } split /, /, $want), "$name: found");
	ok(scalar(grep { $_->{text} =~ $text } @findings), "$name: in words") if $text;
	ok(scalar(grep { ($_->{fix} // '') =~ $fix } @findings), "$name: what to do") if $fix;
	ok($ids{$_->{id}}, "documented: $_->{id}") for @findings;
}

done_testing();
