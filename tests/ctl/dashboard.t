#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The Grafana dashboard: what Grafana needs of a file to load it, and no metric or label that the tool does not print.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Test::More;
use ToolTest qw(root scratch sources compile run need);

need(qw(gcc pkg-config));
my $sample = compile(scratch(), 'metrics_sample', 'gcc',
	sources(qw(print_metrics openmetrics names model address memory message output units)));
my (undef, $text) = run($sample, 'openmetrics', 1000);
my (%labels, %seen);
for (split /\n/, $text) {
	my ($name, $labels) = /^(ovpn_mptcp_\w+)(?:\{(.*)\})? \S+$/ or next;
	$labels{$name}{$_} = 1 for $labels ? $labels =~ /(\w+)="/g : ();
	$labels{$name}{$_} = 1 for qw(instance job);
}
cmp_ok(scalar keys %labels, '>', 30, 'the tool prints metrics');

# What is wrong with an expression.
sub wrong {
	my ($expression) = @_;
	my @wrong;
	while ($expression =~ /\b(ovpn_mptcp_\w+)(?:\{([^}]*)\})?/g) {
		my ($name, $matchers) = ($1, $2 // '');
		$seen{$name} = 1;
		push @wrong, "no metric $name" and next unless $labels{$name};
		push @wrong, map { "$name has no label $_" } grep { !$labels{$name}{$_} } $matchers =~ /(\w+)\s*(?:=~|!~|!=|=)/g;
	}
	push @wrong, 'no metric' unless $expression =~ /ovpn_mptcp_/;
	return @wrong;
}
is_deeply([wrong('ovpn_mptcp_path_up{device="x", port="1"} + ovpn_mptcp_nothing')], ['ovpn_mptcp_path_up has no label port', 'no metric ovpn_mptcp_nothing'],
	'a name that is wrong is seen');

open my $in, '<', root() . '/tools/ovpn-mptcp-ctl/examples/grafana.json' or die;
my $json = join '', <$in>;
my $dashboard = eval { decode_json($json) };
ok(ref $dashboard eq 'HASH', 'it is JSON') or BAIL_OUT($@);
ok(exists $dashboard->{id} && !defined $dashboard->{id}, 'with no id of another Grafana');
like($dashboard->{uid}, qr/^[\w-]{1,40}$/, 'a name for its address');
like($dashboard->{schemaVersion}, qr/^\d+$/, 'a version of the format');
ok(length $dashboard->{title}, 'a title');

my %variables = map { $_->{name} => $_ } @{$dashboard->{templating}{list}};
is($variables{datasource}{type}, 'datasource', 'the Prometheus is chosen when it is looked at');
for my $variable (grep { $_->{type} eq 'query' } values %variables) {
	my ($expression, $label) = $variable->{query}{query} =~ /^label_values\((.*), (\w+)\)$/;
	ok($expression && $variable->{definition} eq $variable->{query}{query}, "$variable->{name}: a list of values");
	my ($name) = ($expression // '') =~ /^(\w+)/;
	is_deeply([wrong($expression // ''), $labels{$name // ''}{$label // ''} ? () : 'no such label'], [], "$variable->{name}: of a label that there is");
}

my (%ids, %titles, @taken);
for my $panel (@{$dashboard->{panels}}) {
	my $at = $panel->{gridPos};
	my $name = $panel->{title};
	ok(!$ids{$panel->{id}}++ && !$titles{$name}++ && length $panel->{type}, "$name: an id and a title of its own");
	ok($at->{x} >= 0 && $at->{w} > 0 && $at->{x} + $at->{w} <= 24 && $at->{h} > 0, "$name: in the grid");
	my @over = grep { $at->{x} < $_->{x} + $_->{w} && $_->{x} < $at->{x} + $at->{w} && $at->{y} < $_->{y} + $_->{h} && $_->{y} < $at->{y} + $at->{h} } @taken;
	ok(!@over, "$name: over no other");
	push @taken, $at;
	next if $panel->{type} eq 'row';
	ok(length $panel->{description}, "$name: says what it shows");
	ok(@{$panel->{targets}}, "$name: shows something");
	my %refs;
	for my $target (@{$panel->{targets}}) {
		is_deeply([wrong($target->{expr})], [], "$name, $target->{refId}: metrics and labels that there are");
		ok(!$refs{$target->{refId}}++, "$name, $target->{refId}: a letter of its own");
		for my $of ($panel, $target) { is($of->{datasource}{uid}, '${datasource}', "$name, $target->{refId}: of the Prometheus that was chosen") }
		my @unknown = grep { !$variables{$_} && $_ ne '__rate_interval' } $target->{expr} =~ /\$\{?(\w+)/g;
		is("@unknown", '', "$name, $target->{refId}: variables that there are");
		my ($metric) = $target->{expr} =~ /(ovpn_mptcp_\w+)/;
		my @legend = grep { !$labels{$metric}{$_} } $target->{legendFormat} =~ /\{\{\s*(\w+)\s*\}\}/g;
		is("@legend", '', "$name, $target->{refId}: labels in its legend");
	}
}
cmp_ok(scalar keys %seen, '>', 20, 'it shows most of what there is');

done_testing();
