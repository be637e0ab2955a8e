#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The real Prometheus of this machine's suite scrapes the tool, and the real node_exporter reads its file.
use strict;
use warnings;
use utf8;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Test::More;
use ServerTest qw(free_port serve end get until_true);
use ToolTest qw(root scratch sources compile run need unpacked);

need(qw(gcc pkg-config));
my $dir = scratch();
my $prometheus = unpacked('prometheus') . '/usr/bin/prometheus';
my $node_exporter = unpacked('prometheus-node-exporter') . '/usr/bin/prometheus-node-exporter';
my @parts = sources(qw(print_metrics openmetrics names model address memory message output units));
my $sample = compile($dir, 'metrics_sample', 'gcc', @parts);
my $server = compile($dir, 'scrape_sample', 'gcc', @parts, sources(qw(scrape httpd sdnotify)));

my ($port, $web) = (free_port(), free_port());
my @pids = serve("$dir/server.log", $port, $server, '127.0.0.1', $port, 0);
open my $config, '>', "$dir/prometheus.yml" or die;
print $config <<"END";
global:
  scrape_interval: 1s
scrape_configs:
  - job_name: ovpn
    static_configs:
      - targets: ['127.0.0.1:$port']
END
close $config or die;
unshift @pids, serve("$dir/prometheus.log", $web, $prometheus, "--config.file=$dir/prometheus.yml", "--storage.tsdb.path=$dir/data",
	"--web.listen-address=127.0.0.1:$web");

sub api {
	my ($path) = @_;
	my $answer = get("http://127.0.0.1:$web/api/v1/$path");
	return $answer->{success} ? decode_json($answer->{content})->{data} : undef;
}
sub query {
	my ($expression) = @_;
	$expression =~ s/([^\w.])/sprintf '%%%02X', ord $1/ge;
	return @{(api("query?query=$expression") // {})->{result} // []};
}

my $up = until_true(sub { my ($up) = query('up{job="ovpn"}'); $up && $up->{value}[1] eq '1' });
ok($up, 'Prometheus scrapes the tool') or diag(JSON::PP->new->encode(api('targets') // {}), slurp("$dir/prometheus.log"));
my $target = api('targets')->{activeTargets}[0];
is($target->{lastError}, '', 'without an error');

# What it has understood is what the tool prints.
my ($status, $text, $err) = run($sample, 'openmetrics', 1000);
my %type = $text =~ /^# TYPE (\S+) (\S+)$/mg;
my %unit = $text =~ /^# UNIT (\S+) (\S+)$/mg;
my $metadata = api('metadata');
for my $family (sort keys %type) {
	my ($known) = map { $_->[0] } grep { $_ } map { $metadata->{$family . $_} } '', '_total', '_info';
	ok($known && $known->{type} eq $type{$family} && $known->{unit} eq ($unit{$family} // ''), "type and unit of $family")
		or diag(JSON::PP->new->encode($known // {}));
}
my @printed = grep { /^[^#]/ } split /\n/, $text;
my ($count) = query('count({job="ovpn", __name__=~"ovpn_mptcp_.*"})');
is($count->{value}[1], scalar @printed, 'as many series as numbers are printed');
my ($rtt) = query('ovpn_mptcp_path_rtt_seconds{device="tun0", peer="1", interface="wan1"}');
is($rtt->{value}[1], '0.0114', 'a number');
my ($odd) = query('ovpn_mptcp_device_foreign == 1');
is($odd->{metric}{device}, "a\"b\\c\nd\x{fc}\\xff", 'a name that had to be escaped');
my ($drops) = query('sum by (peer) (ovpn_mptcp_peer_dropped_packets_total{reason="rx_replay"})');
is($drops->{value}[1], '4', 'a counter');
is(scalar(() = query('rate(ovpn_mptcp_peer_vpn_transmit_bytes_total[1m])')), 6, 'a rate of each peer')
	if until_true(sub { query('rate(ovpn_mptcp_peer_vpn_transmit_bytes_total[1m])') });
is(join(' ', map { "$_->{metric}{interface}=$_->{metric}{congestion}" } query('ovpn_mptcp_path_up{peer="1"} * on (device, peer, interface, local_id, remote_id) group_left (congestion) ovpn_mptcp_path_info == 1')),
	'wan1=bbr', 'labels of an info beside a number');

# Each panel of the dashboard shows something of the sample.
open my $in, '<', root() . '/tools/ovpn-mptcp-ctl/examples/grafana.json' or die;
my $dashboard = decode_json(join '', <$in>);
for my $panel (@{$dashboard->{panels}}) {
	for my $target (@{$panel->{targets} // []}) {
		my $expression = $target->{expr} =~ s/\$__rate_interval/1m/gr =~ s/\$(?:instance|device|peer)\b/.*/gr;
		ok(until_true(sub { scalar(() = query($expression)) }), "dashboard, $panel->{title}, $target->{refId}");
	}
}

# node_exporter and the file.
mkdir "$dir/textfile" or die;
my ($copied) = run('sh', '-c', '"$1" prometheus 1000 >"$2"', 'sh', $sample, "$dir/textfile/ovpn.prom");
is($copied, 0, 'a file for node_exporter');
my $node = free_port();
unshift @pids, serve("$dir/node.log", $node, $node_exporter, '--collector.disable-defaults', '--collector.textfile',
	"--collector.textfile.directory=$dir/textfile", "--web.listen-address=127.0.0.1:$node");
my $read = get("http://127.0.0.1:$node/metrics")->{content};
utf8::decode($read);
like($read, qr/^node_textfile_scrape_error 0$/m, 'node_exporter reads it');
# node_exporter writes the labels that others of the family have, without a value.
sub series { return { map { /^(ovpn_mptcp_\w+)(?:\{(.*)\})? \S+$/ ? ("$1 " . join(',', sort grep { !/=""$/ } split /,/, $2 // '') => 1) : () } split /\n/, $_[0] } }
utf8::decode($text);
my ($theirs, $ours) = (series($read), series($text));
is_deeply([sort keys %$theirs], [sort keys %$ours], 'and has all numbers');
like($read, qr/^# TYPE ovpn_mptcp_peer_dropped_packets_total counter$/m, 'with their types');

end($_) for @pids;
sub slurp { open my $in, '<', $_[0] or return ''; local $/; return scalar <$in> // '' }
done_testing();
